"""Measures the simulated stations: a city of eight at 1 Hz, and one station's day at 30 s."""

import time
from dataclasses import replace

from figure import Figure

from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.scenario_files import load
from stationd_simulators.stream import StationStream, constellations

SECONDS = 60
MOST_SHARE = 0.3  # of a core, by eight stations at 1 Hz
MOST_DAY_S = 20.0  # 24 h at 30 s of one station


def figures() -> list[Figure]:
    """Return what was measured, in CPU time: that of a busy machine does not count."""
    city = load("city-errors")
    satellites = Satellites(constellations(city))
    streams = [StationStream(city, station, satellites) for station in city.stations]
    started_s = time.process_time()
    for stream in streams:
        stream.second(city.start_gpst_s)
    first_s = time.process_time() - started_s
    started_s, sent_bytes = time.process_time(), 0
    for second in range(1, SECONDS + 1):
        for stream in streams:
            pieces = stream.second(city.start_gpst_s + second)
            sent_bytes += sum(len(piece.data) for piece in pieces)
    share = (time.process_time() - started_s) / SECONDS
    cells = len(streams[0].observations(city.start_gpst_s + SECONDS))
    conditions = (
        f"{len(streams)} stations at 1 Hz, all errors, {cells} cells and "
        f"{sent_bytes / SECONDS / len(streams):.0f} bytes a second each"
    )
    return [
        Figure("simulated_city_first_second_s", first_s, "s", conditions),
        Figure("simulated_city_core_share", share, "of a core", conditions, at_most=MOST_SHARE),
        _day(),
    ]


def _day() -> Figure:
    city = load("city-errors")
    station = replace(city.stations[0], interval_s=30.0)
    stream = StationStream(city, station)
    started_s = time.process_time()
    for step in range(2880):
        stream.second(city.start_gpst_s + 30.0 * step, 30.0)
    return Figure(
        "simulated_day_at_30_s_s",
        time.process_time() - started_s,
        "s",
        "one station, five constellations, all errors",
        at_most=MOST_DAY_S,
    )


if __name__ == "__main__":
    for one in figures():
        print(f"{one.name:<32} {one.value:.4g} {one.unit} {one.wanted}")
        print(f"    {one.conditions}")

"""What the stations of a scenario send from its start to its end, and what becomes of it."""

import heapq
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path
from typing import Any

from stationd.gnss.time import utc_from_gpst
from stationd_simulators.devices.recording import Recording
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.registered import epoch_years
from stationd_simulators.scenario import Fault, Scenario
from stationd_simulators.schedule import step_s
from stationd_simulators.stream import StationStream, constellations
from stationd_simulators.timed_bytes import TimedBytes


class Broadcast:
    """All stations of a scenario; they share the satellites, and a station's streams its epochs."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        satellites = Satellites(constellations(scenario))
        self._streams = {
            station.id: StationStream(scenario, station, satellites)
            for station in scenario.stations
        }

    def prepare(self) -> None:
        """Compute the first epoch of every station: what is slow is done then."""
        for stream in self._streams.values():
            stream.observations(self.scenario.start_gpst_s)

    def rtcm(self, station: str) -> Iterator[TimedBytes]:
        """Yield the station's RTCM 3 as it arrives, faults of its way included."""
        return StationFaults(self.scenario, station).timed(self._sent(station))

    def line(self, station: str) -> Iterator[TimedBytes]:
        """Yield all that comes down a station's line: sentences between the RTCM 3, if it has any.

        Faults of its way are included.
        """
        if not self.scenario.station(station).nmea:
            return self.rtcm(station)
        sent, said = self._sent(station), self._said(station)
        both = heapq.merge(sent, said, key=attrgetter("due_gpst_s"))
        return StationFaults(self.scenario, station).timed(both)

    def nmea(self, station: str) -> Iterator[TimedBytes]:
        """Yield the station's NMEA sentences as they arrive, faults of their way included."""
        return StationFaults(self.scenario, station).timed(self._said(station))

    def _sent(self, station: str) -> Iterator[TimedBytes]:
        """Yield RTCM 3 as it leaves the station."""
        stream = self._streams[station]
        for begin_s, length_s in self._steps(station):
            yield from stream.second(begin_s, length_s)

    def _said(self, station: str) -> Iterator[TimedBytes]:
        """Yield sentences as they leave the station."""
        stream = self._streams[station]
        for begin_s, length_s in self._steps(station):
            yield from stream.sentences(begin_s, length_s)

    def _steps(self, station: str) -> Iterator[tuple[float, float]]:
        """Yield beginnings and lengths of steps: a second, or an epoch where that is longer."""
        length_s = step_s(self.scenario.station(station))
        for number in range(int(self.scenario.duration_s // length_s)):
            yield self.scenario.start_gpst_s + number * length_s, length_s


def adjusted(
    scenario: Scenario,
    *,
    start_utc_s: float | None = None,
    duration_s: float | None = None,
    interval_s: float | None = None,
) -> Scenario:
    """Return the scenario at another date, longer or shorter, with another epoch interval."""
    if start_utc_s is not None:
        scenario = scenario.starting(start_utc_s)
    if duration_s is not None:
        scenario = replace(scenario, duration_s=duration_s)
    if interval_s is not None:
        stations = tuple(replace(one, interval_s=interval_s) for one in scenario.stations)
        scenario = replace(scenario, stations=stations)
    return scenario


def write(
    scenario: Scenario,
    folder: Path,
    *,
    nmea: bool = True,
    lines: bool = False,
    time_tags: bool = False,
) -> Iterator[float]:
    """Write STATION.rtcm3, STATION.nmea and truth.json; yield how far it has come, 0 to 1.

    `lines`: all that comes down a station's line goes into its .rtcm3.
    `time_tags`: RTKLIB's, beside each .rtcm3: without them it is not known when bytes arrived.
    Such a recording ends with a line feed that is due at the scenario's end: with the last byte
    ends what it can tell, and that may be a silence.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth = json.dumps(truth_json(scenario), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8")
    broadcast = Broadcast(scenario)
    with ExitStack() as stack:
        ways = []
        for station in scenario.stations:
            file = Recording(folder / f"{station.id}.rtcm3", time_tags=time_tags)
            sent = (broadcast.line if lines else broadcast.rtcm)(station.id)
            ways.append((stack.enter_context(file), sent))
            if nmea:
                file = Recording(folder / f"{station.id}.nmea")
                ways.append((stack.enter_context(file), broadcast.nmea(station.id)))
        latest_s = [scenario.start_gpst_s] * len(ways)
        # One piece of each in turn: all stations are at about the same second, and share it.
        for pieces in zip_longest(*(stream for _, stream in ways)):
            for number, piece in enumerate(pieces):
                if piece is not None and piece.data:
                    ways[number][0].write(piece)
                    latest_s[number] = piece.due_gpst_s
            yield min(1.0, (max(latest_s) - scenario.start_gpst_s) / scenario.duration_s)
        for (file, _), last_s in zip(ways, latest_s, strict=True):
            if file.has_time_tags:
                file.write(TimedBytes(max(last_s, scenario.end_gpst_s), b"\n"))


def truth_json(scenario: Scenario) -> dict[str, Any]:
    """Return what is true of every station: where it is, how it moves, what was done to it."""
    start_s = scenario.start_gpst_s
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "start": datetime.fromtimestamp(utc_from_gpst(start_s), UTC).isoformat(),
        "start_gpst_s": start_s,
        "duration_s": scenario.duration_s,
        "constellations": list(scenario.constellations),
        "errors": asdict(scenario.errors),
        "stations": {
            station.id: {
                **asdict(station),
                "epoch": epoch_years(scenario),
                "position_at": "marker, at the start",
                "faults": [
                    _fault_json(fault, scenario.duration_s)
                    for fault in scenario.faults
                    if fault.concerns(station.id) and fault.start_s < scenario.duration_s
                ],
            }
            for station in scenario.stations
        },
    }


def _fault_json(fault: Fault, length_s: float) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "start_s": fault.start_s,
        # JSON has no infinity: what lasts to the end says so.
        "duration_s": min(fault.duration_s, length_s - fault.start_s),
        "parameters": asdict(fault.parameters),  # type: ignore[call-overload] # each kind's are a dataclass
    }

"""An independent solver finds a simulated station where it is: convbin, rnx2rtkp.

Nothing of stationd is in the way: frames go to RTKLIB's decoder, positions come from its solver.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rtklib_solver import DOUBLE, SINGLE, STATIC, Solver

from stationd.geodesy.ellipsoid import geocentric_m
from stationd_simulators.motion.path import Path as StationPath
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.scenario import FULL_ERRORS, Scenario, Station
from stationd_simulators.scenario_files import load
from stationd_simulators.stream import StationStream, constellations

ROLLOVER_GPST_S = 2408 * 604_800.0  # 2026-03-01, within the scenarios' thirty hours
SCENARIOS = (
    "closure", "closure-gps", "closure-galileo", "closure-beidou", "closure-glonass",
    "closure-qzss",
)  # fmt: skip


@pytest.fixture
def solver(peer, tmp_path) -> Solver:
    return Solver(peer, tmp_path)


def write(scenario: Scenario, station: Station, file: Path, satellites=None) -> StationStream:
    """Write a scenario's whole length."""
    stream = StationStream(scenario, station, satellites)
    step_s = station.interval_s
    with file.open("wb") as recording:
        for number in range(round(scenario.duration_s / step_s)):
            for piece in stream.second(scenario.start_gpst_s + number * step_s, step_s):
                recording.write(piece.data)
    return stream


def closed_mm(solver: Solver, scenario: Scenario) -> tuple[float, np.ndarray]:
    """Return the share of epochs that RTKLIB solved, and how far each is from the truth."""
    station = scenario.stations[0]
    recording = solver.folder / "station.rtcm3"
    stream = write(scenario, station, recording)
    files = solver.rinex(recording, scenario.start_gpst_s)
    _, solved = solver.positions(SINGLE, files)
    truth_m = stream.receiver.path.position_m(scenario.start_gpst_s)
    epochs = round(scenario.duration_s / station.interval_s)
    return len(solved) / epochs, np.linalg.norm(solved[:, :3] - truth_m, axis=1) * 1e3


def baseline(north_km: float, east_km: float, name: str) -> Station:
    latitude_deg, longitude_deg = 23.18 + north_km / 110.8, 113.34 + east_km / 102.4
    where_m = geocentric_m(np.radians(latitude_deg), np.radians(longitude_deg), 30.0)
    return Station(name, where_m, interval_s=30.0)


def based_on(station: Station) -> dict[str, str]:
    keys = ("ant2-pos1", "ant2-pos2", "ant2-pos3")
    return {key: f"{m:.4f}" for key, m in zip(keys, station.position_m, strict=True)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_single_points_close_within_10_mm_around_a_week_rollover(solver, name):
    around = replace(load(name), start_gpst_s=ROLLOVER_GPST_S - 2700.0, duration_s=5400.0)
    share, wrong_mm = closed_mm(solver, around)
    assert share == 1.0
    assert wrong_mm.max() < 10.0


@pytest.mark.parametrize(("kind", "most_mm"), [(4, 100.0), (5, 100.0), (6, 10.0)])
def test_other_kinds_of_msm_close_as_far_as_they_resolve(solver, kind, most_mm):
    # A unit of MSM4 and MSM5 is 18 mm of pseudorange, one of MSM6 and MSM7 0.6 mm.
    scenario = load("closure")
    station = replace(scenario.stations[0], msm=kind)
    short = replace(
        scenario, start_gpst_s=ROLLOVER_GPST_S - 300.0, duration_s=600.0, stations=(station,)
    )
    share, wrong_mm = closed_mm(solver, short)
    assert share == 1.0
    assert wrong_mm.max() < most_mm


def test_two_frequencies_take_off_the_ionosphere_and_one_does_not(solver):
    scenario = load("closure-gps")
    stormy = replace(
        scenario,
        start_gpst_s=ROLLOVER_GPST_S + 6.5 * 3600.0,  # 14 h local solar time
        duration_s=1800.0,
        errors=replace(scenario.errors, ionosphere_tecu=60.0),
    )
    station, recording = stormy.stations[0], solver.folder / "station.rtcm3"
    write(stormy, station, recording)
    files = solver.rinex(recording, stormy.start_gpst_s)
    _, single = solver.positions(SINGLE, files)
    _, double = solver.positions(SINGLE | DOUBLE, files)
    assert len(single) == len(double) == 60
    assert np.linalg.norm(single[:, :3] - station.position_m, axis=1).min() > 3.0
    # Thrice the millimetre to which RINEX rounds pseudoranges.
    assert np.linalg.norm(double[:, :3] - station.position_m, axis=1).max() < 0.015


def test_phases_fix_a_short_baseline_to_a_millimetre(solver):
    scenario = load("closure")
    stations = (baseline(0, 0, "base"), baseline(0.6, 0.8, "rover"))
    pair = replace(
        scenario, start_gpst_s=ROLLOVER_GPST_S - 600.0, duration_s=1200.0, stations=stations
    )
    satellites = Satellites(constellations(pair))
    files = []
    for station in stations:
        recording = solver.folder / f"{station.id}.rtcm3"
        write(pair, station, recording, satellites)
        files.append(solver.rinex(recording, pair.start_gpst_s))
    options = STATIC | based_on(stations[0]) | {
        "pos1-ionoopt": "off", "pos1-tropopt": "saas", "pos2-armode": "continuous"
    }  # fmt: skip
    _, solved = solver.positions(options, (files[1][0], files[0][0], files[1][1]))
    assert np.linalg.norm(solved[-1, :3] - stations[1].position_m) < 0.001


@pytest.mark.campaign
@pytest.mark.parametrize("name", SCENARIOS)
def test_single_points_close_within_10_mm_for_thirty_hours(solver, name):
    scenario = load(name)
    assert scenario.duration_s == 108_000.0
    assert 0.0 < ROLLOVER_GPST_S - scenario.start_gpst_s < scenario.duration_s
    share, wrong_mm = closed_mm(solver, scenario)
    print(f"{name}: {share:.4f} solved, worst {wrong_mm.max():.2f} mm")
    assert share == 1.0
    assert wrong_mm.max() < 10.0


@pytest.mark.campaign
@pytest.mark.parametrize("day", [0, 1, 2])
def test_static_baselines_of_20_and_40_km_close_with_all_errors(solver, day):
    start_gpst_s = ROLLOVER_GPST_S + day * 86_400.0
    stations = (baseline(0, 0, "base"), baseline(12, 16, "near"), baseline(-32, 24, "far"))
    scenario = Scenario(
        "pair", "", 7, start_gpst_s, 86_400.0, stations, ("G", "E"), errors=FULL_ERRORS
    )
    satellites = Satellites(constellations(scenario))
    files = {}
    for station in stations:
        recording = solver.folder / f"{station.id}.rtcm3"
        write(scenario, station, recording, satellites)
        files[station.id] = solver.rinex(recording, start_gpst_s)
    options = STATIC | based_on(stations[0])
    for station in stations[1:]:
        rover, navigation = files[station.id]
        _, solved = solver.positions(options, (rover, files["base"][0], navigation))
        wrong_m = solved[-1, :3] - station.position_m
        east, north, up = StationPath(station, start_gpst_s).axes @ wrong_m * 1e3
        print(f"day {day}, {station.id}: {east:.2f} {north:.2f} {up:.2f} mm")
        assert np.hypot(east, north) < 3.0
        assert abs(up) < 10.0

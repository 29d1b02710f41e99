"""An independent solver sees the faults that were made: convbin and rnx2rtkp."""

from dataclasses import replace

import numpy as np
import pytest
from rtklib_solver import SINGLE, Solver

from stationd_simulators.faults import FAULTS
from stationd_simulators.motion.path import Path as StationPath
from stationd_simulators.playing import write
from stationd_simulators.scenario import Fault, Scenario
from stationd_simulators.scenario_files import load

INTERVAL_S = 10.0


def scenario(*faults: tuple[str, float, float, dict]) -> Scenario:
    """Return ten minutes of GPS and Galileo without any error but these faults."""
    closure = load("closure")
    made = tuple(
        Fault(kind, start_s, length_s, (), FAULTS[kind].parameters(**parameters))
        for kind, start_s, length_s, parameters in faults
    )
    stations = (replace(closure.stations[0], interval_s=INTERVAL_S),)
    # The start is a whole multiple of the interval in GPS time.
    start_gpst_s = closure.start_gpst_s // 60.0 * 60.0
    return replace(
        closure, constellations=("G", "E"), stations=stations, faults=made,
        start_gpst_s=start_gpst_s, duration_s=600.0,
    )  # fmt: skip


@pytest.fixture
def solver(peer, tmp_path) -> Solver:
    return Solver(peer, tmp_path)


def solved_enu_m(solver: Solver, one: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Return seconds since the start, and where RTKLIB finds the station from where it was."""
    for _ in write(one, solver.folder, nmea=False):
        pass
    station = one.stations[0]
    recording = solver.folder / f"{station.id}.rtcm3"
    times, solved = solver.positions(SINGLE, solver.rinex(recording, one.start_gpst_s))
    seconds = [sum(float(p) * u for p, u in zip(t[11:].split(":"), (3600, 60, 1), strict=True))
               for t in times]  # fmt: skip
    path = StationPath(station, one.start_gpst_s)
    enu_m = (solved[:, :3] - path.position_m(one.start_gpst_s)) @ path.axes.T
    return np.array(seconds) - one.start_gpst_s % 86_400.0, enu_m


def test_a_displaced_antenna_and_a_spoofer_move_the_position_as_they_should(solver):
    one = scenario(
        ("displacement-step", 100.0, 1e9, {"enu_m": (3.0, -2.0, 1.0)}),
        ("pull-off", 300.0, 100.0, {"enu_m_per_s": (0.0, 0.5, 0.0), "clock_m_per_s": 7.0}),
        ("clock-jump", 500.0, 1e9, {"jump_s": 1e-3}),
    )
    seconds, enu_m = solved_enu_m(solver, one)
    assert len(seconds) > 55
    stepped = seconds >= 100.0
    spoofed_s = np.where((seconds >= 300.0) & (seconds < 400.0), seconds - 300.0, 0.0)
    expected = np.outer(stepped, (3.0, -2.0, 1.0)) + np.outer(spoofed_s, (0.0, 0.5, 0.0))
    assert np.abs(enu_m - expected).max() < 0.02


@pytest.mark.parametrize("letter", ["E", "R"])
def test_altered_ephemerides_move_the_position(solver, letter):
    parameters = {"along_m": 10.0, "constellations": (letter,)}
    altered = scenario(("altered-ephemeris", 0.0, 1e9, parameters))
    _, enu_m = solved_enu_m(solver, replace(altered, constellations=(letter,)))
    assert np.linalg.norm(enu_m, axis=1).min() > 1.0
    assert np.linalg.norm(enu_m, axis=1).max() < 100.0


def test_stale_ephemerides_do_not_move_the_position_at_first(solver):
    stale = scenario(("stale-ephemeris", 60.0, 1e9, {}))
    _, enu_m = solved_enu_m(solver, stale)
    assert np.linalg.norm(enu_m, axis=1).max() < 0.02


def test_slips_and_strength_are_those_that_convbin_writes(solver):
    quiet = scenario()
    loud = scenario(
        ("slip-storm", 300.0, 100.0, {"per_minute": 30.0}),
        ("cn0-drop", 450.0, 100.0, {"depth_db": 6.0, "bands": ("G1",)}),
    )
    one, other = (_observed(solver, each) for each in (quiet, loud))
    assert one.keys() == other.keys()
    slipped = {key for key in one if other[key][0] and not one[key][0]}
    assert slipped
    assert {key for key in slipped if not 300.0 <= key[0] < 410.0} == set()
    fell = {key: one[key][1] - other[key][1] for key in one}
    weak = [db for (at, _), db in fell.items() if 450.0 <= at < 550.0]
    assert weak == pytest.approx([6.0] * len(weak), abs=0.07)  # DF408 has 1/16 dB
    assert max(db for (at, _), db in fell.items() if not 450.0 <= at < 550.0) == 0.0


def test_phases_that_stay_at_a_clock_jump_are_all_there_and_slip_once(solver):
    jump = scenario(("clock-jump", 300.0, 1e9, {"jump_s": 1e-3, "phase_too": False}))
    seen = _observed(solver, jump)
    assert seen.keys() == _observed(solver, scenario()).keys()
    slipped = {at for (at, _), (lost, _) in seen.items() if lost and at > 0.0}
    assert slipped == {300.0}
    assert all(lost for (at, _), (lost, _) in seen.items() if at == 300.0)
    _, enu_m = solved_enu_m(solver, jump)
    assert np.linalg.norm(enu_m, axis=1).max() < 0.02


def _observed(solver: Solver, one: Scenario) -> dict[tuple[float, str], tuple[bool, float]]:
    """Return of each GPS satellite's L1 C/A: time -> whether it slipped, and its C/N0."""
    for _ in write(one, solver.folder, nmea=False):
        pass
    observations, _ = solver.rinex(solver.folder / "CLO1.rtcm3", one.start_gpst_s)
    found: dict[tuple[float, str], tuple[bool, float]] = {}
    at_s = 0.0
    in_body = False
    for line in observations.read_text().splitlines():
        if line.startswith("G") and "SYS / # / OBS TYPES" in line:
            codes = line[6:60].split()
        in_body = in_body or "END OF HEADER" in line
        if in_body and line.startswith(">"):
            hour, minute, second = line[13:29].split()
            of_day_s = int(hour) * 3600 + int(minute) * 60 + float(second)
            at_s = round(of_day_s - one.start_gpst_s % 86_400.0, 3)
        elif in_body and line.startswith("G"):
            phase = 3 + 16 * codes.index("L1C")
            strength = 3 + 16 * codes.index("S1C")
            slipped = line[phase + 14 : phase + 15].strip() in ("1", "3")
            found[at_s, line[:3]] = (slipped, float(line[strength : strength + 14]))
    return found

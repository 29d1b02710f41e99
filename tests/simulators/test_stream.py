"""A station's stream: what it says and when, the same on every run, and as others read it."""

import io
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from pynmeagps import NMEAReader
from pyrtcm import RTCMReader
from rtklib_solver import Solver

from stationd.geodesy.ellipsoid import geocentric_m
from stationd_simulators.faults.signals import ClockJump, PullOff
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.receiver.model import HALF_CYCLE_S
from stationd_simulators.scenario import (
    FULL_ERRORS,
    Antenna,
    Errors,
    Fault,
    Motion,
    Quake,
    Scenario,
    Station,
    Step,
)
from stationd_simulators.schedule import schedule
from stationd_simulators.stream import STATION_MESSAGES, StationStream, constellations

START_GPST_S = 2408 * 604_800.0 - 30.0
PLACE_M = geocentric_m(np.radians(23.1), np.radians(113.3), 30.0)
EVERYTHING = {1005: 5.0, 1006: 10.0, 1007: 30.0, 1008: 30.0, 1013: 60.0, 1029: 20.0, 1033: 30.0,
              1230: 30.0}  # fmt: skip
# More signals than the default: two messages of GPS, of Galileo and of BeiDou each epoch.
SIGNALS = {
    "G": ("1C", "2W", "2L", "5Q"), "R": ("1C", "2C"), "E": ("1C", "5Q", "7Q", "6C"),
    "J": ("1C", "2L", "5Q"), "C": ("2I", "6I", "1P", "5P", "7I"),
}  # fmt: skip


def scenario(**changes) -> Scenario:
    station = Station("S1", PLACE_M, station_id=12, signals=SIGNALS, messages=EVERYTHING)
    made = Scenario("made", "", 4, START_GPST_S, 120.0, (station,), errors=FULL_ERRORS)
    return replace(made, **changes)


SKY = Satellites(constellations(scenario()))  # orbits cost more than anything else here


def stream(of: Scenario, **changes) -> StationStream:
    return StationStream(of, replace(of.stations[0], **changes), SKY)


def frames(of: StationStream, seconds: int, step_s: float = 1.0) -> bytes:
    return b"".join(
        piece.data
        for number in range(seconds)
        for piece in of.second(START_GPST_S + number * step_s, step_s)
    )


@pytest.fixture(scope="module")
def minute() -> bytes:
    return frames(stream(scenario()), 60)


def test_pyrtcm_and_gpsd_parse_every_frame(minute, peer):
    messages = [message for _, message in RTCMReader(io.BytesIO(minute), quitonerror=2)]
    kinds = Counter(int(message.identity) for message in messages)
    assert set(STATION_MESSAGES) <= set(kinds)
    assert {1019, 1020, 1042, 1044, 1045, 1046, 1077, 1087, 1097, 1117, 1127} <= set(kinds)
    assert sum(len(raw) for raw, _ in RTCMReader(io.BytesIO(minute))) == len(minute)
    read = subprocess.run(
        [peer("gpsdecode"), "-j"], input=minute, capture_output=True, check=True, timeout=60
    )
    # Its answers to 1013 are no sound JSON (gpsd 3.22), so they are not parsed.
    seen = Counter(int(number) for number in re.findall(rb'"type":(\d+),"length"', read.stdout))
    assert seen == kinds


def test_the_last_message_of_each_epoch_says_so(minute):
    epochs: dict[float, list[int]] = {}
    number = 0
    for _, message in RTCMReader(io.BytesIO(minute)):
        if 1071 <= int(message.identity) <= 1137:
            epochs.setdefault(number, []).append(message.DF393)
            number += message.DF393 == 0
    assert len(epochs) == 60
    for bits in epochs.values():
        assert bits == [1] * (len(bits) - 1) + [0]
        assert len(bits) > 5  # some constellation is split


def test_the_same_scenario_gives_the_same_bytes_whichever_epochs_came_before(minute):
    of = scenario()
    assert minute.startswith(frames(StationStream(of, of.stations[0]), 10))
    later = stream(of)
    alone = b"".join(piece.data for piece in later.second(START_GPST_S + 59.0))
    assert minute.endswith(alone)
    assert frames(stream(scenario(seed=5)), 2) != frames(stream(scenario()), 2)


def test_another_process_makes_the_same_bytes():
    # Strings hash differently there: nothing may depend on the order of a set.
    program = (
        "from stationd_simulators.scenario_files import load\n"
        "from stationd_simulators.stream import StationStream\n"
        "import hashlib\n"
        "city = load('city-errors')\n"
        "stream = StationStream(city, city.stations[0])\n"
        "sent = [stream.second(city.start_gpst_s + n) + stream.sentences(city.start_gpst_s + n)\n"
        "        for n in range(3)]\n"
        "print(hashlib.sha256(repr(sent).encode()).hexdigest())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(runs[0]) == 65
    assert runs[0] == runs[1]


def test_stations_that_share_satellites_are_as_those_that_do_not():
    of = scenario()
    shared = Satellites(constellations(of))
    first = StationStream(of, of.stations[0], shared)
    second = StationStream(of, replace(of.stations[0], id="S2"), shared)
    alone = StationStream(of, replace(of.stations[0], id="S2"))
    for elapsed_s in range(5):
        first.second(START_GPST_S + elapsed_s)
        expected = alone.second(START_GPST_S + elapsed_s)
        assert second.second(START_GPST_S + elapsed_s) == expected


def test_messages_come_at_their_intervals_and_all_at_the_start(minute):
    kinds = Counter(int(m.identity) for _, m in RTCMReader(io.BytesIO(minute)))
    for number, interval_s in EVERYTHING.items():
        # The scenario starts on a multiple of each interval but of 60 s and of 20 s.
        assert kinds[number] == 60 / interval_s + (interval_s in {20.0, 60.0})


def test_the_schedule_announces_everything_that_is_sent_and_nothing_else(minute):
    messages = [message for _, message in RTCMReader(io.BytesIO(minute))]
    told = next(message for message in messages if message.identity == "1013")
    announced = {
        getattr(told, f"DF055_{n:02d}"): getattr(told, f"DF057_{n:02d}")
        for n in range(1, told.DF053 + 1)
    }
    assert set(announced) == {int(message.identity) for message in messages}
    assert announced == schedule(scenario(), scenario().stations[0])
    assert (announced[1077], announced[1006], announced[1019]) == (1.0, 10.0, 30.0)
    assert {getattr(told, f"DF056_{n:02d}") for n in range(1, told.DF053 + 1)} == {1}


def test_the_schedule_of_a_slow_station_is_that_of_its_steps():
    slow = replace(scenario().stations[0], interval_s=60.0, signals={"G": ("1C",), "R": ()}, msm=4)
    told = schedule(scenario(), slow)
    assert (told[1074], told[1006], told[1013], told[1020]) == (60.0, 30.0, 60.0, 30.0)
    assert 1084 not in told


def test_twenty_epochs_a_second_lie_on_their_grid():
    fast = stream(scenario(), interval_s=0.05, msm=4)
    pieces = fast.second(START_GPST_S) + fast.second(START_GPST_S + 1.0)
    assert len(pieces) == 40
    times = [
        message.DF004
        for piece in pieces
        for _, message in RTCMReader(io.BytesIO(piece.data))
        if message.identity == "1074" and message.DF393
    ]
    assert sorted(set(times)) == [604_770_000 + 50 * tick for tick in range(40)]
    assert [piece.due_gpst_s for piece in pieces] == pytest.approx(
        [START_GPST_S + tick / 20 for tick in range(40)]
    )


def test_at_thirty_seconds_the_seconds_between_have_no_observations():
    slow = stream(scenario(), interval_s=30.0)
    between = b"".join(p.data for n in range(6, 30) for p in slow.second(START_GPST_S + n))
    kinds = {int(m.identity) for _, m in RTCMReader(io.BytesIO(between))}
    assert 1019 in kinds
    assert not kinds & {1077, 1087, 1097, 1117, 1127}
    whole = slow.second(START_GPST_S + 30.0, 30.0)
    assert len(whole) == 1
    assert whole[0].due_gpst_s == START_GPST_S + 30.0


def test_the_position_is_the_antennas_and_stays_where_it_was_registered():
    moving = Motion(steps=(Step(0.5, (1.0, 0.0, 0.0)),))
    of = stream(scenario(), antenna=Antenna(height_m=1.6), motion=moving)
    found = [
        message
        for _, message in RTCMReader(io.BytesIO(frames(of, 11)))
        if message.identity == "1006"
    ]
    assert len(found) == 2
    above_m = np.array((found[0].DF025, found[0].DF026, found[0].DF027)) - PLACE_M
    assert np.linalg.norm(above_m) == pytest.approx(1.6, abs=2e-4)
    assert above_m @ PLACE_M > 0.0
    assert pytest.approx(1.6) == found[0].DF028
    assert (found[1].DF025, found[1].DF026) == (found[0].DF025, found[0].DF026)
    assert of.receiver.path.displacement_enu_m(START_GPST_S + 11.0)[0] == 1.0


def test_the_sentences_of_an_epoch_are_about_its_satellites():
    of = stream(scenario(), nmea=True)
    (piece,) = of.sentences(START_GPST_S + 1.0)
    read = [message for _, message in NMEAReader(io.BytesIO(piece.data))]
    gga = next(message for message in read if message.msgID == "GGA")
    names = set(of.observations(START_GPST_S + 1.0).satellite.tolist())
    assert gga.numSV == len(names)
    assert gga.lat == pytest.approx(23.1, abs=3e-5)
    assert gga.alt + gga.sep == pytest.approx(30.0, abs=3.0)
    assert {message.msgID for message in read} == {"GGA", "RMC", "GSA", "GSV", "GST", "ZDA"}


def test_speed_and_course_are_those_of_the_antenna():
    quake = Motion(quakes=(Quake(0.0, (0.3, -0.2, 0.1), duration_s=60.0, period_s=5.0),))
    of = stream(scenario(), nmea=True, motion=quake)
    path, speeds = of.receiver.path, set()
    for second in range(10, 20):
        at_s = START_GPST_S + second
        (piece,) = of.sentences(at_s)
        rmc = next(m for _, m in NMEAReader(io.BytesIO(piece.data)) if m.msgID == "RMC")
        before, after = (path.displacement_enu_m(at_s + half_s) for half_s in (-0.005, 0.005))
        east, north, _ = (after - before) / 0.01
        assert rmc.spd * 1852.0 / 3600.0 == pytest.approx(np.hypot(east, north), abs=1e-3)
        assert rmc.cog == pytest.approx(np.degrees(np.arctan2(east, north)) % 360.0, abs=0.5)
        speeds.add(rmc.spd)
    assert max(speeds) > 0.1
    still = stream(scenario(), nmea=True).sentences(START_GPST_S)[0].data
    assert b",0.000,0.00," in still


def gga_enu_m(of: StationStream, gpst_s: float) -> np.ndarray:
    """Return where the sentences say that the station is, from where it is registered."""
    (piece,) = of.sentences(gpst_s)
    gga = next(m for _, m in NMEAReader(io.BytesIO(piece.data)) if m.msgID == "GGA")
    told_m = geocentric_m(np.radians(gga.lat), np.radians(gga.lon), gga.alt + gga.sep)
    return (np.array(told_m) - PLACE_M) @ of.receiver.path.axes.T


def test_a_spoofer_takes_the_fix_of_the_sentences_along_and_a_clock_jump_does_not():
    spoofed = Fault("pull-off", 30.0, 1e9, (), PullOff((0.5, -0.25, 0.1), clock_m_per_s=7.0))
    jump = Fault("clock-jump", 0.0, 1e9, (), ClockJump(1e-3))
    for fault, expected_m in ((spoofed, (50.0, -25.0, 10.0)), (jump, (0.0, 0.0, 0.0))):
        of = stream(scenario(faults=(fault,), errors=Errors()), nmea=True)
        # Minutes have seven decimals: 0.2 mm.
        assert gga_enu_m(of, START_GPST_S + 130.0) == pytest.approx(expected_m, abs=1e-3)


def test_an_earthquake_at_10_hz_is_in_the_phases():
    quake = Motion(quakes=(Quake(2.0, (0.0, 0.0, 0.20), duration_s=30.0, period_s=3.0),))
    still, shaken = (stream(scenario(), interval_s=0.1, motion=m) for m in (Motion(), quake))
    up_m = []
    for tick in range(60):
        at_s = START_GPST_S + 2.0 + tick / 10
        one, other = still.observations(at_s), shaken.observations(at_s)
        highest = int(np.argmax(one.elevation_rad))
        shorter_m = one.phase_range_m[highest] - other.phase_range_m[highest]
        up_m.append(shorter_m / np.sin(one.elevation_rad[highest]))
        truth_m = shaken.receiver.path.displacement_enu_m(at_s)[2]
        assert up_m[-1] == pytest.approx(truth_m, abs=1e-3)
    assert max(up_m) > 0.12


def rinex_cells(lines: list[str]) -> dict[tuple[int, str, str], dict[str, float]]:
    """Return RINEX 3 observations: (epoch, satellite, code) -> C, L, S and loss of lock."""
    columns, found, epoch = {}, {}, -1
    for line in lines:
        if line[60:].startswith("SYS / # / OBS TYPES") and line[0] != " ":
            columns[line[0]] = line[7:60].split()
        elif line[60:].startswith("SYS / # / OBS TYPES"):
            columns[max(columns)] += line[7:60].split()
        elif line.startswith(">"):
            epoch += 1
        elif epoch >= 0 and re.match(r"[GRECJ]\d\d", line):
            for number, name in enumerate(columns[line[0]]):
                text = line[3 + 16 * number : 19 + 16 * number].ljust(16)
                if text[:14].strip():
                    cell = found.setdefault((epoch, line[:3], name[1:]), {})
                    cell[name[0]] = float(text[:14])
                    if name[0] == "L":
                        cell["lost"] = int(text[14].strip() or 0)
    return found


def test_convbin_finds_the_signals_the_strengths_and_the_slips(tmp_path, peer):
    errors = replace(FULL_ERRORS, slips_per_hour=6.0, scintillation_ratio=0.0)
    # What RTKLIB has places for: one code of a band, and no B1C or B2a beside B1I.
    signals = SIGNALS | {"G": ("1C", "2W", "5Q"), "E": ("1C", "5Q", "7Q"), "C": ("2I", "7I")}
    of = stream(scenario(errors=errors), interval_s=30.0, signals=signals)
    recording, epochs = tmp_path / "s1.rtcm3", 60
    recording.write_bytes(frames(of, epochs, 30.0))
    observations, _ = Solver(peer, tmp_path).rinex(recording, START_GPST_S)
    found = rinex_cells(observations.read_text().splitlines())
    slips = 0
    before: dict[tuple[str, str], float] = {}
    for number in range(epochs):
        epoch = of.observations(START_GPST_S + 30.0 * number)
        rows = zip(epoch.satellite.tolist(), epoch.code.tolist(), strict=True)
        seen = {key: row for row, key in enumerate(rows)}
        assert {(n, c) for k, n, c in found if k == number} == set(seen)
        for key, row in seen.items():
            cell = found[number, *key]
            assert cell["C"] == pytest.approx(epoch.pseudorange_m[row], abs=1.1e-3)
            cycles = epoch.phase_range_m[row] / epoch.wavelength_m[row]
            assert cell["L"] == pytest.approx(cycles, abs=1.5e-3)
            assert cell["S"] == pytest.approx(epoch.cn0_dbhz[row], abs=0.04)
            # What RTKLIB sees is an indicator that falls; a new satellite's has no predecessor.
            # Its loss-of-lock is 1, and with a half cycle (b34 adds 3, where RINEX has 2) it is 4.
            lock_s, earlier_s = epoch.lock_time_s[row], before.get(key, 0.0)
            if earlier_s:
                slipped = lock_s < 0.9 * earlier_s
                slips += slipped
                assert cell["lost"] == slipped + 3 * (lock_s < HALF_CYCLE_S)
            before[key] = epoch.lock_time_s[row]
    assert slips > 20


def test_a_station_in_a_pit_sends_no_observations_and_has_no_fix():
    of = stream(scenario(), mask_deg=89.99)
    kinds = {int(m.identity) for _, m in RTCMReader(io.BytesIO(frames(of, 2)))}
    assert {1006, 1019} <= kinds
    assert not kinds & {1077, 1087, 1097, 1117, 1127}
    (piece,) = of.sentences(START_GPST_S)
    assert b",V," in piece.data
    assert b"GSV" not in piece.data

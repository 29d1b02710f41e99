"""Faults of ephemerides; pyrtcm reads them."""

from dataclasses import replace

import numpy as np
import pytest
from simulators.faults.faulty import NOW, moment, parsed, scenario

from stationd_simulators.faults import frame_bits, orbits
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.scenario_files import load
from stationd_simulators.stream import StationStream, constellations

MEAN_ANOMALY = {"1019": "DF088", "1042": "DF500", "1044": "DF437", "1045": "DF299", "1046": "DF299"}


def test_altered_ephemerides_differ_in_the_mean_anomaly_alone():
    one = scenario()
    satellites = constellations(one)
    frames = [f for s in range(31) for f in satellites.frames_due(one.start_gpst_s + s, 1.0)]
    moved = orbits.altered(frames, orbits.Altered(along_m=500.0), NOW)
    seen = set()
    for before, after in zip(parsed(frames), parsed(moved), strict=True):
        name = MEAN_ANOMALY.get(before.identity)
        if name is None:
            assert before.identity == "1020"  # below
            continue
        seen.add(before.identity)
        # An angle in semicircles, of an orbit of 27 000 km: 500 m are 5.9e-6.
        turned = (getattr(after, name) - getattr(before, name) + 1.0) % 2.0 - 1.0
        assert turned == pytest.approx(500.0 / 2.7e7 / np.pi, abs=1e-9)
        others = {k: v for k, v in vars(before).items() if k[:2] == "DF" and k != name}
        assert others == {k: v for k, v in vars(after).items() if k[:2] == "DF" and k != name}
    assert seen == set(MEAN_ANOMALY)


def test_altered_ephemerides_of_glonass_differ_in_the_position_along_the_velocity():
    one = replace(scenario(), constellations=("R",))
    satellites = constellations(one)
    frames = [f for s in range(31) for f in satellites.frames_due(one.start_gpst_s + s, 1.0)]
    only = orbits.Altered(along_m=-500.0, satellites=("R02", "R03"))
    places, speeds = ("DF112", "DF115", "DF118"), ("DF111", "DF114", "DF117")
    moved = {}
    for before, after in zip(
        parsed(frames), parsed(orbits.altered(frames, only, NOW)), strict=True
    ):
        kept = {k: v for k, v in vars(before).items() if k[:2] == "DF" and k not in places}
        assert kept == {k: v for k, v in vars(after).items() if k[:2] == "DF" and k not in places}
        way_m = [1e3 * (getattr(after, name) - getattr(before, name)) for name in places]
        speed = np.array([getattr(before, name) for name in speeds])
        if before.DF038 in (2, 3):
            # Each axis is rounded to half a metre.
            assert way_m == pytest.approx(-500.0 * speed / np.linalg.norm(speed), abs=0.26)
            moved[before.DF038] = way_m
        else:
            assert way_m == [0.0, 0.0, 0.0]
    assert set(moved) == {2, 3}


def test_stale_ephemerides_are_those_sent_before_the_fault_in_the_same_rhythm():
    times = [orbits.stale(NOW.gpst_s + s, orbits.Stale(30.0), moment(s)) for s in range(100)]
    begin_s = NOW.gpst_s
    assert max(times) < begin_s
    assert min(times) == begin_s - 30.0
    assert times[:30] == times[30:60] == times[60:90]


def test_new_ephemerides_are_sent_but_where_they_are_stale():
    one = load("stale-ephemeris")
    issues = {"FLT1": set(), "REF1": set()}
    satellites = Satellites(constellations(one))
    for name, seen in issues.items():
        station = replace(one.station(name), signals=dict.fromkeys("GREJC", ()))
        stream = StationStream(one, station, satellites)
        for number in range(int(one.duration_s)):
            for piece in stream.second(one.start_gpst_s + number):
                for message in parsed(list(frame_bits.pieces(piece.data))):
                    if message.identity == "1019":
                        seen.add((message.DF009, message.DF071))
    satellites_seen = {satellite for satellite, _ in issues["REF1"]}
    assert len(issues["FLT1"]) == len(satellites_seen) > 20
    assert len(issues["REF1"]) == 2 * len(satellites_seen)
    assert issues["FLT1"] < issues["REF1"]

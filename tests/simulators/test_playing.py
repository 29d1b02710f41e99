"""What is true of stations and what arrives of them, faults of the way included."""

from dataclasses import replace

import pytest

from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.frame_bits import is_frame, pieces
from stationd_simulators.playing import Broadcast, adjusted, truth_json
from stationd_simulators.registered import epoch_years
from stationd_simulators.scenario import Fault, Scenario
from stationd_simulators.scenario_files import load
from stationd_simulators.verification.registry import station_table

MIDNIGHT_2027_UTC_S = 1_798_761_600.0


def small(*faults: Fault, duration_s: float = 40.0) -> Scenario:
    one = load("drop-out")
    station = replace(one.stations[0], nmea=True)
    return replace(
        one, constellations=("G",), stations=(station,), faults=faults, duration_s=duration_s,
        expectations=(),
    )  # fmt: skip


def fault(kind: str, start_s: float, duration_s: float, **parameters) -> Fault:
    return Fault(kind, start_s, duration_s, (), FAULTS[kind].parameters(**parameters))


def due_s(of: Scenario, items) -> list[float]:
    return [item.due_gpst_s - of.start_gpst_s for item in items if item.data]


def test_faults_that_begin_after_the_end_are_not_part_of_the_truth():
    short = adjusted(load("city-errors"), duration_s=300.0)
    told = truth_json(short)["stations"]
    assert [(one["kind"], one["duration_s"]) for one in told["GZ03"]["faults"]] == [
        ("cn0-drop", 150.0)
    ]
    assert truth_json(adjusted(short, duration_s=7.2))["stations"]["GZ03"]["faults"] == []


@pytest.mark.parametrize(
    ("utc_s", "year"),
    [
        (MIDNIGHT_2027_UTC_S, 2027.0),
        (MIDNIGHT_2027_UTC_S + 365 * 86_400 / 2, 2027.5),
        (1_483_228_800.0 - 1.0, 2017.0),  # to 1e-4 years, which are 53 minutes
        (1_456_704_000.0, 2016.1612),  # 59 of 366 days
    ],
)
def test_the_epoch_of_a_position_is_that_of_the_scenarios_start(utc_s, year):
    moved = adjusted(load("city-errors"), start_utc_s=utc_s)
    assert epoch_years(moved) == year
    assert truth_json(moved)["stations"]["GZ01"]["epoch"] == year
    assert station_table(moved, moved.stations[0])["reference"]["epoch"] == year


def test_sentences_are_lost_with_everything_else_and_damaged_like_it():
    for kind in ("drop-out", "silent", "half-open", "power-cycle"):
        one = small(fault(kind, 10.0, 20.0))
        assert due_s(one, Broadcast(one).nmea("FLT1")) == [*range(10), *range(30, 40)]
    late = small(fault("late", 10.0, 20.0, delay_s=2.0))
    assert due_s(late, Broadcast(late).nmea("FLT1"))[10:12] == [12.0, 13.0]


def test_nothing_leaves_a_receiver_that_is_starting():
    one = small(fault("power-cycle", 10.0, 5.0, starting_s=15.0))
    broadcast = Broadcast(one)
    for stream in (broadcast.rtcm, broadcast.nmea, broadcast.line):
        assert sorted(set(due_s(one, stream("FLT1")))) == [*range(10), *range(30, 40)]
    after_s = one.start_gpst_s + 20
    sent = (item for item in broadcast.rtcm("FLT1") if item.data)
    first = next(item for item in sent if item.due_gpst_s > after_s)
    assert any(is_frame(piece) and piece[3:5] == b"\x43\x50" for piece in pieces(first.data))

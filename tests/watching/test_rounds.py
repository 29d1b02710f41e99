"""Rounds judge every station; a bug met by one of them costs the others nothing."""

import logging

import pytest
import rtcm_writer
from watching.watched import Clock, config, station

from stationd.facts import Health
from stationd.inputs import Chunk
from stationd.watching.rounds import Rounds


class Round:
    """Three stations, of which the middle one may be unfit."""

    def __init__(self, *, unfit: bool) -> None:
        self.clock = Clock()
        self.stations = {
            name: station(name, self.clock, unfit=unfit and name == "B") for name in "ABC"
        }
        self.published = []
        self.rounds = Rounds(self.stations, self.published.append, self.clock, lambda: True)

    def judge(self):
        self.published.clear()
        self.rounds.judge_slice(0, 1)
        return {facts.station: facts for facts in self.published}

    def feed(self) -> None:
        for one in self.stations.values():
            data = b"".join(rtcm_writer.station_epoch(1, 345_600_000 + int(self.clock.at_s) * 1000))
            one.receive(Chunk(data, self.clock()))


@pytest.fixture
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="stationd")


def test_every_station_is_judged_once_a_round():
    facts = Round(unfit=False).judge()
    assert list(facts) == ["A", "B", "C"]
    assert {one.health for one in facts.values()} == {Health.UNKNOWN}


def test_slices_cover_every_station_once():
    case = Round(unfit=False)
    for number in range(2):
        case.rounds.judge_slice(number, 2)
    assert sorted(facts.station for facts in case.published) == ["A", "B", "C"]


def test_a_bug_met_by_one_station_leaves_the_others_watched(quiet):
    case = Round(unfit=True)
    case.feed()
    case.judge()
    facts = case.judge()
    assert facts["B"].health is Health.CRITICAL
    assert "a bug in stationd" in facts["B"].results[0].reason
    for name in "AC":
        assert facts[name].health is not Health.CRITICAL
        assert facts[name].measurements["frames"][()] == 5


def test_a_station_that_met_a_bug_says_so_once_and_comes_back_later(quiet):
    case = Round(unfit=True)
    case.judge()
    first = case.judge()["B"]
    assert [(e.subject, e.before, e.after) for e in first.events] == [
        ("health", "unknown", "critical")
    ]
    assert case.judge()["B"].events == ()
    broken = case.stations["B"]
    broken.configure(config("B").line)
    case.clock.at_s += 2.0
    after = case.judge()["B"]
    assert after.health is Health.UNKNOWN
    assert [(e.before, e.after) for e in after.events] == [("critical", "unknown")]


def test_bugs_are_counted_and_their_waits_double(quiet):
    case = Round(unfit=True)
    waits = []
    for _ in range(4):
        begin_s = case.clock.at_s
        case.judge()
        case.judge()
        while case.stations["B"].out_of_service(case.clock()) is not None:
            case.clock.at_s += 0.125
        waits.append(case.clock.at_s - begin_s)
    assert waits == [0.5, 1.0, 2.0, 4.0]
    assert case.stations["B"]._around.bugs["station:B"] == 4


def test_bytes_that_come_while_a_station_is_out_of_service_are_not_taken(quiet):
    case = Round(unfit=True)
    case.judge()
    case.feed()
    assert case.stations["B"].line.waiting == []
    assert len(case.stations["A"].line.waiting) == 5

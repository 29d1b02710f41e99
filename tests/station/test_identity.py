"""Changes are told once, together, and ever more seldom while they go on."""

from itertools import pairwise

from stationd.inputs import Instant
from stationd.station.identity import LONGEST_HOLD_S, Identity


def at(second):
    return Instant(None, float(second))


def told(identity, second):
    return [(c.before, c.after, c.times) for c in identity.news(float(second))]


def test_what_is_heard_first_is_no_news():
    identity = Identity()
    identity.observe("antenna", "A", at(0))
    identity.observe("antenna", "A", at(1))
    assert told(identity, 1) == []


def test_a_change_is_told_once_and_at_once():
    identity = Identity()
    identity.observe("antenna", "A", at(0))
    identity.observe("antenna", "B", at(5))
    [change] = identity.news(6.0)
    assert change == ("antenna", "A", "B", 1, at(5))
    assert told(identity, 7) == []


def test_a_second_change_waits_and_is_told_when_its_time_comes_without_another_message():
    identity = Identity()
    for second, value in enumerate("ABC"):
        identity.observe("antenna", value, at(second))
        assert told(identity, second) == ([("A", "B", 1)] if value == "B" else [])
    assert told(identity, 60) == []
    assert told(identity, 61) == [("B", "C", 1)]


def test_a_flap_that_ends_where_it_began_is_told_as_such():
    identity = Identity()
    for value in "ABA":
        identity.observe("antenna", value, at(0))
    assert told(identity, 0) == [("A", "A", 2)]


def test_the_hold_grows_to_an_hour_and_starts_anew_after_a_quiet_day():
    identity, times = Identity(), []
    for second in range(86_400):
        identity.observe("antenna", second % 2, at(second))
        times += [second] * len(told(identity, second))
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps[:3] == [60, 120, 240]
    assert max(gaps) == LONGEST_HOLD_S
    assert len(times) < 35
    identity.observe("antenna", 7, at(200_000))
    assert len(told(identity, 200_000)) == 1
    identity.observe("antenna", 8, at(200_001))
    assert told(identity, 200_059) == []
    assert len(told(identity, 200_060)) == 1

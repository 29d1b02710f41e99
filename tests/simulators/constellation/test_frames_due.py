"""When ephemerides are sent: all at once at the start, then in turn, new ones before their use."""

from collections import Counter
from itertools import chain, pairwise

import pytest
from pyrtcm import RTCMReader

from stationd_simulators.constellation.constellations import Constellations

WEEK_S = 604_800.0
START_GPST_S = 2446 * WEEK_S - 3 * 3600.0


def make(letters: str = "GRECJ", start_gpst_s: float = START_GPST_S, seed: int = 4):
    return Constellations.make(letters, start_gpst_s, seed)


def test_everything_is_sent_in_the_first_five_seconds_and_then_every_thirty():
    sky = make()
    expected = Counter(sky._frames(START_GPST_S))
    # On the hour, Galileo's and GLONASS's sets are about to be succeeded.
    expected |= Counter(sky._frames(START_GPST_S + 30.0))
    assert len(expected) == 31 + 24 + 2 * 24 + 32 + 5 + 24 + 2 * 24
    start = [frame for second in range(5) for frame in sky.frames_due(START_GPST_S + second)]
    assert Counter(start) == expected
    for begin in (100.0, 117.0):
        seconds = [sky.frames_due(START_GPST_S + begin + second) for second in range(30)]
        assert Counter(chain.from_iterable(seconds)) == Counter(
            sky.frames_in_force(START_GPST_S + begin)
        )
        assert max(len(frames) for frames in seconds) <= 6  # evenly, so that no second bursts


def test_a_long_step_sends_everything_once():
    sky = make()
    for step in range(1, 4):
        sent = sky.frames_due(START_GPST_S + 60.0 * step, step_s=60.0)
        assert len(sent) == len(set(sent)) == 140


@pytest.mark.parametrize("rate_hz", [5, 20])
def test_steps_shorter_than_a_second_send_the_same(rate_hz):
    sky = make("G")
    at = START_GPST_S + 61.0
    fine = [
        frame
        for step in range(3 * rate_hz)
        for frame in sky.frames_due(at + step / rate_hz, step_s=1 / rate_hz)
    ]
    whole = chain.from_iterable(sky.frames_due(at + second) for second in range(3))
    assert fine == list(whole)


def test_a_new_set_has_been_sent_when_it_comes_into_use():
    sky = make()
    sent: set[bytes] = set()
    for second in range(7300):
        now = START_GPST_S + second
        sent.update(sky.frames_due(now))
        if second >= 5 and second % 10 in {0, 9}:
            assert sent.issuperset(sky._frames(now)), second


@pytest.mark.parametrize(
    ("letter", "number", "issues", "toe"),
    [
        ("G", "1019", ("DF071", "DF085"), "DF093"),
        ("E", "1046", ("DF290",), "DF304"),
        ("C", "1042", ("DF492", "DF497"), "DF505"),
        ("J", "1044", ("DF434", "DF456"), "DF442"),
        ("R", "1020", ("DF110",), "DF110"),
    ],
)
def test_consecutive_sets_have_different_issues_and_different_reference_times(
    letter, number, issues, toe
):
    sky = make(letter)
    interval_s = {"G": 7200.0, "R": 1800.0}.get(letter, 3600.0)
    name = sky.satellites[0]
    seen = []
    for turn in range(4):
        messages = map(RTCMReader.parse, sky.frames_in_force(START_GPST_S + turn * interval_s))
        first = next(message for message in messages if message.identity == number)
        seen.append((*(getattr(first, issue) for issue in issues), getattr(first, toe)))
        if letter == "G":
            assert first.DF071 == first.DF085 % 256
    for before, after in pairwise(seen):
        assert all(a != b for a, b in zip(before, after, strict=True)), (name, seen)


def test_the_same_seed_sends_the_same_bytes():
    def of(sky):
        return [sky.frames_due(START_GPST_S + second) for second in range(0, 4000, 7)]

    assert of(make()) == of(make())
    assert of(make()) != of(make(seed=5))


def test_glonass_tells_moscows_day_and_the_half_hour_around_tb():
    sky = make("R", start_gpst_s=2446 * WEEK_S)  # Sunday 2026-11-22 02:59:42 in Moscow
    message = RTCMReader.parse(sky.frames_due(2446 * WEEK_S, step_s=30.0)[0])
    assert message.DF110 * 900 == 2 * 3600 + 45 * 60
    assert message.DF129 == 366 + 365 + 326  # days since 2024 began, counted from 1
    assert message.DF134 == 8  # the eighth four years from 1996
    assert int(message.DF107) >> 7 == 2
    assert int(message.DF107) >> 1 & 63 == 29  # sent from a minute before the half hour

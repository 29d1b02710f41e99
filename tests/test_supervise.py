"""The retry policy, with a clock, a sleep and a jitter that the test turns."""

import asyncio
import random

import pytest

from stationd.supervise import (
    CEILING_S,
    HEALTHY_AFTER_S,
    Backoff,
    LoginRefusedError,
    RefusedError,
    SilentError,
    UnavailableError,
    isolated,
    keep_running,
)


class Told:
    """A witness that keeps what it is told."""

    def __init__(self):
        self.unavailabilities = []
        self.bugs = []

    def unavailable(self, error, wait_s):
        self.unavailabilities.append((error, wait_s))

    def bug(self, error, wait_s):
        self.bugs.append((error, wait_s))


class World:
    """Attempts that go as scripted: (how long, what is raised); then one that returns."""

    def __init__(self, *script, jitter=lambda: 0.999_999):
        self.now_s = 0.0
        self.waits_s = []
        self.begun_s = []
        self.told = Told()
        self._script = list(script)
        self._jitter = jitter

    async def attempt(self):
        self.begun_s.append(self.now_s)
        if not self._script:
            return
        lasts_s, error = self._script.pop(0)
        self.now_s += lasts_s
        raise error

    async def sleep(self, wait_s):
        self.waits_s.append(wait_s)
        self.now_s += wait_s

    async def run(self):
        await keep_running(
            self.attempt,
            self.told,
            monotonic=lambda: self.now_s,
            jitter=self._jitter,
            sleep=self.sleep,
        )
        return [round(wait_s, 3) for wait_s in self.waits_s]


AWAY = UnavailableError("away")


async def test_an_attempt_that_returns_is_not_begun_again():
    world = World()
    assert await world.run() == []
    assert len(world.begun_s) == 1


async def test_waits_double_from_one_second_to_the_ceiling():
    world = World(*[(0.0, AWAY)] * 11)
    assert await world.run() == [1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256]
    assert [wait for _, wait in world.told.unavailabilities] == world.waits_s


async def test_jitter_spreads_each_wait_over_its_whole_length():
    world = World(*[(0.0, AWAY)] * 4, jitter=iter([0.0, 0.25, 0.5, 0.75]).__next__)
    assert await world.run() == [0.0, 0.5, 2.0, 6.0]


async def test_a_thousand_stations_do_not_come_back_in_step():
    jitter = random.Random(7).random
    backoffs = [Backoff(jitter) for _ in range(1000)]
    for _ in range(5):
        waits_s = sorted(backoff.next_s(AWAY) for backoff in backoffs)
    assert waits_s[0] < 0.2
    assert waits_s[-1] > 15.8
    in_one_second = max(sum(second <= w < second + 1 for w in waits_s) for second in range(16))
    assert in_one_second < 100


async def test_a_refused_login_waits_at_the_ceiling():
    world = World(
        (0.0, LoginRefusedError("no")), (0.0, LoginRefusedError("no")), jitter=lambda: 0.0
    )
    assert await world.run() == [CEILING_S, CEILING_S]


async def test_refused_logins_are_spread_too():
    world = World((0.0, LoginRefusedError("no")), jitter=lambda: 0.5)
    assert await world.run() == [pytest.approx(CEILING_S * 1.05)]


async def test_a_refused_login_does_not_lengthen_the_waits_of_others():
    world = World((0.0, LoginRefusedError("no")), (0.0, AWAY))
    assert (await world.run())[1] == 1.0


@pytest.mark.parametrize("error", [RefusedError("no"), SilentError("quiet")])
async def test_other_refusals_and_silence_back_off_as_all_do(error):
    world = World((0.0, error), (0.0, error))
    assert await world.run() == [1.0, 2.0]
    assert world.told.bugs == []


async def test_a_connection_that_was_well_begins_again_at_one_second():
    world = World((0.0, AWAY), (0.0, AWAY), (HEALTHY_AFTER_S, AWAY), (0.0, AWAY))
    assert await world.run() == [1.0, 2.0, 1.0, 2.0]


async def test_a_connection_that_lasts_less_than_that_does_not():
    world = World((0.0, AWAY), (0.0, AWAY), (HEALTHY_AFTER_S - 0.1, AWAY))
    assert await world.run() == [1.0, 2.0, 4.0]


async def test_a_bug_is_told_as_one_and_begun_again():
    bug = ZeroDivisionError("bug")
    world = World((0.0, bug), (0.0, AWAY))
    assert await world.run() == [1.0, 2.0]
    assert world.told.bugs == [(bug, world.waits_s[0])]
    assert bug.__traceback__ is not None
    assert [error for error, _ in world.told.unavailabilities] == [AWAY]


async def test_cancelling_is_not_an_error():
    begun = asyncio.Event()

    async def attempt():
        begun.set()
        await asyncio.Event().wait()

    told = Told()
    task = asyncio.create_task(
        keep_running(attempt, told, monotonic=lambda: 0.0, jitter=lambda: 0.0)
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (told.unavailabilities, told.bugs) == ([], [])


class Work:
    """Doubles numbers, all together; breaks at those that are bad."""

    def __init__(self, bad):
        self.bad = bad
        self.calls = 0

    def __call__(self, items):
        self.calls += 1
        for item in items:
            if item in self.bad:
                raise ValueError(item)
        return [item * 2 for item in items]


@pytest.mark.parametrize("bad", [set(), {0}, {17}, {99}, {3, 4, 50}, set(range(100))])
def test_what_breaks_is_kept_from_the_rest(bad):
    work, broken = Work(bad), []
    results = isolated(work, list(range(100)), lambda item, error: broken.append((item, error)))
    assert results == [item * 2 for item in range(100) if item not in bad]
    assert [item for item, _ in broken] == sorted(bad)
    assert all(error.args == (item,) for item, error in broken)


def test_one_bad_item_of_a_thousand_costs_some_twenty_calls():
    work = Work({777})
    isolated(work, list(range(1000)), lambda item, error: None)
    assert work.calls <= 21


def test_nothing_to_do_is_done():
    assert isolated(Work(set()), [], lambda item, error: None) == []

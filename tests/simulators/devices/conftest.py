"""What tests of devices share: a client's destination, a running source, a clock of our own."""

import asyncio

import pytest
from sources.conftest import PATIENCE_S, Gathered, begin, free_port, listening  # noqa: F401 - fixtures

from stationd_simulators.timed_bytes import TimedBytes

BEGIN_GPST_S = 1_400_000_000.0


class Clock:
    """A clock that goes on only while somebody sleeps by it."""

    def __init__(self):
        self.now_s = 1000.0
        self.slept_s = []

    def now(self):
        return self.now_s

    async def sleep(self, seconds_s):
        self.slept_s.append(seconds_s)
        self.now_s += seconds_s


class Kept:
    """An outlet that keeps what is delivered, and when."""

    def __init__(self, clock):
        self._clock = clock
        self.pieces = []
        self.rooms = self.ends = 0

    def deliver(self, data):
        self.pieces.append((self._clock.now(), data))

    async def room(self):
        self.rooms += 1

    async def sent(self):
        self.ends += 1


@pytest.fixture
def gathered():
    return Gathered()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(clock):
    return Kept(clock)


@pytest.fixture
def pieces():
    """Return a function that makes a stream of these contents, one each step."""

    def make(*contents, step_s=1.0):
        return [TimedBytes(BEGIN_GPST_S + n * step_s, data) for n, data in enumerate(contents)]

    return make


@pytest.fixture
def holds():
    """Return a function that waits until a program of others has written this content."""

    async def wait(path, content):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if path.exists() and path.read_bytes() == content:
                    return
                await asyncio.sleep(0.02)  # it cannot tell us

    return wait

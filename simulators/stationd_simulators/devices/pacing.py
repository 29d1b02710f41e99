"""When bytes leave: at the pace of their due times, so many times faster, or as fast as they can.

Time is an argument: a `Pacer` is told how to read a clock and how to sleep, so that a test turns
hours over in no time. All stations of a scenario share one pacer, and so keep step.
"""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import Protocol

from stationd_simulators.timed_bytes import TimedBytes

Stream = Iterable[TimedBytes] | AsyncIterable[TimedBytes]


class Outlet(Protocol):
    """Where a station's bytes leave the simulator."""

    def deliver(self, data: bytes) -> None:
        """Send at once to whoever listens; whoever does not keep up is left behind, and counted."""

    async def room(self) -> None:
        """Wait until somebody listens and all who do can take more: at full speed none is lost."""

    async def sent(self) -> None:
        """Wait until whoever listens has been sent everything."""


class Pacer:
    """Turns due times into waiting.

    `speed`: 1.0 is real time, 60.0 a minute in a second, None as fast as possible.
    `begin_gpst_s`: the due time that is now when the first one is waited for.
    """

    def __init__(
        self,
        begin_gpst_s: float,
        speed: float | None = 1.0,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Take the pace. Raises `ValueError` where the speed is none."""
        if speed is not None and not speed > 0:
            raise ValueError(
                f"a speed of {speed:g} never arrives: write 1 for real time, more for faster"
            )
        self.speed = speed
        self._begin_gpst_s = begin_gpst_s
        self._now = now
        self._sleep = sleep
        self._begun_s: float | None = None
        self.worst_delay_s = 0.0  # how late the latest bytes were, by the pacer's own clock

    async def until(self, due_gpst_s: float) -> None:
        """Wait until it is due; what is overdue waits for one turn of the loop only."""
        if self.speed is None:
            await self._sleep(0.0)
            return
        if self._begun_s is None:
            self._begun_s = self._now()
        due_s = self._begun_s + (due_gpst_s - self._begin_gpst_s) / self.speed
        await self._sleep(max(0.0, due_s - self._now()))
        self.worst_delay_s = max(self.worst_delay_s, self._now() - due_s)


async def play(stream: Stream, pacer: Pacer, outlet: Outlet) -> None:
    """Let a station's bytes leave through `outlet` until its stream ends."""
    async for due_gpst_s, data in _pieces(stream):
        if pacer.speed is None:
            await outlet.room()
        await pacer.until(due_gpst_s)
        if data:
            outlet.deliver(data)
    await outlet.sent()


async def _pieces(stream: Stream) -> AsyncIterator[TimedBytes]:
    if isinstance(stream, AsyncIterable):
        async for piece in stream:
            yield piece
        return
    for piece in stream:
        yield piece

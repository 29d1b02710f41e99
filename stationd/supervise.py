"""Keeps tasks running: the only retry policy, and the only place that catches everything.

A task that meets the outside world raises `UnavailableError` when that world says no; it is begun
again after a wait. Anything else that a task raises is a bug: told loudly, counted, and begun again
the same way, so that one station's bytes do not end the watch over the others.

    UnavailableError            nothing there, closed, no answer: 1 s doubling to 256 s
      SilentError               connected, and nothing came for too long
      RefusedError              the peer answered and said no: mountpoint, sourcetable
        LoginRefusedError       waits at the ceiling at once: login storms get addresses banned
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar

FIRST_WAIT_S: Final = 1.0
CEILING_S: Final = 256.0
HEALTHY_AFTER_S: Final = 60.0  # longer than any silence is borne: whoever lasted so long was well
CEILING_SPREAD_RATIO: Final = 0.1


class UnavailableError(Exception):
    """The outside world said no. Its text is a sentence without secrets, for a log line."""


class SilentError(UnavailableError):
    """Connected, and nothing came for longer than is borne."""


class RefusedError(UnavailableError):
    """The peer answered, and said no."""


class LoginRefusedError(RefusedError):
    """The peer does not accept the name or the password."""


class Backoff:
    """How long to wait before the next try; full jitter, so that stations do not march in step."""

    __slots__ = ("_doublings", "_jitter")

    def __init__(self, jitter: Callable[[], float]) -> None:
        """`jitter` returns a number in [0, 1)."""
        self._jitter = jitter
        self._doublings = 0

    def reset(self) -> None:
        self._doublings = 0

    def next_s(self, error: Exception) -> float:
        """Return the wait after `error`, in seconds."""
        if isinstance(error, LoginRefusedError):
            return CEILING_S * (1.0 + CEILING_SPREAD_RATIO * self._jitter())
        bound_s = min(CEILING_S, FIRST_WAIT_S * 2.0**self._doublings)
        self._doublings = min(self._doublings + 1, 16)
        return bound_s * self._jitter()


class Witness(Protocol):
    """Who is told what became of a task."""

    def unavailable(self, error: UnavailableError, wait_s: float) -> None:
        """Take that the outside world said no; the next try is in `wait_s`."""

    def bug(self, error: Exception, wait_s: float) -> None:
        """Take that the task broke; `error` has its traceback, the next try is in `wait_s`."""


async def keep_running(
    attempt: Callable[[], Awaitable[None]],
    witness: Witness,
    *,
    monotonic: Callable[[], float],
    jitter: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run `attempt` until it returns, again and again while it raises."""
    backoff = Backoff(jitter)
    while True:
        began_s = monotonic()
        try:
            await attempt()
        except Exception as error:  # noqa: BLE001 - the supervisor: the others go on
            if monotonic() - began_s >= HEALTHY_AFTER_S:
                backoff.reset()
            wait_s = backoff.next_s(error)
            if isinstance(error, UnavailableError):
                witness.unavailable(error, wait_s)
            else:
                witness.bug(error, wait_s)
            await sleep(wait_s)
        else:
            return


Item = TypeVar("Item")
Result = TypeVar("Result")


def isolated(
    work: Callable[[Sequence[Item]], Sequence[Result]],
    items: Sequence[Item],
    broken: Callable[[Item, Exception], None],
) -> list[Result]:
    """Return what `work` makes of all items together; where that fails, halve until it is one.

    `work` must leave an item that it could not finish as it found it. An item that fails alone is
    told to `broken` and has no result.
    """
    try:
        return list(work(items))
    except Exception as error:  # noqa: BLE001 - one station's bytes must not cost the others
        if len(items) == 1:
            broken(items[0], error)
            return []
    half = len(items) // 2
    return [*isolated(work, items[:half], broken), *isolated(work, items[half:], broken)]

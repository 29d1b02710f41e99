"""Many things over one link: a few at a time, in order, and failing as one plain error.

Not a TaskGroup: its groups of errors are nothing to a supervisor, and Python 3.11 leaves a task
marked as cancelled after one of its children failed, so that a true cancellation cannot be told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar

from stationd.supervise import RefusedError, UnavailableError

Item = TypeVar("Item")


async def together(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run jobs until all are done or one fails; then end the others and raise what says most."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        # Asked for in any case: nobody else will.
        results = [None if task.cancelled() else task.exception() for task in tasks]
    errors = [error for error in results if error is not None]
    if errors:
        raise min(errors, key=_rank)


async def in_order(
    items: Collection[Item], send: Callable[[Item], Awaitable[None]], at_once: int
) -> None:
    """Await `send` for each item, begun in order, at most `at_once` at a time."""
    if not items:
        return
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await send(item)

    await together(*(worker() for _ in range(min(at_once, len(items)))))


def _rank(error: BaseException) -> int:
    # A bug first, then a refusal, which names its cause; a lost connection follows from either.
    if isinstance(error, RefusedError):
        return 1
    return 2 if isinstance(error, UnavailableError) else 0

"""A caster in a thread of its own, for tests that have no event loop, or one that they stop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self, TypeVar

from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.ntrip_request import Request

PATIENCE_S: Final = 20.0
Result = TypeVar("Result")


class BackgroundCaster:
    """Serves a caster; every method may be called from any thread, and waits until it is done."""

    def __init__(self, caster: Caster) -> None:
        self._caster = caster
        self._listening: Future[asyncio.AbstractEventLoop] = Future()
        self._stop = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="simulated-caster")

    def __enter__(self) -> Self:
        self._serving = self._thread.submit(lambda: asyncio.run(self._serve()))
        self._serving.add_done_callback(self._tell_of_failure)
        try:
            self._loop = self._listening.result(PATIENCE_S)
        except OSError:
            self._thread.shutdown()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it; an error that it met meanwhile is raised here."""
        if not self._serving.done():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.shutdown()
        if error is None:
            self._serving.result()

    @property
    def port(self) -> int:
        return self._caster.port

    @property
    def requests(self) -> list[Request]:
        """What clients have asked for, the latest last."""
        return self._do(lambda: list(self._caster.requests))

    def deliver(self, mountpoint: str, data: bytes) -> None:
        """Hand bytes to whoever listens there now."""
        self._do(lambda: self._caster.feed(mountpoint).deliver(data))

    def misbehave(self, mountpoint: str, how: Misbehaviour) -> None:
        """Treat clients of a mountpoint so from now on; those it has must come again."""
        self._do(lambda: self._caster.misbehave(mountpoint, how))

    def wait_for_listeners(
        self, mountpoint: str, count: int = 1, within_s: float = PATIENCE_S
    ) -> None:
        """Wait until so many listen there. Raises `TimeoutError` where they do not come."""
        feed = self._caster.feed(mountpoint)

        async def listening() -> None:
            async with asyncio.timeout(within_s):
                await feed.until(lambda: feed.listeners >= count)

        asyncio.run_coroutine_threadsafe(listening(), self._loop).result()

    def _do(self, work: Callable[[], Result]) -> Result:
        async def working() -> Result:
            return work()

        return asyncio.run_coroutine_threadsafe(working(), self._loop).result(PATIENCE_S)

    def _tell_of_failure(self, serving: Future[None]) -> None:
        """Pass on why it could not begin; later errors wait for the end of the block."""
        error = serving.exception()
        if error is not None and not self._listening.done():
            self._listening.set_exception(error)

    async def _serve(self) -> None:
        async with self._caster:
            self._listening.set_result(asyncio.get_running_loop())
            await self._stop.wait()

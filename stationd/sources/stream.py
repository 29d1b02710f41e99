"""One connection's bytes, handed on in the moment they arrive.

A `BufferedProtocol` over one buffer for all connections: asyncio's own stream reader allocates
256 KiB for every read and costs twice the CPU with a thousand stations.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from stationd.supervise import SilentError, UnavailableError

_LOOKS_PER_LIMIT: Final = 4  # a silence is noticed at most a quarter of its limit late


class Stream(asyncio.BufferedProtocol):
    """Gives bytes to `take`; `over()` waits for the end and says why it came.

    `take` may be replaced while bytes come: a head is read by one function, a body by another. An
    `UnavailableError` that it raises ends the connection, for that reason.
    """

    def __init__(
        self, take: Callable[[bytes], None], silent_after_s: float, buffer: memoryview
    ) -> None:
        self.take = take
        self._buffer = buffer
        self._silent_after_s = silent_after_s
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[UnavailableError] = self._loop.create_future()
        self._last_s = self._loop.time()
        self._look: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._last_s = self._loop.time()
        self._watch()

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._last_s = self._loop.time()
        try:
            self.take(bytes(self._buffer[:nbytes]))
        except UnavailableError as reason:
            self.end(reason)

    def eof_received(self) -> None:
        self.end(UnavailableError("the peer closed the connection"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_looking()
        if self._over.done():
            return
        match exc:
            case None:
                self._over.set_result(UnavailableError("the connection was closed"))
            case UnavailableError():
                self._over.set_result(exc)
            case OSError():
                reason = exc.strerror or str(exc) or type(exc).__name__
                self._over.set_result(UnavailableError(f"the connection broke: {reason}"))
            case _:
                self._over.set_exception(exc)  # a bug in whoever takes the bytes

    async def over(self) -> UnavailableError:
        """Wait until the connection is over, and return why. The transport is closed then."""
        try:
            return await self._over
        finally:
            self.close()

    def end(self, reason: UnavailableError) -> None:
        """Have `over()` return `reason`; the first one counts, and nothing is taken after it."""
        if not self._over.done():
            self._over.set_result(reason)
            self.take = _nothing

    def bear_silence(self, silent_after_s: float) -> None:
        """From now on, end once nothing has come for so long."""
        self._silent_after_s = silent_after_s
        self._last_s = self._loop.time()
        self._stop_looking()
        if not self._over.done():
            self._watch()

    def expect(self, within_s: float, reason: UnavailableError) -> None:
        """End for `reason` after so long, whatever comes, unless `bear_silence` is called first."""
        self._stop_looking()
        if not self._over.done():
            self._look = self._loop.call_later(within_s, self.end, reason)

    def close(self) -> None:
        """Let go of the connection at once; what is still to be sent is not."""
        self._stop_looking()
        if self.transport is not None:
            self.transport.abort()

    def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()

    def _watch(self) -> None:
        silent_s = self._loop.time() - self._last_s
        if silent_s >= self._silent_after_s:
            self.end(SilentError(f"connected, and silent for {silent_s:.0f} s"))
            return
        look_s = self._silent_after_s / _LOOKS_PER_LIMIT
        self._look = self._loop.call_later(look_s, self._watch)


def _nothing(data: bytes) -> None:
    """Take what still comes between the reason to end and the end."""

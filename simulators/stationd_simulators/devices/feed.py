"""One station's bytes, handed to everyone who listens: bounded for each, and counted."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

MOST_UNSENT_BYTES: Final = 256 * 1024

# Dresses bytes for one listener: as a chunk, compressed, or not at all.
Dress = Callable[[bytes], bytes]


def as_it_is(data: bytes) -> bytes:
    """Return the bytes undressed."""
    return data


class Feed:
    """Hands bytes to connections; one that does not read them is broken off, not waited for."""

    def __init__(self, most_unsent_bytes: int = MOST_UNSENT_BYTES) -> None:
        self._most_unsent_bytes = most_unsent_bytes
        self._listeners: dict[asyncio.StreamWriter, Dress] = {}
        self._changed = asyncio.Event()
        self._is_muted = False
        self.delivered_bytes = 0  # by the station, whoever listened
        self.unheard_bytes = 0  # delivered while nobody listened, or while muted
        self.slow_listeners = 0  # broken off

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def join(self, writer: asyncio.StreamWriter, dress: Dress = as_it_is) -> None:
        """Hand it what is delivered from now on."""
        self._listeners[writer] = dress
        self._tell()

    def leave(self, writer: asyncio.StreamWriter) -> None:
        if self._listeners.pop(writer, None) is not None:
            self._tell()

    def mute(self) -> None:
        """Fall silent: connections stay open, and nothing goes out. So looks a half-open socket."""
        self._is_muted = True

    def unmute(self) -> None:
        self._is_muted = False

    def break_off(self) -> None:
        """Reset every connection; who wants more has to come again."""
        for writer in tuple(self._listeners):
            self._break(writer)

    def deliver(self, data: bytes) -> None:
        """Hand bytes to everyone who listens."""
        self.delivered_bytes += len(data)
        if self._is_muted or not self._listeners:
            self.unheard_bytes += len(data)
            return
        dressed: dict[Dress, bytes] = {}  # most listeners want the same dress
        for writer, dress in tuple(self._listeners.items()):
            if writer.transport.get_write_buffer_size() > self._most_unsent_bytes:
                self.slow_listeners += 1
                self._break(writer)
                continue
            if dress not in dressed:
                dressed[dress] = dress(data)
            writer.write(dressed[dress])

    async def room(self) -> None:
        """Wait until somebody listens, and everyone who does can take more."""
        await self.until(lambda: bool(self._listeners))
        for writer in tuple(self._listeners):
            with contextlib.suppress(ConnectionError):
                await writer.drain()

    async def sent(self) -> None:
        """Wait until everyone who listens has been sent everything."""
        for writer in tuple(self._listeners):
            writer.transport.set_write_buffer_limits(high=0)  # what `drain` then waits for
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            writer.transport.set_write_buffer_limits()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds()`; it is looked at whenever someone comes or goes."""
        while not holds():
            changed = self._changed
            await changed.wait()

    def _break(self, writer: asyncio.StreamWriter) -> None:
        self.leave(writer)
        writer.transport.abort()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

"""One client at one mountpoint: what it asked, what is said to it, and the feed it hears."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from stationd_simulators.devices.feed import Dress, Feed, as_it_is
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.ntrip_request import Request, is_gga

READ_BYTES: Final = 4096
_LINGER_FOR_NOTHING: Final = b"\1\0\0\0\0\0\0\0"  # closing then means a reset


class Session:
    """What a mountpoint's behaviour has to work with."""

    def __init__(
        self,
        request: Request,
        mountpoint: Mountpoint,
        feed: Feed,
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self.request = request
        self.mountpoint = mountpoint
        self.sleep = sleep
        self._feed = feed
        self._reader, self._writer = connection
        header = request.headers.get("ntrip-gga", "").encode("latin-1")
        self.position = header if is_gga(header) else b""  # the latest that the client told
        self._line = b""

    async def send(self, data: bytes) -> None:
        """Say these bytes, in one segment where the network lets it be."""
        self._writer.write(data)
        await self._writer.drain()

    async def hold(self) -> None:
        """Say nothing more, until the client lets go."""
        while await self._heard():
            pass

    async def stream(self, dress: Dress = as_it_is, most_pieces: int | None = None) -> None:
        """Hand on what the station sends, until the client lets go or has had so many pieces.

        Where the mountpoint wants a position, it waits for one.
        """
        while self.mountpoint.nmea and not self.position:
            if not await self._heard():
                return
        enough = asyncio.Event()
        left = most_pieces

        def counted(data: bytes) -> bytes:
            nonlocal left
            assert left is not None
            left -= 1
            if left <= 0:
                enough.set()
                self._feed.leave(self._writer)
            return dress(data)

        self._feed.join(self._writer, dress if most_pieces is None else counted)
        try:
            if most_pieces is None:
                await self.hold()
            else:
                await self._held_until(enough)
        finally:
            self._feed.leave(self._writer)

    def reset(self) -> None:
        """Break the connection off in the rudest way."""
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_FOR_NOTHING)
        self._writer.transport.abort()

    def end(self) -> None:
        """Let the client go at once."""
        self._writer.transport.abort()

    async def _held_until(self, enough: asyncio.Event) -> None:
        waits = [asyncio.create_task(self.hold()), asyncio.create_task(enough.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await wait

    async def _heard(self) -> bool:
        """Take what the client says; False once it has let go."""
        data = await self._reader.read(READ_BYTES)
        *lines, rest = (self._line + data).split(b"\n")
        self._line = rest[-READ_BYTES:]
        for line in filter(is_gga, lines):
            self.position = line.strip()
        return bool(data)

"""A receiver that serves its stream on a port, and a station that pushes it to one."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from stationd_simulators.devices.connections import Server
from stationd_simulators.devices.feed import MOST_UNSENT_BYTES, Feed

RETRY_S: Final = 1.0
READ_BYTES: Final = 4096


async def listen_until_gone(
    feed: Feed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Have a connection hear the feed until its peer closes; what the peer says is not looked at.

    Raises `OSError` where the connection breaks.
    """
    feed.join(writer)
    try:
        while await reader.read(READ_BYTES):
            pass
    finally:
        feed.leave(writer)


class TcpServer:
    """Serves one station to everyone who connects. An `Outlet`, as its feed is.

    Use as `async with TcpServer() as server:`; `server.port` is where it listens.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        most_unsent_bytes: int = MOST_UNSENT_BYTES,
    ) -> None:
        self.feed = Feed(most_unsent_bytes)
        self.server = Server(self._attend, port, host=host, tls=tls)
        self._is_deaf = False
        self.deliver = self.feed.deliver
        self.room = self.feed.room
        self.sent = self.feed.sent

    @property
    def port(self) -> int:
        return self.server.port

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.server.__aexit__(kind, error, trace)

    def hang_up(self) -> None:
        """Close every connection, and refuse new ones until `call_again`."""
        self._is_deaf = True
        self.server.deafen()
        self.feed.break_off()

    async def call_again(self) -> None:
        """Take connections again. Raises `OSError` where another program has the port now."""
        if self._is_deaf:
            self._is_deaf = False
            await self.server.listen()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await listen_until_gone(self.feed, reader, writer)


class TcpClient:
    """Pushes one station to a port, and comes back when the connection is lost."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        retry_s: float = RETRY_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        most_unsent_bytes: int = MOST_UNSENT_BYTES,
        missing: Callable[[OSError], None] = lambda _: None,
    ) -> None:
        self._missing = missing
        self._host = host
        self._port = port
        self._retry_s = retry_s
        self._sleep = sleep
        self._pushing: asyncio.Task[None] | None = None
        self._may_push = asyncio.Event()
        self._may_push.set()
        self.feed = Feed(most_unsent_bytes)
        self.deliver = self.feed.deliver
        self.room = self.feed.room
        self.sent = self.feed.sent
        self.failures = 0  # connections that were refused, or broke

    async def __aenter__(self) -> Self:
        self._pushing = asyncio.create_task(self._push(), name=f"push to {self._port}")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._pushing is not None
        self._pushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pushing

    def hang_up(self) -> None:
        """Close the connection, and stay away until `call_again`."""
        self._may_push.clear()
        self.feed.break_off()

    async def call_again(self) -> None:
        """Come back, at the latest after `retry_s`."""
        self._may_push.set()

    async def _push(self) -> None:
        refused = False
        while True:
            await self._may_push.wait()
            try:
                await self._push_once()
                refused = False
            except OSError as error:
                self.failures += 1
                if not refused:
                    self._missing(error)
                refused = True
            await self._sleep(self._retry_s)

    async def _push_once(self) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            await listen_until_gone(self.feed, reader, writer)
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

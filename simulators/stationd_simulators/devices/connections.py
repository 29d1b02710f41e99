"""Connections of a server, each in a task of its own, and all of them gone when it ends."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

MOST_UNREAD_BYTES: Final = 16 * 1024  # that a peer has said; a request must fit in
Attend = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Listens, and has `attend` care for each connection until it returns.

    A bug in `attend` ends the block in which the server serves. Peers that go away are no bug.
    """

    def __init__(
        self,
        attend: Attend,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        backlog: int = 1024,
    ) -> None:
        self._attend = attend
        self._wanted_port = port
        self._host = host
        self._tls = tls
        self._backlog = backlog
        self._tasks: asyncio.TaskGroup | None = None
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._is_over = False
        self._works: set[asyncio.Task[None]] = set()
        self.port = 0  # known once it listens
        self.accepted = 0

    @property
    def connections(self) -> int:
        return len(self._open)

    async def __aenter__(self) -> Self:
        listener = self._listener()  # before there are tasks: it may fail
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        await self._serve(listener)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._tasks is not None
        self.deafen()
        self._is_over = True
        for task in tuple(self._works):
            task.cancel()
        for writer, task in tuple(self._open.items()):
            writer.transport.abort()
            task.cancel()
        if isinstance(error, asyncio.CancelledError):  # perhaps by the group, for a bug in a task
            await self._tasks.__aexit__(kind, error, trace)
        else:  # an error of the block's own is not wrapped into a group
            await self._tasks.__aexit__(None, None, None)

    async def listen(self) -> None:
        """Take connections again, on the port that was given up by `deafen`.

        Raises `OSError` where another program has it now.
        """
        await self._serve(self._listener())

    def deafen(self) -> None:
        """Take no more connections: the port refuses them. Those that are open stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def start(self, work: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
        """Have work done as long as the server serves; it is cancelled with the rest."""
        assert self._tasks is not None

        async def working() -> None:
            await work()

        task = self._tasks.create_task(working(), name=name)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return task

    def _listener(self) -> socket.socket:
        port = self.port or self._wanted_port
        try:
            listener = socket.create_server(
                (self._host, port),
                family=socket.AF_INET6 if ":" in self._host else socket.AF_INET,
                backlog=self._backlog,
            )
        except OSError as error:
            raise OSError(
                error.errno,
                f"cannot listen on {self._host}:{port} ({error.strerror}): "
                "choose another port, or 0 for any that is free",
            ) from error
        self.port = int(listener.getsockname()[1])
        return listener

    async def _serve(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(
            self._accept,
            sock=listener,
            ssl=self._tls,
            backlog=self._backlog,
            limit=MOST_UNREAD_BYTES,
        )

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._tasks is not None
        if self._is_over:  # it came while we were leaving
            writer.transport.abort()
            return
        self.accepted += 1
        self._open[writer] = self._tasks.create_task(
            self._care_for(reader, writer), name=f"connection {self.accepted}"
        )

    async def _care_for(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._attend(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the peer went away, which is its right
        finally:
            writer.transport.abort()
            self._open.pop(writer, None)
            with contextlib.suppress(OSError):
                await writer.wait_closed()

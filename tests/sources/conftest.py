"""What tests of sources share: a destination that can be waited for, and a source that runs."""

import asyncio
import contextlib
import socket

import pytest

PATIENCE_S = 20.0  # of a test for what must happen; nothing waits so long when all is well


class Gathered:
    """A destination that keeps what it is given."""

    def __init__(self):
        self.chunks = []
        self.links = []
        self._changed = asyncio.Event()

    @property
    def data(self):
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def states(self):
        return [change.state.value for change in self.links]

    def receive(self, chunk):
        self.chunks.append(chunk)
        self._changed.set()

    def link(self, change):
        self.links.append(change)
        self._changed.set()

    async def until(self, holds):
        """Wait until `holds()`; it is looked at whenever something came."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def gathered():
    return Gathered()


@pytest.fixture
async def begin():
    """Return a function that runs a source as a task, which is cancelled at the test's end."""
    tasks = []

    def run(source, destination):
        tasks.append(asyncio.create_task(source.run(destination)))
        return tasks[-1]

    yield run
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


@pytest.fixture
def free_port():
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def appears():
    """Return a function that waits until a program of others has made a file."""

    async def wait(path):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if path.exists():
                    return
                await asyncio.sleep(0.02)  # it cannot tell us

    return wait


@pytest.fixture
def listening():
    """Return a function that waits until a program of others listens on a port."""

    async def wait(port):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    await writer.wait_closed()
                    return
                await asyncio.sleep(0.02)  # it cannot tell us; a refusal costs nothing

    return wait


@pytest.fixture
async def fed():
    """Return a function that serves a recording to one str2str, and returns the port.

    str2str drops what it reads before its own output is connected; so a prelude goes first, until
    `is_heard()`.
    """
    servers = []

    async def serve(recording, is_heard):
        async def feed(reader, writer):
            while not is_heard():
                writer.write(b"prelude ")
                await asyncio.sleep(0.02)
            writer.write(recording)
            await reader.read()
            writer.close()

        servers.append(await asyncio.start_server(feed, "127.0.0.1", 0))
        return servers[-1].sockets[0].getsockname()[1]

    yield serve
    for server in servers:
        server.close()
        await server.wait_closed()

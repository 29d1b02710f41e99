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

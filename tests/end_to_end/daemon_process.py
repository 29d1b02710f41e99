"""`stationd run` in a process of its own, followed by what it writes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

WITHIN_S = 30.0

HEAD = """
node = "test"
state_folder = "state"

[sinks.lines]
type = "jsonl"
path = "-"
states = "always"
"""


class DaemonProcess:
    """A running daemon. `lines`: what its JSON-lines sink has written, parsed."""

    def __init__(self, folder: Path, text: str) -> None:
        self.path = folder / "stationd.toml"
        self.path.write_text(text)
        self.lines: list[dict] = []
        self.log = ""
        self.process: asyncio.subprocess.Process
        self._readers: list[asyncio.Task] = []
        self._came = asyncio.Event()

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stationd", "run", self.path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "TEST_PASSWORD": "secret-of-the-test"},
        )  # fmt: skip
        self._readers = [
            asyncio.create_task(self._read_lines()), asyncio.create_task(self._read_log()),
        ]  # fmt: skip

    async def _read_lines(self) -> None:
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))
            self._came.set()
        self._came.set()

    async def _read_log(self) -> None:
        async for line in self.process.stderr:
            self.log += line.decode()
            self._came.set()

    async def until(self, condition: Callable[[], object], what: str) -> object:
        """Wait until `condition` holds of what came."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while not (result := condition()):
                    if self.process.returncode is not None:
                        pytest.fail(f"it ended before {what}; log {self.log[-2000:]}")
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            pytest.fail(f"not seen: {what}; last line {self.lines[-1:]}; log {self.log[-2000:]}")
        return result

    def states(self, station: str) -> list[dict]:
        return [x for x in self.lines if x.get("station") == station and "health" in x]

    def events(self, station: str) -> list[dict]:
        return [x for x in self.lines if x.get("station") == station and "subject" in x]

    async def state(self, station: str, fits: Callable[[dict], object], what: str) -> dict:
        """Wait for a state of the station that fits, newer than what has come so far."""
        seen = len(self.states(station))
        return await self.until(
            lambda: next((s for s in self.states(station)[seen:] if fits(s)), None), what
        )

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self._ended()

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await self._ended()
        return self.process.returncode

    async def _ended(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            await self.process.wait()
            await asyncio.gather(*self._readers)

    def reload(self, text: str) -> None:
        self.path.write_text(text)
        self.process.send_signal(signal.SIGHUP)


@asynccontextmanager
async def running(folder: Path, text: str):
    daemon = DaemonProcess(folder, text)
    await daemon.start()
    try:
        yield daemon
    finally:
        with suppress(ProcessLookupError):
            await daemon.stop()


class Pusher:
    """A receiver on a loopback port: sends to whoever is connected what the test tells it."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.connected = asyncio.Event()
        self.port = 0

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self.connected.set()
        with suppress(ConnectionError):
            await reader.read()
        self.writers.remove(writer)
        writer.close()

    def send(self, data: bytes) -> None:
        for writer in self.writers:
            writer.write(data)

    @asynccontextmanager
    async def serving(self):
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in list(self.writers):
                writer.close()


def station(name: str, port: int, more: str = "") -> str:
    return f"""
[[station]]
id = "{name}"
source = {{ type = "tcp", host = "127.0.0.1", port = {port} }}
{more}
"""

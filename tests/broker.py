"""A real Mosquitto on a free port, for tests, the end-to-end tests and the demo."""

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

START_S = 10.0
ANSWER_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """One Mosquitto without persistence: what it forgets, its clients must remember."""

    def __init__(self, program: str, folder: Path, *lines: str, port: int | None = None) -> None:
        """`lines` are added to its configuration; without any, everybody may do everything."""
        self.port = port or free_port()
        self.folder = folder
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._config = folder / "mosquitto.conf"
        text = [
            f"listener {self.port} 127.0.0.1",
            "persistence false",
            # Without it a burst of QoS 1 waits 45 ms for each answer.
            "set_tcp_nodelay true",
            "max_queued_messages 0",
            f"log_dest file {folder / 'mosquitto.log'}",
            *(lines or ("allow_anonymous true",)),
        ]
        if os.geteuid() == 0:
            # It would become another user, who may not read a temporary folder.
            text.append("user root")
        self._config.write_text("\n".join(text) + "\n")

    def start(self) -> "Broker":
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return self
            time.sleep(0.01)
        self.stop()
        raise AssertionError(f"mosquitto does not start: see {self.folder / 'mosquitto.log'}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(lambda process: process.kill())

    def stop(self) -> None:
        self._end(lambda process: process.terminate())

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        process, self._process = self._process, None
        if process is not None:
            how(process)
            process.wait(START_S)

    def log(self) -> str:
        return (self.folder / "mosquitto.log").read_text("utf-8", "replace")

    @asynccontextmanager
    async def listening(self, topic: str = "#", **login: Any) -> AsyncIterator["Listener"]:
        """Subscribe to `topic` and keep what comes."""
        client = aiomqtt.Client(
            "127.0.0.1", self.port, protocol=aiomqtt.ProtocolVersion.V5, **login
        )
        async with client:
            listener = Listener(client)
            # QoS 0: the broker hands a message on before it acknowledges it to its sender.
            await client.subscribe(topic, qos=0)
            reading = asyncio.create_task(listener.read())
            try:
                yield listener
            finally:
                reading.cancel()
                await asyncio.wait((reading,))
                if not reading.cancelled():
                    reading.exception()


class Listener:
    """What a subscriber got, in order."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.messages: list[aiomqtt.Message] = []
        self.ended = asyncio.Event()
        self._client = client
        self._came = asyncio.Event()

    async def read(self) -> None:
        try:
            async for message in self._client.messages:
                self.messages.append(message)
                self._came.set()
        except aiomqtt.MqttError:
            self.ended.set()

    def of(self, suffix: str) -> list[aiomqtt.Message]:
        return [m for m in self.messages if m.topic.value.endswith(suffix)]

    def documents(self, suffix: str) -> list[dict[str, Any]]:
        return [json.loads(m.payload) for m in self.of(suffix) if m.payload]

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until `condition` holds of what came; fail with `what` after a while."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while not (result := condition()):
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            topics = [m.topic.value for m in self.messages[-10:]]
            pytest.fail(f"not seen: {what}; the last of {len(self.messages)}: {topics}")
        return result

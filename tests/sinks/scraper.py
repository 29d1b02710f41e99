"""A scraper over a real socket, and a Prometheus sink that runs for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from stationd.sinks.prometheus import PrometheusSink, Settings
from stationd.sinks.prometheus.settings import Patience
from stationd.sinks.sink import Surroundings


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


@asynccontextmanager
async def serving(
    settings: Mapping[str, object] | None = None,
    patience: Patience | None = None,
    **around: object,
) -> AsyncIterator[PrometheusSink]:
    surroundings = Surroundings("prometheus", "node", "s", Path("/nowhere"), "1.2.3", **around)
    sink = PrometheusSink(Settings(**{"port": 0, **(settings or {})}), surroundings, patience)
    task = asyncio.create_task(sink.run())
    listening = asyncio.create_task(sink.listening.wait())
    await asyncio.wait({task, listening}, return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    try:
        if task.done():
            await task
        yield sink
    finally:
        task.cancel()
        await asyncio.wait({task})


async def read_answer(reader: asyncio.StreamReader, *, head: bool = False) -> Answer:
    top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, value in (line.split(":", 1) for line in top[1:] if line)
    }
    if head:
        body = b""
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await reader.read()
    return Answer(int(top[0].split()[1]), headers, body)


async def ask(
    sink: PrometheusSink,
    path: str = "/metrics",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", sink.port, ssl=tls, server_hostname=name
    )
    sent = {"Host": "localhost", "Connection": "close", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        answer = await read_answer(reader, head=method == "HEAD")
        assert not await reader.read()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return answer

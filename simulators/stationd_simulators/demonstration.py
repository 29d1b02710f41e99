"""The demo: a city on the air, the real stationd watching it, a broker where there is one.

Everything listens on loopback, needs no root, and ends together.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from stationd_simulators.daily_series import DAYS_PER_YEAR, daily_series, drawn_truth
from stationd_simulators.on_air import at_caster, starting_now
from stationd_simulators.scenario_files import load
from stationd_simulators.tenv3 import mjd_of, write_tenv3
from stationd_simulators.verification.processes import STATIOND, StationdError
from stationd_simulators.verification.registry import write_registry

SCENARIO: Final = "city-demo"
HISTORY_YEARS: Final = 3
_SEED: Final = 1
_PROGRAMS: Final = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
_ENDS: Final = (signal.SIGINT, signal.SIGTERM)
_READY_WITHIN_S: Final = 10.0
_LOOK_AGAIN_S: Final = 0.1


async def demonstrate(folder: Path, seconds: float | None, say: Callable[[str], None]) -> None:
    """Run the demo until it is interrupted, or for so many seconds; `say` prints a line."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDS:
        loop.add_signal_handler(number, stop.set)
    try:
        await _shown(folder, seconds, say, stop)
    finally:
        for number in _ENDS:
            loop.remove_signal_handler(number)
    say("ended")


async def _shown(
    folder: Path, seconds: float | None, say: Callable[[str], None], stop: asyncio.Event
) -> None:
    say("preparing eight stations and three years of history …")
    history = _history(folder / "history", len(load(SCENARIO).stations))
    scenario = starting_now(load(SCENARIO))
    async with AsyncExitStack() as stack:
        air = await stack.enter_async_context(at_caster(scenario))
        broker_port = await stack.enter_async_context(_broker(folder))
        metrics_port = _free_port()
        sources = {
            one.id: {"type": "ntrip", "host": "127.0.0.1", "port": air.port, "mountpoint": one.id}
            for one in scenario.stations
        }
        main = write_registry(scenario, folder, sources, _sinks(metrics_port, broker_port))
        ended = await stack.enter_async_context(_stationd(main, folder / "stationd.log", say))
        for line in _where_to_look(folder, history, air.port, metrics_port, broker_port):
            say(line)
        waiting = [
            asyncio.create_task(stop.wait()),
            asyncio.create_task(air.finished()),
            asyncio.create_task(ended()),
        ]
        done, rest = await asyncio.wait(
            waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for task in done:
            task.result()


def _where_to_look(
    folder: Path, history: Path, caster_port: int, metrics_port: int, broker_port: int | None
) -> list[str]:
    mqtt = (
        f"mosquitto_sub -p {broker_port} -t 'stationd/#' -v"
        if broker_port
        else "none: Mosquitto is not installed (it needs root: apt-get install mosquitto)"
    )
    return [
        "eight stations are on the air; GZ03 is jammed, and GZ07 drops out, every five minutes",
        f"  stations        http://127.0.0.1:{metrics_port}/",
        f"  metrics         http://127.0.0.1:{metrics_port}/metrics",
        f"  caster          ntrip://127.0.0.1:{caster_port}/GZ01 … GZ08",
        f"  MQTT            {mqtt}",
        f"  configuration   {folder / 'stationd.toml'}",
        f"  three years     {history}: daily coordinates, and their truth",
        "events follow as they happen; Ctrl-C ends it",
    ]


def _sinks(metrics_port: int, broker_port: int | None) -> Mapping[str, Any]:
    sinks: dict[str, Any] = {
        "metrics": {"type": "prometheus", "port": metrics_port},
        "lines": {"type": "jsonl", "path": "-", "states": "never"},
    }
    if broker_port:
        sinks["broker"] = {"type": "mqtt", "host": "127.0.0.1", "port": broker_port}
    return sinks


def _history(folder: Path, stations: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    days = round(HISTORY_YEARS * DAYS_PER_YEAR)
    first_mjd = mjd_of(datetime.now(UTC).date()) - days
    for number in range(1, stations + 1):
        truth = drawn_truth(number, first_mjd, days, _SEED)
        write_tenv3(daily_series(truth, first_mjd, days, _SEED), folder)
    return folder


@asynccontextmanager
async def _broker(folder: Path) -> AsyncIterator[int | None]:
    """Run a Mosquitto of its own on a free port; None where there is none."""
    program = shutil.which("mosquitto", path=_PROGRAMS)
    if program is None:
        yield None
        return
    port = _free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n",
        encoding="utf-8",
    )
    process = await asyncio.create_subprocess_exec(
        program, "-c", settings,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield port if await _answers(port) else None
    finally:
        await _end(process)


@asynccontextmanager
async def _stationd(
    main: Path, log: Path, say: Callable[[str], None]
) -> AsyncIterator[Callable[[], Any]]:
    """Run the daemon; its events are said. Yields what waits for its end, which is an error."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *STATIOND, "run", main,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=file,
        )  # fmt: skip
    telling = asyncio.create_task(_tell(process, say))

    async def ended() -> None:
        await process.wait()
        raise StationdError(f"stationd ended; its log says: {_last_words(log)}")

    try:
        yield ended
    finally:
        await _end(process)
        await telling


def _last_words(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-1000:]


async def _tell(process: asyncio.subprocess.Process, say: Callable[[str], None]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        event = json.loads(line)
        if "subject" in event:
            change = f"{event['before']} -> {event['after']}"
            say(f"{event['station']}  {event['subject']}: {change}  ({event['reason']})")


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    await process.wait()


async def _answers(port: int) -> bool:
    """Wait until somebody listens there; False where nobody does in time."""
    end_s = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < end_s:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(_LOOK_AGAIN_S)
            continue
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

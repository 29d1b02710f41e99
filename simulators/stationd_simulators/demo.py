"""`make demo`: a small city network on the air, stationd watching it, and where to look.

Eight stations at an NTRIP caster, two of which misbehave on a schedule (scenario `city-errors`,
which begins anew when it is over); a Mosquitto where there is one; three years of coordinates.
Everything listens on 127.0.0.1, needs no root, and ends with Ctrl-C or after DEMO_SECONDS.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from stationd_simulators.on_air import at_caster, starting_now
from stationd_simulators.scenario import Scenario
from stationd_simulators.scenario_files import load
from stationd_simulators.verification.registry import toml_text, write_registry

SCENARIO: Final = "city-errors"
HISTORY_YEARS: Final = 3
_PATH: Final = os.environ.get("PATH", "") + ":/usr/sbin"
_ENDS_WITHIN_S: Final = 10.0


def say(text: str) -> None:
    """Print a line with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()


def stationd() -> str:
    """Return how whoever reads this calls stationd: that of the same environment."""
    return os.path.relpath(Path(sys.executable).parent / "stationd")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configuration(
    scenario: Scenario, folder: Path, caster: int, metrics: int, broker: int | None
) -> Path:
    """Write what stationd is to watch, and return the main file."""
    sources = {
        one.id: {"type": "ntrip", "host": "127.0.0.1", "port": caster, "mountpoint": one.id}
        for one in scenario.stations
    }
    main = write_registry(scenario, folder, sources)
    sinks: dict[str, Any] = {
        "lines": {"type": "jsonl", "path": "-", "states": "never"},
        "metrics": {"type": "prometheus", "port": metrics},
    }
    if broker is not None:
        sinks["broker"] = {"type": "mqtt", "host": "127.0.0.1", "port": broker}
    table = {
        "node": "demo", "state_folder": str(folder / "state"), "stations": "stations/*.toml",
        "sinks": sinks,
    }  # fmt: skip
    main.write_text(toml_text(table), encoding="utf-8")
    return main


@asynccontextmanager
async def program(*command: str | Path, **how: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, **how
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def broker_command(folder: Path, port: int) -> list[str | Path] | None:
    """Return how to start a broker; None where none is installed."""
    mosquitto = shutil.which("mosquitto", path=_PATH)
    if mosquitto is None:
        return None
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true"]
    if os.geteuid() == 0:
        lines.append("user root")  # it would become another user, who may not read our folder
    path = folder / "mosquitto.conf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [mosquitto, "-c", path]


async def keep_on_air(scenario: Scenario, port: int) -> None:
    """Have the scenario at the caster, again and again."""
    while True:
        async with at_caster(starting_now(scenario), port) as air:
            say(f"(simulated) {len(scenario.stations)} stations are on the air")
            await air.finished()


async def follow(lines: asyncio.StreamReader) -> None:
    """Print events as stationd tells them."""
    async for line in lines:
        event = json.loads(line)
        say(
            f"{event['station']}  {event['subject']}: {event['before']} -> {event['after']}"
            f"  ({event['reason']})"
        )


def where_to_look(
    scenario: Scenario, main: Path, ports: tuple[int, int, int | None], history: Path
) -> None:
    """Print the addresses, and what is going to happen."""
    caster, metrics, broker = ports
    say(f"{scenario.title}: {', '.join(one.id for one in scenario.stations)}")
    for fault in scenario.faults:
        who = ", ".join(fault.stations)
        say(f"  {fault.start_s:4.0f} s: {fault.kind} at {who}, for {fault.duration_s:.0f} s")
    say("look at")
    say(f"  stations        http://127.0.0.1:{metrics}/")
    say(f"  metrics         http://127.0.0.1:{metrics}/metrics")
    say(f"  the caster      {stationd()} sourcetable ntrip://127.0.0.1:{caster}")
    if broker is None:
        say("  no MQTT: mosquitto is not installed (apt-get install mosquitto)")
    else:
        say(f"  MQTT            mosquitto_sub -p {broker} -t 'stationd/#' -v")
    say(f"  configuration   {main}")
    say(f"  history         {history}: {HISTORY_YEARS} years of each station, with the truth")
    say(
        f"                  {stationd()} drift velocity {store_of(main)} "
        f"--steps {history}/steps.txt"
    )
    say("verdicts need evidence: the first come after a minute")
    say("events follow as they happen; Ctrl-C ends it")


def store_of(main: Path) -> Path:
    """Return where the demo's stationd keeps coordinate series."""
    return main.parent / "state" / "coordinates.sqlite"


async def write_history(scenario: Scenario, folder: Path, store: Path) -> None:
    """Write years of daily coordinates of the same stations, and have stationd keep them."""
    command = [sys.executable, "-m", "stationd_simulators", "years", "--out", str(folder)]
    command += ["--of", scenario.name, "--years", str(HISTORY_YEARS)]
    command += ["--store", str(store)]
    async with program(*command, stdout=asyncio.subprocess.DEVNULL) as process:
        if await process.wait():
            say("(simulated) the history could not be written")


async def demo(folder: Path, seconds: float | None) -> None:
    """Run everything until told to stop, or for so many seconds."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    scenario = load(SCENARIO)
    caster, metrics, broker = free_port(), free_port(), free_port()
    starting = broker_command(folder, broker)
    main = configuration(
        starting_now(scenario), folder, caster, metrics, broker if starting else None
    )
    history = folder / "history"
    where_to_look(scenario, main, (caster, metrics, broker if starting else None), history)
    async with AsyncExitStack() as stack:
        if starting:
            await stack.enter_async_context(program(*starting))
        daemon = await stack.enter_async_context(
            program(
                sys.executable, "-m", "stationd", "run", main, stdout=asyncio.subprocess.PIPE
            )
        )  # fmt: skip
        assert daemon.stdout is not None
        tasks = [
            asyncio.create_task(work)
            for work in (
                keep_on_air(scenario, caster), follow(daemon.stdout),
                write_history(scenario, history, store_of(main)),
            )
        ]  # fmt: skip
        ending = [asyncio.create_task(one) for one in (daemon.wait(), stopped.wait())]
        await asyncio.wait(ending, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, *ending):
            task.cancel()
        await asyncio.gather(*tasks, *ending, return_exceptions=True)
    say("ended")


def main() -> None:
    """Run the demo in a folder that goes with it."""
    given = os.environ.get("DEMO_SECONDS", "")
    try:
        seconds = float(given) if given else None
    except ValueError:
        seconds = -1.0
    if seconds is not None and not seconds > 0.0:
        sys.exit(f'DEMO_SECONDS="{given}": write a number of seconds above 0')
    with tempfile.TemporaryDirectory(prefix="stationd-demo-") as name:
        asyncio.run(demo(Path(name), seconds))


if __name__ == "__main__":
    main()

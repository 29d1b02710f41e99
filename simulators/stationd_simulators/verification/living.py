"""Verifies a scenario in real time: the daemon listens to a caster while things happen."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from stationd_simulators.on_air import OnAir, at_caster, starting_now
from stationd_simulators.scenario import Scenario
from stationd_simulators.verification.judgement import Outcome, judged
from stationd_simulators.verification.processes import STATIOND, StationdError, checks_of
from stationd_simulators.verification.registry import write_registry
from stationd_simulators.verification.timeline import timelines

_STEP_S: Final = 1.0
_ENDS_WITHIN_S: Final = 20.0


async def verified_live(
    scenario: Scenario, folder: Path, progress: Callable[[float], None] = lambda _: None
) -> list[Outcome]:
    """Have the scenario at a caster from now on, and judge what the daemon says of it."""
    known = checks_of(scenario, folder)
    lines: list[dict[str, Any]] = []
    async with at_caster(starting_now(scenario)) as air:
        sources = {one.id: _source(air.port, one.id) for one in scenario.stations}
        main = write_registry(air.scenario, folder, sources)
        async with _daemon(main, lines):
            await _until_finished(air, progress)
    told = timelines(lines, air.scenario.start_gpst_s)
    return judged(air.scenario, told, known)


def _source(port: int, station: str) -> dict[str, Any]:
    return {"type": "ntrip", "host": "127.0.0.1", "port": port, "mountpoint": station}


async def _until_finished(air: OnAir, progress: Callable[[float], None]) -> None:
    finished = asyncio.create_task(air.finished())
    passed_s = 0.0
    while not finished.done():
        await asyncio.wait([finished], timeout=_STEP_S)
        passed_s += _STEP_S
        progress(min(1.0, passed_s / air.scenario.duration_s))
    await finished


@asynccontextmanager
async def _daemon(main: Path, lines: list[dict[str, Any]]) -> AsyncIterator[None]:
    """Run the daemon, and collect the lines that it writes."""
    process = await asyncio.create_subprocess_exec(
        *STATIOND, "run", main,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    reading = asyncio.create_task(_collect(process, lines))
    heard = asyncio.create_task(_last_words(process))
    try:
        yield
        if process.returncode is not None:
            raise StationdError(f"stationd run {main}: it ended; {await heard}")
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await asyncio.gather(reading, heard)


async def _collect(process: asyncio.subprocess.Process, lines: list[dict[str, Any]]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(json.loads(line))  # noqa: PERF401 - readers want what has come so far


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """Return the end of what the daemon logs; all of it is read, or it would wait for us."""
    assert process.stderr is not None
    last = b""
    async for line in process.stderr:
        last = (last + line)[-2000:]
    return last.decode(errors="replace")

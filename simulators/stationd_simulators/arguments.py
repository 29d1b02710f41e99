"""What commands share: their arguments, what is wrong with them, and a bar that shows progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from stationd_simulators.scenario import Scenario

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_SCENARIO: Final = 78  # EX_CONFIG of sysexits.h, as stationd has it

Named = Annotated[str, typer.Argument(help="One of `stationd-sim list`, or a file.toml")]
Out = Annotated[Path, typer.Option(help="Folder to write to; made where it is not there")]
Start = Annotated[
    str | None, typer.Option(help="UTC, such as 2026-03-01T00:00:00; default the scenario's own")
]
Begin = Annotated[
    str | None, typer.Option("--start", help="UTC, such as 2026-03-01T00:00:00; default now")
]
Hours = Annotated[float | None, typer.Option(help="How long; default the scenario's own")]
Speed = Annotated[str, typer.Option(help='Times real time; "max" for as fast as it is read')]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    typer.echo(f"stationd-sim: {message}", err=True)
    raise typer.Exit(code)


def unwritable(out: Path, error: OSError) -> NoReturn:
    """Say that a folder cannot be written to, and leave."""
    fail(
        f"--out {out}: cannot be written to ({error.strerror or error}): "
        "name a folder of yours on a disk with room"
    )


def loaded(name: str) -> Scenario:
    """Return a scenario; where it is wrong, say all that is and leave."""
    from stationd_simulators.scenario_files import (  # noqa: PLC0415 - pydantic is loaded where it is used
        ScenarioError,
        load,
    )

    try:
        return load(name)
    except ScenarioError as error:
        fail(str(error), EXIT_SCENARIO)


def dated(
    scenario: Scenario, start: str | None, hours: float | None, interval_s: float | None
) -> Scenario:
    """Return the scenario as the options say: another start, length, interval of epochs."""
    from stationd_simulators.playing import adjusted  # noqa: PLC0415 - numpy is loaded where it is used

    if hours is not None and not 0.0 < hours <= 8784.0:
        fail("--hours: write a number above 0, and at most 8784: a year", EXIT_USAGE)
    if interval_s is not None and not 0.05 <= interval_s <= 3600.0:
        fail("--interval: write 0.05 to 3600 seconds", EXIT_USAGE)
    one = adjusted(
        scenario,
        start_utc_s=None if start is None else _utc_s(start),
        duration_s=None if hours is None else hours * 3600.0,
        interval_s=interval_s,
    )
    _long_enough(one, "--hours" if hours is not None else "--interval")
    return one


def _long_enough(scenario: Scenario, option: str) -> None:
    from stationd_simulators.scenario_bounds import shortest_s  # noqa: PLC0415 - loads numpy

    for station in scenario.stations:
        least_s = shortest_s(station)
        if scenario.duration_s < least_s:
            fail(
                f"{option}: {scenario.duration_s:g} s hold no epoch of {station.id}: write at "
                f"least {least_s:g} s, --hours {least_s / 3600.0:.4f}",
                EXIT_USAGE,
            )


def _utc_s(start: str) -> float:
    from stationd_simulators.scenario_bounds import is_start  # noqa: PLC0415 - loads numpy

    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        fail(f'--start "{start}": write a date such as 2026-03-01T00:00:00', EXIT_USAGE)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not is_start(moment):
        fail(f'--start "{start}": write a date of 1996 to 2036', EXIT_USAGE)
    return moment.timestamp()


def speed_of(text: str) -> float | None:
    """Return how many times real time; None for as fast as possible."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    # Beyond a thousand no computer here keeps up, and nobody is waited for: "max" waits.
    if not 0.001 <= speed <= 1000.0:
        fail(f'--speed "{text}": write 0.001 to 1000, 1 for real time, or max', EXIT_USAGE)
    return speed


@contextmanager
def progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar where someone watches; the function is told the share that is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=1000, label=label, file=sys.stderr) as bar:

        def told(share: float) -> None:
            bar.update(max(0, int(share * 1000) - bar.pos))

        yield told

"""The commands of `stationd-sim`: parse, call, print.

Exit codes: 0 done, 1 an expectation failed, 2 usage, 78 the scenario is wrong.
"""

import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from stationd_simulators import air_commands
from stationd_simulators.arguments import (
    EXIT_FAILED,
    EXIT_USAGE,
    AsJson,
    Hours,
    Named,
    Out,
    Start,
    dated,
    fail,
    loaded,
    progress,
    unwritable,
)

# A tenv3 file tells days of GPS weeks, and two digits of the year.
FIRST_DAY: Final = date(1980, 1, 6)
LAST_DAY: Final = date(2079, 12, 31)

app = typer.Typer(
    name="stationd-sim",
    help="GNSS reference stations that do not exist: streams with a truth, faults and verdicts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Entry of the console script; a reader that closes its end early is no error."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()  # what is still buffered has nowhere to go
        raise SystemExit(0) from None


@app.command("list")
def list_scenarios(*, as_json: AsJson = False) -> None:
    """List the scenarios that come along."""
    from stationd_simulators.scenario_files import FOLDER, names  # noqa: PLC0415 - loaded where it is used

    scenarios = {name: loaded(name) for name in names()}
    if not scenarios:
        fail(f"no scenario in {FOLDER}: stationd is not installed whole; install it again")
    if as_json:
        typer.echo(json.dumps({name: one.title for name, one in scenarios.items()}))
        return
    width = max(map(len, scenarios), default=0)
    for name, one in scenarios.items():
        typer.echo(f"{name:{width}}  {one.title}")


@app.command()
def write(
    scenario: Named,
    out: Out,
    start: Start = None,
    hours: Hours = None,
    interval: Annotated[
        float | None, typer.Option(help="Seconds between epochs; default each station's own")
    ] = None,
    *,
    time_tags: Annotated[
        bool, typer.Option("--time-tags", help="RTKLIB's, beside each .rtcm3: when bytes arrived")
    ] = False,
) -> None:
    """Write STATION.rtcm3, STATION.nmea and truth.json."""
    from stationd_simulators import playing  # noqa: PLC0415 - numpy is loaded where it is used

    one = dated(loaded(scenario), start, hours, interval)
    try:
        with progress("writing") as told:
            for share in playing.write(one, out, time_tags=time_tags):
                told(share)
    except OSError as error:
        unwritable(out, error)
    typer.echo(f"{out}: {', '.join(station.id for station in one.stations)}; truth.json")


app.command()(air_commands.caster)
app.command()(air_commands.serial)
app.command()(air_commands.tcp)


@app.command()
def verify(
    scenario: Named,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="In real time at a caster; links need it by themselves")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="By recordings only, links too: their silence")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let the real stationd watch a scenario, and say which expectation held."""
    from stationd_simulators import verification  # noqa: PLC0415 - loaded where it is used

    one = loaded(scenario)
    if live and replay:
        fail("--live and --replay: choose one", EXIT_USAGE)
    in_real_time = live or (not replay and verification.needs_links(one))
    # As Ctrl-C does: what was written for it goes, whoever ends it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="stationd-sim-") as folder, progress(one.name) as told:
        try:
            outcomes = verification.verified(one, Path(folder), told, live=in_real_time)
        except verification.CannotVerifyError as error:
            fail(str(error))
    if as_json:
        typer.echo(json.dumps([outcome._asdict() for outcome in outcomes]))
    else:
        for mark, station, check, sentence in outcomes:
            typer.echo(f"{mark:8} {station} {check}{': ' if check else ''}{sentence}")
    if any(outcome.mark is verification.Mark.FAILED for outcome in outcomes):
        raise typer.Exit(EXIT_FAILED)


@app.command()
def years(
    out: Out,
    stations: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="How many made-up ones; default 8")
    ] = None,
    of: Annotated[
        str | None, typer.Option(help="A scenario: its stations, instead of made-up ones")
    ] = None,
    span: Annotated[float, typer.Option("--years", min=0.01, max=100.0)] = 3.0,
    until: Annotated[
        str | None, typer.Option(help="Last day, such as 2026-03-01; default today")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files")] = 1,
    store: Annotated[
        Path | None, typer.Option(help="stationd's store of series: they are imported there, too")
    ] = None,
) -> None:
    """Write years of daily coordinates as tenv3, their truth as JSON, and steps.txt."""
    from stationd_simulators import daily_series as daily  # noqa: PLC0415 - loads scipy
    from stationd_simulators.tenv3 import mjd_of, steps_text, write_tenv3  # noqa: PLC0415 - as above

    try:
        last = date.fromisoformat(until) if until else datetime.now(UTC).date()
    except ValueError:
        fail(f'--until "{until}": write a date such as 2026-03-01', EXIT_USAGE)
    days = max(1, round(span * daily.DAYS_PER_YEAR))
    first_mjd = mjd_of(last) - days + 1
    if first_mjd < mjd_of(FIRST_DAY) or last > LAST_DAY:
        fail(f"--years {span:g} until {last}: lie not within {FIRST_DAY} to {LAST_DAY}", EXIT_USAGE)
    if of is not None and stations is not None:
        fail("--of has the stations of a scenario, --stations made-up ones: choose one", EXIT_USAGE)
    if of is not None:
        truths = list(daily.scenario_truths(loaded(of), first_mjd, days, seed))
    else:
        truths = [
            daily.drawn_truth(number, first_mjd, days, seed)
            for number in range(1, (stations or 8) + 1)
        ]
    files = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with progress("writing") as told:
            for truth in truths:
                series = daily.daily_series(truth, first_mjd, days, seed)
                files.append(write_tenv3(series, out))
                told(len(files) / len(truths))
        (out / "steps.txt").write_text(steps_text(truths), encoding="ascii")
    except OSError as error:
        unwritable(out, error)
    typer.echo(f"{out}: {len(files)} stations, {days} days until {last}")
    if store is not None:
        _import(files, store)


def _import(files: Sequence[Path], store: Path) -> None:
    """Have stationd keep series, by its own command."""
    from stationd_simulators.tenv3 import FRAME  # noqa: PLC0415 - numpy is loaded where it is used
    from stationd_simulators.verification.processes import (  # noqa: PLC0415 - as above
        StationdError,
        import_series,
    )

    try:
        with progress("importing") as told:
            for share in import_series(files, store, FRAME):
                told(share)
    except StationdError as error:
        fail(str(error))
    typer.echo(f"{store}: imported; stationd drift list {store}")

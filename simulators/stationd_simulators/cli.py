"""The commands of `stationd-sim`: parse, call, print.

Exit codes: 0 done, 1 an expectation failed, 2 usage, 78 the scenario is wrong.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from stationd_simulators.scenario import Scenario

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_SCENARIO: Final = 78  # EX_CONFIG of sysexits.h, as stationd has it

app = typer.Typer(
    name="stationd-sim",
    help="GNSS reference stations that do not exist: streams with a truth, faults and verdicts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Named = Annotated[str, typer.Argument(help="One of `stationd-sim list`, or a file.toml")]
Out = Annotated[Path, typer.Option(help="Folder to write to; made where it is not there")]
Start = Annotated[
    str | None, typer.Option(help="UTC, such as 2026-03-01T00:00:00; default the scenario's own")
]
Hours = Annotated[float | None, typer.Option(help="How long; default the scenario's own")]
Speed = Annotated[float, typer.Option(help="Times real time")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    typer.echo(f"stationd-sim: {message}", err=True)
    raise typer.Exit(code)


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
    from stationd_simulators.scenario_files import names  # noqa: PLC0415 - loaded where it is used

    scenarios = {name: _loaded(name) for name in names()}
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

    one = _dated(_loaded(scenario), start, hours, interval)
    with _progress("writing") as told:
        for share in playing.write(one, out, time_tags=time_tags):
            told(share)
    typer.echo(f"{out}: {', '.join(station.id for station in one.stations)}; truth.json")


@app.command()
def caster(
    scenario: Named,
    port: Annotated[int, typer.Option(help="0 takes any that is free")] = 2101,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    start: Start = None,
    hours: Hours = None,
    speed: Speed = 1.0,
) -> None:
    """Put every station of a scenario at a mountpoint of its name, from now on."""
    from stationd_simulators import on_air  # noqa: PLC0415 - numpy is loaded where it is used

    one = _dated(_loaded(scenario), start, hours, None)
    if start is None:
        one = on_air.starting_now(one)

    async def serve() -> None:
        async with on_air.at_caster(one, port, host=host, speed=speed) as air:
            names = ", ".join(station.id for station in one.stations)
            typer.echo(f"ntrip://{host}:{air.port}: {names}")
            await air.finished()

    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve())
    except OSError as error:
        fail(f"port {port} of {host}: {error.strerror or error}")


@app.command()
def serial(
    scenario: Named,
    station: Annotated[str, typer.Option(help="Which of the scenario's stations")],
    link: Annotated[Path, typer.Option(help="Name of the port: a link that is made here")],
    start: Start = None,
    hours: Hours = None,
    speed: Speed = 1.0,
) -> None:
    """Put one station of a scenario at a serial port, from now on."""
    from stationd_simulators import on_air  # noqa: PLC0415 - numpy is loaded where it is used

    one = _dated(_loaded(scenario), start, hours, None)
    ids = [other.id for other in one.stations]
    if station not in ids:
        fail(f'--station "{station}": the scenario has {", ".join(ids)}', EXIT_USAGE)
    if start is None:
        one = on_air.starting_now(one)
    typer.echo(str(link))
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(on_air.at_serial_port(one, station, link, speed=speed))
    except FileExistsError as error:
        fail(str(error))


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

    one = _loaded(scenario)
    if live and replay:
        fail("--live and --replay: choose one", EXIT_USAGE)
    in_real_time = live or (not replay and verification.needs_links(one))
    with tempfile.TemporaryDirectory(prefix="stationd-sim-") as folder, _progress(one.name) as told:
        try:
            outcomes = verification.verified(one, Path(folder), told, live=in_real_time)
        except verification.StationdError as error:
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
    stations: Annotated[int, typer.Option(min=1, max=10_000)] = 8,
    of: Annotated[
        str | None, typer.Option(help="A scenario: its stations, instead of made-up ones")
    ] = None,
    span: Annotated[float, typer.Option("--years", min=0.01, max=100.0)] = 3.0,
    until: Annotated[
        str | None, typer.Option(help="Last day, such as 2026-03-01; default today")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files")] = 1,
    store: Annotated[
        Path | None, typer.Option(help="stationd's store of series: they are imported there, too")
    ] = None,
) -> None:
    """Write years of daily coordinates of made-up stations as tenv3, and their truth as JSON."""
    from stationd_simulators import daily_series as daily  # noqa: PLC0415 - loads scipy
    from stationd_simulators.tenv3 import mjd_of, write_tenv3  # noqa: PLC0415 - as above

    try:
        last = date.fromisoformat(until) if until else datetime.now(UTC).date()
    except ValueError:
        fail(f'--until "{until}": write a date such as 2026-03-01', EXIT_USAGE)
    days = max(1, round(span * daily.DAYS_PER_YEAR))
    first_mjd = mjd_of(last) - days + 1
    if of is not None:
        truths = list(daily.scenario_truths(_loaded(of), first_mjd, days, seed))
    else:
        truths = [
            daily.drawn_truth(number, first_mjd, days, seed) for number in range(1, stations + 1)
        ]
    files = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _progress("writing") as told:
            for truth in truths:
                series = daily.daily_series(truth, first_mjd, days, seed)
                files.append(write_tenv3(series, out))
                told(len(files) / len(truths))
    except OSError as error:
        fail(f"--out {out}: {error.strerror or error}")
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
        with _progress("importing") as told:
            for share in import_series(files, store, FRAME):
                told(share)
    except StationdError as error:
        fail(str(error))
    typer.echo(f"{store}: imported; stationd drift list {store}")


def _loaded(name: str) -> Scenario:
    from stationd_simulators.scenario_files import (  # noqa: PLC0415 - pydantic is loaded where it is used
        ScenarioError,
        load,
    )

    try:
        return load(name)
    except ScenarioError as error:
        fail(str(error), EXIT_SCENARIO)


def _dated(
    scenario: Scenario, start: str | None, hours: float | None, interval_s: float | None
) -> Scenario:
    from stationd_simulators.playing import adjusted  # noqa: PLC0415 - numpy is loaded where it is used

    start_utc_s = None
    if start is not None:
        try:
            moment = datetime.fromisoformat(start)
        except ValueError:
            fail(f'--start "{start}": write a date such as 2026-03-01T00:00:00', EXIT_USAGE)
        start_utc_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if hours is not None and hours <= 0.0:
        fail("--hours: write a number above 0", EXIT_USAGE)
    if interval_s is not None and not 0.05 <= interval_s <= 3600.0:
        fail("--interval: write 0.05 to 3600 seconds", EXIT_USAGE)
    return adjusted(
        scenario,
        start_utc_s=start_utc_s,
        duration_s=None if hours is None else hours * 3600.0,
        interval_s=interval_s,
    )


@contextmanager
def _progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar where someone watches; the function is told the share that is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=1000, label=label, file=sys.stderr) as bar:

        def told(share: float) -> None:
            bar.update(max(0, int(share * 1000) - bar.pos))

        yield told

"""The commands: parse, call, print.

Exit codes: 0 done, 1 not found or refused, 2 usage, 78 configuration.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from stationd import __version__, drift_commands, frame_command
from stationd.host.memory import keep_freed_memory
from stationd.supervise import UnavailableError

# Small matrices: more threads of the linear algebra than one wait for each other, spinning. Set
# before anything loads it; whoever wants another number says so in the environment.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
BLOCK_BYTES = 1 << 20

app = typer.Typer(
    name="stationd",
    help="Watches GNSS reference stations: from a receiver's bytes to checks, metrics, messages.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Recording = Annotated[
    Path, typer.Argument(help='A recording of a receiver\'s bytes; "-" for standard input')
]
Around = Annotated[
    str | None,
    typer.Option(help="Date (2012-10-14) within three days, for a recording that does not say it"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    typer.echo(f"stationd: {message}", err=True)
    raise typer.Exit(code)


def main() -> None:
    """Entry of the console script; a reader that closes its end early is no error."""
    keep_freed_memory()
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()  # what is still buffered has nowhere to go
        raise SystemExit(0) from None


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes, with a progress bar where someone watches a long one."""
    if str(path) == "-":
        while block := sys.stdin.buffer.read(BLOCK_BYTES):
            yield block
        return
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size < 64 * BLOCK_BYTES or not sys.stderr.isatty():
                while block := file.read(BLOCK_BYTES):
                    yield block
                return
            with typer.progressbar(length=size, label=path.name, file=sys.stderr) as bar:
                while block := file.read(BLOCK_BYTES):
                    yield block
                    bar.update(len(block))
    except OSError as error:
        fail(f"{path}: {error.strerror or error}")


def _utc_of(around: str | None) -> float | None:
    if around is None:
        return None
    try:
        moment = datetime.fromisoformat(around)
    except ValueError:
        fail(f'--around "{around}": write a date such as 2012-10-14', EXIT_USAGE)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@app.command()
def inspect(recording: Recording, as_json: AsJson = False, around: Around = None) -> None:
    """Say what a recording contains: messages, epochs and gaps, ARP, descriptors, signals."""
    from stationd.recordings.inspection import Inspection  # noqa: PLC0415 - numpy is loaded where it is used

    inspection = Inspection(_utc_of(around))
    for block in _blocks(recording):
        inspection.feed(block)
    inspection.finish()
    report = inspection.report()
    if as_json:
        typer.echo(json.dumps(report))
    else:
        from stationd.recordings.inspection_text import text  # noqa: PLC0415 - only for people

        typer.echo(text(str(recording), report))
    if not report["frames"] and not report["sentences"]:
        fail(f"{recording}: no RTCM 3 frame and no NMEA sentence in {report['bytes']} bytes")


@app.command()
def decode(
    recording: Recording,
    number: Annotated[
        list[int] | None, typer.Option("--type", help="Only this message type; may be repeated")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line (always)")] = True,
) -> None:
    """Print each decoded RTCM 3 message as one JSON object a line."""
    del as_json
    from stationd.recordings.decoding import decoded  # noqa: PLC0415 - numpy is loaded where it is used

    wanted = frozenset(number or ())
    for message in decoded(_blocks(recording), wanted):
        typer.echo(json.dumps(message))


@app.command()
def replay(
    recording: Recording,
    station: Annotated[Path, typer.Option(help="The station's TOML file")],
    speed: Annotated[str, typer.Option(help='Times real time, or "max"')] = "max",
    around: Around = None,
    every: Annotated[
        float, typer.Option(help="Also print the whole state every so many seconds; 0: on change")
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Play a recording through the pipeline of `run` and print its facts as JSON lines."""
    from stationd.recordings.playback import play  # noqa: PLC0415 - numpy is loaded where it is used

    factor = _speed_of(speed)
    from stationd.config import load_station  # noqa: PLC0415 - pydantic is loaded where it is used

    settings = _configured(load_station, station)
    if not recording.exists():
        fail(f"{recording}: no such file")
    try:
        for line in play(recording, settings, factor, _utc_of(around), every):
            typer.echo(json.dumps(line) if as_json else _readable(line))
    except UnavailableError as error:  # its time tags make no sense
        fail(str(error))


def _speed_of(text: str) -> float | None:
    if text == "max":
        return None
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if factor <= 0:
        fail(f'--speed "{text}": write a number above 0, or max', EXIT_USAGE)
    return factor


def _readable(line: dict[str, Any]) -> str:
    """Return one line for people."""
    when = line["at"] or f"+{line['elapsed_s']:.0f} s"
    if "health" in line:
        grave = [
            f"{name} {check['health']}: {check['reason']}"
            for name, check in line["checks"].items()
            if check["health"] != "ok"
        ]
        return f"{when} {line['station']} {line['health']}  " + "; ".join(grave)
    change = f"{line['before']} -> {line['after']}"
    return f"{when} {line['station']} {line['subject']}: {change}: {line['reason']}"


Loaded = TypeVar("Loaded")


def _configured(load: Callable[[Path], Loaded], path: Path) -> Loaded:
    """Return what a configuration file comes to; its errors are printed whole, exit code 78."""
    from stationd.config import ConfigError  # noqa: PLC0415 - pydantic is loaded where it is used

    try:
        return load(path)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CONFIG) from None


Configuration = Annotated[Path, typer.Argument(help="The main configuration file (TOML)")]


@app.command("check-config")
def check_config(configuration: Configuration, as_json: AsJson = False) -> None:
    """Check a configuration and say everything that is wrong with it, or what it would run."""
    from stationd import config  # noqa: PLC0415 - pydantic is loaded where it is used

    try:
        settings = config.load(configuration)
    except config.ConfigError as error:
        if as_json:
            errors = [str(problem) for problem in error.problems]
            typer.echo(json.dumps({"ok": False, "errors": errors}))
        else:
            typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CONFIG) from None
    if as_json:
        typer.echo(json.dumps(config.summary(settings)))
        return
    for line in config.warning_lines(settings):
        typer.echo(line, err=True)
    for line in config.summary_lines(settings):
        typer.echo(line)


@app.command()
def run(
    configuration: Configuration,
    once: Annotated[
        float | None,
        typer.Option(help="Watch for so many seconds, print every station's state, and end"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Watch all configured stations until told to stop."""
    from stationd.config import load  # noqa: PLC0415 - pydantic is loaded where it is used

    settings = _configured(load, configuration)
    from stationd.daemon import run_daemon  # noqa: PLC0415 - after the configuration is sound
    from stationd.store.errors import StoreError  # noqa: PLC0415 - ditto

    try:
        states = asyncio.run(run_daemon(settings, configuration, once))
    except StoreError as error:
        fail(str(error))
    for state in states:
        typer.echo(json.dumps(state) if as_json else _readable(state))
    if once is not None and any(state["health"] != "ok" for state in states):
        raise typer.Exit(EXIT_FAILED)


@app.command()
def sourcetable(
    url: Annotated[str, typer.Argument(help="ntrip://host:2101; https://host for TLS")],
    user: Annotated[
        str | None,
        typer.Option(help="Name; the password comes from $STATIOND_PASSWORD or a file"),
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password")
    ] = None,
    tls_ca: Annotated[
        Path | None, typer.Option(help="PEM file of the authority, default the system's")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print what a caster offers: its mountpoints, and which of them want a login or a position."""
    from stationd.sources.sourcetable import (  # noqa: PLC0415 - only this command needs it
        NotAnAddressError,
        fetch_sourcetable,
        sourcetable_json,
        sourcetable_text,
    )
    from stationd.supervise import UnavailableError  # noqa: PLC0415 - as above
    from stationd.wire.ntrip.login import Login  # noqa: PLC0415 - as above

    login = Login(user, _password(password_file)) if user is not None else None
    try:
        table = asyncio.run(fetch_sourcetable(url, login, ca=tls_ca))
    except NotAnAddressError as error:
        fail(str(error), EXIT_USAGE)
    except UnavailableError as error:
        fail(str(error))
    typer.echo(sourcetable_json(table) if as_json else sourcetable_text(table))


def _password(file: Path | None) -> str:
    """Return the password of `--user`; never from an argument: every user of a host sees those."""
    if file is None:
        password = os.environ.get("STATIOND_PASSWORD")
        if password is None:
            fail("--user needs a password: set STATIOND_PASSWORD, or --password-file", EXIT_USAGE)
        return password
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--password-file {file}: {getattr(error, 'strerror', None) or error}", EXIT_USAGE)
    return lines[0] if lines else ""


app.command(context_settings=frame_command.CONTEXT_SETTINGS)(frame_command.frame)
app.command()(frame_command.tie)
app.add_typer(drift_commands.app, name="drift")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)

"""The commands that put stations on the air: at a caster, a serial port, a TCP port."""

import asyncio
import os
import signal
import ssl
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple

import typer

from stationd_simulators.arguments import (
    EXIT_USAGE,
    Begin,
    Hours,
    Named,
    Speed,
    dated,
    fail,
    loaded,
    speed_of,
)
from stationd_simulators.scenario import Scenario

if TYPE_CHECKING:
    from stationd_simulators.on_air.caster import MakeCaster

PASSWORD_VARIABLE: Final = "STATIOND_SIM_PASSWORD"  # noqa: S105 - the name of a variable

Station = Annotated[str, typer.Option(help="Which of the scenario's stations")]
Host = Annotated[str, typer.Option(help="Address to listen on")]


def caster(  # noqa: PLR0913 - as many options as the command has
    scenario: Named,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free")] = 2101,
    host: Host = "127.0.0.1",
    start: Begin = None,
    hours: Hours = None,
    speed: Speed = "1",
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM file; the caster then speaks TLS")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of the certificate's key")] = None,
    user: Annotated[
        str | None, typer.Option(help=f"Who may come in; the password is in {PASSWORD_VARIABLE}")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Its first line is the password, in place of the variable")
    ] = None,
    ntrip_version: Annotated[
        int | None, typer.Option(min=1, max=2, help="Speak this one alone; default both")
    ] = None,
    digest: Annotated[bool, typer.Option("--digest", help="Digest instead of Basic")] = False,
) -> None:
    """Put every station of a scenario at a mountpoint of its name, from now on."""
    from stationd_simulators.on_air import at_caster  # noqa: PLC0415 - numpy is loaded where it is used

    tls = _tls(tls_certificate, tls_key)
    door = Door(tls, _login(user, password_file, digest=digest), digest, ntrip_version)
    one, times = _begun(loaded(scenario), start, hours), speed_of(speed)
    if times is None:
        _refuse_links(one)

    async def serve() -> None:
        make = _caster(door, port, host)
        async with at_caster(one, host=host, speed=times, make=make) as air:
            names = ", ".join(station.id for station in one.stations)
            typer.echo(f"{'ntrips' if tls else 'ntrip'}://{host}:{air.port}: {names}")
            _say_when_it_ends(one, times)
            await air.finished()

    _run(serve(), f"port {port} of {host}")


def serial(
    scenario: Named,
    station: Station,
    link: Annotated[Path, typer.Option(help="Name of the port: a link that is made here")],
    start: Begin = None,
    hours: Hours = None,
    speed: Speed = "1",
) -> None:
    """Put one station of a scenario at a serial port, from now on."""
    from stationd_simulators.on_air import line  # noqa: PLC0415 - numpy is loaded where it is used

    one, times = _of_station(scenario, station, start, hours, speed)
    if not link.parent.is_dir():
        fail(f"--link {link}: there is no folder {link.parent}: make it first", EXIT_USAGE)

    async def serve() -> None:
        ready = line.StationOnLine(one, station, times)
        async with line.at_serial_port(ready, link) as play:
            typer.echo(str(link))
            _say_when_it_ends(one, times)
            await play()

    _run(serve(), f"--link {link}")


def tcp(  # noqa: PLR0913 - as above
    scenario: Named,
    *,
    station: Station,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve here; 0 takes any that is free")
    ] = None,
    connect: Annotated[
        str | None, typer.Option(help="HOST:PORT: push to there instead, again and again")
    ] = None,
    host: Host = "127.0.0.1",
    start: Begin = None,
    hours: Hours = None,
    speed: Speed = "1",
) -> None:  # fmt: skip
    """Put one station of a scenario on a TCP port, or push it to one, from now on."""
    from stationd_simulators.on_air import line  # noqa: PLC0415 - numpy is loaded where it is used

    if (port is None) == (connect is None):
        fail("--port to serve on, --connect HOST:PORT to push to: choose one", EXIT_USAGE)
    there = _address(connect) if connect is not None else None
    one, times = _of_station(scenario, station, start, hours, speed)

    async def serve() -> None:
        ready = line.StationOnLine(one, station, times)
        async with line.at_tcp_port(ready, port or 0, host) as (at, play):
            typer.echo(f"tcp://{host}:{at}: {station}")
            _say_when_it_ends(one, times)
            await play()

    def missing(error: OSError) -> None:
        typer.echo(
            f"stationd-sim: --connect {connect}: {error.strerror or error}; trying again", err=True
        )

    async def push(host: str, port: int) -> None:
        ready = line.StationOnLine(one, station, times)
        async with line.pushed_to(ready, host, port, missing) as play:
            typer.echo(f"to tcp://{connect}: {station}")
            _say_when_it_ends(one, times)
            await play()

    if there is None:
        _run(serve(), f"port {port} of {host}")
    else:
        _run(push(*there), f"--connect {connect}")


class Door(NamedTuple):
    """Who comes in at the caster: `login` is a name and a password."""

    tls: ssl.SSLContext | None
    login: tuple[str, str] | None
    digest: bool
    version: int | None


def _caster(door: Door, port: int, host: str) -> "MakeCaster":
    from stationd_simulators.devices.accounts import Accounts  # noqa: PLC0415 - as above
    from stationd_simulators.devices.caster import Caster, CasterKind  # noqa: PLC0415 - as above

    versions: dict[int | None, tuple[Literal["1", "2"], ...]] = {1: ("1",), 2: ("2",)}
    authentication: Literal["B", "D"] = "D" if door.digest else "B"
    kind = CasterKind(
        versions=versions.get(door.version, ("1", "2")),
        authentication=authentication if door.login else None,
    )
    accounts = Accounts(dict([door.login])) if door.login else None
    return partial(Caster, port=port, host=host, accounts=accounts, kind=kind, tls=door.tls)


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        fail("--tls-certificate and --tls-key: write both", EXIT_USAGE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # of TLS, too
        why = error.strerror or str(error)
        fail(
            f"--tls-certificate {certificate}, --tls-key {key}: {why}: write a certificate and "
            "its key, as PEM",
            EXIT_USAGE,
        )
    return context


def _login(user: str | None, file: Path | None, *, digest: bool) -> tuple[str, str] | None:
    """Return a name and a password, which is no argument: those are seen by everyone."""
    if user is None:
        if file is not None or digest:
            fail("--password-file and --digest: write --user, too", EXIT_USAGE)
        return None
    if not user or ":" in user:
        fail(f'--user "{user}": write a name without a colon', EXIT_USAGE)
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if file is not None:
        try:
            password = next(iter(file.read_text(encoding="utf-8").splitlines()), "")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            fail(f"--password-file {file}: {why}", EXIT_USAGE)
    if not password:
        place = (
            f"--password-file {file}" if file is not None else f"the variable {PASSWORD_VARIABLE}"
        )
        fail(f"--user {user}: {place} holds no password: write one there", EXIT_USAGE)
    return user, password


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
        fail(f'--connect "{text}": write HOST:PORT, such as 127.0.0.1:5000', EXIT_USAGE)
    return host.removeprefix("[").removesuffix("]"), int(port)


def _of_station(
    scenario: str, station: str, start: str | None, hours: float | None, speed: str
) -> tuple[Scenario, float | None]:
    """Return a scenario of which one station is played, and how fast."""
    one, times = loaded(scenario), speed_of(speed)
    ids = [other.id for other in one.stations]
    if station not in ids:
        fail(f'--station "{station}": the scenario has {", ".join(ids)}', EXIT_USAGE)
    if times is None:
        _refuse_links(one, station)
    _warn_of_casters(one, station)
    return _begun(one, start, hours), times


def _warn_of_casters(scenario: Scenario, station: str) -> None:
    """Say which faults are a caster's: here nothing comes of them but what they do to bytes."""
    from stationd_simulators.faults.way import Lie, Treatment  # noqa: PLC0415 - as above

    for kind in {
        fault.kind
        for fault in scenario.faults
        if isinstance(fault.parameters, Lie | Treatment) and fault.concerns(station)
    }:
        typer.echo(
            f'stationd-sim: "{kind}" is what a caster does, and there is none here: see '
            "`stationd-sim caster`",
            err=True,
        )


def _begun(scenario: Scenario, start: str | None, hours: float | None) -> Scenario:
    """Return the scenario as it begins: now, unless it is told otherwise."""
    from stationd_simulators.on_air import starting_now  # noqa: PLC0415 - as above

    one = dated(scenario, start, hours, None)
    if start is not None:
        return one
    if scenario.dated:
        from stationd.gnss.time import utc_from_gpst  # noqa: PLC0415 - as above

        own = datetime.fromtimestamp(utc_from_gpst(scenario.start_gpst_s), UTC)
        typer.echo(
            f"stationd-sim: warning: {scenario.name} is about its date, and from now on nothing "
            f"of it will be seen: add --start {own:%Y-%m-%dT%H:%M:%S}",
            err=True,
        )
    return starting_now(one)


def _refuse_links(scenario: Scenario, station: str | None = None) -> None:
    """Refuse what cannot be as fast as possible: what happens to connections has its time."""
    from stationd_simulators.faults import FAULTS  # noqa: PLC0415 - as above
    from stationd_simulators.faults.seam import Link  # noqa: PLC0415 - as above

    for fault in scenario.faults:
        if FAULTS[fault.kind].link is not Link.UP and (not station or fault.concerns(station)):
            fail(
                f'--speed max: "{fault.kind}" happens to connections, at a time: write a number',
                EXIT_USAGE,
            )


def _say_when_it_ends(scenario: Scenario, speed: float | None) -> None:
    length_s = scenario.duration_s
    if speed is None:
        typer.echo(f"as fast as it is read; ends after {length_s:g} s of the scenario")
        return
    ending = datetime.now(UTC).timestamp() + length_s / speed
    moment = datetime.fromtimestamp(ending, UTC)
    typer.echo(f"ends about {moment:%Y-%m-%d %H:%M:%S} UTC, after {length_s / speed:g} s")


def _run(work: Coroutine[Any, Any, None], what: str) -> None:
    """Do it to its end; Ctrl-C and SIGTERM end it before, and it clears away what it made."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(stoppable())
    except OSError as error:
        fail(f"{what}: {error.strerror or error}")
    except ExceptionGroup as group:
        errors, others = group.split(OSError)
        if others is not None or errors is None:
            raise
        first: Exception = errors
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        fail(f"{what}: {getattr(first, 'strerror', None) or first}")

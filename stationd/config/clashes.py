"""What only one may have: the id of a station, a port to listen on, a device, a file."""

import os
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pydantic import BaseModel

from stationd.config.documents import Table
from stationd.config.problems import Findings
from stationd.sinks import jsonl, mqtt, prometheus
from stationd.sources import ntrip, serial_port, standard_input, tcp_server

_ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - recognised, not bound


class Need(NamedTuple):
    """Something that a source or sink wants for itself alone.

    `key`: the setting that says so.  `address`: two on one port meet where one of them listens on
    every address.  `fatal`: whether it cannot work; else it may, and is worth a warning.
    """

    key: str
    what: str
    address: str = ""
    fatal: bool = True


class User(NamedTuple):
    """A source or a sink as it was read."""

    table: Table
    settings: BaseModel


def find_equal_ids(stations: Iterable[tuple[str, Table]], findings: Findings) -> None:
    """Add a fault for every id that a station before has already."""
    first: dict[str, Table] = {}
    for name, table in stations:
        before = first.setdefault(name, table)
        if before is not table:
            place = table_place(before, "id")
            findings.error(table.problem(("id",), f"id: {place} has it already"))


def find_clashes(users: Iterable[User], findings: Findings) -> None:
    """Add a fault for everything that one before wants for itself, too."""
    taken: dict[str, list[tuple[Need, Table]]] = {}
    for table, settings in users:
        for need in _needs(settings):
            others = taken.setdefault(need.what, [])
            for other, before in others:
                if _meet(need.address, other.address):
                    place = table_place(before, other.key)
                    sentence = f"{table.named((need.key,))}: {place} uses {need.what} already"
                    problem = table.problem((need.key,), sentence)
                    (findings.error if need.fatal else findings.warning)(problem)
                    break
            others.append((need, table))


def table_place(table: Table, key: str) -> str:
    """Return whose table it is, and where."""
    problem = table.problem((key,), "")
    return f"{problem.subject or 'another'} ({problem.file}:{problem.line})"


def _meet(one: str, other: str) -> bool:
    return one == other or one in _ANY_ADDRESS or other in _ANY_ADDRESS


def _needs(settings: BaseModel) -> Iterator[Need]:
    """Yield what a source or sink wants for itself."""
    match settings:
        case serial_port.Settings(device=device):
            yield Need("device", f"{os.path.realpath(device)}")
        case standard_input.Settings():
            yield Need("type", "standard input")
        case ntrip.Settings(mountpoint=mountpoint):
            yield Need("mountpoint", f"mountpoint {mountpoint} of {settings.peer}", fatal=False)
        case tcp_server.Settings(port=port, address=address):
            yield Need("port", f"port {port}", address)
        case prometheus.Settings(port=port, address=address) if port:
            yield Need("port", f"port {port}", address)
        case jsonl.Settings(path=path):
            yield Need("path", "standard output" if str(path) == "-" else str(path))
        case mqtt.Settings(client_id=str(client), host=host, port=port):
            yield Need("client_id", f"client_id {client} at {host}:{port or 'default port'}")

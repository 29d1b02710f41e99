"""The main file's own keys, and the tables in it that belong to no single station."""

import os
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from stationd.config.connections import Connections
from stationd.config.documents import Table
from stationd.config.limit_tables import limits_of
from stationd.config.problems import Findings, Problem
from stationd.config.sentences import suggestion
from stationd.config.settings import SinkConfig
from stationd.config.station_tables import ExpectTable, Name, plain_name
from stationd.config.stations import Defaults
from stationd.config.validation import validated
from stationd.sinks import SINKS

STATE_VARIABLE: Final = "STATE_DIRECTORY"  # the service manager's StateDirectory=
STATE_FOLDER: Final = "state"
_STATION_KEY: Final = "station"
_NAMED: Final = frozenset({"casters", "sinks"})  # tables of tables by names of their own


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DefaultsTable(_Strict):
    """What lies under every station."""

    expect: dict[str, Any] | None = Field(None, description="As [expect] of a station")
    limits: dict[str, dict[str, Any]] | None = Field(
        None, description="As [limits.CHECK] of a station"
    )


def _one_or_many(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class MainTable(_Strict):
    """The main file. What other modules read is only named here."""

    node: Name | None = Field(
        None, description="This stationd among others, in topics; default: the host's name"
    )
    state_folder: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="What must survive a restart; default: the service manager's, or ./state",
    )
    stations: Annotated[tuple[str, ...], BeforeValidator(_one_or_many)] = Field(
        (), description="Files with one station each, as patterns relative to this file"
    )
    station: list[Any] = Field(default_factory=list, description="A station in this file")
    casters: dict[str, dict[str, Any]] | None = Field(
        None, description="What stations of one NTRIP caster share, by a name of its own"
    )
    defaults: DefaultsTable | None = Field(None, description="What lies under every station")
    sinks: dict[str, dict[str, Any]] | None = Field(
        None, description="Where facts go, by a name of its own"
    )


def main_table(main: Table, findings: Findings) -> MainTable | None:
    """Return the main file's own keys; stations in it are looked at one by one elsewhere."""
    if "id" in main.values or "source" in main.values:
        what = 'a station\'s file, not a main file: name it there, stations = ["…"]'
        findings.error(main.problem((), what))
        return None
    values = {key: value for key, value in main.values.items() if key != _STATION_KEY}
    for key in _NAMED & values.keys():
        values[key] = _only_tables(main, key, findings)
    return validated(MainTable, values, [main], findings, belongs)


def _only_tables(main: Table, key: str, findings: Findings) -> object:
    """Return a table of named tables without what is none, which is a fault."""
    named = main.values[key]
    if not isinstance(named, dict):
        return named
    for name, value in named.items():
        if not isinstance(value, dict):
            what = f"{key}.{name}: write [{key}.NAME], with a name of your own, above its settings"
            findings.error(main.problem((key, name), what))
    return {name: value for name, value in named.items() if isinstance(value, dict)}


def belongs(key: str) -> str | None:
    """Return where in the main file a key belongs that stands somewhere else."""
    return "at the top: write it above the first [table]" if key in MainTable.model_fields else None


def stations_within(main: Table, findings: Findings) -> Iterator[Table]:
    """Yield each [[station]] of the main file."""
    stations = main.values.get(_STATION_KEY, [])
    if not isinstance(stations, list) or not all(isinstance(s, dict) for s in stations):
        what = "station: write [[station]], with two brackets, above each station's keys"
        findings.error(main.problem((_STATION_KEY,), what))
        return
    for index, values in enumerate(stations):
        yield Table(main.document, (_STATION_KEY, index), values)


def node_name() -> str:
    """Return the host's name, as a name that may stand in topics."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", socket.gethostname()).strip("-._")[:64]
    return name or "stationd"


def state_folder(
    main: Table, written: str | None, environ: Mapping[str, str], findings: Findings
) -> Path:
    """Return the folder for what must survive a restart."""
    given = environ.get(STATE_VARIABLE, "").split(":")[0]
    folder = (main.folder / (written or given or STATE_FOLDER)).absolute()
    if os.path.lexists(folder) and not folder.is_dir():
        what = f'state_folder = "{folder}": something stands there that is no folder'
        findings.error(main.problem(("state_folder",), what))
    return folder


def defaults_of(main: Table, findings: Findings) -> Defaults:
    """Return what lies under every station."""
    table = main.child("defaults")
    expect, limits = table.child("expect"), table.child("limits")
    validated(ExpectTable, expect.values, [expect], findings)
    casters = main.child("casters")
    return Defaults(
        expect=(expect,),
        limits=(limits,),
        limits_alone=limits_of([limits], findings),
        casters={
            name: casters.child(name)._replace(subject=f'caster "{name}"', prefix="")
            for name in casters.values
        },
    )


def sinks_of(
    main: Table, connections: Connections, findings: Findings
) -> Iterator[tuple[str, Table, SinkConfig]]:
    """Yield the sinks that have no faults, each with its table."""
    sinks = main.child("sinks")
    for name, values in sinks.values.items():
        if not isinstance(values, dict):
            continue  # said already
        table = sinks.child(name)._replace(subject=f'sink "{name}"', prefix="")
        try:
            plain_name(name)
        except ValueError as error:
            findings.error(table.problem((), f"its name {error}"))
        kind = values.get("type")
        if not isinstance(kind, str) or kind not in SINKS:
            findings.error(_no_kind(table, kind))
            continue
        table = table._replace(values={k: v for k, v in values.items() if k != "type"})
        settings = connections.settings(SINKS[kind].settings, [table], belongs)
        if settings is not None:
            yield name, table, SinkConfig(kind, settings)


def _no_kind(table: Table, kind: object) -> Problem:
    if isinstance(kind, str):
        return table.problem(("type",), f'type = "{kind}": no such sink; {suggestion(kind, SINKS)}')
    kinds = ", ".join(f'"{known}"' for known in SINKS)
    return table.problem(("type",), f"type is missing: write one of {kinds}")

"""Reads a main file and everything it names, or one station's file: settings, or all faults."""

import glob
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stationd.config.clashes import User, find_clashes, find_equal_ids
from stationd.config.connections import Connections
from stationd.config.credentials import Secrets
from stationd.config.documents import Table, read
from stationd.config.main_table import (
    MainTable,
    defaults_of,
    main_table,
    node_name,
    sinks_of,
    state_folder,
    stations_within,
)
from stationd.config.problems import Findings
from stationd.config.settings import Settings, SinkConfig, StationConfig
from stationd.config.stations import (
    Defaults,
    line_of_station,
    source_of,
    subject_of,
    warn_of_rare_epochs,
)
from stationd.pipeline import StationSettings


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of a main file; raise `ConfigError` with everything that is wrong."""
    findings = Findings()
    document = read(path, findings)
    findings.raise_errors()
    assert document is not None
    main = Table(document, (), document.values)
    written = main_table(main, findings)
    if written is None and "source" in main.values:
        findings.raise_errors()
    loader = _Loader(main, defaults_of(main, findings), environ, findings)
    stations = loader.stations()
    sinks = loader.sinks()
    loader.look_around()
    folder = state_folder(main, written.state_folder if written else None, environ, findings)
    findings.raise_errors()
    assert written is not None
    node = written.node or node_name()
    return Settings(node, folder, stations, sinks, findings.warnings)


def load_station(path: Path) -> StationSettings:
    """Return what a station's file says of the station; raise `ConfigError`.

    Its [source] is not looked at: a recording needs no caster, and no password.
    """
    findings = Findings()
    document = read(path, findings)
    findings.raise_errors()
    assert document is not None
    values = document.values
    table = Table(document, (), values, subject_of(values))
    if "id" not in values and MainTable.model_fields.keys() & values.keys():
        findings.error(table.problem((), "a main file: give the file of one station"))
        findings.raise_errors()
    settings = line_of_station(table, Defaults(), findings)
    findings.raise_errors()
    assert settings is not None
    return settings


class _Loader:
    """One reading of a configuration: what was read of each part stays for what follows."""

    def __init__(
        self, main: Table, defaults: Defaults, environ: Mapping[str, str], findings: Findings
    ) -> None:
        self._main = main
        self._defaults = defaults
        self._findings = findings
        self._connections = Connections(Secrets(environ), findings)
        self._tables: list[Table] = []  # of stations
        self._users: list[User] = []

    def stations(self) -> tuple[StationConfig, ...]:
        """Return the stations without faults, in the order of their ids."""
        found: dict[str, StationConfig] = {}
        for table in self._station_tables():
            self._tables.append(table)
            line = line_of_station(table, self._defaults, self._findings)
            source = source_of(table, self._defaults, self._connections, self._findings)
            if source is not None:
                self._users.append(User(table.child("source"), source[1]))
                if line is not None:
                    found[line.registration.id] = StationConfig(line, *source)
                    warn_of_rare_epochs(table, line, source[1], self._findings)
        if not self._tables and not {"stations", "station"} & self._main.values.keys():
            what = 'no station: write stations = "stations/*.toml", or [[station]]'
            self._findings.error(self._main.problem((), what))
        return tuple(found[name] for name in sorted(found))

    def sinks(self) -> dict[str, SinkConfig]:
        """Return the sinks without faults."""
        found: dict[str, SinkConfig] = {}
        for name, table, sink in sinks_of(self._main, self._connections, self._findings):
            self._users.append(User(table, sink.settings))
            found[name] = sink
        if "sinks" not in self._main.values:
            what = "no [sinks.NAME]: no metric and no message leaves the daemon"
            self._findings.warning(self._main.problem((), what))
        return found

    def look_around(self) -> None:
        """Add what only shows when all parts are seen together."""
        ids = ((table.values.get("id"), table) for table in self._tables)
        find_equal_ids(((n, t) for n, t in ids if isinstance(n, str)), self._findings)
        find_clashes(self._users, self._findings)
        sources = (table.child("source").values for table in self._tables)
        used = {str(source.get("caster")) for source in sources}
        for name, caster in (self._defaults.casters or {}).items():
            if name not in used:
                self._findings.warning(caster.problem((), "no station uses it: it is not checked"))

    def _station_tables(self) -> Iterator[Table]:
        """Yield the table of each station, from this file and from the files it names."""
        for table in stations_within(self._main, self._findings):
            yield table._replace(subject=subject_of(table.values))
        for file in self._station_files():
            document = read(file, self._findings)
            if document is not None:
                yield Table(document, (), document.values, subject_of(document.values))

    def _station_files(self) -> Iterator[Path]:
        """Yield each file once; a pattern that matches none is a fault: it was meant to."""
        main_file = self._main.document.file
        seen = {os.path.realpath(main_file)}
        for pattern in _patterns(self._main.values.get("stations")):
            found = sorted(glob.glob(pattern, root_dir=main_file.parent, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
            if not found:
                what = f'stations = "{pattern}": no such file in {main_file.parent.absolute()}'
                self._findings.error(self._main.problem(("stations",), what))
            for file in (main_file.parent / name for name in found):
                real = os.path.realpath(file)
                if real not in seen:
                    seen.add(real)
                    yield file


def _patterns(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [pattern for pattern in value if isinstance(pattern, str)]
        case _:
            return []

"""A station's table, with what lies under it (defaults, its caster), to the settings of a station.

Every part is looked at even where another has faults, so that all are told at once.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from stationd.checks.verdict import Settling
from stationd.config import coordinates
from stationd.config.connections import Connections
from stationd.config.documents import Table
from stationd.config.limit_tables import DEFAULT_LIMITS, limits_of
from stationd.config.problems import Findings, Problem
from stationd.config.sentences import suggestion
from stationd.config.station_tables import (
    AntennaTable,
    ExpectTable,
    MarkTable,
    ReceiverTable,
    ReferenceTable,
    StationTable,
    is_known_frame,
)
from stationd.config.validation import home, merged, validated
from stationd.pipeline import StationSettings
from stationd.sources import SOURCES
from stationd.sources.source import SourceSettings
from stationd.station.registration import (
    AntennaRecord,
    Expectation,
    MarkRecord,
    ReceiverRecord,
    ReferenceCoordinate,
    Registration,
)

CASTER_KIND: Final = "ntrip"  # the kind of source that may say `caster = "NAME"`
_SOURCE_KEYS: Final = frozenset({"type", "caster"})  # of every [source], beside its kind's own
_SHOWN_CHARACTERS: Final = 64
EPOCHS_OF_SILENCE: Final = 2.0
_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "[reference]": ReferenceTable,
    "[antenna]": AntennaTable,
    "[receiver]": ReceiverTable,
    "[expect]": ExpectTable,
    "[mark]": MarkTable,
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What lies under every station: tables of [defaults], and casters by name."""

    expect: tuple[Table, ...] = ()
    limits: tuple[Table, ...] = ()
    limits_alone: Mapping[str, Settling] | None = None  # of a station without [limits]
    casters: Mapping[str, Table] | None = None


def subject_of(values: Mapping[str, Any]) -> str:
    """Return what a station is called in a problem."""
    name = values.get("id")
    return f'station "{name[:_SHOWN_CHARACTERS]}"' if isinstance(name, str) and name else ""


def line_of_station(
    station: Table, defaults: Defaults, findings: Findings
) -> StationSettings | None:
    """Return what the line needs to know of a station; None where that cannot be said."""
    table = validated(StationTable, station.values, [station], findings, _elsewhere)
    expect = _expectation(station, defaults, findings)
    limits = _limits(station, defaults, findings)
    _judge_coordinates(station, findings)
    if table is None or expect is None:
        return None
    reference = table.reference
    registration = Registration(
        id=table.id,
        name=table.name,
        confidential=table.confidential,
        reference=None if reference is None else _coordinate(reference),
        antenna=AntennaRecord(**dict(table.antenna or ())),
        receiver=ReceiverRecord(**dict(table.receiver or ())),
        expect=expect,
        mark=MarkRecord(**dict(table.mark or ())),
    )
    _warn(station, registration, findings)
    return StationSettings(registration, limits)


def source_of(
    station: Table, defaults: Defaults, connections: Connections, findings: Findings
) -> tuple[str, SourceSettings] | None:
    """Return the kind of a station's source and its settings; None where there are faults."""
    source = station.child("source")
    kind = source.values.get("type")
    if not isinstance(kind, str) or kind not in SOURCES:
        findings.error(_no_kind(station, source))
        return None
    values = {key: value for key, value in source.values.items() if key not in _SOURCE_KEYS}
    layers = [source._replace(values=values)]
    if "caster" in source.values:
        caster = _caster(source, kind, defaults, findings)
        if caster is None:
            return None
        layers.append(caster)
    settings = connections.settings(SOURCES[kind].settings, layers, _elsewhere_than_source)
    if settings is None:
        return None
    if not SOURCES[kind].live:
        connections.must_be_readable(getattr(settings, "path", None), source, "path")
    return kind, settings


def warn_of_rare_epochs(
    station: Table, line: StationSettings, source: SourceSettings, findings: Findings
) -> None:
    """Warn where a limit of silence is shorter than two epochs: silence would be the rule."""
    interval_s = line.registration.expect.epoch_interval_s
    limits_s = {
        "limits.silence.warning_s": getattr(line.limits["silence"], "warning_s", math.inf),
        "source.silent_after_s": getattr(source, "silent_after_s", math.inf),
    }
    for name, limit_s in limits_s.items():
        if limit_s < EPOCHS_OF_SILENCE * interval_s:
            what = (
                f"{name} = {limit_s:g}: epochs come every {interval_s:g} s, so that every wait for "
                f"one is a silence; write {EPOCHS_OF_SILENCE * interval_s:g} or more"
            )
            findings.warning(station.problem(("expect", "epoch_interval_s"), what))


def _expectation(station: Table, defaults: Defaults, findings: Findings) -> Expectation | None:
    layers = [station.child("expect"), *defaults.expect]
    table = validated(ExpectTable, merged(layers), layers, findings, _elsewhere)
    if table is None:
        return None
    if len(set(table.constellations)) < len(table.constellations):
        where = home(layers, ("constellations",))
        name = where.named(("constellations",))
        findings.error(where.problem(("constellations",), f"{name}: a letter stands there twice"))
    return Expectation(**dict(table))


def _limits(station: Table, defaults: Defaults, findings: Findings) -> Mapping[str, Settling]:
    own = station.child("limits")
    if own.values:
        return limits_of([own, *defaults.limits], findings)
    return defaults.limits_alone or DEFAULT_LIMITS


def _judge_coordinates(station: Table, findings: Findings) -> None:
    reference = station.values.get("reference")
    for key, what in coordinates.faults(reference) if isinstance(reference, dict) else ():
        keys = ("reference", key) if key else ("reference",)
        findings.error(station.problem(keys, f"{station.named(keys)}: {what}"))


def _coordinate(table: ReferenceTable) -> ReferenceCoordinate | None:
    values = table.model_dump(exclude_none=True)
    if any(coordinates.faults(values)):
        return None  # they are among the findings
    return ReferenceCoordinate(*coordinates.geocentric_m(values), table.frame, table.epoch)


def _no_kind(station: Table, source: Table) -> Problem:
    kind = source.values.get("type")
    if not isinstance(station.values.get("source", {}), dict):
        return station.problem(("source",), 'source must be a table: write [source], type = "…"')
    if isinstance(kind, str):
        what = f'source.type = "{kind[:_SHOWN_CHARACTERS]}": no such source'
        return source.problem(("type",), f"{what}; {suggestion(kind, SOURCES)}")
    kinds = ", ".join(f'"{known}"' for known in SOURCES)
    return source.problem(("type",), f"source.type is missing: write one of {kinds}")


def _caster(source: Table, kind: str, defaults: Defaults, findings: Findings) -> Table | None:
    """Return the caster that a source refers to."""
    name, casters = source.values["caster"], defaults.casters or {}
    if kind != CASTER_KIND:
        what = f'source.caster: only type = "{CASTER_KIND}" has a caster'
    elif isinstance(name, str) and name in casters:
        return casters[name]
    elif not isinstance(name, str):
        what = "source.caster must be the NAME of a [casters.NAME] table, in double quotes"
    elif not casters:
        what = f'source.caster = "{name}": the main file has no [casters.{name}]'
    else:
        what = f'source.caster = "{name}": no such caster; {suggestion(name, casters)}'
    findings.error(source.problem(("caster",), what))
    return None


def _elsewhere(key: str) -> str | None:
    """Return where in a station's file a key belongs; most often a header stands above it."""
    if key in StationTable.model_fields:
        return "to the station itself: write it above the first [table]"
    for name, table in _TABLES.items():
        if key in table.model_fields:
            return f"in {name}"
    return "in [source]" if key in _SOURCE_KEYS or _kinds_with(key) else None


def _elsewhere_than_source(key: str) -> str | None:
    """Return where a key belongs that the source's own kind does not know."""
    kinds = " or ".join(f'"{kind}"' for kind in _kinds_with(key))
    return f"to type = {kinds}" if kinds else _elsewhere(key)


def _kinds_with(key: str) -> list[str]:
    return [name for name, kind in SOURCES.items() if key in kind.settings.model_fields]


def _warn(station: Table, registration: Registration, findings: Findings) -> None:
    reference = registration.reference
    if reference is None:
        what = "no [reference]: whether the broadcast ARP is right is not checked"
        findings.warning(station.problem((), what))
        return
    if not is_known_frame(reference.frame):
        what = f'"{reference.frame}" is no frame that is known here: it is taken as a name'
        findings.warning(station.problem(("reference", "frame"), f"reference.frame: {what}"))
    if not registration.confidential:
        what = "confidential = false: its coordinates may leave the daemon (Order 190, art. 25)"
        findings.warning(station.problem(("confidential",), what))

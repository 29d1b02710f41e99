"""Reads a scenario from its TOML file; everything that is wrong with it is said at once.

name, title, seed, start (a UTC date and time), duration_s, constellations …
[errors]             preset = "full" or "none", and sizes that differ from it
[stations]           what every [[station]] says unless it says other
[[station]]          id, latitude_deg, longitude_deg, height_m (or x_m, y_m, z_m) …
[[fault]]            kind, stations, start_s, duration_s, and the kind's own parameters
[[expect]]           station, check, health, after_s, within_s
"""

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import GenericAlias
from typing import Any, Final, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from stationd.geodesy.ellipsoid import geocentric_m
from stationd.gnss.time import gpst_from_utc
from stationd_simulators.faults import FAULTS
from stationd_simulators.scenario import (
    FULL_ERRORS,
    SIGNALS,
    Antenna,
    Errors,
    Expectation,
    Fault,
    Motion,
    Quake,
    Receiver,
    Scenario,
    Station,
    Step,
)
from stationd_simulators.scenario_bounds import (
    LONGEST_S,
    Wrong,
    is_start,
    shortest_s,
    twice,
    wrong_place,
    wrong_with,
    wrong_with_head,
    wrong_with_parameters,
)

Table = dict[str, Any]
Made = TypeVar("Made")

FOLDER: Final = Path(__file__).parent / "scenarios"  # part of the package, however it is installed
INF: Final = math.inf
HEALTHS: Final = ("ok", "unknown", "warning", "critical")
_PLACE: Final = ("latitude_deg", "longitude_deg", "height_m")
_ECEF: Final = ("x_m", "y_m", "z_m")
_HEAD: Final[tuple[str, ...]] = (
    "name", "title", "seed", "start", "duration_s", "constellations", "ephemeris_repeat_s",
    "settle_s", "also", "limits", "dated",
)  # fmt: skip
_TABLES: Final = ("errors", "stations", "station", "fault", "expect")


class ScenarioError(ValueError):
    """The file is no scenario; `problems` says everything that is wrong, a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def names() -> list[str]:
    """Return the scenarios that come with the simulators."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(scenario: str | Path) -> Scenario:
    """Return a scenario, by its name among those that come along, or by its file."""
    path = Path(scenario)
    if path.suffix != ".toml":
        path = FOLDER / f"{scenario}.toml"
        if not path.exists():
            known = difflib.get_close_matches(str(scenario), names(), 3) or names()
            raise ScenarioError(
                [f'"{scenario}": no such scenario; write a file.toml, or one of {", ".join(known)}']
            )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([f"{path}: {getattr(error, 'strerror', None) or error}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([f"{path}: not TOML: {error}"]) from error
    return parsed(table, path.name)


def parsed(table: Table, file: str) -> Scenario:
    """Return the scenario that a file's tables say; `ScenarioError` with all that is wrong."""
    reading = _Reading(file)
    for key in table:
        if key not in (*_HEAD, *_TABLES):
            reading.unknown(key, (*_HEAD, *_TABLES))
    head = {key: table[key] for key in _HEAD if key in table}
    head["start_gpst_s"] = reading.start(head.pop("start", None))
    errors = reading.errors(reading.table(table, "errors"))
    rows = reading.rows(table, "station")
    stations = reading.stations(rows, reading.table(table, "stations"))
    # Also of those that something is wrong with: what names them is not wrong for that.
    ids = [row["id"] for row in rows if isinstance(row.get("id"), str)]
    head["stations"] = stations
    head["errors"] = errors
    head["faults"] = reading.faults(reading.rows(table, "fault"), ids, table)
    head["expectations"] = reading.expectations(reading.rows(table, "expect"), ids)
    reading.judge("", wrong_with_head(head))
    made = reading.made(Scenario, head, "")
    if made is not None:
        reading.whole(made)
    if reading.problems or made is None:
        raise ScenarioError(reading.problems)
    return made


class _Reading:
    """Collects what is wrong with one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[str] = []

    def problem(self, key: str, sentence: str) -> None:
        self.problems.append(
            f"{self.file}: {key}: {sentence}" if key else f"{self.file}: {sentence}"
        )

    def unknown(self, key: str, known: tuple[str, ...]) -> None:
        near = difflib.get_close_matches(key.rsplit(".", 1)[-1], known, 1)
        self.problem(key, f'no such key; did you mean "{near[0]}"?' if near else "no such key")

    def judge(self, where: str, wrong: Wrong) -> None:
        """Tell what is out of bounds in a noun that stands at `where`."""
        for key, sentence in wrong:
            self.problem(f"{where}.{key}" if where else key, sentence)

    def table(self, table: Table, key: str) -> Table:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.problem(key, f"must be a table: write [{key}]")
        return {}

    def rows(self, table: Table, key: str) -> list[Table]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(row, dict) for row in value):
            return value
        self.problem(key, f"must be an array of tables: write [[{key}]]")
        return []

    def made(self, kind: type[Made], values: Mapping[str, Any], where: str) -> Made | None:
        """Return a frozen dataclass made from a table; None where there are faults."""
        for field in fields(kind):  # type: ignore[arg-type] # all kinds are dataclasses
            if field.type in (int, float) and isinstance(values.get(field.name), bool):
                # Python would take it for 1 or 0.
                self.problem(f"{where}.{field.name}" if where else field.name, "must be a number")
        try:
            noun: Any = kind
            made: Made = _adapter(noun).validate_python((dict(values),))[0]
        except ValidationError as error:
            for fault in error.errors():
                key = ".".join(str(part) for part in (where, *fault["loc"][1:]) if part != "")
                if fault["type"] == "unexpected_keyword_argument":
                    self.unknown(key, _keys_of(kind))
                    continue
                found = fault["input"]
                shown = f", found {found!r}" if isinstance(found, int | float | str) else ""
                self.problem(key, f"{_sentence(fault['type'], fault['msg'])}{shown}")
            return None
        return made

    def start(self, value: object) -> float:
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            if not is_start(moment):
                self.problem("start", f"must be of 1996 to 2036, found {value}")
            return gpst_from_utc(moment.timestamp())
        self.problem("start", "must be a date and time such as 2026-03-01T00:00:00Z")
        return 0.0

    def errors(self, table: Table) -> Errors:
        preset = table.get("preset", "none")
        if preset not in ("none", "full"):
            self.problem("errors.preset", f'must be "none" or "full", found {preset!r}')
        base = asdict(FULL_ERRORS if preset == "full" else Errors())
        made = self.made(
            Errors, {**base, **{k: v for k, v in table.items() if k != "preset"}}, "errors"
        )
        if made is not None and made.troposphere not in ("saastamoinen", "walk", "none"):
            self.problem("errors.troposphere", 'must be "saastamoinen", "walk" or "none"')
        self.judge("errors", wrong_with(made))
        return made or Errors()

    def stations(self, rows: list[Table], under: Table) -> tuple[Station, ...]:
        made = [self.station(_merged(under, row), number) for number, row in enumerate(rows, 1)]
        if not rows:
            self.problem("station", "there is none: write a [[station]]")
        stations = tuple(station for station in made if station is not None)
        ids = [station.id for station in stations]
        for name in sorted({one for one in ids if ids.count(one) > 1}):
            self.problem(f"station {name}", "the id stands there twice")
        return stations

    def station(self, row: Table, number: int) -> Station | None:
        where = f"station {row.get('id', number)}"
        values = {k: v for k, v in row.items() if k not in (*_PLACE, *_ECEF)}
        values["position_m"] = self.position(row, where)
        values["messages"] = _numbered(row.get("messages"), Station("", (0, 0, 0)).messages)
        signals = row.get("signals", {})
        if isinstance(signals, dict):
            values["signals"] = SIGNALS | signals  # a letter that is not written keeps its own
        made = self.made(Station, values, where)
        if made is None:
            return None
        self.judge(where, wrong_with(made))
        return made

    def position(self, row: Table, where: str) -> tuple[float, float, float]:
        for keys in (_PLACE, _ECEF):
            values = [row.get(key) for key in keys]
            numbers = [
                float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)
            ]
            if len(numbers) == 3:
                self.judge(where, wrong_place(dict(zip(keys, numbers, strict=True))))
                if keys is _ECEF or not all(map(math.isfinite, numbers)):
                    return numbers[0], numbers[1], numbers[2]
                return geocentric_m(math.radians(numbers[0]), math.radians(numbers[1]), numbers[2])
        self.problem(where, "has no place: write latitude_deg, longitude_deg and height_m")
        return 0.0, 0.0, 0.0

    def faults(self, rows: list[Table], ids: list[str], head: Table) -> tuple[Fault, ...]:
        length_s, letters = head.get("duration_s"), head.get("constellations")
        end_s = float(length_s) if isinstance(length_s, int | float) else 0.0
        known = tuple(SIGNALS) if not isinstance(letters, list) else tuple(map(str, letters))
        made: list[Fault] = []
        for number, row in enumerate(rows, 1):
            where = f"fault {number}"
            one = self.fault({k: v for k, v in row.items() if k != "every_s"}, where, ids, known)
            every_s = row.get("every_s", math.inf)
            if one is not None and end_s > 0.0 and one.start_s >= end_s:
                self.problem(
                    f"{where} ({one.kind}).start_s",
                    f"{one.start_s:g} s is after the scenario's end, {end_s:g} s",
                )
            if not isinstance(every_s, int | float) or not every_s >= 1.0:
                self.problem(f"{where}.every_s", f"must be at least 1, found {every_s!r}")
            elif one is not None and every_s < one.duration_s < math.inf:
                self.problem(
                    f"{where}.every_s",
                    f"must be at least duration_s, {one.duration_s:g}, found {every_s!r}",
                )
            elif one is not None:
                made.append(one)
                while made[-1].start_s + every_s < min(end_s, LONGEST_S):
                    made.append(replace(one, start_s=made[-1].start_s + every_s))
        return tuple(made)

    def fault(
        self, row: Table, where: str, ids: list[str], letters: tuple[str, ...]
    ) -> Fault | None:
        name = row.get("kind")
        kind = FAULTS.get(name) if isinstance(name, str) else None
        if kind is None:
            near = difflib.get_close_matches(str(name), FAULTS, 1)
            advice = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(FAULTS)}"
            self.problem(f"{where}.kind", f"no such fault, found {name!r}; {advice}")
            return None
        own = {f.name for f in fields(Fault)}
        place = f"{where} ({name})"
        parameters: object = self.made(
            kind.parameters, {k: v for k, v in row.items() if k not in own}, place
        )
        if parameters is not None:
            self.judge(place, wrong_with_parameters(parameters, row, letters))
        common = {"stations": (), "duration_s": math.inf} | {
            k: v for k, v in row.items() if k in own
        }
        made = self.made(Fault, {**common, "parameters": parameters}, place)
        for station in made.stations if made else ():
            self.known(station, ids, f"{where}.stations")
        self.judge(place, wrong_with(made))
        if made and kind.ends and math.isinf(made.duration_s):
            self.problem(f"{place}.duration_s", "is missing: it has to end")
        return made

    def expectations(self, rows: list[Table], ids: list[str]) -> tuple[Expectation, ...]:
        made = [self.made(Expectation, row, f"expect {n}") for n, row in enumerate(rows, 1)]
        for number, one in enumerate(made, 1):
            if one is None:
                continue
            self.judge(f"expect {number}", wrong_with(one))
            self.known(one.station, ids, f"expect {number}.station")
            if one.health not in HEALTHS:
                listed = ", ".join(HEALTHS)
                self.problem(f"expect {number}.health", f'"{one.health}": write one of {listed}')
        return tuple(one for one in made if one is not None)

    def known(self, station: str, ids: list[str], where: str) -> None:
        if station not in ids:
            self.problem(where, f'"{station}" is no station here; they are {", ".join(ids)}')

    def whole(self, scenario: Scenario) -> None:
        """Judge what concerns several keys."""
        for station in scenario.stations:
            if 0.0 < scenario.duration_s < shortest_s(station):
                self.problem("duration_s", f"is too short for an epoch of station {station.id}")
        self.judge("", twice("constellations", scenario.constellations))
        if not scenario.constellations:
            self.problem("constellations", f"there is none: write some of {', '.join(SIGNALS)}")
        for letter in scenario.constellations:
            if letter not in SIGNALS:
                self.problem("constellations", f'"{letter}": known are {", ".join(SIGNALS)}')
        for number, one in enumerate(scenario.expectations, 1):
            end_s = one.after_s + one.within_s
            if end_s > scenario.duration_s:
                self.problem(
                    f"expect {number}",
                    f"ends at {end_s:g} s, after the scenario's {scenario.duration_s:g} s",
                )
            if one.cleared_by_s < end_s or end_s <= scenario.duration_s < one.cleared_by_s < INF:
                self.problem(
                    f"expect {number}.cleared_by_s",
                    f"must lie between the window's end, {end_s:g} s, and the scenario's, "
                    f"{scenario.duration_s:g} s; or write inf",
                )


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what makes a frozen dataclass, and everything in it, from tables.

    A dataclass alone takes no settings from outside; one in a tuple does.
    """
    one: Any = GenericAlias(tuple, (kind,))
    return TypeAdapter(one, config=ConfigDict(extra="forbid"))


def _keys_of(kind: type) -> tuple[str, ...]:
    """Return the keys that a table may have, those of its tables among them."""
    nested = (Antenna, Receiver, Motion, Step, Quake) if kind is Station else ()
    places = (*_PLACE, *_ECEF) if kind is Station else ()
    return (*places, *(f.name for one in (kind, *nested) for f in fields(one)))


def _merged(under: Table, over: Table) -> Table:
    """Return both tables; what stands in `over` wins, key by key and table by table."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = _merged(below, value) if both and isinstance(below, dict) else value
    return merged


def _numbered(table: object, standard: Mapping[int, float]) -> object:
    """Return message types as numbers: TOML's keys are texts."""
    if table is None:
        return dict(standard)
    if not isinstance(table, dict):
        return table
    return {int(k) if str(k).isdecimal() else k: v for k, v in table.items()}


def _sentence(kind: str, message: str) -> str:
    message = message.removeprefix("Value error, ")  # pydantic's words before ours
    return "is missing" if kind == "missing" else message[:1].lower() + message[1:]

"""CSV with a heading: columns by a stated map, or by the names that `stationd` itself writes.

`day` may hold an ISO date (a daily solution: noon), an ISO time, a decimal year or a whole MJD
(a daily solution: noon); `year` and `mjd` are moments as written.
"""

import csv
import re
from collections.abc import Mapping
from typing import Final

from stationd.drift.epochs import (
    NOON_DAYS,
    julian_year,
    mjd_of_iso,
    mjd_of_julian_year,
)
from stationd.drift.reading.assembly import NOT_GIVEN, Reading, Row, by_station
from stationd.drift.reading.document import METRES_PER_UNIT, Document, ReadingOptions

_ENU: Final = ("east", "north", "up")
_SIGMAS: Final = ("sigma_east", "sigma_north", "sigma_up")
_CORRELATIONS: Final = (
    "correlation_east_north",
    "correlation_east_up",
    "correlation_north_up",
)
_MOMENTS: Final = ("day", "year", "mjd")
_WORDS: Final = ("station", "frame", "antenna")
# What a person may map, and what the writer writes; lengths are written with their unit behind.
COLUMNS: Final = (*_MOMENTS, *_ENU, *_SIGMAS, *_CORRELATIONS, *_WORDS)
_LENGTHS: Final = frozenset((*_ENU, *_SIGMAS))
_SEPARATORS: Final = 2  # a day and two components are the least
_UNIT_SUFFIX: Final = re.compile(r"_(mm|cm|m)$")
_YEARS: Final = (1900.0, 2200.0)
_MJDS: Final = (30_000.0, 90_000.0)


def stated_columns(text: str) -> dict[str, str]:
    """Return the map of "day=time,east=lon", for ReadingOptions; raises ValueError for others."""
    columns: dict[str, str] = {}
    for pair in text.split(","):
        key, mark, name = (part.strip() for part in pair.partition("="))
        if not mark or not name or key not in COLUMNS or key in columns:
            raise ValueError(
                f"--columns has {pair.strip()!r}; wanted is day=time,east=lon,north=lat,up=ver, "
                f"each of {', '.join(COLUMNS)} at most once"
            )
        columns[key] = name
    return columns


def recognises(document: Document) -> bool:
    return _heading(document)[1].count(",") >= _SEPARATORS


def read(document: Document, options: ReadingOptions) -> Reading:
    line, text = _heading(document)
    names = [name.strip() for name in next(csv.reader([text]))]
    where, metres = _places(document, line, names, options)
    frames: dict[str, int] = {}
    rows: dict[str, list[Row]] = {}
    for n, body in document.numbered():
        if n <= line or body.lstrip().startswith("#"):
            continue
        fields = [value.strip() for value in next(csv.reader([body]))]
        if len(fields) != len(names):
            raise document.fault(n, f"has {len(fields)} columns, its heading has {len(names)}")
        named = {key: fields[place] for key, place in where.items()}
        frames.setdefault(named.get("frame", ""), n)
        station = named.get("station") or document.station(options)
        rows.setdefault(station, []).append(_row(document, n, named, metres))
    return by_station(document, _frame(document, frames, options), rows)


def _heading(document: Document) -> tuple[int, str]:
    for n, line in document.numbered():
        if not line.lstrip().startswith("#"):
            return n, line
    raise document.fault(None, "has nothing but comments")


def _places(
    document: Document, line: int, names: list[str], options: ReadingOptions
) -> tuple[dict[str, int], dict[str, float]]:
    """Return the place of every known column, and how many metres the unit of lengths has."""
    unknown = [key for key in options.columns if key not in COLUMNS]
    if unknown:
        raise document.fault(
            None, f"--columns names {', '.join(unknown)}; it knows {', '.join(COLUMNS)}"
        )
    mapped = dict(options.columns) or _own_names(names)
    where: dict[str, int] = {}
    for key, name in mapped.items():
        if name not in names:
            raise document.fault(line, f"has no column {name!r}; it has {', '.join(names)}")
        where[key] = names.index(name)
    if not any(key in where for key in _MOMENTS) or not any(key in where for key in _ENU):
        raise document.fault(
            line,
            f"has the columns {', '.join(names)}; say which is which: "
            "--columns day=…,east=…,north=…,up=… --unit mm",
        )
    return where, {key: _metres(mapped[key], options) for key in where if key in _LENGTHS}


def _own_names(names: list[str]) -> dict[str, str]:
    """Return the columns that carry the names of `COLUMNS`, lengths with a unit behind."""
    found = {}
    for name in names:
        key = _UNIT_SUFFIX.sub("", name)
        if key in COLUMNS and (key in _LENGTHS) == (key != name):
            found[key] = name
    return found


def _metres(name: str, options: ReadingOptions) -> float:
    if options.unit:
        return METRES_PER_UNIT[options.unit]
    suffix = _UNIT_SUFFIX.search(name)
    return METRES_PER_UNIT[suffix.group(1)] if suffix else 1.0


def _row(
    document: Document, line: int, named: Mapping[str, str], metres: Mapping[str, float]
) -> Row:
    def numbers(keys: tuple[str, ...]) -> list[float]:
        if not any(key in named for key in keys):
            return list(NOT_GIVEN)
        texts = [named.get(key) or "nan" for key in keys]
        values = document.numbers(line, texts)
        return [value * metres.get(key, 1.0) for value, key in zip(values, keys, strict=True)]

    t_years, mjd = _moment(document, line, named)
    return Row(
        line,
        t_years,
        mjd,
        numbers(_ENU),
        numbers(_SIGMAS),
        numbers(_CORRELATIONS),
        named.get("antenna") or None,
    )


def _moment(document: Document, line: int, named: Mapping[str, str]) -> tuple[float, float]:
    """Return the decimal year and the MJD of a line."""
    if "day" in named:
        mjd, year = _day(document, line, named["day"])
    elif "mjd" in named:
        mjd, year = document.numbers(line, [named["mjd"]])[0], None
    else:
        year = document.numbers(line, [named["year"]])[0]
        mjd = mjd_of_julian_year(year)
    if "year" in named:
        year = document.numbers(line, [named["year"]])[0]
    return julian_year(mjd) if year is None else year, mjd


def _day(document: Document, line: int, text: str) -> tuple[float, float | None]:
    """Return the MJD of a day in one of its four spellings, and the decimal year as written."""
    try:
        value = float(text)
    except ValueError:
        try:
            mjd, has_time = mjd_of_iso(text)
        except ValueError:
            raise document.fault(
                line, f"{text!r} is no day: neither 2009-01-02, nor a decimal year, nor an MJD"
            ) from None
        return (mjd if has_time else mjd + NOON_DAYS), None
    if _YEARS[0] <= value < _YEARS[1]:
        return mjd_of_julian_year(value), value
    if _MJDS[0] <= value < _MJDS[1]:
        return value + (NOON_DAYS if value.is_integer() else 0.0), None
    raise document.fault(line, f"{text} is neither a decimal year nor an MJD")


def _frame(document: Document, frames: dict[str, int], options: ReadingOptions) -> str:
    stated = [name for name in frames if name]
    if len(frames) > 1:
        first, second = list(frames)[:2]
        raise document.fault(
            frames[second],
            f"is in {second or 'no frame'}, the lines above in {first or 'no frame'}: "
            "a series has one frame",
        )
    return document.frame(stated[0] if stated else "", options)

"""NGL's tenv3: columns by their heading, metres whole and fractional in columns of their own.

Files of today have latitude, longitude and height as columns 21 to 23; older ones end with the
correlations, the oldest have no heading.  East is e0 + east and so on: e0 is set anew where a
series jumps or drifts by more than 10 m (geodesy.unr.edu, README_tenv3).
"""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

from stationd.drift.reading.assembly import Reading, Row, by_station
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.reading.ngl_moment import ngl_moment

# Heading without its leading underscores.
_WORDS: Final = ("site", "YYMMMDD", "yyyy.yyyy", "MJD", "ant(m)")
_NUMBERS: Final = (
    "e0(m)", "n0(m)", "u0(m)", "east(m)", "north(m)", "up(m)", "sig_e(m)", "sig_n(m)", "sig_u(m)",
    "corr_en", "corr_eu", "corr_nu",
)  # fmt: skip
_OLDEST_HEADING: Final = (
    "site YYMMMDD yyyy.yyyy MJD week d reflon e0(m) east(m) n0(m) north(m) u0(m) up(m) ant(m) "
    "sig_e(m) sig_n(m) sig_u(m) corr_en corr_eu corr_nu"
)
_OLDEST_LINE: Final = re.compile(
    r"\S+\s+\d\d[A-Z]{3}\d\d\s+\d{4}\.\d+\s+\d{5}\s+\d+\s+[0-6](\s+\S+){14}\s*$"
)
_Pick = Callable[[Sequence[str]], tuple[str, ...]]


def recognises(document: Document) -> bool:
    first = document.head()[0]
    return first.split()[:2] == ["site", "YYMMMDD"] or _without_heading(first)


def _without_heading(first: str) -> bool:
    return _OLDEST_LINE.match(first.lstrip()) is not None


def read(document: Document, options: ReadingOptions) -> Reading:
    """Return each station's series; its origin is e0, n0, u0 of its first line."""
    lines = document.numbered()
    first = document.head()[0]
    heading = (0, _OLDEST_HEADING) if _without_heading(first) else next(lines)
    words, numbers, width = _columns(document, *heading)
    origins_m: dict[str, list[float]] = {}
    rows: dict[str, list[Row]] = {}
    for n, line in lines:
        fields = line.split()
        if len(fields) != width:
            raise document.fault(n, f"has {len(fields)} columns, a line of tenv3 here {width}")
        station, day, year, mjd_text, antenna = words(fields)
        t_years, mjd = ngl_moment(document, n, day, year, mjd_text)
        values = document.numbers(n, numbers(fields))
        e0, n0, u0 = origins_m.setdefault(station, values[:3])
        enu_m = (
            values[0] - e0 + values[3],
            values[1] - n0 + values[4],
            values[2] - u0 + values[5],
        )
        row = Row(n, t_years, mjd, enu_m, values[6:9], values[9:12], antenna)
        rows.setdefault(station, []).append(row)
    return by_station(document, document.frame("", options), rows)


def _columns(document: Document, line: int, heading: str) -> tuple[_Pick, _Pick, int]:
    """Return what picks the words and the numbers of a line, and how many columns it has."""
    names = [name.lstrip("_") for name in heading.split()]
    missing = [name for name in (*_WORDS, *_NUMBERS) if name not in names]
    if missing:
        raise document.fault(line, f"is no tenv3 heading: column {', '.join(missing)} is missing")
    return (
        itemgetter(*(names.index(name) for name in _WORDS)),
        itemgetter(*(names.index(name) for name in _NUMBERS)),
        len(names),
    )

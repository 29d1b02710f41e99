"""NGL's tenv: 16 columns without a heading, displacements from the first epoch.

station, day, decimal year, MJD, GPS week, day of week, east, north, up (m), antenna height (m),
their sigmas (m), correlations east-north, east-up, north-up (geodesy.unr.edu, README_tenv).
"""

import re
from typing import Final

from stationd.drift.reading.assembly import Reading, Row, by_station
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.reading.ngl_moment import ngl_moment

_COLUMNS: Final = 16
_LINE: Final = re.compile(r"\S+\s+\d\d[A-Z]{3}\d\d\s+\d{4}\.\d+\s+\d{5}\s+\d+\s+[0-6]\s")


def recognises(document: Document) -> bool:
    return _LINE.match(document.head()[0].lstrip()) is not None


def read(document: Document, options: ReadingOptions) -> Reading:
    rows: dict[str, list[Row]] = {}
    for n, line in document.numbered():
        fields = line.split()
        if len(fields) != _COLUMNS:
            raise document.fault(n, f"has {len(fields)} columns, a tenv line has {_COLUMNS}")
        t_years, mjd = ngl_moment(document, n, fields[1], fields[2], fields[3])
        values = document.numbers(n, fields[6:])
        row = Row(n, t_years, mjd, values[:3], values[4:7], values[7:], fields[9])
        rows.setdefault(fields[0], []).append(row)
    return by_station(document, document.frame("", options), rows)

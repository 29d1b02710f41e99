"""GipsyX's .series: decimal year, east, north, up, sigmas, correlations, seconds from J2000."""

import re
from typing import Final

from stationd.drift.epochs import J2000_MJD, julian_year
from stationd.drift.reading.assembly import Reading, Row, assembled
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.units import SECONDS_PER_DAY

_COLUMNS: Final = 17
_LINE: Final = re.compile(r"\s*\d{4}\.\d{4,}(\s+\S+){10}(\s+\d{1,4}){6}\s*$")
_AGREEMENT_YEARS: Final = 1e-3


def recognises(document: Document) -> bool:
    return _LINE.match(document.head()[0]) is not None


def read(document: Document, options: ReadingOptions) -> Reading:
    rows = []
    for n, line in document.numbered():
        fields = line.split()
        if len(fields) != _COLUMNS:
            raise document.fault(n, f"has {len(fields)} columns, a .series line has {_COLUMNS}")
        values = document.numbers(n, fields[:11])
        mjd = J2000_MJD + values[10] / SECONDS_PER_DAY
        if abs(values[0] - julian_year(mjd)) > _AGREEMENT_YEARS:
            raise document.fault(n, f"{fields[0]} is not {fields[10]} s after J2000.0")
        rows.append(Row(n, values[0], mjd, values[1:4], values[4:7], values[7:10]))
    return assembled(document, document.station(options), document.frame("", options), rows)

"""est_noise's offsets: year and day of year, of the station that the file is named after."""

import re
from typing import Final

from stationd.drift.epochs import mjd_of_day_of_year
from stationd.drift.known_step import Change, KnownStep
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.reading.steps.places import Places

_LINE: Final = re.compile(r"\s*(19|20)\d\d\s+[1-3]?\d?\d(\.\d*)?\s*$")


def recognises(document: Document) -> bool:
    return _LINE.match(document.head()[0]) is not None


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    station = document.station(ReadingOptions())
    steps = []
    for n, line in document.numbered():
        if _LINE.match(line) is None:
            raise document.fault(n, "is no line of year and day of year, such as 2003 356")
        year, day = document.numbers(n, line.split())
        mjd = document.parsed(n, lambda days: mjd_of_day_of_year(*days), (year, day))
        steps.append(
            KnownStep(station, mjd, Change.OTHER, "in the list of offsets", document.source, n)
        )
    return tuple(steps)

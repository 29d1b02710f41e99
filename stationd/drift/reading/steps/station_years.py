"""Lines of STATION decimal-year, a reason after them if there is one."""

import re
from typing import Final

from stationd.drift.epochs import mjd_of_julian_year
from stationd.drift.known_step import KnownStep, change_of
from stationd.drift.reading.document import Document
from stationd.drift.reading.steps.places import Places

_LINE: Final = re.compile(r"\s*(\S+)\s+((?:19|20|21)\d\d(?:\.\d*)?)(?:\s+(.*))?$")


def recognises(document: Document) -> bool:
    lines = [line for line in document.head() if not line.lstrip().startswith("#")]
    return bool(lines) and _LINE.match(lines[0]) is not None


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    steps = []
    for n, line in document.numbered():
        if line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise document.fault(n, "is no line STATION decimal-year, such as P123 2020.7666")
        station, year, reason = (
            match.group(1),
            float(match.group(2)),
            (match.group(3) or "").strip(),
        )
        steps.append(
            KnownStep(
                station=station,
                mjd=mjd_of_julian_year(year),
                change=change_of(reason),
                reason=reason or "in the list of steps",
                source=document.source,
                line=n,
                t_years=year,
            )
        )
    return tuple(steps)

"""NGL's steps.txt: station, day, type 1 (what changed) or 2 (earthquake: reach, distance, size).

(geodesy.unr.edu, NGLStationPages/steps_readme.txt)
"""

import re
from typing import Final

from stationd.drift.epochs import NOON_DAYS, mjd_of_ngl_day
from stationd.drift.known_step import Change, KnownStep, change_of
from stationd.drift.reading.document import Document
from stationd.drift.reading.steps.places import Places

_LINE: Final = re.compile(r"\s*\S+\s+\d\d[A-Z]{3}\d\d\s+[12]\s")


def recognises(document: Document) -> bool:
    return _LINE.match(document.head()[0]) is not None


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    steps = []
    for n, line in document.numbered():
        fields = line.split()
        if len(fields) < 4:
            raise document.fault(n, "is no step: station, day, type and what happened are wanted")
        station, day, kind = fields[:3]
        mjd = document.parsed(n, mjd_of_ngl_day, day) + NOON_DAYS
        change, reason = _reason(document, n, kind, fields[3:])
        steps.append(KnownStep(station, mjd, change, reason, document.source, n))
    return tuple(steps)


def _reason(document: Document, line: int, kind: str, rest: list[str]) -> tuple[Change, str]:
    match kind:
        case "1":
            words = " ".join(rest).replace("_", " ")
            return change_of(words), words
        case "2" if len(rest) >= 4:
            reach_km, distance_km, magnitude = document.numbers(line, rest[:3])
            where = f"at {distance_km:.0f} km, within its reach of {reach_km:.0f} km ({rest[3]})"
            return Change.EARTHQUAKE, f"earthquake M{magnitude:.1f} {where}"
        case "2":
            raise document.fault(
                line, "is no earthquake: its reach, distance, magnitude and name are wanted"
            )
        case _:
            raise document.fault(line, f"has the type {kind}; known are 1 and 2")

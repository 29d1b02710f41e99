"""Bernese .CRD: coordinates of one epoch in a stated datum, no sigmas."""

import re
from typing import Final

import numpy as np

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.session import Session

_DATUM: Final = re.compile(
    r"LOCAL GEODETIC DATUM:\s*(\S+)\s+EPOCH:\s*(\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d)"
)
# number, name of 16 characters (which may hold a DOMES number), X, Y, Z, flag
_STATION: Final = re.compile(
    r"\s*\d+\s{2}(?P<name>.{16})\s*(?P<xyz>-?\d+\.\d+\s*-?\d+\.\d+\s*-?\d+\.\d+)"
    r"(?:\s+(?P<flag>\S+).*)?\s*$"
)


def recognises(document: Document) -> bool:
    return any(line.startswith("LOCAL GEODETIC DATUM:") for line in document.head()[:6])


def read(document: Document, options: ReadingOptions) -> Reading:
    """Return the stations that carry a flag: without one, Bernese did not estimate them."""
    frame, mjd = _datum(document, options)
    unknown = np.full((3, 3), np.nan)
    sessions: list[Session] = []
    unflagged: list[str] = []
    begun = False
    for n, line in document.numbered():
        if line.startswith("NUM"):
            begun = True
            continue
        if not begun:
            continue
        match = _STATION.match(line)
        if match is None:
            raise document.fault(n, "is no line of a station: number, name, X, Y, Z, flag")
        station = match["name"].split()[0]
        if match["flag"] is None:
            unflagged.append(station)
            continue
        xyz_m = np.array(document.finite(n, match["xyz"].split()))
        sessions.append(Session(station, mjd, xyz_m, unknown, frame, document.source, n))
    if not sessions:
        raise document.fault(None, "has no station with a flag")
    return Reading(sessions=tuple(sessions), notices=_notices(document, unflagged))


def _notices(document: Document, unflagged: list[str]) -> tuple[str, ...]:
    if not unflagged:
        return ()
    return (f"{document.source}: {', '.join(unflagged)} without a flag left out: not estimated",)


def _datum(document: Document, options: ReadingOptions) -> tuple[str, float]:
    for n, line in document.numbered():
        match = _DATUM.match(line)
        if match is not None:
            return document.frame(match[1], options), _epoch(document, n, match[2])
    raise document.fault(None, "states no datum and epoch (LOCAL GEODETIC DATUM: … EPOCH: …)")


def _epoch(document: Document, line: int, text: str) -> float:
    return document.parsed(line, mjd_of_iso, " ".join(text.split()))[0]

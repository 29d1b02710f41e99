"""PBO's .pos (UNAVCO, versions 1.0 and 1.1): displacements from a stated reference position."""

import re
from typing import Final

from stationd.drift.epochs import julian_year
from stationd.drift.reading.assembly import Reading, Row, assembled
from stationd.drift.reading.document import Document, ReadingOptions

_TITLE: Final = "PBO Station Position Time Series"
_FRAME: Final = re.compile(r"Reference Frame\s*:\s*(\S+)")
_POSITION_FRAME: Final = re.compile(r"XYZ Reference position\s*:.*\((\S+)\)")
_STATION: Final = re.compile(r"4-character ID\s*:\s*(\S+)")
# date, time, MJD, 9 geocentric columns, latitude, longitude, height, then dN dE dU and so on;
# the last, the kind of orbits, is missing in old files.
_COLUMNS: Final = (24, 25)
_DISPLACEMENTS_FROM: Final = 15


def recognises(document: Document) -> bool:
    return document.head()[0].startswith(_TITLE)


def read(document: Document, options: ReadingOptions) -> Reading:
    frame, station, begins = _heading(document, options)
    rows: list[Row] = []
    for n, line in document.numbered():
        if n < begins:
            continue
        fields = line.split()
        if len(fields) not in _COLUMNS:
            raise document.fault(n, f"has {len(fields)} columns, a PBO line has 24 or 25")
        (mjd,) = document.numbers(n, fields[2:3])
        north, east, up, sigma_n, sigma_e, sigma_u, ne, nu, eu = document.numbers(
            n, fields[_DISPLACEMENTS_FROM : _DISPLACEMENTS_FROM + 9]
        )
        sigmas_m = (sigma_e, sigma_n, sigma_u)
        rows.append(Row(n, julian_year(mjd), mjd, (east, north, up), sigmas_m, (ne, eu, nu)))
    return assembled(document, station, frame, rows)


def _heading(document: Document, options: ReadingOptions) -> tuple[str, str, int]:
    """Return frame, station, and the line at which data begin."""
    found = {"frame": "", "position": "", "station": ""}
    patterns = {"frame": _FRAME, "position": _POSITION_FRAME, "station": _STATION}
    for n, line in document.numbered():
        if line.startswith("*YYYYMMDD"):
            return _agreed(document, found, options), found["station"], n + 1
        for key, pattern in patterns.items():
            match = pattern.search(line)
            if match and not found[key]:
                found[key] = match.group(1)
    raise document.fault(None, "has no line of column names (*YYYYMMDD …): no PBO series")


def _agreed(document: Document, found: dict[str, str], options: ReadingOptions) -> str:
    """Return the frame, which title and reference position must share."""
    if found["position"] and found["frame"] and found["position"] != found["frame"]:
        raise document.fault(
            1,
            f"is in {found['frame']}, its reference position in {found['position']}: "
            "a series has one frame",
        )
    return document.frame(found["frame"], options)

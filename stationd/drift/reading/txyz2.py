"""NGL's txyz2: 13 columns without a heading, geocentric coordinates.

station, day, decimal year, x, y, z (m), their sigmas (m), correlations xy, xz, yz, antenna height
(geodesy.unr.edu, README_txyz2).
"""

import re
from typing import Final

import numpy as np

from stationd.drift.reading.assembly import NOT_GIVEN, Reading
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.reading.ngl_moment import ngl_moment
from stationd.drift.session import Session, covariance_of

_COLUMNS: Final = 13
_LINE: Final = re.compile(r"\S+\s+\d\d[A-Z]{3}\d\d\s+\d{4}\.\d+(\s+-?\d{1,7}\.\d+){3}\s")


def recognises(document: Document) -> bool:
    return _LINE.match(document.head()[0].lstrip()) is not None


def read(document: Document, options: ReadingOptions) -> Reading:
    frame = document.frame("", options)
    sessions = []
    beyond: list[int] = []
    for n, line in document.numbered():
        fields = line.split()
        if len(fields) != _COLUMNS:
            raise document.fault(n, f"has {len(fields)} columns, a txyz2 line has {_COLUMNS}")
        _, mjd = ngl_moment(document, n, fields[1], fields[2])
        values = document.finite(n, fields[3:12])
        correlations = values[6:9]
        if max(abs(value) for value in correlations) > 1.0:
            beyond.append(n)
            correlations = list(NOT_GIVEN)
        sessions.append(
            Session(
                station=fields[0],
                mjd=mjd,
                xyz_m=np.array(values[:3]),
                covariance_m2=covariance_of(values[3:6], correlations),
                frame=frame,
                source=document.source,
                line=n,
                antenna=fields[12],
            )
        )
    return Reading(sessions=tuple(sessions), notices=_notices(document, beyond))


def _notices(document: Document, beyond: list[int]) -> tuple[str, ...]:
    if not beyond:
        return ()
    counted = f"{len(beyond)} epochs have correlations beyond one, taken as none"
    return (f"{document.source}, line {beyond[0]}: {counted}",)

"""EUREF's SSC tables: positions and velocities of a cumulative solution at its reference epoch."""

import re
from typing import Final

import numpy as np

from stationd.drift.epochs import mjd_of_sinex
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.session import Session

_TITLE: Final = "STATION POSITIONS AND VELOCITIES"
_FRAME: Final = re.compile(r"\s*REFERENCE FRAME:\s*(\S+)\s+AT EPOCH OF\s+(\d+\.\d+)")
_POSITION: Final = re.compile(
    r"(?P<domes>\d{5}[MS]\d{3})\s+.{16}\s*GPS\s+(?P<station>\S{4})"
    r"(?P<xyz>(?:\s+-?\d+\.\d+){3})(?P<sigmas>(?:\s+\d*\.\d+){3})\s+(?P<solution>\d+)"
    r"\s+\S+\s+\S+\s+(?P<epoch>\d\d:\d{3}:\d{5})\s*$"
)
_VELOCITY: Final = re.compile(
    r"(?P<domes>\d{5}[MS]\d{3})(?P<velocity>(?:\s+-?\d*\.\d+){3})(?:\s+\d*\.\d+){3}\s*$"
)


def recognises(document: Document) -> bool:
    return _TITLE in document.head()[0]


def read(document: Document, options: ReadingOptions) -> Reading:
    """Return a session for each position and the velocity on the line after it."""
    frame, begins = _heading(document, options)
    sessions: list[Session] = []
    position: tuple[int, re.Match[str]] | None = None
    for n, line in document.numbered():
        if n < begins or line.startswith("---"):
            continue
        if position is None:
            match = _POSITION.match(line)
            if match is None:
                if sessions or line[:5].isdigit():
                    raise document.fault(n, "is no line of a position")
                continue
            position = n, match
            continue
        velocity = _VELOCITY.match(line)
        if velocity is None or velocity["domes"] != position[1]["domes"]:
            raise document.fault(n, f"is not the velocity of line {position[0]}")
        sessions.append(_session(document, frame, *position, velocity["velocity"]))
        position = None
    if position is not None or not sessions:
        raise document.fault(None, "ends without a position and its velocity: it is cut short")
    return Reading(sessions=tuple(sessions))


def _heading(document: Document, options: ReadingOptions) -> tuple[str, int]:
    for n, line in document.numbered():
        match = _FRAME.match(line)
        if match is not None:
            return document.frame(match.group(1), options), n + 1
    raise document.fault(None, "states no frame (REFERENCE FRAME: … AT EPOCH OF …)")


def _session(
    document: Document, frame: str, line: int, match: re.Match[str], velocity: str
) -> Session:
    mjd = document.parsed(line, mjd_of_sinex, match["epoch"])
    if mjd is None:
        raise document.fault(line, "has no reference epoch")
    sigma_m = np.array(document.finite(line, match["sigmas"].split()))
    return Session(
        station=match["station"],
        mjd=mjd,
        xyz_m=np.array(document.finite(line, match["xyz"].split())),
        covariance_m2=np.diag(sigma_m**2),
        frame=frame,
        source=document.source,
        line=line,
        solution=match["solution"],
        velocity_m_per_year=np.array(document.finite(line + 1, velocity.split())),
    )

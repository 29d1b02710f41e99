"""SINEX 2: estimated coordinates, velocities and covariances of a solution's stations.

Frame: from LOCAL_GEODETIC_DATUM in FILE/COMMENT (Bernese), else from the file's name, else stated
by a person: SINEX itself has no field for it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from stationd.drift.epochs import mjd_of_sinex
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.reading.sinex_blocks import Block, block, blocks
from stationd.drift.series import Floats
from stationd.drift.session import Session

_POSITIONS: Final = ("STAX", "STAY", "STAZ")
_VELOCITIES: Final = ("VELX", "VELY", "VELZ")
_DATUM: Final = re.compile(r"LOCAL[_ ]GEODETIC[_ ]DATUM\s*:\s*(\S+)")
_MATRIX: Final = re.compile(r"SOLUTION/MATRIX_ESTIMATE ([LU]) (COVA|CORR)")
_ESTIMATE_FIELDS: Final = 10


class _Estimate(NamedTuple):
    line: int
    number: int
    mjd: float
    value: float
    sigma: float


_Site = tuple[str, str, str]  # code, point, solution
_Estimates = dict[_Site, dict[str, _Estimate]]


def recognises(document: Document) -> bool:
    return document.head()[0].startswith("%=SNX")


def read(document: Document, options: ReadingOptions) -> Reading:
    """Return a session for every station and solution number that has X, Y and Z."""
    found = blocks(document)
    frame = document.frame(_frame(document, found), options)
    if "SOLUTION/ESTIMATE" not in found:
        raise document.fault(
            None, "has no SOLUTION/ESTIMATE, so no coordinate (its history is read by --steps)"
        )
    estimates = _estimates(document, block(document, found, "SOLUTION/ESTIMATE"))
    covariance_m2 = _covariance_reader(document, found, estimates)
    antennas = _antennas(found)
    sessions = []
    for (code, point, solution), values in estimates.items():
        if not set(_POSITIONS) <= set(values):
            continue
        position = [values[kind] for kind in _POSITIONS]
        sessions.append(
            Session(
                station=code if point == "A" else f"{code}_{point}",
                mjd=position[0].mjd,
                xyz_m=np.array([estimate.value for estimate in position]),
                covariance_m2=covariance_m2(position),
                frame=frame,
                source=document.source,
                line=position[0].line,
                antenna=antennas.get((code, point, solution), antennas.get((code, point, "----"))),
                solution=solution,
                velocity_m_per_year=_velocity(values),
            )
        )
    if not sessions:
        raise document.fault(None, "estimates no station's X, Y and Z (STAX, STAY, STAZ)")
    return Reading(sessions=tuple(sessions))


def _velocity(values: dict[str, _Estimate]) -> Floats | None:
    if not set(_VELOCITIES) <= set(values):
        return None
    return np.array([values[kind].value for kind in _VELOCITIES])


def _frame(document: Document, found: dict[str, Block]) -> str:
    stated = {
        match.group(1)
        for _, line in found.get("FILE/COMMENT", ())
        if (match := _DATUM.search(line)) is not None
    }
    if len(stated) > 1:
        raise document.fault(
            None, f"states the frames {' and '.join(sorted(stated))}: a solution has one"
        )
    return stated.pop() if stated else ""


def _estimates(document: Document, lines: Block) -> _Estimates:
    """Return what is estimated of each site, by kind."""
    found: _Estimates = {}
    for n, line in lines:
        fields = line.split()
        if len(fields) != _ESTIMATE_FIELDS:
            raise document.fault(n, f"has {len(fields)} fields, an estimate has {_ESTIMATE_FIELDS}")
        index, kind, code, point, solution, epoch = fields[:6]
        if kind not in _POSITIONS and kind not in _VELOCITIES:
            continue
        expected = "m" if kind in _POSITIONS else "m/y"
        if fields[6] != expected:
            raise document.fault(n, f"{kind} is in {fields[6]}, not in {expected}")
        mjd = document.parsed(n, mjd_of_sinex, epoch)
        if mjd is None:
            raise document.fault(n, f"{kind} of {code} has no epoch")
        value, sigma = document.finite(n, fields[8:])
        estimate = _Estimate(n, document.parsed(n, int, index), mjd, value, sigma)
        site = found.setdefault((code, point, solution), {})
        if kind in site:
            raise document.fault(n, f"{kind} of {code} solution {solution} stands there twice")
        site[kind] = estimate
    return found


def _antennas(found: dict[str, Block]) -> dict[_Site, str]:
    """Return antenna and radome of each site and solution, by SINEX's fixed columns."""
    antennas: dict[_Site, str] = {}
    for _, line in found.get("SITE/ANTENNA", ()):
        code, point, solution = line[1:5].strip(), line[6:8].strip(), line[9:13].strip()
        antennas[code, point, solution] = " ".join(line[42:62].split())
    return antennas


def _covariance_reader(
    document: Document, found: dict[str, Block], estimates: _Estimates
) -> Callable[[Sequence[_Estimate]], Floats]:
    """Return what gives the covariance (3, 3) of three estimates: the matrix's, or the sigmas'."""
    elements: dict[tuple[int, int], float] = {}
    correlations = False
    for name, lines in found.items():
        match = _MATRIX.match(name)
        if match is None or not lines:
            continue
        correlations = match.group(2) == "CORR"
        wanted = {e.number: key for key, site in estimates.items() for e in site.values()}
        elements = _elements(document, lines, wanted)

    def covariance_m2(position: Sequence[_Estimate]) -> Floats:
        sigma_m = np.array([estimate.sigma for estimate in position])
        matrix = np.diag(sigma_m**2)
        for i, one in enumerate(position):
            for j, other in enumerate(position):
                pair = (max(one.number, other.number), min(one.number, other.number))
                if pair not in elements or (correlations and i == j):
                    continue
                scale = sigma_m[i] * sigma_m[j] if correlations else 1.0
                matrix[i, j] = elements[pair] * scale
        return matrix

    return covariance_m2


def _elements(
    document: Document, lines: Block, wanted: dict[int, _Site]
) -> dict[tuple[int, int], float]:
    """Return the matrix elements within one site, by (larger, smaller) parameter number."""
    elements: dict[tuple[int, int], float] = {}
    for n, line in lines:
        fields = line.split()
        if len(fields) < 3:
            raise document.fault(n, "is no line of a matrix: two numbers and its elements")
        row, first = (document.parsed(n, int, text) for text in fields[:2])
        site = wanted.get(row)
        within = [column for column in range(first, first + 3) if wanted.get(column) == site]
        if site is None or not within:  # most of a network's matrix is between sites
            continue
        for column, value in enumerate(document.finite(n, fields[2:]), first):
            if column in within:
                elements[max(row, column), min(row, column)] = value
    return elements

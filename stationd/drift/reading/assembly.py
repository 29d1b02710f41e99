"""Rows of a series file made into a series: sorted, each epoch once, in metres, or refused.

What is put right without loss of meaning (order, identical repeats, rows without numbers) is said
in a notice.  What could mean two things is refused: repeats that differ, millimetres read as
metres.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from stationd.drift.reading.document import Document
from stationd.drift.series import Floats, Series
from stationd.drift.session import Session

_SAME_MOMENT_DAYS: Final = 1e-6
_MISSING: Final = float("nan")
NOT_GIVEN: Final = (_MISSING, _MISSING, _MISSING)
# From day to day a station's solution changes by 1-10 mm. Metres are millimetres, micrometres
# are metres that were taken for millimetres.
_LARGEST_CHANGE_M: Final = 0.5
_SMALLEST_CHANGE_M: Final = 5e-6
_LARGEST_SIGMA_M: Final = 0.2
_SMALLEST_SIGMA_M: Final = 1e-5
_ENOUGH_ROWS: Final = 10  # to tell a typical change


class Row(NamedTuple):
    """One line of a series: `enu_m`, `sigma_m` and `correlation` as in Series."""

    line: int
    t_years: float
    mjd: float
    enu_m: Sequence[float]
    sigma_m: Sequence[float] = NOT_GIVEN
    correlation: Sequence[float] = NOT_GIVEN
    antenna: str | None = None


class Reading(NamedTuple):
    """What one file gives: series, or sessions to be collected, and what was put right."""

    series: tuple[Series, ...] = ()
    sessions: tuple[Session, ...] = ()
    notices: tuple[str, ...] = ()


def assembled(document: Document, station: str, frame: str, rows: Sequence[Row]) -> Reading:
    """Return the series of one station's rows, in the order of time.

    Raises SeriesFileError without rows, for an epoch with two coordinates, and for lengths that
    cannot be metres.
    """
    notices: list[str] = []
    if not rows:
        raise document.fault(None, f"has no epoch of {station}")
    kept = _with_numbers(document, station, rows, notices)
    kept = _sorted(document, station, kept, notices)
    kept = _each_once(document, station, kept, notices)
    enu_m = np.array([row.enu_m for row in kept], dtype=np.float64)
    sigma_m = np.array([row.sigma_m for row in kept], dtype=np.float64)
    _refuse_negative_sigmas(document, kept, sigma_m)
    correlation = _correlations(document, station, kept, notices)
    _refuse_other_units(document, enu_m, sigma_m)
    antennas = [row.antenna for row in kept]
    series = Series(
        station=station,
        t_years=np.array([row.t_years for row in kept]),
        mjd=np.array([row.mjd for row in kept]),
        enu_m=enu_m,
        sigma_m=sigma_m,
        correlation=correlation,
        frame=frame,
        antenna=None if None in antennas else tuple(str(antenna) for antenna in antennas),
        source=document.source,
    )
    return Reading(series=(series,), notices=tuple(notices))


def by_station(document: Document, frame: str, rows: dict[str, list[Row]]) -> Reading:
    """Return the series of every station in a file."""
    readings = [assembled(document, station, frame, rows[station]) for station in sorted(rows)]
    if not readings:
        raise document.fault(None, "has no line of data")
    return Reading(
        series=tuple(series for reading in readings for series in reading.series),
        notices=tuple(notice for reading in readings for notice in reading.notices),
    )


def _with_numbers(
    document: Document, station: str, rows: Sequence[Row], notices: list[str]
) -> list[Row]:
    """Drop rows that lack a component which the file gives elsewhere."""
    enu_m = np.array([row.enu_m for row in rows], dtype=np.float64)
    finite = np.isfinite(enu_m)
    given = finite.any(axis=0)
    moments = np.isfinite([row.mjd for row in rows]) & np.isfinite([row.t_years for row in rows])
    usable = finite[:, given].all(axis=1) & moments
    if not given.any() or not usable.any():
        raise document.fault(rows[0].line, f"no epoch of {station} has a coordinate")
    missing = np.flatnonzero(~usable)
    if missing.size:
        notices.append(
            f"{document.source}, line {rows[missing[0]].line}: {missing.size} of {len(rows)} "
            f"epochs of {station} have no number and were left out"
        )
    return [row for row, good in zip(rows, usable, strict=True) if good]


def _sorted(document: Document, station: str, rows: list[Row], notices: list[str]) -> list[Row]:
    backwards = [after.line for before, after in pairwise(rows) if after.t_years < before.t_years]
    if not backwards:
        return rows
    notices.append(
        f"{document.source}, line {backwards[0]}: epochs of {station} go back in time at "
        f"{len(backwards)} places and were sorted"
    )
    return sorted(rows, key=lambda row: row.t_years)


def _each_once(document: Document, station: str, rows: list[Row], notices: list[str]) -> list[Row]:
    """Drop identical repeats of an epoch; refuse repeats that differ."""
    kept = [rows[0]]
    repeats: list[Row] = []
    for row in rows[1:]:
        before = kept[-1]
        if row.mjd - before.mjd > _SAME_MOMENT_DAYS:
            kept.append(row)
        elif row.mjd - before.mjd < -_SAME_MOMENT_DAYS:
            raise document.fault(
                row.line,
                f"{station} is later than line {before.line} by its decimal year and earlier by "
                "its day; one of them is wrong",
            )
        elif _same_place(row, before):
            repeats.append(row)
        else:
            raise document.fault(
                row.line,
                f"{station} at {row.t_years:.4f} has another coordinate than line {before.line} "
                "of the same epoch; keep one of them",
            )
    if repeats:
        notices.append(
            f"{document.source}, line {repeats[0].line}: {len(repeats)} repeated epochs of "
            f"{station} were left out"
        )
    return kept


def _same_place(row: Row, other: Row) -> bool:
    return bool(np.array_equal(row.enu_m, other.enu_m, equal_nan=True))


def _refuse_negative_sigmas(document: Document, rows: Sequence[Row], sigma_m: Floats) -> None:
    wrong = (sigma_m < 0.0).any(axis=1)
    if wrong.any():
        raise document.fault(
            rows[int(np.argmax(wrong))].line, "has a negative sigma: are these its columns?"
        )


def _correlations(
    document: Document, station: str, rows: Sequence[Row], notices: list[str]
) -> Floats:
    """Return the correlations (n, 3); one beyond one is unknown.

    They are found in files of NGL and, more often, of JPL: the estimates beside them are sound.
    """
    correlation = np.array([row.correlation for row in rows], dtype=np.float64)
    beyond = np.abs(correlation) > 1.0
    wrong = beyond.any(axis=1)
    if wrong.any():
        first = rows[int(np.argmax(wrong))].line
        notices.append(
            f"{document.source}, line {first}: {np.count_nonzero(wrong)} of {len(rows)} epochs "
            f"of {station} have correlations beyond one, taken as unknown"
        )
    correlation[beyond] = np.nan
    return correlation


def _refuse_other_units(document: Document, enu_m: Floats, sigma_m: Floats) -> None:
    """Refuse lengths whose typical change or sigma is that of another unit than metres."""
    if len(enu_m) < _ENOUGH_ROWS:
        return
    given = np.isfinite(enu_m[0])
    change_m = float(np.median(np.abs(np.diff(enu_m[:, given], axis=0))))
    stated = sigma_m[np.isfinite(sigma_m)]
    sigma = float(np.median(stated)) if stated.size else None
    if change_m > _LARGEST_CHANGE_M or (sigma is not None and sigma > _LARGEST_SIGMA_M):
        raise document.fault(None, _sentence("metres", "millimetres", change_m, sigma, "mm"))
    tiny = 0.0 < change_m < _SMALLEST_CHANGE_M and (sigma is None or sigma < _SMALLEST_CHANGE_M)
    if tiny or (sigma is not None and 0.0 < sigma < _SMALLEST_SIGMA_M):
        raise document.fault(None, _sentence("that unit", "metres", change_m, sigma, "m"))


def _sentence(
    read_as: str, looks_like: str, change_m: float, sigma: float | None, unit: str
) -> str:
    stated = "" if sigma is None else f" and the typical sigma {sigma:.3g} m"
    return (
        f"read as {read_as}, the typical change between epochs is {change_m:.3g} m{stated}: they "
        f"look like {looks_like}; state the unit (--unit {unit}) with --columns, or correct it"
    )

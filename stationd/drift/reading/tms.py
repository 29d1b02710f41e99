"""SINEX-TMS 1.0: a series with its columns, its frame and its station's history in blocks.

The decimal year is that of the calendar, and it is the moment that counts: in files seen, the date
beside it is now and then that of the next day.
"""

from typing import Final

import numpy as np

from stationd.drift.epochs import mjd_of_calendar_year, mjd_of_iso
from stationd.drift.reading.assembly import NOT_GIVEN, Reading, Row, assembled
from stationd.drift.reading.document import METRES_PER_UNIT, Document, ReadingOptions
from stationd.drift.reading.sinex_blocks import Block, block, blocks
from stationd.geodesy.geodetic import displacement_enu_m

_MINUTES_PER_DAY: Final = 1_440
_RESOLUTION_MINUTES: Final = 6  # of a decimal year with five digits
_GEOCENTRIC: Final = ("X", "Y", "Z")
_ENU: Final = ("EAST", "NORTH", "UP")
_SIGMAS: Final = ("SIG_EAST", "SIG_NORTH", "SIG_UP")
_CORRELATIONS: Final = ("CORR_EN", "CORR_EU", "CORR_NU")


def recognises(document: Document) -> bool:
    return document.head()[0].startswith("%=TMS")


def read(document: Document, options: ReadingOptions) -> Reading:
    found = blocks(document)
    columns = _columns(document, block(document, found, "TIMESERIES/COLUMNS"))
    data = block(document, found, "TIMESERIES/DATA")
    station = document.head()[0].split()[-1]
    frame, notices = _frame(document, found, options)
    origin_m = _origin_m(document, found)
    rows = [_row(document, n, line.split(), columns, origin_m) for n, line in data]
    notices += _other_days(document, data, columns, rows)
    reading = assembled(document, station, frame, rows)
    return reading._replace(notices=(*notices, *reading.notices))


def _columns(document: Document, lines: Block) -> dict[str, tuple[int, float]]:
    """Return where each column stands, and how many metres its unit has."""
    columns: dict[str, tuple[int, float]] = {}
    for n, line in lines:
        fields = line.split()
        if len(fields) < 3 or fields[0] != str(len(columns) + 1):
            raise document.fault(n, f"is no column {len(columns) + 1}: number, name, unit")
        columns[fields[1]] = (len(columns), METRES_PER_UNIT.get(fields[2], 1.0))
    if "YEAR" not in columns:
        raise document.fault(None, "states no column YEAR in TIMESERIES/COLUMNS")
    if not (set(_ENU) <= set(columns) or set(_GEOCENTRIC) <= set(columns)):
        raise document.fault(
            None, "states neither EAST, NORTH, UP nor X, Y, Z in TIMESERIES/COLUMNS"
        )
    return columns


def _frame(
    document: Document, found: dict[str, Block], options: ReadingOptions
) -> tuple[str, list[str]]:
    """Return the frame of the data, and a notice where the reference coordinate has another."""
    stated = ""
    for _, line in found.get("TIMESERIES/DESCRIPTION", ()):
        key, _, value = line.partition(":")
        if key.strip() == "REFERENCE SYSTEM":
            stated = value.strip()
    references = {line.split()[-1] for _, line in found.get("TIMESERIES/REF_COORDINATE", ())}
    if len(references) > 1:
        raise document.fault(
            None, f"has reference coordinates in {' and '.join(sorted(references))}: one is wanted"
        )
    reference = references.pop() if references else ""
    notices = []
    if stated and reference and stated != reference:
        notices.append(
            f"{document.source}: its series is in {stated}, its reference coordinate in {reference}"
        )
    return document.frame(stated or reference, options), notices


def _origin_m(document: Document, found: dict[str, Block]) -> list[float] | None:
    for n, line in found.get("TIMESERIES/REF_COORDINATE", ()):
        return document.numbers(n, line.split()[5:8])
    return None


def _row(
    document: Document,
    line: int,
    fields: list[str],
    columns: dict[str, tuple[int, float]],
    origin_m: list[float] | None,
) -> Row:
    if len(fields) != len(columns):
        raise document.fault(
            line, f"has {len(fields)} columns, TIMESERIES/COLUMNS states {len(columns)}"
        )

    def picked(names: tuple[str, ...]) -> list[float]:
        values = document.numbers(line, [fields[columns[name][0]] for name in names])
        return [value * columns[name][1] for value, name in zip(values, names, strict=True)]

    (t_years,) = document.numbers(line, [fields[columns["YEAR"][0]]])
    if set(_ENU) <= set(columns):
        enu_m = picked(_ENU)
    elif origin_m is not None:
        enu_m = list(displacement_enu_m(np.array(picked(_GEOCENTRIC)), origin_m))
    else:
        raise document.fault(line, "is geocentric, and the file has no reference coordinate")
    return Row(
        line,
        t_years,
        document.parsed(line, _moment, t_years),
        enu_m,
        picked(_SIGMAS) if set(_SIGMAS) <= set(columns) else NOT_GIVEN,
        picked(_CORRELATIONS) if set(_CORRELATIONS) <= set(columns) else NOT_GIVEN,
    )


def _other_days(
    document: Document, data: Block, columns: dict[str, tuple[int, float]], rows: list[Row]
) -> list[str]:
    """Return a notice where the date beside the decimal year is another day."""
    place = columns.get("YYYY-MM-DD", (None,))[0]
    if place is None:
        return []
    others = []
    for (n, line), row in zip(data, rows, strict=True):
        mjd, _ = document.parsed(n, mjd_of_iso, line.split()[place])
        if mjd != row.mjd // 1:
            others.append(n)
    if not others:
        return []
    counted = f"{len(others)} of {len(rows)} dates are not the day of the decimal year beside them"
    return [f"{document.source}, line {others[0]}: {counted}; the decimal year counts"]


def _moment(t_years: float) -> float:
    """Return the MJD of a calendar year, on the hour where its five digits allow that."""
    mjd = mjd_of_calendar_year(t_years)
    on_the_hour = round(mjd * 24.0) / 24.0
    close = abs(mjd - on_the_hour) * _MINUTES_PER_DAY <= _RESOLUTION_MINUTES
    return on_the_hour if close else mjd

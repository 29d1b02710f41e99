"""A series as text: in formats for other programs, and as CSV, which loses nothing.

What a format has no place for is lost with it: tenv and tenv3 have a line a day and say the frame
in their file's name (`file_name`), GipsyX's has no antenna, SINEX-TMS no correlations.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from stationd.drift.epochs import (
    J2000_MJD,
    NOON_DAYS,
    calendar_year,
    date_of_mjd,
    julian_year,
    ngl_day,
)
from stationd.drift.errors import SeriesFileError
from stationd.drift.series import Series
from stationd.units import SECONDS_PER_DAY

_TENV3_HEADING: Final = (
    "site YYMMMDD yyyy.yyyy __MJD week d reflon _e0(m) __east(m) ____n0(m) _north(m) u0(m) "
    "____up(m) _ant(m) sig_e(m) sig_n(m) sig_u(m) __corr_en __corr_eu __corr_nu"
)
_CSV_HEADING: Final = (
    "station", "frame", "year", "mjd", "east_m", "north_m", "up_m", "sigma_east_m",
    "sigma_north_m", "sigma_up_m", "correlation_east_north", "correlation_east_up",
    "correlation_north_up", "antenna",
)  # fmt: skip
_TMS_COLUMNS: Final = (
    ("YYYY-MM-DD", "", "Date of the epoch"),
    ("YEAR", "y", "Date as decimal year of the calendar"),
    ("EAST", "m", "East component of topocentric site coordinates"),
    ("NORTH", "m", "North component of topocentric site coordinates"),
    ("UP", "m", "Up component of topocentric site coordinates"),
    ("SIG_EAST", "m", "Standard deviation of the east component"),
    ("SIG_NORTH", "m", "Standard deviation of the north component"),
    ("SIG_UP", "m", "Standard deviation of the up component"),
)
_MJD_OF_GPS_WEEK_ZERO: Final = 44_244
_DAYS_PER_WEEK: Final = 7


def file_name(series: Series, extension: str) -> str:
    """Return a name under which readers find station and frame: P123.IGS14.tenv3."""
    parts = (series.station, series.frame, extension)
    return ".".join(part for part in parts if part)


def as_tenv3(series: Series) -> str:
    """Return NGL's tenv3 of twenty columns (without a position), to the micrometre.

    An antenna that is no height in metres becomes 0.0000.  Raises SeriesFileError for two epochs
    of one day.
    """
    lines = [_TENV3_HEADING]
    for row, day in enumerate(_days(series)):
        east_m, north_m, up_m = series.enu_m[row]
        lines.append(
            f"{series.station} {_ngl_moment(day)}    0.0      0 {east_m:9.6f}         0 "
            f"{north_m:9.6f}     0 {up_m:9.6f} {_height(series, row)} {_spread(series, row)}"
        )
    return _text(lines)


def as_tenv(series: Series) -> str:
    """Return NGL's tenv, to the micrometre; otherwise as tenv3."""
    lines = []
    for row, day in enumerate(_days(series)):
        enu = " ".join(f"{value:10.6f}" for value in series.enu_m[row])
        moment = _ngl_moment(day)
        lines.append(
            f"{series.station} {moment} {enu}  {_height(series, row)} {_spread(series, row)}"
        )
    return _text(lines)


def as_gipsyx(series: Series) -> str:
    """Return GipsyX's .series, to the micrometre; station and frame are said by its name."""
    lines = []
    for row in range(len(series)):
        columns = (*series.enu_m[row], *series.sigma_m[row], *series.correlation[row])
        numbers = "".join(f"{value:16.6f} " for value in columns)
        seconds_s = round((series.mjd[row] - J2000_MJD) * SECONDS_PER_DAY)
        moment = datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(seconds=seconds_s)
        clock = f"{moment:%Y} {moment.month:2d} {moment.day:2d} {moment:%H %M %S}"
        year = julian_year(J2000_MJD + seconds_s / SECONDS_PER_DAY)
        lines.append(f"{year:.8f} {numbers}{seconds_s:16.2f}  {clock}")
    return _text(lines)


def as_tms(series: Series) -> str:
    """Return SINEX-TMS 1.0, to the micrometre, with the blocks that a reader needs."""
    named = series.station.ljust(9)
    lines = [
        f"%=TMS 1.0 --- 0000:000:00000 --- 0000:000:00000 0000:000:00000 P {series.station}",
        "+TIMESERIES/DESCRIPTION",
        f" REFERENCE SYSTEM: {series.frame}",
        "-TIMESERIES/DESCRIPTION",
        "+SITE/ID",
        f" {named}  A --------- P",
        "-SITE/ID",
        "+TIMESERIES/COLUMNS",
        *(
            f"    {number:2d} {name:<20} {unit:<20} {about}"
            for number, (name, unit, about) in enumerate(_TMS_COLUMNS, 1)
        ),
        "-TIMESERIES/COLUMNS",
        "+TIMESERIES/DATA",
    ]
    for row in range(len(series)):
        mjd = float(series.mjd[row])
        numbers = " ".join(f"{value:12.6f}" for value in (*series.enu_m[row], *series.sigma_m[row]))
        lines.append(f" {date_of_mjd(mjd)} {calendar_year(mjd):.8f} {numbers}")
    return _text([*lines, "-TIMESERIES/DATA", "%=ENDTMS"])


def as_csv(many: Iterable[Series]) -> str:
    """Return CSV that reads back to the same numbers, bit by bit; unknown is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEADING)
    for series in many:
        for row in range(len(series)):
            numbers = (
                series.t_years[row],
                series.mjd[row],
                *series.enu_m[row],
                *series.sigma_m[row],
                *series.correlation[row],
            )
            antenna = "" if series.antenna is None else series.antenna[row]
            fields = ("" if math.isnan(value) else repr(float(value)) for value in numbers)
            writer.writerow((series.station, series.frame, *fields, antenna))
    return text.getvalue()


WRITERS: Final[Mapping[str, Callable[[Series], str]]] = MappingProxyType(
    {
        "csv": lambda series: as_csv([series]),
        "tenv3": as_tenv3,
        "tenv": as_tenv,
        "series": as_gipsyx,
        "tms": as_tms,
    }
)


def _days(series: Series) -> list[int]:
    """Return the day of each epoch, each day once.

    Raises SeriesFileError for two epochs of one day.
    """
    days = [math.floor(moment) for moment in series.mjd]
    for before, after in pairwise(days):
        if after == before:
            raise SeriesFileError(
                series.source or series.station,
                None,
                f"has two epochs on {ngl_day(after)}; tenv and tenv3 have a line a day: write CSV",
            )
    return days


def _ngl_moment(day: int) -> str:
    """Return NGL's day, decimal year, MJD, GPS week and day of the week."""
    week, day_of_week = divmod(day - _MJD_OF_GPS_WEEK_ZERO, _DAYS_PER_WEEK)
    year = julian_year(day + NOON_DAYS)
    return f"{ngl_day(day)} {year:.4f} {day} {week:4d} {day_of_week}"


def _spread(series: Series, row: int) -> str:
    """Return sigmas and correlations of a line of tenv and tenv3."""
    sigmas = " ".join(f"{value:.6f}" for value in series.sigma_m[row])
    correlations = " ".join(f"{value:9.6f}" for value in series.correlation[row])
    return f"{sigmas} {correlations}"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _height(series: Series, row: int) -> str:
    """Return the antenna column as a height of four decimals."""
    try:
        return f"{float(series.antenna[row]):.4f}" if series.antenna else "0.0000"
    except ValueError:
        return "0.0000"

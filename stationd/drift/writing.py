"""A series as text: tenv3 for other programs, CSV for everything that tenv3 has no place for."""

import csv
import io
import math
from collections.abc import Iterable
from typing import Final

from stationd.drift.epochs import NOON_DAYS, julian_year, ngl_day
from stationd.drift.errors import SeriesFileError
from stationd.drift.series import Series

_TENV3_HEADING: Final = (
    "site YYMMMDD yyyy.yyyy __MJD week d reflon _e0(m) __east(m) ____n0(m) _north(m) u0(m) "
    "____up(m) _ant(m) sig_e(m) sig_n(m) sig_u(m) __corr_en __corr_eu __corr_nu"
)
_CSV_HEADING: Final = (
    "station", "frame", "year", "mjd", "east_m", "north_m", "up_m", "sigma_east_m",
    "sigma_north_m", "sigma_up_m", "correlation_east_north", "correlation_east_up",
    "correlation_north_up", "antenna",
)  # fmt: skip
_MJD_OF_GPS_WEEK_ZERO: Final = 44_244
_DAYS_PER_WEEK: Final = 7


def tenv3_name(series: Series) -> str:
    """Return the file name under which NGL's readers find station and frame."""
    return f"{series.station}.{series.frame}.tenv3" if series.frame else f"{series.station}.tenv3"


def as_tenv3(series: Series) -> str:
    """Return NGL's tenv3 of twenty columns (without a position), to the micrometre.

    Its frame is said by the name alone: `tenv3_name`.  An antenna that is no height in metres
    becomes 0.0000.  Raises SeriesFileError for two epochs of one day: tenv3 has a line a day.
    """
    lines = [_TENV3_HEADING]
    day_before = -1
    for row in range(len(series)):
        day = math.floor(series.mjd[row])
        if day == day_before:
            raise SeriesFileError(
                series.source or series.station,
                None,
                f"has two epochs on {ngl_day(day)}; tenv3 has a line a day: write CSV",
            )
        day_before = day
        lines.append(_tenv3_line(series, row, day))
    return "\n".join(lines) + "\n"


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


def _tenv3_line(series: Series, row: int, day: int) -> str:
    week, day_of_week = divmod(day - _MJD_OF_GPS_WEEK_ZERO, _DAYS_PER_WEEK)
    east_m, north_m, up_m = series.enu_m[row]
    sigmas = " ".join(f"{value:.6f}" for value in series.sigma_m[row])
    correlations = " ".join(f"{value:9.6f}" for value in series.correlation[row])
    return (
        f"{series.station} {ngl_day(day)} {julian_year(day + NOON_DAYS):.4f} {day} {week:4d} "
        f"{day_of_week}    0.0      0 {east_m:9.6f}         0 {north_m:9.6f}     0 {up_m:9.6f} "
        f"{_height(series, row)} {sigmas} {correlations}"
    )


def _height(series: Series, row: int) -> str:
    """Return the antenna column as a height of four decimals."""
    try:
        return f"{float(series.antenna[row]):.4f}" if series.antenna else "0.0000"
    except ValueError:
        return "0.0000"

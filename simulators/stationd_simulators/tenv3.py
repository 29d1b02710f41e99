"""Writes daily series as NGL's tenv3, and what they were made from beside it as JSON.

The columns are those of geodesy.unr.edu, README_tenv3load: whole metres and the rest in columns of
their own, the heading in the first line. Positions are east, north and up of a reference meridian
and height; only their differences mean something here.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from stationd.gnss.time import MJD_OF_UNIX_EPOCH
from stationd_simulators.daily_series import DailySeries, SeriesTruth, decimal_years

HEADING: Final = (
    "site YYMMMDD yyyy.yyyy __MJD week d reflon _e0(m) __east(m) ____n0(m) _north(m) u0(m) "
    "____up(m) _ant(m) sig_e(m) sig_n(m) sig_u(m) __corr_en __corr_eu __corr_nu "
    "_latitude(deg) _longitude(deg) __height(m)"
)
_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_MJD_OF_GPS_EPOCH: Final = 44_244  # 1980-01-06
_M_PER_DEGREE: Final = 111_319.49  # of a great circle on GRS 80's equator
FRAME: Final = "IGS20"


def tenv3_lines(series: DailySeries) -> Iterator[str]:
    """Yield the lines of a tenv3 file, the heading first."""
    truth = series.truth
    yield HEADING
    reference_deg = round(truth.longitude_deg, 1)
    east0, north0 = 0, int(truth.latitude_deg * _M_PER_DEGREE)
    up0 = int(truth.height_m)
    up_m = truth.height_m - up0
    m_per_degree_east = _M_PER_DEGREE * math.cos(math.radians(truth.latitude_deg))
    for mjd, year, (east, north, up), (se, sn, su) in zip(
        series.mjd.tolist(),
        decimal_years(series.mjd).tolist(),
        series.enu_m.tolist(),
        series.sigma_m.tolist(),
        strict=True,
    ):
        week, day = divmod(mjd - _MJD_OF_GPS_EPOCH, 7)
        yield (
            f"{truth.station:4s} {day_text(mjd)} {year:9.4f} {mjd:5d} {week:4d} {day} "
            f"{reference_deg:6.1f} {east0:6d} {east:9.6f} {north0:9d} {north:9.6f} "
            f"{up0:5d} {up_m + up:9.6f}  0.0000 {se:8.6f} {sn:8.6f} {su:8.6f} "
            f"{0.0:9.6f} {0.0:9.6f} {0.0:9.6f} "
            f"{truth.latitude_deg + north / _M_PER_DEGREE:14.10f} "
            f"{truth.longitude_deg + east / m_per_degree_east:15.10f} {truth.height_m + up:11.5f}"
        )


def day_text(mjd: int) -> str:
    """Return a day as NGL writes it: 26MAR01."""
    day = date(1970, 1, 1) + timedelta(days=mjd - MJD_OF_UNIX_EPOCH)
    return f"{day.year % 100:02d}{_MONTHS[day.month - 1]}{day.day:02d}"


def mjd_of(day: date) -> int:
    """Return a day's Modified Julian Date."""
    return (day - date(1970, 1, 1)).days + MJD_OF_UNIX_EPOCH


def truth_json(series: DailySeries) -> dict[str, Any]:
    """Return what a series was made from."""
    return {"frame": FRAME, "days": len(series.mjd), **asdict(series.truth)}


def steps_text(many: Iterable[SeriesTruth]) -> str:
    """Return the steps of stations as lines of name and decimal year, which `--steps` reads."""
    return "".join(
        f"{truth.station} {decimal_years(np.array([step.mjd]))[0]:.4f}\n"
        for truth in many
        for step in truth.steps
    )


def write_tenv3(series: DailySeries, folder: Path) -> Path:
    """Write STATION.tenv3 and STATION.truth.json; return the former."""
    station = series.truth.station
    path = folder / f"{station}.tenv3"
    path.write_text("\n".join(tenv3_lines(series)) + "\n", encoding="ascii")
    text = json.dumps(truth_json(series), indent=1)
    (folder / f"{station}.truth.json").write_text(text + "\n", encoding="ascii")
    return path

"""Reads the real series with a few lines of its own, so that estimators are tested without readers.

NGL's tenv and tenv3 (coordinate = whole metres + fraction), and GSI displacements in millimetres.
"""

import csv
import gzip
from datetime import date
from pathlib import Path

import numpy as np

from stationd.drift.series import Series

MJD_2000 = 51544  # NGL's decimal year is 2000 at this day, and 365.25 days long


def text_of(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def series_of(station: str, mjd, t_years, enu_m, sigma_m=None) -> Series:
    enu_m = np.array(enu_m, float)
    unknown = np.full(enu_m.shape, np.nan)
    sigma_m = unknown if sigma_m is None else np.array(sigma_m, float)
    return Series(
        station, np.array(t_years, float), np.array(mjd, float), enu_m - enu_m[:1], sigma_m, unknown
    )


def tenv(path: Path) -> Series:
    rows = [line.split() for line in text_of(path).splitlines()]
    return series_of(
        rows[0][0],
        [row[3] for row in rows],
        [row[2] for row in rows],
        [row[6:9] for row in rows],
        [row[10:13] for row in rows],
    )


def tenv3(path: Path) -> Series:
    rows = [line.split() for line in text_of(path).splitlines()[1:]]
    return series_of(
        rows[0][0],
        [row[3] for row in rows],
        [row[2] for row in rows],
        [[float(row[c]) + float(row[c + 1]) for c in (7, 9, 11)] for row in rows],
        [row[14:17] for row in rows],
    )


def millimetres(path: Path) -> Series:
    rows = list(csv.DictReader(text_of(path).splitlines()))
    mjd = [date.fromisoformat(row["time"]).toordinal() - 678576 for row in rows]
    return series_of(
        rows[0]["group"],
        mjd,
        [round(2000 + (day - MJD_2000) / 365.25, 4) for day in mjd],
        [[float(row[c]) / 1000 for c in ("lon", "lat", "ver")] for row in rows],
    )


def read(path: Path) -> Series:
    if "tenv3" in path.name:
        return tenv3(path)
    return tenv(path) if path.suffix == ".tenv" else millimetres(path)

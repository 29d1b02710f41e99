"""RTKLIB's .pos: epochs of a run, geodetic or geocentric, made into one session a day.

Frame: RTKLIB writes WGS84 whatever the base station or the orbits were in; it is that of the file's
name or of a person's word.  Times in JST are turned to UTC; UTC and GPS time are of one day but
for 18 s and are not told apart.
"""

import math
import re
from typing import Final

import numpy as np

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.daily import Epoch, daily_sessions
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.series import Floats
from stationd.geodesy.ellipsoid import geocentric_m
from stationd.geodesy.geodetic import covariance_from_enu
from stationd.gnss.time import GPS_EPOCH_UTC_S, MJD_OF_UNIX_EPOCH
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

_HEADING: Final = re.compile(r"%\s*(GPST|UTC|JST)\s+(latitude\(deg\)|x-ecef\(m\)|e-baseline\(m\))")
_INPUT: Final = re.compile(r"%\s*inp file\s*:\s*(\S.*?)\s*$")  # the first is the rover's
_COLUMNS: Final = 15
_JST_DAYS: Final = 9.0 / 24.0
# Q of RTKLIB, best first: fixed, PPP, float, differential, SBAS, single.
_QUALITY_ORDER: Final = ("1", "6", "2", "4", "3", "5")
_MJD_OF_GPS_EPOCH: Final = MJD_OF_UNIX_EPOCH + GPS_EPOCH_UTC_S // SECONDS_PER_DAY


def recognises(document: Document) -> bool:
    return any(_HEADING.match(line) for line in document.head())


def read(document: Document, options: ReadingOptions) -> Reading:
    geodetic, ahead_days = _kind(document)
    epochs = []
    for n, line in document.numbered():
        if line.startswith("%"):
            continue
        fields = line.split()
        if len(fields) != _COLUMNS:
            raise document.fault(
                n, f"has {len(fields)} columns, a line of RTKLIB's .pos has {_COLUMNS}"
            )
        values = document.finite(n, fields[2:13])
        if fields[5] not in _QUALITY_ORDER:
            raise document.fault(n, f"Q is {fields[5]}, not 1 to 6")
        xyz_m = np.array(
            geocentric_m(math.radians(values[0]), math.radians(values[1]), values[2])
            if geodetic
            else values[:3]
        )
        covariance_m2 = _covariance_m2(values[5:11])
        if geodetic:
            covariance_m2 = covariance_from_enu(_east_first(covariance_m2), xyz_m)
        mjd = _mjd(document, n, fields[0], fields[1]) - ahead_days
        quality = _QUALITY_ORDER.index(fields[5])
        epochs.append(Epoch(n, mjd, xyz_m, covariance_m2, quality))
    frame = document.frame("", options)
    return daily_sessions(document, _station(document, options), frame, epochs, options)


def _station(document: Document, options: ReadingOptions) -> str:
    """Return the station: a person's word, the first input file's name, or this file's."""
    for line in document.head():
        match = _INPUT.match(line)
        if match is not None and not options.station:
            return Document(match.group(1), ()).station(options)
    return document.station(options)


def _kind(document: Document) -> tuple[bool, float]:
    """Return whether coordinates are geodetic, and by how much their clock is ahead."""
    for n, line in document.numbered():
        match = _HEADING.match(line)
        if match is None:
            continue
        if match.group(2).startswith("e-baseline"):
            raise document.fault(
                n, "holds baselines; write positions (out-solformat = xyz or llh in RTKLIB)"
            )
        return match.group(2).startswith("latitude"), _JST_DAYS if match.group(1) == "JST" else 0.0
    raise document.fault(None, "has no heading of an RTKLIB position file")


def _mjd(document: Document, line: int, first: str, second: str) -> float:
    """Return the MJD of "2025/04/01 00:01:00.000" or of GPS week and seconds."""
    if "/" not in first:
        week, seconds_s = document.finite(line, [first, second])
        return _MJD_OF_GPS_EPOCH + (week * SECONDS_PER_WEEK + seconds_s) / SECONDS_PER_DAY
    return document.parsed(line, mjd_of_iso, f"{first.replace('/', '-')} {second}")[0]


def _covariance_m2(columns: list[float]) -> Floats:
    """Return (3, 3) of sd0, sd1, sd2, sd01, sd12, sd20: RTKLIB writes covariances as signed roots.

    (rtklib.h, sol_t; solution.c, sqvar)
    """
    sd = [math.copysign(value * value, value) for value in columns]
    c00, c11, c22, c01, c12, c20 = sd
    return np.array([[c00, c01, c20], [c01, c11, c12], [c20, c12, c22]])


def _east_first(covariance_neu: Floats) -> Floats:
    """Return the covariance of east, north, up of that of north, east, up."""
    order = [1, 0, 2]
    return covariance_neu[np.ix_(order, order)]

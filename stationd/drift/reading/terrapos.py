"""TerraPos positions: GPS week and seconds, latitude, longitude, height, sigmas north, east, up."""

import math
import re
from typing import Final

import numpy as np

from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.daily import Epoch, daily_sessions
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.geodesy.ellipsoid import geocentric_m
from stationd.geodesy.geodetic import covariance_from_enu
from stationd.gnss.time import GPS_EPOCH_UTC_S, MJD_OF_UNIX_EPOCH
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

_TITLE: Final = "# Output from TerraPos"
_FRAME: Final = re.compile(r"#\s*((?:ITRF|ETRF|IGS|IGb)\d+)\(")
# week, seconds, latitude, longitude, height, three sigmas, satellites, PDOP, three reliabilities;
# a static run leaves the columns of attitude blank.
_STATIC_COLUMNS: Final = 13
_MJD_OF_GPS_EPOCH: Final = MJD_OF_UNIX_EPOCH + GPS_EPOCH_UTC_S // SECONDS_PER_DAY


def recognises(document: Document) -> bool:
    return document.head()[0].startswith(_TITLE)


def read(document: Document, options: ReadingOptions) -> Reading:
    stated = ""
    epochs = []
    for n, line in document.numbered():
        if line.startswith("#"):
            match = _FRAME.match(line)
            stated = match.group(1) if match else stated
            continue
        fields = line.split()
        if len(fields) != _STATIC_COLUMNS:
            raise document.fault(
                n, f"has {len(fields)} columns, a static position has {_STATIC_COLUMNS}"
            )
        week, seconds_s, latitude, longitude, height_m, *sigmas_neu = document.finite(n, fields[:8])
        xyz_m = np.array(geocentric_m(math.radians(latitude), math.radians(longitude), height_m))
        sigma_n, sigma_e, sigma_u = sigmas_neu
        variance_m2 = np.diag(np.square([sigma_e, sigma_n, sigma_u]))
        mjd = _MJD_OF_GPS_EPOCH + (week * SECONDS_PER_WEEK + seconds_s) / SECONDS_PER_DAY
        epochs.append(Epoch(n, mjd, xyz_m, covariance_from_enu(variance_m2, xyz_m)))
    frame = document.frame(stated, options)
    return daily_sessions(document, document.station(options), frame, epochs, options)

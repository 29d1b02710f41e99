"""gLAB's output: lines OUTPUT with geocentric coordinates and their sigmas, one an epoch.

OUTPUT, year, day of year, seconds of day, root of the covariance's trace, X, Y, Z, their
differences from the nominal position, their sigmas, … (gLAB 2-5, -help messages).
"""

from typing import Final

import numpy as np

from stationd.drift.epochs import mjd_of_day_of_year
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.daily import Epoch, daily_sessions
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.units import SECONDS_PER_DAY

_MESSAGES: Final = frozenset(
    (
        "INFO", "MODEL", "OUTPUT", "FILTER", "INPUT", "EPOCHSAT", "PREFIT", "POSTFIT", "MEAS",
        "CS", "SATSEL", "WARNING", "SATPVT",
    )
)  # fmt: skip
_NEEDED: Final = 14


def recognises(document: Document) -> bool:
    return all(line.split()[0] in _MESSAGES for line in document.head()[:20])


def read(document: Document, options: ReadingOptions) -> Reading:
    epochs = []
    for n, line in document.numbered():
        fields = line.split()
        if fields[0] != "OUTPUT":
            continue
        if len(fields) < _NEEDED:
            raise document.fault(n, f"has {len(fields)} fields, OUTPUT has {_NEEDED} and more")
        year, day, seconds_s = document.finite(n, fields[1:4])
        begins = document.parsed(n, lambda days: mjd_of_day_of_year(*days), (year, day))
        mjd = begins + seconds_s / SECONDS_PER_DAY
        xyz_m = np.array(document.finite(n, fields[5:8]))
        sigma_m = np.array(document.finite(n, fields[11:14]))
        epochs.append(Epoch(n, mjd, xyz_m, np.diag(sigma_m**2)))
    if not epochs:
        raise document.fault(
            None, "has no OUTPUT lines, so no coordinate; run gLAB with -print:output"
        )
    frame = document.frame("", options)
    return daily_sessions(document, document.station(options), frame, epochs, options)

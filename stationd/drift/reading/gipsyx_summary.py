"""GipsyX's summary of a static day: one line of X, Y, Z, without epoch, frame or sigmas."""

import re
from typing import Final

import numpy as np

from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.session import Session

_TITLE: Final = "Residual Summary:"
_SOLUTION: Final = re.compile(r"\s*PPP Solution: XYZ")


def recognises(document: Document) -> bool:
    return _TITLE in document.head()[0]


def read(document: Document, options: ReadingOptions) -> Reading:
    if options.epoch_mjd is None:
        raise document.fault(
            None, "is a GipsyX summary, which holds no epoch; state the day (--epoch 2025-11-29)"
        )
    begun = False
    for n, line in document.numbered():
        if _SOLUTION.match(line):
            begun = True
        elif begun:
            fields = line.split()
            if len(fields) < 4:
                raise document.fault(n, "is no line of station, X, Y, Z")
            session = Session(
                station=options.station or fields[0],
                mjd=options.epoch_mjd,
                xyz_m=np.array(document.finite(n, fields[1:4])),
                covariance_m2=np.full((3, 3), np.nan),
                frame=document.frame("", options),
                source=document.source,
                line=n,
            )
            return Reading(sessions=(session,))
    raise document.fault(None, 'has no line "PPP Solution: XYZ" with a coordinate after it')

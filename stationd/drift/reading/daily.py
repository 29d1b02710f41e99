"""The epochs of a kinematic or static run made into one session a day."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stationd.drift.epochs import NOON_DAYS
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.series import Floats
from stationd.drift.session import Session


class Epoch(NamedTuple):
    """One line of a run: `quality` is 0 for its best kind of solution, larger for worse."""

    line: int
    mjd: float
    xyz_m: Floats
    covariance_m2: Floats
    quality: int = 0


def daily_sessions(
    document: Document, station: str, frame: str, epochs: Sequence[Epoch], options: ReadingOptions
) -> Reading:
    """Return the mean or the last epoch of each day, from the best quality of that day.

    The mean weighs by the inverse of the mean variance.  Its covariance is the weighted mean of
    theirs: neighbouring epochs share their errors, so a division by their number would flatter.
    """
    if not epochs:
        raise document.fault(None, "has no epoch")
    days: dict[int, list[Epoch]] = {}
    for epoch in epochs:
        days.setdefault(int(epoch.mjd // 1), []).append(epoch)
    sessions, left_out = [], 0
    for day in sorted(days):
        best = min(epoch.quality for epoch in days[day])
        used = [epoch for epoch in days[day] if epoch.quality == best]
        left_out += len(days[day]) - len(used)
        xyz_m, covariance_m2, mjd = _last(used) if options.daily == "last" else _mean(day, used)
        sessions.append(
            Session(station, mjd, xyz_m, covariance_m2, frame, document.source, used[0].line)
        )
    notices = (
        (f"{document.source}: {left_out} epochs of less quality than their day's best left out",)
        if left_out
        else ()
    )
    return Reading(sessions=tuple(sessions), notices=notices)


def _last(used: Sequence[Epoch]) -> tuple[Floats, Floats, float]:
    last = max(used, key=lambda epoch: epoch.mjd)
    return last.xyz_m, last.covariance_m2, last.mjd


def _mean(day: int, used: Sequence[Epoch]) -> tuple[Floats, Floats, float]:
    """Return weighted mean, its covariance, and noon: a day's solution is of its day."""
    covariance_m2 = np.array([epoch.covariance_m2 for epoch in used])
    variance_m2 = np.einsum("nii->n", covariance_m2)
    weight = 1.0 / variance_m2 if np.all(variance_m2 > 0) else np.ones(len(used))
    weight = weight / weight.sum()
    xyz_m = np.array([epoch.xyz_m for epoch in used])
    origin_m = xyz_m[0]  # sums of millions of metres would lose digits
    mean_m = origin_m + weight @ (xyz_m - origin_m)
    return mean_m, np.einsum("n,nij->ij", weight, covariance_m2), day + NOON_DAYS

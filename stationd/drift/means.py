"""Means over days or weeks on a regular grid: what trajectories are fitted to.

Weekly means carry all that a velocity needs, at a fiftieth of the daily series' cost. The grid
begins at the first epoch; a bin without observations has no row, and is no obstacle.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stationd.drift.noise import DAYS_PER_YEAR
from stationd.drift.series import Floats

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """How observations (m,), sorted by time, make n means on a grid.

    `epochs_years` (m,): of the observations. `starts` (n,): the first observation of each mean.
    `place` (n,): its bin on the grid. `weight` (m,): of each observation, summing to one within a
    mean. `white_variance` (n,): of the mean, where an observation's is one. `t_years` (n,): its
    epoch.
    """

    days_per_bin: int
    epochs_years: Floats
    starts: Indices
    place: Indices
    weight: Floats
    white_variance: Floats
    t_years: Floats

    def __len__(self) -> int:
        return len(self.place)

    def of(self, values: Floats) -> Floats:
        """Return the means (n, ...) of values (m, ...)."""
        weight = self.weight.reshape((-1,) + (1,) * (values.ndim - 1))
        means: Floats = np.add.reduceat(weight * values, self.starts, axis=0)
        return means


def means(t_years: Floats, sigma_m: Floats | None, days_per_bin: int) -> Means:
    """Lay sorted epochs (m,) on a grid.

    With `sigma_m` (m,) an observation weighs by its inverse square, relative to the median one;
    where it is NaN or not positive the observation counts as a median one.
    """
    days = np.floor((t_years - t_years[0]) * DAYS_PER_YEAR + 0.5).astype(np.intp)
    place, starts = np.unique(days // days_per_bin, return_index=True)
    weight = np.ones(len(t_years))
    if sigma_m is not None:
        given = np.isfinite(sigma_m) & (sigma_m > 0.0)
        if given.any():
            weight[given] = (np.median(sigma_m[given]) / sigma_m[given]) ** 2
    total = np.add.reduceat(weight, starts)
    weight /= np.repeat(total, np.diff(np.append(starts, len(t_years))))
    epochs = np.add.reduceat(weight * t_years, starts)
    return Means(days_per_bin, t_years, starts, place, weight, 1.0 / total, epochs)

"""MIDAS: a station's velocity as the median of slopes between epochs one year apart.

Blewitt, Kreemer, Hammond & Gazeaux (2016), JGR Solid Earth 121, 2054-2068, program version 4.
A pair spans one year, so the seasons cancel; medians and one trimming keep outliers, and steps
that few pairs cross, from mattering. Pairs are selected forward and again in reversed time, so
that the estimate does not depend on the direction of time. Medians are true ones: the published
program's quick-select can be one rank off, which is 0.01 mm/yr where pairs are few.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stationd.drift.series import Floats, Series

Indices = NDArray[np.intp]
Median = Callable[[Floats], float]

TOLERANCE_YEARS = 0.001  # of a pair's span, and around a step: a third of a day
SHORTEST_SPAN_YEARS = 1.0 + 6 / 365.25 + TOLERANCE_YEARS
FEWEST_EPOCHS = 6
FEWEST_PAIRS = 10
# The published program's filter of its input: such days are no solutions.
MOST_SIGMA_M = (0.03, 0.03, 0.1)

_MAD_TO_SIGMA = 1.4826  # of a normal distribution
_MEDIAN_TO_MEAN_SIGMA = 1.2533  # sqrt(pi / 2)
_USES_OF_AN_EPOCH = 4.0  # each is in about four pairs: two ends, two directions
_REALISTIC = 3.0  # the authors' factor for noise that is not white


@dataclass(frozen=True, slots=True, eq=False)
class MidasResult:
    """Velocity of east, north, up, with the figures that the published program prints.

    Arrays (3,), NaN throughout where there is too little: then `reason` says what there was, else
    it is "".  `intercept_m`: at the first epoch.  `pairs_used`: after trimming.
    `removed_ratio`: of the pairs trimmed.  `epochs_used`: in any pair.  `steps`: those heeded.
    """

    velocity_m_per_year: Floats
    sigma_m_per_year: Floats
    scatter_m_per_year: Floats
    intercept_m: Floats
    removed_ratio: Floats
    pairs_used: Indices
    pairs: int
    epochs: int
    epochs_used: int
    steps: tuple[float, ...]
    reason: str = ""


def velocity(
    series: Series,
    steps: Sequence[float] = (),
    most_sigma_m: tuple[float, float, float] = MOST_SIGMA_M,
) -> MidasResult:
    """Estimate the velocity of a series, with pairs that cross none of `steps` (decimal years).

    A row without a coordinate, or with a sigma above `most_sigma_m`, is left out. A sigma that is
    not given leaves nothing out. Steps outside the series have no effect.
    """
    with np.errstate(invalid="ignore"):
        unsound = np.any(series.sigma_m > np.array(most_sigma_m), axis=1)
    kept = ~unsound & np.isfinite(series.enu_m).all(axis=1) & np.isfinite(series.t_years)
    return velocity_of(series.t_years[kept], series.enu_m[kept], steps)


def true_median(values: Floats) -> float:
    return float(np.median(values))


def velocity_of(
    t_years: Floats, enu_m: Floats, steps: Sequence[float] = (), median: Median = true_median
) -> MidasResult:
    """Estimate the velocity of sorted, finite epochs (n,) and coordinates (n, 3).

    `median`: another than the true one repeats what another program prints.
    """
    heeded: tuple[float, ...] = ()
    if len(t_years):
        heeded = tuple(sorted(s for s in steps if t_years[0] <= s <= t_years[-1]))
    span_years = float(t_years[-1] - t_years[0]) if len(t_years) else 0.0
    if len(t_years) < FEWEST_EPOCHS:
        return _unknown(len(t_years), 0, heeded, f"{len(t_years)} epochs, {FEWEST_EPOCHS} needed")
    if span_years < SHORTEST_SPAN_YEARS:
        reason = f"{span_years:.3f} years, {SHORTEST_SPAN_YEARS:.3f} needed"
        return _unknown(len(t_years), 0, heeded, reason)
    first, second = pairs_of(t_years, heeded)
    if len(first) < FEWEST_PAIRS:
        reason = f"{len(first)} pairs of epochs a year apart without a step between them"
        return _unknown(len(t_years), len(first), heeded, f"{reason}, {FEWEST_PAIRS} needed")
    return _estimate(t_years, enu_m, (first, second), heeded, median)


def _unknown(epochs: int, pairs: int, steps: tuple[float, ...], reason: str) -> MidasResult:
    nan = np.full(3, np.nan)
    none = np.zeros(3, np.intp)
    return MidasResult(nan, nan, nan, nan, nan, none, pairs, epochs, 0, steps, reason)


def _estimate(
    t_years: Floats,
    enu_m: Floats,
    pairs: tuple[Indices, Indices],
    steps: tuple[float, ...],
    median: Median,
) -> MidasResult:
    first, second = pairs
    slopes = (enu_m[second] - enu_m[first]) / (t_years[second] - t_years[first])[:, None]
    middle, scatter = np.empty(3), np.empty(3)
    used = np.zeros(3, np.intp)
    for axis in range(3):
        kept = slopes[:, axis]
        centre, sd = _centre_and_scatter(kept, median)
        # Slopes that are all equal scatter by nothing, and none lies below twice nothing.
        trimmed = kept[np.abs(kept - centre) < 2 * sd] if sd else kept
        middle[axis], scatter[axis] = _centre_and_scatter(trimmed, median)
        used[axis] = len(trimmed)
    sigma = _REALISTIC * _MEDIAN_TO_MEAN_SIGMA * scatter / np.sqrt(used / _USES_OF_AN_EPOCH)
    return MidasResult(
        velocity_m_per_year=middle,
        sigma_m_per_year=sigma,
        scatter_m_per_year=scatter,
        intercept_m=np.median(enu_m - middle * (t_years - t_years[0])[:, None], axis=0),
        removed_ratio=1.0 - used / len(first),
        pairs_used=used,
        pairs=len(first),
        epochs=len(t_years),
        epochs_used=len(np.union1d(first, second)),
        steps=steps,
    )


def _centre_and_scatter(values: Floats, median: Median) -> tuple[float, float]:
    centre = median(values)
    return centre, _MAD_TO_SIGMA * median(np.abs(values - centre))


def pairs_of(t_years: Floats, steps: Sequence[float] = ()) -> tuple[Indices, Indices]:
    """Return the indices of the earlier and the later epoch of every pair, both directions."""
    marks = np.array(steps, np.float64)
    first, second = _pairs_forward(t_years, marks)
    late, early = _pairs_forward(-t_years[::-1], -marks[::-1])
    last = len(t_years) - 1
    return np.concatenate([first, last - early]), np.concatenate([second, last - late])


def _pairs_forward(t: Floats, steps: Floats) -> tuple[Indices, Indices]:
    """Pair each epoch with one a year later, else with the next that was not used so yet."""
    tolerance = TOLERANCE_YEARS
    count = len(t)
    # The next step of each epoch: a step is passed from a tolerance behind it.
    place = np.searchsorted(steps, t - tolerance, side="right")
    ahead = np.append(steps, np.inf)[place]
    # Of the epochs before that step: the first that lies a year later or more, and their end.
    partner = np.searchsorted(t, t + (1.0 - tolerance), side="left")
    end = np.searchsorted(t, ahead - tolerance, side="right")
    asks = partner < end
    near = np.zeros(count, np.bool_)
    near[asks] = np.abs(t[partner[asks]] - t[asks] - 1.0) < tolerance
    chosen = np.where(near, partner, -1).astype(np.intp)
    following = 0  # the epoch after the one that was last taken for want of a near one
    for i in np.flatnonzero(asks & ~near):
        candidate = max(following, int(partner[i]))
        if candidate >= end[i]:  # past the step: begin again behind the first possible one
            following = candidate = int(partner[i]) + 1
            if candidate >= end[i]:
                continue
        chosen[i] = candidate
        following = 0 if candidate == count - 1 else candidate + 1
    first = np.flatnonzero(chosen >= 0)
    return first, chosen[first]

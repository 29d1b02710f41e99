"""The index of power-law noise, where the series itself is to say it.

Each index costs a decomposition: so the likelihood is looked at on a lattice, from flicker noise
uphill to the first top, and taken for a parabola there. Components may share the lattice. Ten
years leave an index open by a fifth, and a velocity's sigma doubles over four tenths: estimates
are averaged over the spread.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stationd.drift.likelihood import Averaged
from stationd.drift.noise import FLICKER_INDEX, INDEX_RANGE

_APART = 0.25  # of the lattice: about the sigma of an index from five years


@dataclass(frozen=True, slots=True)
class IndexTop:
    """The likeliest index, its sigma, and the places of the lattice to either side of its own."""

    index: float
    sigma: float
    lower: float
    upper: float


def index_top(log_likelihood: Callable[[float], float]) -> IndexTop:
    """Climb from flicker noise to the index of the greatest likelihood, within INDEX_RANGE."""
    middle = FLICKER_INDEX
    while True:
        here = log_likelihood(middle)
        if middle + _APART <= INDEX_RANGE[1] and log_likelihood(middle + _APART) > here:
            middle += _APART
        elif middle - _APART >= INDEX_RANGE[0] and log_likelihood(middle - _APART) > here:
            middle -= _APART
        else:
            break
    below, above = middle - _APART, middle + _APART
    low, high = log_likelihood(below), log_likelihood(above)
    fall = 2 * here - low - high
    # Half of the range: what one knows of an index on which the likelihood does not depend.
    widest = (INDEX_RANGE[1] - INDEX_RANGE[0]) / 2
    if fall <= 0:
        return IndexTop(middle, widest, below, above)
    shift = float(np.clip(0.5 * (high - low) / fall, -0.5, 0.5)) * _APART
    return IndexTop(middle + shift, min(_APART / float(np.sqrt(fall)), widest), below, above)


def mixed(top: IndexTop, low: Averaged, here: Averaged, high: Averaged) -> Averaged:
    """Return `here` with estimates averaged over the three, weighted to the index's sigma."""
    below, above = top.index - top.lower, top.upper - top.index
    outer = np.array([1 / below, 1 / above]) * top.sigma**2 / (below + above)
    outer *= min(1.0, 2 / 3 / outer.sum())
    weight = np.array([outer[0], 1 - outer.sum(), outer[1]])
    parameters = weight @ np.array([one.parameters for one in (low, here, high)])
    apart = np.array([one.parameters for one in (low, here, high)]) - parameters
    within = np.einsum("i,ipq->pq", weight, [one.covariance for one in (low, here, high)])
    covariance = within + (weight[:, None] * apart).T @ apart
    return here._replace(parameters=parameters, covariance=covariance)

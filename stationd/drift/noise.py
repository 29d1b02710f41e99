"""The noise of coordinate series: white, and a power law that remembers, as covariances of means.

Power-law noise is white noise of each day run through Hosking's (1981) fractional filter, begun
at the first epoch (Williams 2003, J Geodesy 76:483). Its spectrum falls with frequency to the
power `index`: 0 white, -1 flicker, -2 random walk; its amplitude has the unit m/yr^(-index/4).
"""

from enum import StrEnum

import numpy as np

from stationd.drift.series import Floats

DAYS_PER_YEAR = 365.25
FLICKER_INDEX = -1.0
# Between nearly white, which cannot be told from white noise, and somewhat beyond random walk.
INDEX_RANGE = (-2.25, -0.25)


class NoiseKind(StrEnum):
    """Which noise a fit supposes; the amplitudes, and a free index, are estimated."""

    WHITE = "white"
    WHITE_FLICKER = "white+flicker"
    WHITE_POWER_LAW = "white+power-law"


def filter_weights(count: int, index: float) -> Floats:
    """Return the filter's first weights (count,): psi_k = psi_{k-1} (k - 1 - index/2) / k."""
    k = np.arange(1, count)
    return np.concatenate([[1.0], np.cumprod((k - 1 - index / 2) / k)])


def power_law_covariance(bins: int, days_per_bin: int, index: float) -> Floats:
    """Return the covariance (bins, bins) of means over `days_per_bin` days, of unit amplitude.

    Each mean is a sum of the daily white noise with weights that depend only on the lag, so an
    element is the one before it on its diagonal, plus what the newest days of the earlier add:
    no product over all days is needed.
    """
    summed = np.cumsum(filter_weights(bins * days_per_bin, index))
    summed[days_per_bin:] -= summed[:-days_per_bin].copy()
    newest = (summed / days_per_bin).reshape(bins, days_per_bin)
    added = newest @ newest.T
    covariance = np.empty((bins, bins))
    covariance[0], covariance[:, 0] = added[0], added[:, 0]
    for row in range(1, bins):
        np.add(covariance[row - 1, :-1], added[row, 1:], out=covariance[row, 1:])
    scaled: Floats = covariance * DAYS_PER_YEAR ** (index / 2)
    return scaled

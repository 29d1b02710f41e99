"""Whitens a fit's residuals, and says how white they are: whether the noise model suits."""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaincc

from stationd.drift.likelihood import Basis
from stationd.drift.series import Floats

_LAGS = 10


class Whiteness(NamedTuple):
    """Of residuals that have unit variance and no memory if the noise is as estimated.

    `lag_one`: their correlation with the next, within +-2/sqrt(n) of zero if white.
    `portmanteau_p`: of Ljung & Box (1978) over ten lags; near zero: there is memory left.
    `largest`: in standard deviations.
    """

    rms: float
    lag_one: float
    portmanteau_p: float
    largest: float


def whitened_in_time(base: Basis, share: float, scale: float, values: Floats) -> Floats:
    """Return values (n,) times the symmetric root of the inverse covariance.

    The symmetric root keeps each value at its epoch, so that neighbours stay neighbours.
    """
    turned = base.turned(values[:, None])[:, 0]
    whitened: Floats = base.vectors @ (turned / np.sqrt(base.variance(share) * scale))
    return whitened


def whiteness(base: Basis, share: float, scale: float, residual: Floats) -> Whiteness:
    white = whitened_in_time(base, share, scale, residual)
    count = len(white)
    apart = white - white.mean()
    lags = min(_LAGS, count // 4)
    power = float(apart @ apart)
    correlation = np.array([apart[lag:] @ apart[:-lag] / power for lag in range(1, lags + 1)])
    statistic = count * (count + 2) * (correlation**2 / (count - np.arange(1, lags + 1))).sum()
    return Whiteness(
        rms=float(np.sqrt(np.mean(white**2))),
        lag_one=float(correlation[0]),
        portmanteau_p=float(gammaincc(lags / 2, statistic / 2)),
        largest=float(np.abs(white).max()),
    )

"""Whitens a fit's residuals, and says how white they are: whether the noise model suits."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaincc

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


def whiteness(root: Floats, residual: Floats) -> Whiteness:
    """Judge residuals (n,) by the lower triangular root (n, n) of their covariance.

    By that root each is less what was to be expected from those before it, in its own sigma.
    """
    white = solve_triangular(root, residual, lower=True, check_finite=False)
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

"""Where white and power-law noise, in whatever mixture, have a covariance of three diagonals.

With W the white and J the power-law covariance of unit amplitude, W^-1/2 J W^-1/2 = Q T Q' once,
T tridiagonal. Then every mixture is (1 - share) + share T / m in those axes, m the power law's
variance in the first mean: solving under another share costs n, not n^3. To go on to eigenvalues
would cost twice as much again, and an estimate does not need them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky
from scipy.linalg.lapack import dormqr, dpttrf, dpttrs, dsytrd, dsytrd_lwork

from stationd.drift.series import Floats

_BLOCK = 32  # LAPACK's own block size: room for as many reflections at a time


@dataclass(frozen=True, slots=True, eq=False)
class Tridiagonal:
    """Axes for n means. `index`: the power law's; `power_law`: its covariance, None: white alone.

    `scale`: m of the module's first lines. `reflections`, `factors`: Q as LAPACK keeps it.
    """

    index: float
    white_variance: Floats  # (n,)
    power_law: Floats | None  # (n, n)
    scale: float
    diagonal: Floats  # (n,) of T / m
    beside: Floats  # (n-1,)
    reflections: Floats
    factors: Floats

    def turned(self, values: Floats) -> Floats:
        """Return Q' W^-1/2 values, of values (n, k)."""
        weighted: Floats = values / np.sqrt(self.white_variance)[:, None]
        if self.power_law is None:
            return weighted
        room = _BLOCK * weighted.shape[1]
        below, _, _ = dormqr("L", "T", self.reflections, self.factors, weighted[1:], room)
        return np.concatenate([weighted[:1], below])

    def solved(self, share: float, values: Floats) -> tuple[Floats, float]:
        """Return the inverse of a mixture times turned values (n, k), and its log determinant."""
        diagonal, beside, _ = dpttrf(
            (1.0 - share) + share * self.diagonal, share * self.beside, overwrite_d=1, overwrite_e=1
        )
        found, _ = dpttrs(diagonal, beside, values)
        return found, float(np.log(diagonal).sum())

    def root(self, share: float, scale: float) -> Floats:
        """Return the lower triangular root (n, n) of the means' covariance."""
        white = scale * (1.0 - share) * self.white_variance
        if self.power_law is None:
            return np.diag(np.sqrt(white))
        mixture = scale * share / self.scale * self.power_law
        mixture[np.diag_indices_from(mixture)] += white
        factor: Floats = cholesky(mixture, lower=True, overwrite_a=True, check_finite=False)
        return factor


def tridiagonal(power_law: Floats | None, white_variance: Floats, index: float) -> Tridiagonal:
    """Find the axes; without power-law noise (None) they are the means themselves."""
    count = len(white_variance)
    if power_law is None:
        ones, zeros, none = np.ones(count), np.zeros(count - 1), np.empty((0, 0))
        return Tridiagonal(index, white_variance, None, 1.0, ones, zeros, none, none)
    root = np.sqrt(white_variance)
    ratio = np.asfortranarray(power_law / root / root[:, None])
    scale = float(ratio[0, 0])
    room = int(dsytrd_lwork(count, lower=1)[0])
    packed, diagonal, beside, factors, _ = dsytrd(ratio, lower=1, lwork=room, overwrite_a=1)
    reflections = np.asfortranarray(packed[1:, :-1])
    return Tridiagonal(
        index,
        white_variance,
        power_law,
        scale,
        diagonal / scale,
        beside / scale,
        reflections,
        factors,
    )

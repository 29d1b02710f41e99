"""What one more term would explain: the likelihood ratio of each of many, added alone to a fit.

For a column h the fall of chi-square is (h' P r)^2 / (h' P h), with P the whitened projection that
takes the fit's own terms out and r its residuals. Five hundred possible steps cost one product.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from stationd.drift.model import Term, design
from stationd.drift.series import Floats
from stationd.drift.trajectory import Fit


class Whitened(NamedTuple):
    """A fit where its noise is independent and of unit variance."""

    design: Floats  # (n, p), orthonormal
    residual: Floats  # (n,)


class Scores(NamedTuple):
    """Of k components and c terms, each (k, c): the term's value, sigma, and fall of chi-square.

    Where a term follows from those that the fit has: 0, infinite, 0.
    """

    value: Floats
    sigma: Floats
    chi_square: Floats


def whitened(fit: Fit) -> Whitened:
    orthonormal, _ = np.linalg.qr(_white(fit, fit.grid.design))
    residual = _white(fit, fit.residual_m)
    # Estimates are averages over noise: against the likeliest, something of the design is left.
    return Whitened(orthonormal, residual - orthonormal @ (orthonormal.T @ residual))


def scores(fits: Sequence[Fit], terms: Sequence[Term]) -> Scores:
    """Score terms against the components of one station, as `trajectory.fit_each` gives them."""
    grid = fits[0].grid
    columns = grid.means.of(design(terms, grid.means.epochs_years))
    found = [_scored(whitened(fit), _white(fit, columns)) for fit in fits]
    return Scores(*(np.array(each) for each in zip(*found, strict=True)))


def _white(fit: Fit, values: Floats) -> Floats:
    white: Floats = solve_triangular(fit.root, values, lower=True, check_finite=False)
    return white


def _scored(white: Whitened, columns: Floats) -> tuple[Floats, Floats, Floats]:
    own = (columns**2).sum(axis=0)
    left = own - ((white.design.T @ columns) ** 2).sum(axis=0)
    tells = left > 1e-9 * own
    left = np.where(tells, left, np.inf)
    value = (white.residual @ columns) / left
    sigma = np.where(tells, 1.0 / np.sqrt(np.where(tells, left, 1.0)), np.inf)
    return value, sigma, (white.residual @ columns) ** 2 / left

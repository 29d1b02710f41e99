"""What an observation is expected to be at any epoch, and how far it may be from that.

The modelled trajectory plus what the power-law noise is expected to be there, given what it was
at the observations (best linear unbiased prediction): close to them noise is known in part, far
beyond them it adds to the uncertainty of the trajectory. A new observation can be judged by it.
"""

import numpy as np
from scipy.linalg import solve_triangular

from stationd.drift.model import design
from stationd.drift.noise import DAYS_PER_YEAR, power_law_covariance
from stationd.drift.series import Floats
from stationd.drift.trajectory import MOST_BINS, Fit, NoEstimateError, Prediction

_SETTLED_BINS = 50  # after so many, the noise within a bin is as it will be


def forecast(fit: Fit, t_years: Floats) -> Prediction:
    """Predict single observations at epochs (n,), with sigmas that take in white noise too.

    An epoch in a bin that has observations is predicted as if those filled the bin. Before the
    first observation the noise is not known: NaN. Raises NoEstimateError for an epoch
    so far ahead that the covariance would not be sensible to make.
    """
    means = fit.grid.means
    days = np.floor((t_years - means.epochs_years[0]) * DAYS_PER_YEAR + 0.5)
    place = (days // means.days_per_bin).astype(np.intp)
    known = place >= 0
    last = int(max(place.max(initial=0), means.place[-1]))
    if last >= MOST_BINS:
        raise NoEstimateError(
            f"a forecast {last + 1} means of {means.days_per_bin} days after the first "
            f"observation, {MOST_BINS} at most"
        )
    covariance = fit.noise.power_law**2 * power_law_covariance(
        last + 1, means.days_per_bin, fit.noise.index
    )
    asked = place[known]
    across = _whitened(fit, covariance[np.ix_(means.place, asked)])  # (means, asked)
    residual = _whitened(fit, fit.residual_m[:, None])
    kept = list(fit.grid.kept)
    # What a wrong trajectory does to the prediction, beyond and through the residuals.
    carried = design(fit.terms, t_years[known])[:, kept].T
    carried = carried - _whitened(fit, fit.grid.design).T @ across
    variance = covariance[asked, asked] - (across**2).sum(axis=0) + _of_one(fit)
    variance += np.einsum("pn,pq,qn->n", carried, fit.covariance[np.ix_(kept, kept)], carried)
    value = np.full(len(t_years), np.nan)
    sigma = np.full(len(t_years), np.nan)
    value[known] = fit.predict(t_years[known]).value_m + (across.T @ residual)[:, 0]
    sigma[known] = np.sqrt(variance)
    return Prediction(value, sigma)


def _whitened(fit: Fit, columns: Floats) -> Floats:
    """Return columns (n, k) times a root of the inverse covariance of the means."""
    whitened: Floats = solve_triangular(fit.root, columns, lower=True, check_finite=False)
    return whitened


def _of_one(fit: Fit) -> float:
    """Return the variance of one observation about its bin's mean: white, and of power law."""
    days, index = fit.grid.means.days_per_bin, fit.noise.index
    within = power_law_covariance(_SETTLED_BINS * days, 1, index)[-days:, -days:]
    scatter = np.trace(within) / days - within.mean()
    return float(fit.noise.white_m**2 + fit.noise.power_law**2 * scatter)

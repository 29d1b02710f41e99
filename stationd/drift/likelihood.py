"""Restricted likelihood of how noise divides into white and power law, and estimates under it.

Estimates are averaged over the share of the power law, each by its likelihood: a short series does
not know its flicker noise, and sigmas from the best share alone would be too small.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from stationd.drift.series import Floats
from stationd.drift.tridiagonal import Tridiagonal

# Shares of the grid, as log(share / (1 - share)): beyond, one of both kinds is nothing.
_LOGITS: Floats = np.arange(-10.0, 10.01, 0.5)


class Averaged(NamedTuple):
    """What is known of one component, over all shares; `share`, `scale`: the likeliest."""

    share: float
    scale: float
    log_likelihood: float
    parameters: Floats
    covariance: Floats
    white_sigma: float  # of the white amplitude
    power_law_sigma: float


class _Solved(NamedTuple):
    """Least squares under g shares; `unit`: the covariance where the scale is one."""

    parameters: Floats  # (g, p)
    unit: Floats  # (g, p, p)
    scale: Floats  # (g,) estimated variance
    log_likelihood: Floats  # (g,)


def averaged(axes: Tridiagonal, design: Floats, observed: Floats, *, white: bool) -> list[Averaged]:
    """Estimate each of k components from design (n, p) and observations (n, k).

    `white`: there is no power-law noise, so no share of it to average over.
    """
    # The design made orthonormal and the observations made small keep the digits that squaring
    # costs; what was taken off the observations is put back to the parameters.
    orthonormal, triangle = np.linalg.qr(axes.turned(design))
    turned = axes.turned(observed)
    ahead = orthonormal.T @ turned
    back = np.linalg.inv(triangle)
    return [
        _restored(one, ahead[:, place], back)
        for place, one in enumerate(
            _component(axes, orthonormal, rest, white=white)
            for rest in (turned - orthonormal @ ahead).T
        )
    ]


def _restored(one: Averaged, ahead: Floats, back: Floats) -> Averaged:
    parameters = back @ (one.parameters + ahead)
    return one._replace(parameters=parameters, covariance=back @ one.covariance @ back.T)


def _component(axes: Tridiagonal, design: Floats, rest: Floats, *, white: bool) -> Averaged:
    freedom = design.shape[0] - design.shape[1]
    columns = np.asfortranarray(np.column_stack([design, rest]))
    if white:
        only = _solve(axes, columns, np.zeros(1), freedom)
        return Averaged(
            share=0.0,
            scale=float(only.scale[0]),
            log_likelihood=float(only.log_likelihood[0]),
            parameters=only.parameters[0],
            covariance=only.unit[0] * only.scale[0] * _student(freedom),
            white_sigma=float(np.sqrt(only.scale[0] / (2 * freedom))),
            power_law_sigma=0.0,
        )
    shares = _share(_LOGITS)
    solved = _solve(axes, columns, shares, freedom)
    near = int(np.argmax(solved.log_likelihood))
    low, high = _LOGITS[max(near - 1, 0)], _LOGITS[min(near + 1, len(_LOGITS) - 1)]

    def cost(logit: float) -> float:
        at = _solve(axes, columns, _share(np.array([logit])), freedom)
        return -float(at.log_likelihood[0])

    found = minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 0.02})
    share = _share(np.array([found.x]))
    best = _solve(axes, columns, share, freedom)
    return _averaged_over(axes, shares, solved, freedom)._replace(
        share=float(share[0]),
        scale=float(best.scale[0]),
        log_likelihood=float(best.log_likelihood[0]),
    )


def _share(logit: Floats) -> Floats:
    share: Floats = 1.0 / (1.0 + np.exp(-logit))
    return share


def _solve(axes: Tridiagonal, columns: Floats, shares: Floats, freedom: int) -> _Solved:
    solved = [axes.solved(float(share), columns) for share in shares]
    normal = np.array([columns.T @ inverse for inverse, _ in solved])
    of_noise = np.array([log_determinant for _, log_determinant in solved])
    triangle = np.linalg.cholesky(normal[:, :-1, :-1])
    inverse = np.linalg.inv(triangle)
    unit = inverse.transpose(0, 2, 1) @ inverse
    right = normal[:, :-1, -1]
    parameters = np.einsum("gpq,gq->gp", unit, right)
    squares = normal[:, -1, -1] - (right * parameters).sum(axis=1)
    # A series without any noise has a scale of nothing; its logarithm is kept finite.
    scale = np.maximum(squares, 1e-30) / freedom
    roots = np.diagonal(triangle, axis1=1, axis2=2)
    log_determinant = of_noise + 2 * np.log(roots).sum(axis=1)
    log_likelihood = -0.5 * (log_determinant + freedom * (np.log(scale) + 1.0))
    return _Solved(parameters, unit, scale, log_likelihood)


def _student(freedom: int) -> float:
    """Return by how much the variance of Student's distribution exceeds the normal one's."""
    return freedom / (freedom - 2)


def _averaged_over(axes: Tridiagonal, shares: Floats, solved: _Solved, freedom: int) -> Averaged:
    # Every share is as likely beforehand: in logits that is share (1 - share).
    weight = np.exp(solved.log_likelihood - solved.log_likelihood.max()) * shares * (1.0 - shares)
    weight /= weight.sum()
    mean = weight @ solved.parameters
    apart = solved.parameters - mean
    within = np.einsum("g,gpq->pq", weight * solved.scale, solved.unit) * _student(freedom)
    white = np.sqrt((1.0 - shares) * solved.scale)
    power_law = np.sqrt(shares * solved.scale / axes.scale)
    return Averaged(
        share=np.nan,
        scale=np.nan,
        log_likelihood=np.nan,
        parameters=mean,
        covariance=within + (weight[:, None] * apart).T @ apart,
        white_sigma=_spread(weight, white, freedom),
        power_law_sigma=_spread(weight, power_law, freedom),
    )


def _spread(weight: Floats, amplitude: Floats, freedom: int) -> float:
    """Return an amplitude's standard deviation: between the shares, and of the scale within."""
    mean = weight @ amplitude
    variance = weight @ (amplitude - mean) ** 2 + weight @ amplitude**2 / (2 * freedom)
    return float(np.sqrt(variance))

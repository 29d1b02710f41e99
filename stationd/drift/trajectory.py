"""Generalised least squares of a station's trajectory, with the noise estimated from the series.

Observations become weekly (or daily) means; noise is white and a power law, flicker unless its
index is free; the restricted likelihood says how much of each. Sigmas take in that the noise is
itself only estimated. East, north and up of one station share the costly part: `fit_each`.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from stationd.drift.free_index import index_top, mixed
from stationd.drift.likelihood import Averaged, averaged
from stationd.drift.means import Indices, Means, means
from stationd.drift.model import Model, Term, design, independent, rates
from stationd.drift.noise import FLICKER_INDEX, NoiseKind, power_law_covariance
from stationd.drift.series import Floats
from stationd.drift.tridiagonal import Tridiagonal, tridiagonal
from stationd.drift.whiteness import Whiteness, whiteness

DAYS_PER_WEEK = 7
FEWEST_FREEDOM = 6  # means beyond the parameters: below, the noise is anyone's guess
MOST_BINS = 4000  # cost grows with the cube: 4,000 take six seconds and 600 MB
STEP_TOLERANCE_YEARS = 0.001  # a solution of the day of a step is of neither side


class NoEstimateError(ValueError):
    """The observations do not carry the model: how many there are, and how many it takes."""


class Estimate(NamedTuple):
    """A value and its standard deviation, in the unit that belongs to its term."""

    value: float
    sigma: float


class Prediction(NamedTuple):
    """Where the modelled trajectory is, at each of the epochs asked for."""

    value_m: Floats
    sigma_m: Floats


@dataclass(frozen=True, slots=True)
class Noise:
    """White noise of one observation, and the power law's amplitude in m/yr^(-index/4)."""

    white_m: float
    white_sigma_m: float
    power_law: float
    power_law_sigma: float
    index: float
    index_sigma: float
    log_likelihood: float  # restricted, up to a constant of the observations and terms


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """What the components of a station share: means, and the design of the terms that count."""

    means: Means
    terms: tuple[Term, ...]
    kept: tuple[int, ...]  # terms that can be told from those before them
    design: Floats  # (n, kept)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One component's trajectory.

    `parameters`, `covariance`: of `terms`, NaN for a term that the observations cannot tell from
    the others, such as a second step in one gap. `t_years`, `observed_m`, `residual_m` (n,): the
    means that were fitted. `root` (n, n): lower triangular, of their covariance, for whitening.
    """

    terms: tuple[Term, ...]
    parameters: Floats
    covariance: Floats
    noise: Noise
    whiteness: Whiteness
    t_years: Floats
    observed_m: Floats
    residual_m: Floats
    grid: Grid
    root: Floats

    @property
    def velocity_m_per_year(self) -> float:
        """At the middle of the observations, or at the model's reference epoch."""
        return self.velocity_at(self.terms[1].epoch).value

    @property
    def sigma_m_per_year(self) -> float:
        return self.velocity_at(self.terms[1].epoch).sigma

    @property
    def steps(self) -> tuple[tuple[float, Estimate], ...]:
        """Epoch and offset in metres of each step of the model."""
        return tuple((t.epoch, self.estimate(t)) for t in self.terms if t.kind == "step")

    def estimate(self, term: Term) -> Estimate:
        place = self.terms.index(term)
        variance = self.covariance[place, place]
        return Estimate(float(self.parameters[place]), float(np.sqrt(variance)))

    def velocity_at(self, t_years: float) -> Estimate:
        """Velocity in metres per year at an epoch: with acceleration and rate changes."""
        value, sigma = self._combined(rates(self.terms, np.array([t_years])))
        return Estimate(float(value[0]), float(sigma[0]))

    def predict(self, t_years: Floats) -> Prediction:
        """Return the modelled trajectory at epochs (n,), also beyond the observations."""
        return Prediction(*self._combined(design(self.terms, t_years)))

    def _combined(self, rows: Floats) -> tuple[Floats, Floats]:
        # A term that is not known stands for no motion of its own: those before it took it in.
        kept = list(self.grid.kept)
        chosen = rows[:, kept]
        known = self.covariance[np.ix_(kept, kept)]
        sigma = np.sqrt(np.einsum("np,pq,nq->n", chosen, known, chosen))
        return chosen @ self.parameters[kept], sigma


def fit(
    t_years: Floats,
    y_m: Floats,
    sigma_m: Floats | None = None,
    model: Model | None = None,
    noise: NoiseKind = NoiseKind.WHITE_FLICKER,
    days_per_bin: int = DAYS_PER_WEEK,
) -> Fit:
    """Fit one component: epochs (m,), positions (m,), and their sigmas, if those are to weigh.

    Raises NoEstimateError where there is too little, or too much for means of `days_per_bin`.
    """
    return _fit(t_years, y_m[:, None], sigma_m, model or Model(), noise, days_per_bin)[0]


def fit_each(
    t_years: Floats,
    y_m: Floats,
    model: Model | None = None,
    noise: NoiseKind = NoiseKind.WHITE_FLICKER,
    days_per_bin: int = DAYS_PER_WEEK,
) -> list[Fit]:
    """Fit the components (m, k) of one station, each with noise of its own; raises as `fit`."""
    return _fit(t_years, y_m, None, model or Model(), noise, days_per_bin)


def _fit(
    t_years: Floats,
    y_m: Floats,
    sigma_m: Floats | None,
    model: Model,
    noise: NoiseKind,
    days_per_bin: int,
) -> list[Fit]:
    order = _usable(t_years, y_m, model)
    grid = _grid(t_years[order], None if sigma_m is None else sigma_m[order], model, days_per_bin)
    observed = grid.means.of(y_m[order])
    # Offsets from a value near them: sums of squares then keep their digits.
    origin = np.median(observed, axis=0)
    relative = observed - origin
    if noise is NoiseKind.WHITE_POWER_LAW:
        found = _with_free_index(grid, relative)
    else:
        white = noise is NoiseKind.WHITE
        axes = _axes(grid, None if white else FLICKER_INDEX)
        each = averaged(axes, grid.design, relative, white=white)
        found = [(axes, one, 0.0) for one in each]
    return [
        _result(grid, observed[:, place], float(origin[place]), one)
        for place, one in enumerate(found)
    ]


def _usable(t_years: Floats, y_m: Floats, model: Model) -> Indices:
    """Return the finite rows in order of time, without those of a step's own day."""
    sound = np.isfinite(t_years) & np.isfinite(y_m).all(axis=1)
    for epoch in model.steps:
        sound &= ~(np.abs(t_years - epoch) < STEP_TOLERANCE_YEARS)
    rows = np.flatnonzero(sound)
    if not len(rows):
        raise NoEstimateError("no observation with a coordinate and an epoch")
    return rows[np.argsort(t_years[rows], kind="stable")]


def _grid(t_years: Floats, sigma_m: Floats | None, model: Model, days_per_bin: int) -> Grid:
    laid = means(t_years, sigma_m, days_per_bin)
    bins = int(laid.place[-1]) + 1
    if bins > MOST_BINS:
        raise NoEstimateError(
            f"{bins} means of {days_per_bin} days over the span, {MOST_BINS} at most: "
            "take means of more days"
        )
    reference = model.reference_years
    if reference is None:
        reference = float(np.mean(laid.t_years))
    terms = model.terms(reference)
    columns = laid.of(design(terms, t_years))
    kept = tuple(independent(columns))
    needed = len(kept) + FEWEST_FREEDOM
    if len(laid) < needed or kept[:2] != (0, 1):
        raise NoEstimateError(
            f"{len(laid)} means of {days_per_bin} days, {needed} needed for {len(kept)} parameters"
        )
    return Grid(laid, terms, kept, columns[:, list(kept)])


def _axes(grid: Grid, index: float | None) -> Tridiagonal:
    laid = grid.means
    if index is None:
        return tridiagonal(None, laid.white_variance, 0.0)
    covariance = power_law_covariance(int(laid.place[-1]) + 1, laid.days_per_bin, index)
    if len(laid) < len(covariance):
        covariance = covariance[np.ix_(laid.place, laid.place)]
    return tridiagonal(covariance, laid.white_variance, index)


def _with_free_index(grid: Grid, observed: Floats) -> list[tuple[Tridiagonal, Averaged, float]]:
    """Estimate the index too, and average over what is left open of it."""

    @cache
    def at(index: float) -> list[Averaged]:
        return averaged(_axes(grid, index), grid.design, observed, white=False)

    found = []
    for place in range(observed.shape[1]):

        def likelihood(index: float, component: int = place) -> float:
            return at(index)[component].log_likelihood

        top = index_top(likelihood)
        axes = _axes(grid, top.index)
        here = averaged(axes, grid.design, observed[:, [place]], white=False)[0]
        low, high = at(top.lower)[place], at(top.upper)[place]
        found.append((axes, mixed(top, low, here, high), top.sigma))
    return found


def _result(
    grid: Grid, observed: Floats, origin: float, found: tuple[Tridiagonal, Averaged, float]
) -> Fit:
    axes, one, index_sigma = found
    count, kept = len(grid.terms), list(grid.kept)
    parameters = np.full(count, np.nan)
    covariance = np.full((count, count), np.nan)
    parameters[kept] = one.parameters
    parameters[0] += origin
    covariance[np.ix_(kept, kept)] = one.covariance
    residual = observed - grid.design @ parameters[kept]
    white_m = float(np.sqrt((1 - one.share) * one.scale))
    power_law = float(np.sqrt(one.share * one.scale / axes.scale))
    root = axes.root(one.share, one.scale)
    return Fit(
        grid.terms,
        parameters,
        covariance,
        Noise(
            white_m,
            one.white_sigma,
            power_law,
            one.power_law_sigma,
            axes.index,
            index_sigma,
            one.log_likelihood,
        ),
        whiteness(root, residual),
        grid.means.t_years,
        observed,
        residual,
        grid,
        root,
    )

"""Trajectories with jumps over weekly means, and what one more column would take off chi-square.

Everything is turned into the axes where noise is independent, so adding a column is a rank-one
update: for a column h the drop of chi-square is (h' P r)^2 / (h' P h), P the whitened projection
that takes the design out, r the observations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stationd.drift.noise_axes import NoiseLevel, Weeks, noise_level
from stationd.drift.series import Floats
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_YEAR

DECAY_YEARS: Final = 1.0  # of the post-seismic logarithm (Bevis and Brown 2014)
_DAYS_PER_YEAR: Final = SECONDS_PER_YEAR / SECONDS_PER_DAY
_ANNUAL_FROM_YEARS: Final = 1.0
_SEMI_ANNUAL_FROM_YEARS: Final = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """`mjd`: the first session after it. `decays`: a logarithm follows. `known`: not searched."""

    mjd: float
    decays: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Of k columns, each added alone: likelihood ratio over components, size and its sigma."""

    total: Floats  # (k,)
    offset_m: Floats  # (k, 3)
    sigma_m: Floats  # (k, 3)


class JumpModel:
    """One station's weekly means, and the designs that jumps make."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks = weeks
        self._observed = weeks.turned(weeks.enu_m)
        self._trend = weeks.turned(trend(weeks.t_years))

    def design(self, jumps: Sequence[Jump]) -> Floats:
        """Return the turned design (w, p) of trend and jumps."""
        if not jumps:
            return self._trend
        at = np.array([jump.mjd for jump in jumps])
        decaying = np.array([jump.mjd for jump in jumps if jump.decays])
        columns = np.hstack((self.weeks.after(at), self.decay(decaying)))
        return np.hstack((self._trend, self.weeks.turned(columns)))

    def decay(self, mjd: Floats) -> Floats:
        """Return (w, len(mjd)): log(1 + dt/T) after each moment."""
        weeks = self.weeks
        at_years = weeks.t_years[0] + (mjd - self._middle_of_first()) / _DAYS_PER_YEAR
        since = np.maximum(weeks.t_years[:, None] - at_years, 0.0)
        result: Floats = np.log1p(since / DECAY_YEARS)
        return result

    def _middle_of_first(self) -> float:
        end = self.weeks.starts[1]
        return float(self.weeks.mjd[:end].mean())

    def noise(self, jumps: Sequence[Jump]) -> NoiseLevel:
        return noise_level(self.weeks, self.design(jumps), self._observed)

    def ratios(self, jumps: Sequence[Jump], turned: Floats) -> Ratios:
        """Return the ratios of turned columns (w, k) against a model and its own noise."""
        design = self.design(jumps)
        level = noise_level(self.weeks, design, self._observed)
        return likelihood_ratios(self.weeks, level, design, self._observed, turned)

    def ratio_with_noise_anew(self, jumps: Sequence[Jump], column: Floats) -> float:
        """Return the ratio of one more column (w, 1), with the noise estimated with it in."""
        design, turned = self.design(jumps), self.weeks.turned(column)
        level = noise_level(self.weeks, np.hstack((design, turned)), self._observed)
        return float(likelihood_ratios(self.weeks, level, design, self._observed, turned).total[0])

    def of_own(self, jump: Jump, jumps: Sequence[Jump], level: NoiseLevel | None = None) -> Ratios:
        """Return the ratio of a model's jump against the model without it (its decay stays).

        `level`: the noise; that of the model without the jump where None.
        """
        at = np.array([jump.mjd])
        design = self.design([other for other in jumps if other is not jump])
        if jump.decays:
            design = np.hstack((design, self.weeks.turned(self.decay(at))))
        level = level or noise_level(self.weeks, design, self._observed)
        column = self.weeks.turned(self.weeks.after(at))
        return likelihood_ratios(self.weeks, level, design, self._observed, column)


def trend(t_years: Floats) -> Floats:
    """Return the design (w, 2 to 6) of position, velocity, annual and semi-annual terms.

    A series shorter than a year has no annual term, below a year and a half no semi-annual one:
    they would eat the steps.
    """
    t = t_years - t_years.mean()
    span = float(t_years[-1] - t_years[0])
    columns = [np.ones_like(t), t]
    for cycles, from_years in ((1.0, _ANNUAL_FROM_YEARS), (2.0, _SEMI_ANNUAL_FROM_YEARS)):
        if span >= from_years:
            angle = 2.0 * np.pi * cycles * t_years
            columns += [np.cos(angle), np.sin(angle)]
    return np.column_stack(columns)


def likelihood_ratios(
    weeks: Weeks, level: NoiseLevel, design: Floats, observed: Floats, columns: Floats
) -> Ratios:
    """Return what each of `columns` (w, k), added alone to `design`, takes off chi-square.

    All are turned, and the noise is kept.  A column that lies within the design has ratio 0.
    """
    k = columns.shape[1]
    offset, sigma = np.zeros((k, 3)), np.full((k, 3), np.inf)
    for component in range(3):
        root = 1.0 / np.sqrt(weeks.spread + level.ratio[component])
        q, _ = np.linalg.qr(root[:, None] * design)
        residual = root * observed[:, component]
        residual -= q @ (q.T @ residual)
        white = root[:, None] * columns
        inside = q.T @ white
        own = np.einsum("wk,wk->k", white, white)
        left = own - np.einsum("pk,pk->k", inside, inside)
        usable = left > 1e-9 * own
        offset[usable, component] = (white.T @ residual)[usable] / left[usable]
        sigma[usable, component] = np.sqrt(level.flicker_m2[component] / left[usable])
    return Ratios(np.sum((offset / sigma) ** 2, axis=1), offset, sigma)

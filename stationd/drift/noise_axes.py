"""The noise of weekly means in the axes where white and flicker noise are both independent.

One eigen-decomposition serves a station's three components and every ratio of
white to flicker: a covariance is a diagonal there, so restricted likelihood, regression and the
test of five hundred possible steps are sums over weeks.  That is what lets a thousand stations be
scanned in minutes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import eigh

from stationd.drift.means import means
from stationd.drift.noise import FLICKER_INDEX, power_law_covariance
from stationd.drift.series import Floats, Series

DAYS_PER_WEEK: Final = 7
# White variance over flicker variance (years^-0.5), from flicker alone to white alone.
_COARSE: Final = np.logspace(-4.0, 4.0, 17)
_FINE: Final = np.logspace(-0.5, 0.5, 13)


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """Weekly means of a series, and the axes of their noise.

    `t_years` (w,): mean of the sessions used.  `count` (w,): sessions used.  `enu_m` (w, 3).
    `mjd` (n,): the sessions themselves.  `starts` (w,): the first session of each week.
    `axes` (w, w): one a row.  `spread` (w,): the variance that flicker noise of 1 m/yr^0.25 has
    along each, where a daily session's white noise has the variance one.
    """

    t_years: Floats
    count: Floats
    enu_m: Floats
    mjd: Floats
    starts: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    axes: Floats
    spread: Floats

    def __len__(self) -> int:
        return len(self.t_years)

    def after(self, mjd: Floats) -> Floats:
        """Return (w, len(mjd)): which part of a week's sessions lies at or after each moment."""
        before = np.searchsorted(self.mjd, mjd, side="left")  # sessions before each moment
        part = (self.starts[:, None] + self.count[:, None] - before) / self.count[:, None]
        return np.clip(part, 0.0, 1.0)

    def turned(self, columns: Floats) -> Floats:
        """Return columns (w, k) along the axes."""
        result: Floats = self.axes @ columns
        return result


def weeks_of(series: Series) -> Weeks:
    """Return the means of each week's sessions, which weigh alike; costs the cube of the weeks."""
    laid = means(series.t_years, None, DAYS_PER_WEEK)
    root = 1.0 / np.sqrt(laid.white_variance)
    flicker = power_law_covariance(int(laid.place[-1]) + 1, DAYS_PER_WEEK, FLICKER_INDEX)
    scaled = root[:, None] * flicker[np.ix_(laid.place, laid.place)] * root
    spread, vectors = eigh(scaled, driver="evd", overwrite_a=True, check_finite=False)
    return Weeks(
        t_years=laid.t_years,
        count=1.0 / laid.white_variance,
        enu_m=laid.of(series.enu_m),
        mjd=series.mjd,
        starts=laid.starts,
        axes=vectors.T * root,
        spread=np.maximum(spread, 0.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class NoiseLevel:
    """White and flicker noise of the three components, by restricted maximum likelihood.

    `flicker_m2` (3,): variance factor, of m/yr^0.25.  `ratio` (3,): white variance over it.
    """

    flicker_m2: Floats
    ratio: Floats

    @property
    def white_m(self) -> Floats:
        """Standard deviation of a daily session's white noise."""
        level: Floats = np.sqrt(self.ratio * self.flicker_m2)
        return level

    @property
    def flicker_m_per_year_quarter(self) -> Floats:
        """Amplitude of the flicker noise, m/yr^0.25."""
        level: Floats = np.sqrt(self.flicker_m2)
        return level


def noise_level(weeks: Weeks, design: Floats, observed: Floats) -> NoiseLevel:
    """Return the likeliest noise of `observed` (w, 3) under `design` (w, p), both turned.

    The restricted likelihood is tried on a grid of ratios two a decade, then twelve.
    """
    observed = observed - design @ np.linalg.lstsq(design, observed)[0]  # keeps sums well scaled
    ratio, level = np.empty(3), np.empty(3)
    coarse, _ = _restricted(weeks, design, observed, _COARSE)
    for component in range(3):
        near = _COARSE[int(np.argmin(coarse[:, component]))] * _FINE
        fine, variance = _restricted(weeks, design, observed[:, component : component + 1], near)
        best = int(np.argmin(fine[:, 0]))
        ratio[component], level[component] = near[best], variance[best, 0]
    return NoiseLevel(level, ratio)


def _restricted(
    weeks: Weeks, design: Floats, observed: Floats, ratios: Floats
) -> tuple[Floats, Floats]:
    """Return minus twice the profile restricted log likelihood, and the variance: (ratios, k)."""
    w, p = design.shape
    weight = 1.0 / (weeks.spread + ratios[:, None])
    normal = (weight @ (design[:, :, None] * design[:, None, :]).reshape(w, p * p)).reshape(
        -1, p, p
    )
    right = (weight @ (design[:, :, None] * observed[:, None, :]).reshape(w, -1)).reshape(
        len(ratios), p, -1
    )
    squares = weight @ observed**2 - np.sum(right * np.linalg.solve(normal, right), axis=1)
    variance = np.maximum(squares / (w - p), 1e-18)  # a constant series: below a nanometre squared
    constant = -np.sum(np.log(weight), axis=1) + np.linalg.slogdet(normal)[1]
    return (w - p) * np.log(variance) + constant[:, None], variance

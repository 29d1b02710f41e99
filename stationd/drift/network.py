"""What stations of a network tell together: common errors, tilt, subsidence, acceleration.

Stations within some hundred kilometres share orbit, frame and loading errors.  The median of their
residuals, day by day, is taken off each; what one station does alone stays.  Tests here answer
with a size, a sigma and the chance of such a size without cause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from stationd.drift.jump_model import trend
from stationd.drift.model import Model
from stationd.drift.reports import model_of
from stationd.drift.series import Floats, Series
from stationd.drift.steps import Step
from stationd.drift.trajectory import Fit, fit, fit_each

FEWEST_STATIONS: Final = 4  # for a median that one bad station does not move
FEWEST_FOR_A_PLANE: Final = 4
_EDGE_YEARS: Final = 1.0  # of rate on either side of a change of rate
_EVERY_YEARS: Final = 0.25  # that a change of rate is looked for


class NetworkError(ValueError):
    """Too few stations, or too short a series: how many there are, and how many it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class CommonMode:
    """What all stations share: `day` (d,) whole MJD, `enu_m` (d, 3), `stations` (d,) that day."""

    day: NDArray[np.int64]
    enu_m: Floats
    stations: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tested:
    """One number tested against zero; `epoch`: decimal year of a change, else None."""

    value: float
    sigma: float
    probability: float
    epoch: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tilt:
    """A plane through vertical rates.

    `slope_per_year` (2,): towards east and north, radians a year (metres per metre and year), with
    `sigma_per_year` (2,).  `offset_m_per_year`: at the stations' middle.  `residual_m_per_year`:
    by station.  `probability`: of such a tilt without cause.
    """

    slope_per_year: Floats
    sigma_per_year: Floats
    offset_m_per_year: float
    residual_m_per_year: Mapping[str, float]
    probability: float


def common_mode(many: Sequence[Series], steps: Sequence[Step] = ()) -> CommonMode:
    """Return the median residual of each day that enough stations have.

    `steps`: confirmed ones of any station; they are fitted with trend and seasons, so a step is
    not shared.  Raises NetworkError for fewer than four stations.
    """
    if len(many) < FEWEST_STATIONS:
        raise NetworkError(
            f"{len(many)} stations do not tell what they share; {FEWEST_STATIONS} are needed"
        )
    first = min(int(series.mjd[0]) for series in many)
    last = max(int(series.mjd[-1]) for series in many)
    stacked = np.full((len(many), last - first + 1, 3), np.nan)
    for row, series in enumerate(many):
        own = [step for step in steps if step.station == series.station]
        stacked[row, np.floor(series.mjd).astype(np.int64) - first] = _residual(series, own)
    stations = np.isfinite(stacked).all(axis=2).sum(axis=0)
    enough = stations >= FEWEST_STATIONS
    return CommonMode(
        day=np.flatnonzero(enough) + first,
        enu_m=np.nanmedian(stacked[:, enough], axis=0),
        stations=stations[enough],
    )


def filtered(series: Series, common: CommonMode) -> Series:
    """Return the series without the common mode, on the days that have one."""
    day = np.floor(series.mjd).astype(np.int64)
    kept = np.isin(day, common.day)
    place = np.searchsorted(common.day, day[kept])
    antenna = series.antenna
    return replace(
        series,
        t_years=series.t_years[kept],
        mjd=series.mjd[kept],
        enu_m=series.enu_m[kept] - common.enu_m[place],
        sigma_m=series.sigma_m[kept],
        correlation=series.correlation[kept],
        antenna=None if antenna is None else tuple(antenna[row] for row in np.flatnonzero(kept)),
    )


def _residual(series: Series, steps: Sequence[Step]) -> Floats:
    """Return the residuals (n, 3) about trend, seasons and steps, by least squares."""
    columns = [trend(series.t_years)]
    after = series.t_years[:, None] >= np.array([step.t_years for step in steps])
    columns.append(after.astype(np.float64))
    whole = np.hstack(columns)
    residual: Floats = series.enu_m - whole @ np.linalg.lstsq(whole, series.enu_m)[0]
    return residual


def acceleration_test(series: Series, steps: Sequence[Step] = ()) -> tuple[Tested, ...]:
    """Return the acceleration of east, north and up, metres a year squared.

    Raises trajectory.NoEstimateError where the series does not carry it.
    """
    fits = fit_each(series.t_years, series.enu_m, model_of(steps, acceleration=True))
    return tuple(_of_kind(one, "acceleration") for one in fits)


def rate_change_test(
    series: Series, steps: Sequence[Step] = (), epoch: float | None = None
) -> Tested:
    """Return the change of the vertical rate, metres a year: the sign of subsidence that begins.

    Without an `epoch` the likeliest is searched every quarter of a year, and the probability is
    that of the largest of so many.  Raises NetworkError where no year is left on either side.
    """
    first, last = float(series.t_years[0]) + _EDGE_YEARS, float(series.t_years[-1]) - _EDGE_YEARS
    if first > last:
        raise NetworkError(
            f"{series.source or series.station}: {last - first + 2 * _EDGE_YEARS:.2f} years of "
            f"{series.station} hold no change of rate with a year on either side"
        )
    epochs = [epoch] if epoch is not None else list(_candidates(first, last))
    model = model_of(steps)
    found = [_changed(series, model, one) for one in epochs]
    best = min(found, key=lambda one: one.probability)
    # Neighbouring candidates share most of their data; a year apart they are tests of their own.
    tests = max(1.0, (epochs[-1] - epochs[0]) / _EDGE_YEARS)
    return replace(best, probability=min(1.0, best.probability * tests))


def _candidates(first: float, last: float) -> Floats:
    count = max(1, round((last - first) / _EVERY_YEARS) + 1)
    return np.linspace(first, last, count)


def _changed(series: Series, model: Model, epoch: float) -> Tested:
    changed = replace(model, rate_changes=(epoch,))
    one = fit(series.t_years, series.enu_m[:, 2], model=changed)
    return replace(_of_kind(one, "rate change"), epoch=epoch)


def _of_kind(one: Fit, kind: str) -> Tested:
    term = next(term for term in one.terms if term.kind == kind)
    found = one.estimate(term)
    return Tested(found.value, found.sigma, float(2.0 * norm.sf(abs(found.value / found.sigma))))


def tilt_of(
    places_m: Mapping[str, tuple[float, float]],
    up_m_per_year: Mapping[str, float],
    sigma_m_per_year: Mapping[str, float],
) -> Tilt:
    """Return the plane through the vertical rates of stations at places (east, north) in metres.

    Weighted least squares; where the rates scatter more than their sigmas say, the plane's own
    sigmas grow with it.  Raises NetworkError for fewer than four stations, or all on one line.
    """
    names = sorted(set(places_m) & set(up_m_per_year) & set(sigma_m_per_year))
    if len(names) < FEWEST_FOR_A_PLANE:
        raise NetworkError(
            f"{len(names)} stations hold no plane with a check; {FEWEST_FOR_A_PLANE} are needed"
        )
    at = np.array([places_m[name] for name in names])
    rates = np.array([up_m_per_year[name] for name in names])
    sigma = np.array([sigma_m_per_year[name] for name in names])
    columns = np.column_stack([np.ones(len(names)), at - at.mean(axis=0)])
    if np.linalg.matrix_rank(columns, tol=1e-6 * float(np.abs(columns).max())) < 3:
        raise NetworkError(f"{', '.join(names)} lie on one line: they hold no plane")
    covariance = np.linalg.inv((columns / sigma[:, None] ** 2).T @ columns)
    found = covariance @ (columns / sigma[:, None] ** 2).T @ rates
    residual = rates - columns @ found
    scatter = float(np.sum((residual / sigma) ** 2)) / (len(names) - 3)
    covariance *= max(1.0, scatter)
    slope = found[1:]
    statistic = float(slope @ np.linalg.solve(covariance[1:, 1:], slope))
    return Tilt(
        slope_per_year=slope,
        sigma_per_year=np.sqrt(np.diag(covariance)[1:]),
        offset_m_per_year=float(found[0]),
        residual_m_per_year=dict(zip(names, residual.tolist(), strict=True)),
        probability=float(chi2.sf(statistic, 2)),
    )

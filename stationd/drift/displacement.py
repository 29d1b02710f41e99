"""How far a station moved between two sessions, or over its series, with an honest sigma.

Under two years the difference of two session means is all that can be signed; from two years on
the velocity of the trajectory, times the span, is several times sharper.  Known steps between are
taken off either way, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from stationd.drift.model import design
from stationd.drift.noise import DAYS_PER_YEAR, FLICKER_INDEX, filter_weights
from stationd.drift.reports import AXES, given_axes, model_of
from stationd.drift.series import Floats, Series
from stationd.drift.steps import Step
from stationd.drift.trajectory import Fit, NoEstimateError, fit_each

SOLUTIONS_APART_YEARS: Final = 0.2  # rows further apart are solutions of campaigns, not days
VELOCITY_FROM_YEARS: Final = 2.0
FIT_FROM_YEARS: Final = 1.5  # below, seasons and noise cannot be told from the series itself
# Assumed where a series is too short to tell (Mao et al. 1999; geodetic practice).
USUAL_WHITE_M: Final = (0.0010, 0.0010, 0.0035)
USUAL_FLICKER_M: Final = (0.0025, 0.0025, 0.0090)  # m/yr^0.25
USUAL_ANNUAL_M: Final = (0.002, 0.002, 0.005)
_RUN_IN_DAYS: Final = 3_652  # flicker noise of ten years before the first session


@dataclass(frozen=True, slots=True, eq=False)
class Displacement:
    """One station's displacement: east, north, up in metres, (3,), NaN where there is none.

    `method`: "sessions", "solutions", "velocity" or "none".  `velocity_m_per_year`,
    `velocity_sigma_m_per_year`: where the span allows to speak of one.  `season_m` (3,): most that
    different seasons can falsify it by, zero where the season was estimated and removed.
    `removed`: steps taken off, with their sizes.  `reason`: "" or why there is no displacement.
    """

    station: str
    frame: str
    method: str
    first_years: float
    last_years: float
    sessions: int
    enu_m: Floats
    sigma_m: Floats
    season_m: Floats
    removed: tuple[Step, ...] = ()
    velocity_m_per_year: Floats | None = None
    velocity_sigma_m_per_year: Floats | None = None
    reason: str = ""

    @property
    def years(self) -> float:
        return self.last_years - self.first_years


def displacement_of(series: Series, steps: Sequence[Step] = (), days: int = 30) -> Displacement:
    """Return the displacement over the whole series, `steps` (confirmed ones) taken off.

    `days`: length of the first and the last session, where their means are compared.  A series of
    annual solutions is compared from the last but one to the last, each of `days` days.
    """
    missing = [axis for axis, given in zip(AXES, given_axes(series), strict=True) if not given]
    if missing:
        return _nothing(series, f"the series gives no {' and no '.join(missing)}")
    if len(series) >= 2 and np.median(np.diff(series.t_years)) > SOLUTIONS_APART_YEARS:
        return _by_solutions(series, steps, days)
    span = float(series.t_years[-1] - series.t_years[0]) if len(series) else 0.0
    fits = None
    if span >= FIT_FROM_YEARS:
        try:
            fits = fit_each(series.t_years, series.enu_m, model_of(steps))
        except NoEstimateError as error:
            return _nothing(series, str(error))
    if fits and span >= VELOCITY_FROM_YEARS:
        return _by_velocity(series, fits, steps)
    return _by_sessions(series, fits, steps, days)


def _nothing(series: Series, reason: str) -> Displacement:
    nan = np.full(3, np.nan)
    first, last = (series.t_years[0], series.t_years[-1]) if len(series) else (np.nan, np.nan)
    return Displacement(
        series.station, series.frame, "none", float(first), float(last), len(series), nan, nan,
        np.zeros(3), reason=reason,
    )  # fmt: skip


def _by_velocity(series: Series, fits: Sequence[Fit], steps: Sequence[Step]) -> Displacement:
    first, last = float(series.t_years[0]), float(series.t_years[-1])
    rate = np.array([one.velocity_m_per_year for one in fits])
    sigma = np.array([one.sigma_m_per_year for one in fits])
    return Displacement(
        station=series.station,
        frame=series.frame,
        method="velocity",
        first_years=first,
        last_years=last,
        sessions=len(series),
        enu_m=rate * (last - first),
        sigma_m=sigma * (last - first),
        season_m=np.zeros(3),
        removed=_sized(fits, steps),
        velocity_m_per_year=rate,
        velocity_sigma_m_per_year=sigma,
    )


def _sized(fits: Sequence[Fit], steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps with the sizes that the trajectory gives them."""
    sized = []
    for step in steps:
        found = [dict(one.steps)[step.t_years] for one in fits]
        east, north, up = (float(one.value) for one in found)
        sigma_east, sigma_north, sigma_up = (float(one.sigma) for one in found)
        sized.append(
            replace(step, offset_m=(east, north, up), sigma_m=(sigma_east, sigma_north, sigma_up))
        )
    return tuple(sized)


def _by_sessions(
    series: Series, fits: Sequence[Fit] | None, steps: Sequence[Step], days: int
) -> Displacement:
    """Return the difference of the means of the first and the last `days` days."""
    t = series.t_years
    width = days / DAYS_PER_YEAR
    first, last = t < t[0] + width, t > t[-1] - width
    if t[-1] - t[0] < 3 * width or min(first.sum(), last.sum()) < max(1, days // 3):
        return _nothing(
            series,
            f"{first.sum()} and {last.sum()} sessions in the first and last {days} days of "
            f"{t[-1] - t[0]:.2f} years; two sessions of {days} days well apart are needed",
        )
    if fits is None and steps:
        return _nothing(series, f"{len(steps)} steps within {t[-1] - t[0]:.2f} years")
    moved = series.enu_m[last].mean(axis=0) - series.enu_m[first].mean(axis=0)
    variance = _session_variance(t[first], t[last], fits)
    season_m = np.zeros(3)
    if fits is None:
        season_m = _season(float(t[first].mean()), float(t[last].mean()))
        variance += season_m**2 / 2  # of any phase
    else:
        for axis, one in enumerate(fits):
            modelled, spread = _modelled(one, t[first], t[last])
            moved[axis] -= modelled
            variance[axis] += spread
    return Displacement(
        station=series.station,
        frame=series.frame,
        method="sessions",
        first_years=float(t[first].mean()),
        last_years=float(t[last].mean()),
        sessions=int(first.sum() + last.sum()),
        enu_m=moved,
        sigma_m=np.sqrt(variance),
        season_m=season_m,
        removed=_sized(fits, steps) if fits else (),
    )


def _session_variance(
    first_years: Floats, last_years: Floats, fits: Sequence[Fit] | None
) -> Floats:
    """Return the variance (3,) of the difference of two means of daily sessions."""
    white_m, flicker_m = np.array([_noise(fits, axis) for axis in range(3)]).T
    flicker = flicker_variance(first_years, last_years)
    sessions = 1 / len(first_years) + 1 / len(last_years)
    variance: Floats = white_m**2 * sessions + flicker_m**2 * flicker
    return variance


def _by_solutions(series: Series, steps: Sequence[Step], days: int) -> Displacement:
    """Return the difference of the last two solutions, whose noise is supposed to be the usual.

    A sigma that the solutions state counts where it is larger than the usual white noise.
    """
    before, after = (float(t) for t in series.t_years[-2:])
    between = [step for step in steps if before < step.t_years <= after]
    if between:
        return _nothing(
            series,
            f"{between[0].reason} at {between[0].t_years:.3f} lies between the last two solutions, "
            "and two solutions do not tell its size",
        )
    session = np.arange(days) / DAYS_PER_YEAR
    flicker = flicker_variance(before + session, after + session)
    usual = 2.0 * np.array(USUAL_WHITE_M) ** 2 / days
    stated = np.nan_to_num(np.sum(series.sigma_m[-2:] ** 2, axis=0))
    season_m = _season(before, after)
    variance = np.maximum(usual, stated) + np.array(USUAL_FLICKER_M) ** 2 * flicker
    return Displacement(
        station=series.station,
        frame=series.frame,
        method="solutions",
        first_years=before,
        last_years=after,
        sessions=2,
        enu_m=series.enu_m[-1] - series.enu_m[-2],
        sigma_m=np.sqrt(variance + season_m**2 / 2),
        season_m=season_m,
    )


def _noise(fits: Sequence[Fit] | None, axis: int) -> tuple[float, float]:
    """Return white and flicker noise: the usual where larger than the few sessions' own."""
    if fits is None:
        return USUAL_WHITE_M[axis], USUAL_FLICKER_M[axis]
    noise = fits[axis].noise
    return max(noise.white_m, USUAL_WHITE_M[axis]), max(noise.power_law, USUAL_FLICKER_M[axis])


def _modelled(one: Fit, first_years: Floats, last_years: Floats) -> tuple[float, float]:
    """Return what steps and seasons moved the second mean by, and its variance."""
    terms = [t for t in one.terms if t.kind not in ("offset", "velocity", "acceleration")]
    places = [one.terms.index(term) for term in terms]
    places = [p for p in places if np.isfinite(one.parameters[p])]
    terms = [one.terms[p] for p in places]
    if not terms:
        return 0.0, 0.0
    row = design(terms, last_years).mean(axis=0) - design(terms, first_years).mean(axis=0)
    known = one.covariance[np.ix_(places, places)]
    return float(row @ one.parameters[places]), float(row @ known @ row)


def _season(first_years: float, last_years: float) -> Floats:
    """Return the most that a usual annual term differs by between two times of the year."""
    apart = (last_years - first_years) % 1.0
    most: Floats = 2.0 * np.array(USUAL_ANNUAL_M) * abs(np.sin(np.pi * apart))
    return most


def flicker_variance(first_years: Floats, last_years: Floats) -> float:
    """Return the variance in m^2 of the difference of two sessions' means, of 1 m/yr^0.25.

    Each daily birth of the noise (Hosking 1981) reaches both means with its weights.
    """
    start = float(first_years[0])
    days = np.round((np.concatenate([first_years, last_years]) - start) * DAYS_PER_YEAR)
    place = days.astype(np.intp) + _RUN_IN_DAYS
    weights = np.zeros(int(place[-1]) + 1)
    weights[place[: len(first_years)]] -= 1.0 / len(first_years)
    weights[place[len(first_years) :]] += 1.0 / len(last_years)
    psi = filter_weights(len(weights), FLICKER_INDEX)
    reach = np.convolve(weights[::-1], psi)[: len(weights)]
    return float(reach @ reach) / float(np.sqrt(DAYS_PER_YEAR))

"""Proposes steps: where a jump of east, north and up together explains a series far better.

For every week the likelihood ratio of adding a step to the trajectory (velocity, annual and
semi-annual terms, steps already known) is computed, whitened by white and flicker noise that are
estimated from the series itself.  The strongest candidate is placed to the day and taken in if its
ratio passes the threshold with the noise estimated anew (steps still unfound look like noise and
would hide it); then the scan starts again.  At the end each step must pass once more, against the
noise of the model without it: that test keeps false alarms below one scan in a hundred.  East,
north and up together find twice what one component finds (Amiri-Simkooei).  What it proposes is
for a person to decide: see `steps`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from stationd.drift.jump_model import Jump, JumpModel
from stationd.drift.noise_axes import DAYS_PER_WEEK, Weeks, weeks_of
from stationd.drift.series import Floats, Series
from stationd.drift.steps import Step

THRESHOLD: Final = 25.0  # simulated: the largest of a three-year scan is below 20 in 99 of 100
SCREEN: Final = 12.0  # noise estimated anew does not lift a weaker candidate over the threshold
# Real series wander by such sizes without a cause: by hand 5 mm is found, by programs 8 mm
# (Gazeaux 2013). A step of 5 mm, known to 0.7 mm, still passes in 99 of 100 cases.
LEAST_HORIZONTAL_M: Final = 0.0033
LEAST_UP_M: Final = 0.010
LEAST_WEEKS: Final = 6  # on either side of a step: fewer do not tell it from a wobble
LEAST_SPAN_YEARS: Final = 0.5
LEAST_DECAY_DAYS: Final = 183.0  # after a step, to tell a decay from a change of velocity
MOST_STEPS: Final = 30  # a series with more is no reference station's: the search ends, and says so
OUTLIER_SIGMAS: Final = 6.0
OUTLIER_WINDOW: Final = 31  # sessions
APART_DAYS: Final = 21.0  # two steps closer than that are one
NEAR_DAYS: Final = 10.0  # a candidate week's step lies within

SHARP_SIGMAS: Final = 8.0
FEWEST_SHARP_DAYS: Final = 15
SHARP_KEEPS_RATIO: Final = 0.7  # of a jump's likelihood ratio, when it moves to its sharp day

Flags = NDArray[np.bool_]


class TooShortError(ValueError):
    """The series does not hold enough weeks to tell a step from noise."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    `steps`: proposed, by epoch.  `small`: as significant, but smaller than real series allow to
    believe.  `largest_rejected`: the strongest candidate below the threshold.  `complete`: false
    where the search ended at its bound of steps.
    """

    steps: tuple[Step, ...]
    small: tuple[Step, ...]
    largest_rejected: float
    threshold: float
    white_m: tuple[float, float, float]
    flicker_m_per_year_quarter: tuple[float, float, float]
    weeks: int
    outliers: int
    complete: bool


def scan_steps(series: Series, known: Sequence[Step] = (), threshold: float = THRESHOLD) -> Scan:
    """Return the steps that the series asks for beyond the `known` ones.

    Raises TooShortError where there are too few weeks.
    """
    clean, outliers = without_outliers(series)
    where = series.source or series.station
    if len(clean) < 2 or clean.t_years[-1] - clean.t_years[0] < LEAST_SPAN_YEARS:
        raise TooShortError(
            f"{where}: {len(series)} sessions of {series.station} over less than "
            f"{LEAST_SPAN_YEARS:g} years do not tell a step from noise"
        )
    weeks = weeks_of(clean)
    if len(weeks) < 4 * LEAST_WEEKS:
        raise TooShortError(
            f"{where}: {len(weeks)} weeks of {series.station} do not tell a step from noise; "
            f"{4 * LEAST_WEEKS} are needed"
        )
    search = _Search(weeks, threshold, _known_jumps(clean, known))
    search.run()
    search.sharpen(series)
    return _scan_of(search, series, outliers)


def without_outliers(series: Series) -> tuple[Series, int]:
    """Return the series without sessions far from the median around them, and how many went.

    A step is no outlier: the median of a window follows it.
    """
    from scipy.ndimage import median_filter  # noqa: PLC0415 - slow to load, only the scan needs it

    away = np.abs(
        series.enu_m - median_filter(series.enu_m, size=(OUTLIER_WINDOW, 1), mode="nearest")
    )
    usual = 1.4826 * np.median(away, axis=0)
    # A component without numbers, or without scatter, makes no session an outlier.
    far: Flags = (away > OUTLIER_SIGMAS * usual) & (usual > 0.0)
    keep = ~np.any(far, axis=1)
    lost = int(np.count_nonzero(~keep))
    return (_rows(series, keep), lost) if lost else (series, 0)


def sharp_day(series: Series, mjd: float, taken: Floats) -> float:
    """Return the day near `mjd` at which three sessions and the three before lie far apart.

    That is `mjd` where none does.  Weekly means place a step within fast motion, such as a
    volcano's, in that motion's middle; a jump of eight times the scatter shows its own day.
    Medians of three, so that one bad session is no jump; days near `taken` ones are left out.
    """
    rows = np.flatnonzero(np.abs(series.mjd - mjd) <= APART_DAYS)
    rows = rows[(rows >= 3) & (rows < len(series) - 2)]
    if len(rows) < FEWEST_SHARP_DAYS:
        return mjd
    of_three = np.median(sliding_window_view(series.enu_m, 3, axis=0), axis=2)
    change = of_three[rows] - of_three[rows - 3]
    change -= np.median(change, axis=0)  # slow motion
    usual = 1.4826 * np.median(np.abs(change), axis=0)
    usual = np.where(usual > 0.0, usual, np.inf)
    size = np.sum((change / usual) ** 2, axis=1)
    near_taken = np.abs(series.mjd[rows][:, None] - taken).min(axis=1, initial=np.inf)
    size[near_taken < NEAR_DAYS] = 0.0
    best = int(np.argmax(size))
    if size[best] <= SHARP_SIGMAS**2:
        return mjd
    beside = rows[best] + np.array([-1, 0, 1])  # medians of three say the same of three days
    single = (series.enu_m[beside] - series.enu_m[beside - 1]) / usual
    return float(series.mjd[beside[int(np.argmax(np.sum(single**2, axis=1)))]])


def _rows(series: Series, keep: Flags) -> Series:
    antenna = series.antenna
    return replace(
        series,
        t_years=series.t_years[keep],
        mjd=series.mjd[keep],
        enu_m=series.enu_m[keep],
        sigma_m=series.sigma_m[keep],
        correlation=series.correlation[keep],
        antenna=None if antenna is None else tuple(np.array(antenna, dtype=object)[keep]),
    )


def _known_jumps(series: Series, known: Sequence[Step]) -> list[Jump]:
    """Return the known steps that lie within the series, each first session once."""
    jumps: dict[float, Jump] = {}
    for step in known:
        row = int(np.searchsorted(series.t_years, step.t_years - 1e-6))
        if 0 < row < len(series):
            mjd = float(series.mjd[row])
            jumps[mjd] = Jump(mjd, step.seismic, known=True)
    return list(jumps.values())


class _Search:
    """One station's search: the strongest first, then again with it in the model."""

    def __init__(self, weeks: Weeks, threshold: float, known: Sequence[Jump]) -> None:
        self.model = JumpModel(weeks)
        self.jumps = list(known)
        self.small: list[Jump] = []
        self.threshold = threshold
        self.rejected = 0.0
        self.complete = True
        self._weeks = weeks
        self._candidates = weeks.mjd[weeks.starts][LEAST_WEEKS : 1 - LEAST_WEEKS]
        self._columns = weeks.turned(weeks.after(self._candidates))

    def run(self) -> None:
        while self._add_strongest():
            if len(self.found()) >= MOST_STEPS:
                self.complete = False
                break
        self._drop_weak()
        small = [jump for jump in self.found() if not self._large(jump)]
        if small:
            self.small = small
            self.jumps = [jump for jump in self.jumps if jump not in small]
            self._drop_weak()

    def found(self) -> list[Jump]:
        return [jump for jump in self.jumps if not jump.known]

    def _add_strongest(self) -> bool:
        """Add the strongest candidate to the model; false if none is strong enough."""
        ratios = self.model.ratios(self.jumps, self._columns)
        total = np.where(self._free(), ratios.total, 0.0)
        best = int(np.argmax(total))
        if total[best] < SCREEN:
            return self._reject(float(total[best]))
        jump = self._placed(float(self._candidates[best]))
        column = self._weeks.after(np.array([jump.mjd]))
        ratio = self.model.ratio_with_noise_anew(self.jumps, column)
        if ratio <= self.threshold:
            return self._reject(float(total[best]))
        self.jumps.append(self._with_decay(jump))
        return True

    def _reject(self, ratio: float) -> bool:
        self.rejected = max(self.rejected, ratio)
        return False

    def _free(self) -> Flags:
        """Return which candidates are not beside a jump that the model has."""
        free = np.ones(len(self._candidates), dtype=np.bool_)
        for jump in self.jumps:
            free &= np.abs(self._candidates - jump.mjd) >= APART_DAYS
        return free

    def _placed(self, mjd: float) -> Jump:
        """Return the jump at the day, near `mjd`, that explains the series best."""
        days = self._weeks.mjd
        least_days = LEAST_WEEKS * DAYS_PER_WEEK
        inside = (days - days[0] >= least_days) & (days[-1] - days >= least_days)
        near = days[(days == mjd) | (inside & (np.abs(days - mjd) <= NEAR_DAYS))]
        ratios = self.model.ratios(self.jumps, self._weeks.turned(self._weeks.after(near)))
        return Jump(float(near[int(np.argmax(ratios.total))]))

    def _with_decay(self, jump: Jump) -> Jump:
        """Return the jump with a post-seismic term where the series asks for one."""
        if self._weeks.mjd[-1] - jump.mjd < LEAST_DECAY_DAYS:
            return jump
        decay = self.model.decay(np.array([jump.mjd]))
        ratio = self.model.ratio_with_noise_anew([*self.jumps, jump], decay)
        return replace(jump, decays=ratio > self.threshold)

    def _drop_weak(self) -> None:
        """Take out what does not pass against the noise without it, the weakest first."""
        while found := self.found():
            ratios = [float(self.model.of_own(jump, self.jumps).total[0]) for jump in found]
            weakest = int(np.argmin(ratios))
            if ratios[weakest] > self.threshold:
                return
            self.jumps.remove(found[weakest])
            self._reject(ratios[weakest])

    def sharpen(self, series: Series) -> None:
        """Move jumps to the day that the sessions themselves show, where the model agrees."""
        for place, jump in enumerate(self.jumps):
            if jump.known:
                continue
            others = [other for other in self.jumps if other is not jump]
            day = sharp_day(series, jump.mjd, np.array([other.mjd for other in others]))
            moved = replace(jump, mjd=day)
            before = self.model.of_own(jump, self.jumps).total[0]
            after = self.model.of_own(moved, [*others, moved]).total[0]
            if after > max(self.threshold, SHARP_KEEPS_RATIO * float(before)):
                self.jumps[place] = moved

    def _large(self, jump: Jump) -> bool:
        east, north, up = self.model.of_own(jump, self.jumps).offset_m[0]
        return bool(np.hypot(east, north) >= LEAST_HORIZONTAL_M or abs(up) >= LEAST_UP_M)


def _scan_of(search: _Search, series: Series, outliers: int) -> Scan:
    level = search.model.noise(search.jumps)
    return Scan(
        steps=_steps(search, series, search.found()),
        small=_steps(search, series, search.small),
        largest_rejected=search.rejected,
        threshold=search.threshold,
        white_m=_three(level.white_m),
        flicker_m_per_year_quarter=_three(level.flicker_m_per_year_quarter),
        weeks=len(search.model.weeks),
        outliers=outliers,
        complete=search.complete,
    )


def _steps(search: _Search, series: Series, jumps: Sequence[Jump]) -> tuple[Step, ...]:
    return tuple(_step(search, series, jump) for jump in sorted(jumps, key=lambda one: one.mjd))


def _step(search: _Search, series: Series, jump: Jump) -> Step:
    """Return a jump as a proposed step.

    Its significance is against the noise without it, its size that within the whole model.
    """
    model = [*(other for other in search.jumps if other is not jump), jump]
    ratio = float(search.model.of_own(jump, model).total[0])
    fitted = search.model.of_own(jump, model, search.model.noise(model))
    decay = ", with a decay after it" if jump.decays else ""
    return Step(
        station=series.station,
        t_years=float(series.t_years[int(np.searchsorted(series.mjd, jump.mjd))]),
        reason=f"likelihood ratio {ratio:.0f} of east, north and up{decay}",
        author="scan",
        offset_m=_three(fitted.offset_m[0]),
        sigma_m=_three(fitted.sigma_m[0]),
        significance=ratio,
        seismic=jump.decays,
    )


def _three(values: Floats) -> tuple[float, float, float]:
    east, north, up = values
    return float(east), float(north), float(up)

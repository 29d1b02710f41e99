"""The yearly test: which stations moved, against their adopted velocity and against the network.

Order 190, art. 13 asks for a yearly re-solution; this says what the new one means.  Three numbers
a station: its displacement, the residual against the adopted velocity (which is what makes
coordinates of epoch 2000.0 wrong), and the residual against the network's common motion (which is
what the local plane system sees).  Chi-square tests, divided among all stations and both parts,
so that one network in twenty names a station that did not move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from scipy.stats import chi2, norm

from stationd.drift.displacement import Displacement
from stationd.drift.series import Floats
from stationd.drift.steps import Step

FEWEST_STATIONS: Final = 4  # for a robust common motion
NO_VELOCITY: Final = "first position (no velocity is adopted)"
_MEDIAN_TO_MEAN_SIGMA: Final = 1.2533  # sqrt(pi / 2)
_POWER: Final = 0.8  # the chance with which the smallest detectable displacement is found
# Horizontal and up: degrees of freedom, and the axes of east, north, up.
_PARTS: Final = {"horizontal": (2, [0, 1]), "up": (1, [2])}


class Verdict(StrEnum):
    """What can be signed about a station; the later weighs more."""

    NOT_SIGNIFICANT = "not significant"
    INSUFFICIENT = "insufficient evidence"
    WITHIN = "significant, within tolerance"
    EXCEEDS = "exceeds tolerance"


_WEIGHT: Final = {verdict: order for order, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Rules:
    """What to hold a displacement against.

    `horizontal_m`, `up_m`: tolerances; they belong to the operator, these are placeholders.
    `false_ratio`: of networks in which any station may be named wrongly.
    """

    horizontal_m: float = 0.010
    up_m: float = 0.020
    false_ratio: float = 0.05

    def tolerance_m(self, part: str) -> float:
        return self.horizontal_m if part == "horizontal" else self.up_m


@dataclass(frozen=True, slots=True)
class PartTest:
    """Horizontal or up: size, chi-square, the chance of it without motion, and the verdict.

    `detectable_m`: what would be found in four of five cases.
    """

    size_m: float
    sigma_m: float
    statistic: float
    probability: float
    detectable_m: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class StationVerdict:
    """One station's numbers and verdict. `against`: what it was held against, in words."""

    moved: Displacement
    residual_m: Floats
    relative_m: Floats
    relative_sigma_m: Floats
    against: str
    parts: Mapping[str, PartTest]
    verdict: Verdict

    @property
    def sentence(self) -> str:
        """Say what was found, in words that can be signed."""
        moved = self.moved
        if moved.reason:
            return f"{moved.station}: {self.verdict}: {moved.reason}"
        sizes = ", ".join(
            f"{name} {1e3 * part.size_m:.1f} +- {1e3 * part.sigma_m:.1f} mm "
            f"(detectable {1e3 * part.detectable_m:.1f})"
            for name, part in self.parts.items()
        )
        season = 1e3 * float(moved.season_m.max())
        bias = f"; seasons differ, up to {season:.1f} mm of it" if season > 0.05 else ""
        steps = "".join(f"; {_attribution(step)}" for step in moved.removed)
        return (
            f"{moved.station}: {self.verdict} over {moved.years:.2f} years against the "
            f"{self.against}: {sizes}{bias}{steps}"
        )


def _attribution(step: Step) -> str:
    east, north, up = step.offset_m or (np.nan, np.nan, np.nan)
    return (
        f"{step.reason} at {step.t_years:.3f} moved it by {1e3 * np.hypot(east, north):.1f} mm, "
        f"{1e3 * up:+.1f} mm up, taken off"
    )


def yearly_test(
    moved: Sequence[Displacement],
    adopted_m_per_year: Mapping[str, Floats] | None = None,
    rules: Rules | None = None,
) -> tuple[StationVerdict, ...]:
    """Return a verdict for each station.

    `adopted_m_per_year`: velocities (3,) by station, in the frame of the series; a station without
    one is held against zero.  With four stations or more the test is against the network's common
    motion, with fewer against the adopted velocity.
    """
    rules = rules or Rules()
    adopted = adopted_m_per_year or {}
    residual = np.array(
        [one.enu_m - adopted.get(one.station, np.zeros(3)) * one.years for one in moved]
    ).reshape(-1, 3)
    sigma = np.array([one.sigma_m for one in moved]).reshape(-1, 3)
    years = np.array([one.years for one in moved])
    known = np.isfinite(residual).all(axis=1)
    network = int(known.sum()) >= FEWEST_STATIONS
    relative, relative_sigma = residual.copy(), sigma.copy()
    if network:
        # A short series that seems quieter than its neighbours mostly does not know its noise.
        usual = np.median(sigma[known] / years[known, None], axis=0)
        sigma = np.maximum(sigma, usual * years[:, None])
        rate, rate_sigma = _common_rate(residual[known], sigma[known], years[known])
        relative -= rate * years[:, None]
        relative_sigma = np.hypot(sigma, rate_sigma * years[:, None])
    against = [
        "network" if network else "adopted velocity" if one.station in adopted else NO_VELOCITY
        for one in moved
    ]
    level = rules.false_ratio / max(1, len(_PARTS) * int(known.sum()))
    return tuple(
        _verdict(one, residual[row], relative[row], relative_sigma[row], against[row], rules, level)
        for row, one in enumerate(moved)
    )


def _common_rate(residual: Floats, sigma: Floats, years: Floats) -> tuple[Floats, Floats]:
    """Return the median residual rate (3,) of all stations, theirs in common, and sigma."""
    rates = residual / years[:, None]
    typical = np.median(sigma / years[:, None], axis=0)
    return np.median(rates, axis=0), _MEDIAN_TO_MEAN_SIGMA * typical / np.sqrt(len(rates))


def _verdict(
    one: Displacement,
    residual: Floats,
    relative: Floats,
    sigma: Floats,
    against: str,
    rules: Rules,
    level: float,
) -> StationVerdict:
    parts = {}
    if not one.reason:
        parts = {
            name: _tested(relative[axes], sigma[axes], freedom, rules.tolerance_m(name), level)
            for name, (freedom, axes) in _PARTS.items()
        }
    verdict = max(
        (part.verdict for part in parts.values()),
        key=_WEIGHT.__getitem__,
        default=Verdict.INSUFFICIENT,
    )
    return StationVerdict(one, residual, relative, sigma, against, parts, verdict)


def _tested(
    moved: Floats, sigma: Floats, freedom: int, tolerance_m: float, level: float
) -> PartTest:
    statistic = float(np.sum((moved / sigma) ** 2))
    probability = float(chi2.sf(statistic, freedom))
    size = float(np.linalg.norm(moved))
    largest = float(sigma.max())
    detectable = float(np.sqrt(chi2.isf(level, freedom)) + norm.ppf(_POWER)) * largest
    if probability < level:
        verdict = Verdict.EXCEEDS if size > tolerance_m else Verdict.WITHIN
    else:
        verdict = Verdict.NOT_SIGNIFICANT if detectable <= tolerance_m else Verdict.INSUFFICIENT
    return PartTest(size, largest, statistic, probability, detectable, verdict)

"""What a step of a series is, who stands for it, and which known change explains a proposed one.

A step is proposed by a scan, or known from a station's timeline.  A person confirms or rejects it,
with a reason.  Velocities use confirmed steps only: a wrongly added step costs as much as a missed
one, and no automatic method beats an analyst (Gazeaux 2013, DOGEx).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from stationd.drift.series import Series

ATTRIBUTION_YEARS: Final = 21.0 / 365.25  # a 5 mm step is located within three weeks


class StepState(StrEnum):
    """How far a step is decided."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Step:
    """A jump of one station's coordinates.

    `t_years`: decimal year of the first session after it.  `reason`: what happened, or why it was
    decided so.  `author`: who or what says so.  `offset_m`, `sigma_m`: east, north, up, where they
    were estimated.  `significance`: the likelihood ratio of the scan, chi-square with three
    degrees of freedom at one given epoch.  `seismic`: a post-seismic term may follow.
    """

    station: str
    t_years: float
    reason: str
    state: StepState = StepState.PROPOSED
    author: str = ""
    offset_m: tuple[float, float, float] | None = None
    sigma_m: tuple[float, float, float] | None = None
    significance: float | None = None
    seismic: bool = False

    def decided(self, state: StepState, author: str, reason: str) -> "Step":
        """Return the step as a named person decided it.

        Raises ValueError without a name and a reason: a decision that no one stands for is none.
        """
        if not author.strip() or not reason.strip():
            raise ValueError(
                f"step of {self.station} at {self.t_years:.4f}: a decision needs an author and "
                f'a reason; got author "{author}", reason "{reason}"'
            )
        return replace(self, state=state, author=author.strip(), reason=reason.strip())


def confirmed_years(steps: Iterable[Step], station: str) -> tuple[float, ...]:
    """Return the epochs of a station's confirmed steps, sorted, each once."""
    return tuple(
        sorted(
            {
                step.t_years
                for step in steps
                if step.station == station and step.state is StepState.CONFIRMED
            }
        )
    )


def antenna_steps(series: Series) -> tuple[Step, ...]:
    """Return the steps that the series' own antenna column tells: proposed, each with its reason.

    A changed antenna may keep the position to a millimetre, so it is a place to look at, not yet
    a step.
    """
    column = series.antenna
    if column is None:
        return ()
    return tuple(
        Step(
            station=series.station,
            t_years=float(series.t_years[row]),
            reason=f'antenna column changes from "{before}" to "{after}"',
            author="series",
        )
        for row, (before, after) in enumerate(pairwise(column), start=1)
        if before != after
    )


def attributed(
    proposed: Sequence[Step], known: Sequence[Step], within_years: float = ATTRIBUTION_YEARS
) -> tuple[Step, ...]:
    """Return the proposed steps, each with the known change that explains it, if one does.

    The nearest known step of the same station within `within_years` gives its reason, author,
    state and epoch (a log knows the day better than a scan); the scan gives offset and
    significance.  A known step that was rejected explains nothing.
    """
    return tuple(_explained(step, known, within_years) for step in proposed)


def _explained(step: Step, known: Sequence[Step], within_years: float) -> Step:
    near = [
        (abs(other.t_years - step.t_years), order)
        for order, other in enumerate(known)
        if other.station == step.station
        and other.state is not StepState.REJECTED
        and abs(other.t_years - step.t_years) <= within_years
    ]
    if not near:
        return step
    cause = known[min(near)[1]]
    return replace(
        step,
        t_years=cause.t_years,
        reason=cause.reason,
        author=cause.author,
        state=cause.state,
        seismic=cause.seismic,
    )

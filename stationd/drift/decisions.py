"""What people decided about steps, as CSV that a person can keep under version control.

A proposed step near a decision takes its state, author and reason: what was rejected is not
proposed again, what was confirmed is in every velocity.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from stationd.drift.errors import SeriesFileError
from stationd.drift.steps import ATTRIBUTION_YEARS, Step, StepState

HEADING: Final = ("station", "epoch", "state", "author", "reason")


def read_decisions(text: str, source: str) -> tuple[Step, ...]:
    """Return the decisions of a CSV file, in its order.

    Raises SeriesFileError, with file and line, for what is no decision.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(name.strip() for name in rows[0]) != HEADING:
        raise SeriesFileError(source, 1, f"its heading must be {','.join(HEADING)}")
    return tuple(
        _decision(source, line, row)
        for line, row in enumerate(rows[1:], start=2)
        if any(field.strip() for field in row)
    )


def _decision(source: str, line: int, row: list[str]) -> Step:
    if len(row) != len(HEADING):
        raise SeriesFileError(
            source, line, f"has {len(row)} fields, not {len(HEADING)}: {','.join(HEADING)}"
        )
    station, epoch, state, author, reason = (field.strip() for field in row)
    try:
        step = Step(station, float(epoch), "")
    except ValueError:
        raise SeriesFileError(source, line, f"{epoch!r} is no decimal year") from None
    if state not in tuple(StepState):
        states = ", ".join(StepState)
        raise SeriesFileError(source, line, f"{state!r} is none of {states}")
    try:
        return step.decided(StepState(state), author, reason)
    except ValueError as error:
        raise SeriesFileError(source, line, str(error)) from error


def written(steps: Iterable[Step]) -> str:
    """Return decisions as CSV that reads back to the same."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADING)
    for step in steps:
        writer.writerow((step.station, repr(step.t_years), step.state, step.author, step.reason))
    return text.getvalue()


def judged(
    proposed: Sequence[Step], decisions: Sequence[Step], within_years: float = ATTRIBUTION_YEARS
) -> tuple[Step, ...]:
    """Return the proposed steps, each in the state that the nearest decision near it gives.

    Epoch, size and significance stay the scan's.
    """
    return tuple(_judged(step, decisions, within_years) for step in proposed)


def _judged(step: Step, decisions: Sequence[Step], within_years: float) -> Step:
    near = [
        (abs(one.t_years - step.t_years), order)
        for order, one in enumerate(decisions)
        if one.station == step.station and abs(one.t_years - step.t_years) <= within_years
    ]
    if not near:
        return step
    decision = decisions[min(near)[1]]
    return replace(step, state=decision.state, author=decision.author, reason=decision.reason)

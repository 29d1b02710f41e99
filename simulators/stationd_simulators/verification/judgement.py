"""Holds a scenario's expectations against what stationd said.

An expectation holds when the check had that health at some moment of its window, and is ok again
from the moment that the expectation names, if it names one. Everything else must not change: a
check that has no expectation is ok once the scenario has settled; one that has may, until it is
cleared, also be better than expected (on its way there, and back). Silence proves nothing: stationd
has to have spoken of every station until the scenario's end.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from stationd_simulators.scenario import Expectation, Scenario
from stationd_simulators.verification.timeline import GONE, Span, Timeline

_LAST_WORD_S: Final = 10.0  # before the scenario's end
_GRAVITY: Final = {"ok": 0, "unknown": 1, "warning": 2, "critical": 3, GONE: 4}


class Mark(StrEnum):
    """What became of an expectation."""

    HELD = "held"
    FAILED = "failed"
    PENDING = "pending"  # stationd has no such check yet


class Outcome(NamedTuple):
    """One line of what `verify` says."""

    mark: Mark
    station: str
    check: str
    sentence: str


def judged(
    scenario: Scenario, told: Mapping[str, Timeline], known: Collection[str]
) -> list[Outcome]:
    """Return an outcome for each expectation, and one for each change that nobody expected.

    `known`: the checks that stationd has.
    """
    outcomes: list[Outcome] = []
    for one in scenario.expectations:
        timeline = told.get(one.station, Timeline())
        outcomes.append(_expected(one, timeline, known))
        if outcomes[-1].mark is Mark.HELD and math.isfinite(one.cleared_by_s):
            outcomes.append(_cleared(one, timeline))
    for station in scenario.stations:
        timeline = told.get(station.id, Timeline())
        strange = [*_silence(scenario, station.id, timeline)]
        strange += _unexpected(scenario, station.id, timeline)
        outcomes += strange
        if not strange:
            sentence = f"nothing else changed in {timeline.end_s:.0f} s"
            outcomes.append(Outcome(Mark.HELD, station.id, "", sentence))
    return outcomes


def _expected(one: Expectation, told: Timeline, known: Collection[str]) -> Outcome:
    what = f"{one.health} between {one.after_s:g} and {one.after_s + one.within_s:g} s"
    if one.check not in known:
        sentence = f"{what}: stationd has no check of that name yet"
        return Outcome(Mark.PENDING, one.station, one.check, sentence)
    spans = told.spans(one.check)
    end_s = one.after_s + one.within_s
    for span in spans:
        if span.health == one.health and span.begin_s <= end_s and span.end_s > one.after_s:
            since_s = max(0.0, span.begin_s - one.after_s)
            sentence = f"{one.health} after {since_s:.0f} of {one.within_s:g} s: {span.reason}"
            return Outcome(Mark.HELD, one.station, one.check, sentence)
    during = [s.health for s in spans if s.begin_s <= end_s and s.end_s >= one.after_s]
    found = ", then ".join(during) or "nothing"
    return Outcome(Mark.FAILED, one.station, one.check, f"{what} was expected, found {found}")


def _cleared(one: Expectation, told: Timeline) -> Outcome:
    """Say whether the check is ok from when it should be until the end."""
    by_s, spans = one.cleared_by_s, told.spans(one.check)
    bad = next((span for span in spans if span.health != "ok" and span.end_s > by_s), None)
    if bad is not None:
        at_s = max(bad.begin_s, by_s)
        sentence = f"should be ok from {by_s:g} s on, is {bad.health} at {at_s:.0f} s: {bad.reason}"
        return Outcome(Mark.FAILED, one.station, one.check, sentence)
    if told.end_s <= by_s:
        sentence = f"should be ok from {by_s:g} s on: nothing was said after {told.end_s:.0f} s"
        return Outcome(Mark.FAILED, one.station, one.check, sentence)
    sentence = f"ok again at {spans[-1].begin_s:.0f} s, by {by_s:g} s"
    return Outcome(Mark.HELD, one.station, one.check, sentence)


def _silence(scenario: Scenario, station: str, told: Timeline) -> Iterator[Outcome]:
    """Yield what stationd should have said and did not."""
    if not told.checks:
        yield Outcome(Mark.FAILED, station, "", "stationd said nothing of this station's checks")
    elif told.end_s < scenario.duration_s - _LAST_WORD_S:
        sentence = (
            f"stationd's last word is of {told.end_s:.0f} s, the scenario goes on until "
            f"{scenario.duration_s:g} s"
        )
        yield Outcome(Mark.FAILED, station, "", sentence)


def _unexpected(scenario: Scenario, station: str, told: Timeline) -> Iterator[Outcome]:
    faulty = any(fault.concerns(station) for fault in scenario.faults)
    for check in told.checks:
        if faulty and check in scenario.also:
            continue
        expected = [
            one for one in scenario.expectations if (one.station, one.check) == (station, check)
        ]
        for span in told.spans(check):
            if span.end_s > span.begin_s and not _allowed(span, expected, scenario.settle_s):
                begin_s = max(span.begin_s, 0.0)
                sentence = f"{span.health} from {begin_s:.0f} s was not expected: {span.reason}"
                yield Outcome(Mark.FAILED, station, check, sentence)


def _allowed(span: Span, expected: list[Expectation], settle_s: float) -> bool:
    if span.health == "ok":
        return True
    if span.health == "unknown" and span.begin_s < settle_s and span.end_s <= settle_s:
        return True
    return any(
        _GRAVITY[span.health] <= _GRAVITY[one.health]
        and one.after_s <= span.begin_s <= one.cleared_by_s
        for one in expected
    )

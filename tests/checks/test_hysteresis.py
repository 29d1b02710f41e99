"""Verdicts settle: outage and recovery have limits of their own, unknown is taken at once."""

from stationd.checks.hysteresis import settle
from stationd.checks.verdict import Settling, Verdict
from stationd.facts import Health
from stationd.inputs import Instant

LIMITS = Settling(worsen_after_s=30.0, clear_after_s=10.0, recover_after_s=300.0)
OK, UNKNOWN, WARNING, CRITICAL = Health.OK, Health.UNKNOWN, Health.WARNING, Health.CRITICAL


def run(*steps):
    """Return the health after each (second, verdict)."""
    settled, seen = None, []
    for at_s, health in steps:
        settled = settle("x", settled, Verdict(health, "", {}), LIMITS, {}, Instant(None, at_s))
        seen.append(settled.result.health)
    return seen


def test_the_first_verdict_stands_at_once():
    assert run((0, CRITICAL)) == [CRITICAL]


def test_worse_counts_once_it_has_held_long_enough():
    assert run((0, OK), (1, WARNING), (30, WARNING), (31, WARNING)) == [OK, OK, OK, WARNING]


def test_a_short_dip_leaves_no_trace():
    assert run((0, OK), (1, WARNING), (2, OK), (31, WARNING)) == [OK, OK, OK, OK]


def test_deepening_trouble_does_not_start_the_wait_anew():
    assert run((0, OK), (1, WARNING), (31, CRITICAL)) == [OK, OK, CRITICAL]


def test_a_critical_state_recovers_later_than_a_warning_clears():
    assert run((0, CRITICAL), (1, OK), (300, OK), (301, OK)) == [CRITICAL] * 3 + [OK]
    assert run((0, WARNING), (1, OK), (11, OK)) == [WARNING, WARNING, OK]


def test_unknown_is_taken_at_once_both_ways():
    assert run((0, OK), (1, UNKNOWN), (2, OK)) == [OK, UNKNOWN, OK]


def test_the_result_says_since_when_and_what_is_waiting():
    first = settle("x", None, Verdict(OK, "fine", {}), LIMITS, LIMITS.shown(), Instant(None, 0.0))
    second = settle(
        "x", first, Verdict(WARNING, "weak", {"v": 1}), LIMITS, LIMITS.shown(), Instant(None, 5.0)
    )
    assert second.result.since == Instant(None, 0.0)
    assert second.result.reason == "weak (warning for 0 s; ok until 30 s)"
    assert second.result.evidence == {"v": 1}
    assert second.result.limits["recover_after_s"] == 300.0

"""Settles verdicts: outage and recovery have different time limits, and nothing flickers.

Unknown is taken at once in both directions, because it is about evidence and not about the
station; everything else must hold for as long as the limits say.
"""

from typing import NamedTuple

from stationd.checks.verdict import Settling, Verdict
from stationd.facts import GRAVITY, CheckResult, Evidence, Health
from stationd.inputs import Instant


class Settled(NamedTuple):
    """A check's result, and the other health that is waiting to replace it, if any.

    `asked_s`: when the check was last asked, monotonic.
    """

    result: CheckResult
    asked_s: float
    candidate: Health | None = None
    candidate_since_s: float = 0.0


def settle(
    check: str,
    previous: Settled | None,
    verdict: Verdict,
    limits: Settling,
    shown: Evidence,
    now: Instant,
) -> Settled:
    """Return the settled result after one more verdict. `shown`: the limits as they are told."""
    health, reason, evidence, withdrawn = verdict
    now_s = now.monotonic_s
    if previous is None:
        return Settled(CheckResult(check, health, reason, evidence, shown, now, withdrawn), now_s)
    old = previous.result
    if health is old.health:
        return Settled(
            CheckResult(check, health, reason, evidence, shown, old.since, withdrawn), now_s
        )
    wait_s = _wait_s(old.health, health, limits)
    since_s = now_s
    if previous.candidate is not None and _same_way(old.health, previous.candidate, health):
        since_s = previous.candidate_since_s
    held_s = now_s - since_s
    if held_s >= wait_s:
        return Settled(CheckResult(check, health, reason, evidence, shown, now, withdrawn), now_s)
    reason = f"{reason} ({health} for {held_s:.0f} s; {old.health} until {wait_s:g} s)"
    kept = CheckResult(check, old.health, reason, evidence, shown, old.since, withdrawn)
    return Settled(kept, now_s, health, since_s)


def _wait_s(old: Health, new: Health, limits: Settling) -> float:
    if Health.UNKNOWN in (old, new):
        return 0.0
    if GRAVITY[new] > GRAVITY[old]:
        return limits.worsen_after_s
    return limits.recover_after_s if old is Health.CRITICAL else limits.clear_after_s


def _same_way(old: Health, one: Health, other: Health) -> bool:
    """Whether two candidates are both better, or both worse, than what holds."""
    return (GRAVITY[one] > GRAVITY[old]) == (GRAVITY[other] > GRAVITY[old])

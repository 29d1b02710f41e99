"""Does every expected message type arrive, at its rate, and from the expected station id?"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import Health
from stationd.station.reading import Reading

SPAN_S = 60.0
LONGEST_SPAN_S = 600.0
PERIODS = 5  # a rate is judged over at least so many periods
MISSED_PERIODS = 3.0


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_ratio: float = field(
        default=0.10, metadata={"help": "warning when a rate is off by more than this share"}
    )
    critical_ratio: float = field(
        default=0.33, metadata={"help": "critical when a rate is off by more than this share"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    expect, state = reading.registration.expect, reading.state
    wrong_id = state.foreign_station_id
    if expect.station_id is not None and wrong_id is not None:
        reason = f"messages carry station id {wrong_id}, expected {expect.station_id}"
        return Verdict(Health.CRITICAL, reason, {"station_id": wrong_id})
    if not expect.messages:
        return None
    if state.last_data is None:
        return Verdict(Health.UNKNOWN, "no data yet", {})
    worst = Verdict(Health.OK, f"all {len(expect.messages)} expected types at their rate", {})
    waiting: list[int] = []
    off: dict[str, float] = {}
    watched_s = reading.age_s(state.first_data_s)
    for number, interval_s in expect.messages.items():
        share = _off_ratio(reading, number, interval_s, watched_s)
        if share is None:
            waiting.append(number)
            continue
        if share <= limits.warning_ratio:
            continue
        off[f"{number}_off_ratio"] = share
        if share >= max(off.values()):
            what = "missing" if share >= 1.0 else f"off by {share:.0%}"
            health = graded(share, limits.warning_ratio, limits.critical_ratio)
            worst = Verdict(health, f"type {number}, every {interval_s:g} s, is {what}", off)
    if not off:
        if not waiting:
            return worst
        types = ", ".join(map(str, waiting))
        return Verdict(Health.UNKNOWN, f"not watched long enough for type {types}", {})
    return worst._replace(evidence={name: round(share, 3) for name, share in off.items()})


def _off_ratio(reading: Reading, number: int, interval_s: float, watched_s: float) -> float | None:
    """Return how far a type's rate is from the expected one; None while it cannot be known."""
    now_s = reading.now.monotonic_s
    seen = reading.state.messages.get(number)
    missed_s = watched_s if seen is None else now_s - seen.last_s
    if missed_s > MISSED_PERIODS * interval_s + 1.0:
        return 1.0
    if seen is None:
        return None
    span_s = SPAN_S
    if PERIODS * interval_s > SPAN_S:
        span_s = min(PERIODS * interval_s, LONGEST_SPAN_S)
    if watched_s < span_s:
        return None
    if interval_s > span_s / PERIODS:
        return 0.0  # seen in time, too rare for a rate
    count, covered_s = reading.state.message_window(number, now_s, span_s)
    expected = covered_s / interval_s
    # One message more or less at the window's edges proves nothing.
    off = abs(count - expected) - 1.0
    return off / expected if off > 0.0 else 0.0

"""How old is an epoch when it arrives? Withdrawn while the host clock is not known to be right."""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import Health
from stationd.station.reading import Reading


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_s: float = field(default=2.0, metadata={"help": "warning above this median latency"})
    critical_s: float = field(default=10.0, metadata={"help": "critical above this median latency"})
    ahead_s: float = field(
        default=0.5, metadata={"help": "critical when epochs lie so far in the future"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict:
    if reading.clock_synchronised is not True:
        known = (
            "is not synchronised" if reading.clock_synchronised is False else "is not vouched for"
        )
        reason = f"withdrawn: the host clock {known}"
        return Verdict(Health.UNKNOWN, reason, {"latency_s": None}, withdrawn=True)
    latency_s = reading.latency_s
    if latency_s is None:
        return Verdict(Health.UNKNOWN, "no dated epoch in the last 60 s", {"latency_s": None})
    evidence = {"latency_s": round(latency_s, 3)}
    if latency_s < -limits.ahead_s:
        reason = f"epochs lie {-latency_s:.1f} s in the future: the receiver's time is wrong"
        return Verdict(Health.CRITICAL, reason, evidence)
    health = graded(latency_s, limits.warning_s, limits.critical_s)
    return Verdict(health, f"epochs arrive {latency_s:.1f} s after they were observed", evidence)

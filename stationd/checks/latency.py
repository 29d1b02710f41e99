"""How old is an epoch when it arrives? Withdrawn while the host clock is not known to be right."""

from dataclasses import dataclass, field
from statistics import median

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import Health
from stationd.station.reading import Reading

STALE_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_s: float = field(default=2.0, metadata={"help": "warning above this median latency"})
    critical_s: float = field(default=10.0, metadata={"help": "critical above this median latency"})
    ahead_s: float = field(
        default=0.5, metadata={"help": "critical when epochs lie so far in the future"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict:
    state = reading.state
    if reading.clock_synchronised is not True:
        known = (
            "is not synchronised" if reading.clock_synchronised is False else "is not vouched for"
        )
        return Verdict(Health.UNKNOWN, f"withdrawn: the host clock {known}", {"latency_s": None})
    recent = [latency_s for at_s, latency_s in state.latencies if reading.age_s(at_s) <= STALE_S]
    if not recent:
        return Verdict(Health.UNKNOWN, "no dated epoch in the last 60 s", {"latency_s": None})
    latency_s = median(recent)
    evidence = {"latency_s": round(latency_s, 3), "epochs": len(recent)}
    if latency_s < -limits.ahead_s:
        reason = f"epochs lie {-latency_s:.1f} s in the future: the receiver's time is wrong"
        return Verdict(Health.CRITICAL, reason, evidence)
    health = graded(latency_s, limits.warning_s, limits.critical_s)
    return Verdict(health, f"epochs arrive {latency_s:.1f} s after they were observed", evidence)

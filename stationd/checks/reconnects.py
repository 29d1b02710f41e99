"""How often was the connection made anew in the last hour?"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import Health
from stationd.station.reading import Reading

SPAN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_per_hour: float = field(
        default=1.0, metadata={"help": "warning above so many reconnects in an hour"}
    )
    critical_per_hour: float = field(
        default=4.0, metadata={"help": "critical above so many reconnects in an hour"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    state = reading.state
    if not state.has_link:
        return None  # a recording has no connection to lose
    count = sum(reading.age_s(at_s) <= SPAN_S for at_s in state.reconnects_s)
    evidence = {"reconnects_per_hour": count}
    if not state.connections:
        return Verdict(Health.UNKNOWN, f"never connected: {state.link_reason}", evidence)
    health = graded(count, limits.warning_per_hour, limits.critical_per_hour)
    return Verdict(health, f"{count} reconnects in the last hour", evidence)

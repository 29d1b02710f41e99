"""Is anything arriving at all? Silence and too few bytes; an open socket proves nothing."""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import Health
from stationd.station.reading import Reading

RATE_SPAN_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_s: float = field(default=20.0, metadata={"help": "warning after so long a silence"})
    critical_s: float = field(
        default=900.0, metadata={"help": "critical after so long a silence: an outage"}
    )
    least_rate_bytes_per_s: float = field(
        default=100.0, metadata={"help": "warning below this mean rate of 60 s"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict:
    state = reading.state
    link = state.link_reason or "no connection yet"
    if state.last_data is None:
        waited_s = reading.age_s(state.watched_since_s)
        evidence = {"silence_s": round(waited_s, 1), "received_bytes": 0}
        if waited_s > limits.critical_s:
            reason = f"nothing has ever arrived, for {waited_s:.0f} s: {link}"
            return Verdict(Health.CRITICAL, reason, evidence)
        if waited_s > limits.warning_s:
            return Verdict(Health.WARNING, f"nothing has arrived yet: {link}", evidence)
        return Verdict(Health.UNKNOWN, f"no data yet: {link}", evidence)
    silence_s = max(0.0, reading.age_s(state.last_data.monotonic_s))
    watched_s = reading.age_s(state.first_data_s)
    rate = state.byte_rate_bytes_per_s(reading.now.monotonic_s, RATE_SPAN_S)
    evidence = {"silence_s": round(silence_s, 1), "rate_bytes_per_s": round(rate, 1)}
    health = graded(silence_s, limits.warning_s, limits.critical_s)
    if health is not Health.OK:
        return Verdict(health, f"silent for {silence_s:.0f} s: {link}", evidence)
    if watched_s >= RATE_SPAN_S and rate < limits.least_rate_bytes_per_s:
        reason = f"only {rate:.0f} bytes a second over {RATE_SPAN_S:.0f} s"
        return Verdict(Health.WARNING, reason, evidence)
    return Verdict(Health.OK, "data arrives", evidence)

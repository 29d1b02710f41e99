"""Is the broadcast antenna reference point (1005/1006) the registered one?

The difference is published, never a coordinate (Order 190, art. 25). Both must be given in the
same frame and epoch: RTCM 3 does not say which one is on air.
"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import Health
from stationd.station.reading import Reading

HEIGHT_TOLERANCE_M = 0.001


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_m: float = field(default=0.001, metadata={"help": "warning above this distance"})
    critical_m: float = field(default=0.1, metadata={"help": "critical above this distance"})
    within_s: float = field(
        default=30.0, metadata={"help": "warning when none has come for so long"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    if reading.registration.reference is None:
        return None
    state = reading.state
    arp = state.arp
    if arp is None:
        if state.last_data and reading.age_s(state.first_data_s) > limits.within_s:
            watched_s = reading.age_s(state.first_data_s)
            reason = f"no 1005 or 1006 in {watched_s:.0f} s"
            return Verdict(Health.UNKNOWN, reason, {"arp_offset_m": None})
        return Verdict(Health.UNKNOWN, "no 1005 or 1006 yet", {"arp_offset_m": None})
    if arp.is_default:
        reason = "the receiver sends a default coordinate (the centre of the earth or zeros)"
        return Verdict(Health.CRITICAL, reason, {"arp_offset_m": None})
    offset_m = state.arp_offset_m()
    age_s = reading.age_s(arp.at_s)
    evidence = {"arp_offset_m": round(offset_m, 4), "age_s": round(age_s, 1)}
    health = graded(offset_m, limits.warning_m, limits.critical_m)
    if health is not Health.OK:
        reason = f"the broadcast ARP is {offset_m:.4g} m from the registered one"
        return Verdict(health, reason, evidence)
    registered_m = reading.registration.antenna.height_m
    if registered_m is not None and arp.height_m is not None:
        difference_m = arp.height_m - registered_m
        evidence["antenna_height_difference_m"] = round(difference_m, 4)
        if abs(difference_m) > HEIGHT_TOLERANCE_M:
            reason = f"antenna height differs by {difference_m:.4f} m from the registered one"
            return Verdict(Health.WARNING, reason, evidence)
    if age_s > limits.within_s:
        return Verdict(Health.UNKNOWN, f"no 1005 or 1006 for {age_s:.0f} s", evidence)
    return Verdict(Health.OK, "the broadcast ARP is the registered one", evidence)

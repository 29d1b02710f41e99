"""Does the receiver's own position fix (NMEA GGA) say that it works?"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded
from stationd.facts import GRAVITY, Health
from stationd.station.reading import Reading

INVALID, SIMULATED = 0, 8  # NMEA 0183 GGA fix quality indicator


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    within_s: float = field(default=30.0, metadata={"help": "unknown without GGA for so long"})
    least_satellites: int = field(default=4, metadata={"help": "warning below so many used"})
    warning_hdop: float = field(default=3.0, metadata={"help": "warning above this HDOP"})
    critical_hdop: float = field(default=8.0, metadata={"help": "critical above this HDOP"})


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    fix = reading.state.fix
    if fix is None:
        if not reading.registration.expect.nmea:
            return None
        return Verdict(Health.UNKNOWN, "no GGA sentence yet", {"fix_quality": None})
    age_s = reading.age_s(fix.at_s)
    evidence = {
        "fix_quality": fix.quality,
        "satellites": fix.satellites,
        "hdop": fix.hdop,
        "age_s": round(age_s, 1),
    }
    if age_s > limits.within_s:
        return Verdict(Health.UNKNOWN, f"no GGA sentence for {age_s:.0f} s", evidence)
    if fix.quality in (INVALID, SIMULATED):
        what = "has no fix" if fix.quality == INVALID else "simulates its fix"
        return Verdict(Health.CRITICAL, f"the receiver {what}", evidence)
    health = Health.OK
    if fix.hdop is not None:
        health = graded(fix.hdop, limits.warning_hdop, limits.critical_hdop)
    if fix.satellites is not None and fix.satellites < limits.least_satellites:
        health = max(health, Health.WARNING, key=GRAVITY.__getitem__)
    reason = f"fix quality {fix.quality} with {fix.satellites} satellites, HDOP {fix.hdop}"
    return Verdict(health, reason, evidence)

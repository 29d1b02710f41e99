"""What share of RTCM 3 frames passes its CRC, over 60 s and over 600 s: corrupt is not absent."""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded_low
from stationd.facts import Health
from stationd.station.reading import Reading

SHORT_SPAN_S = 60.0
LONG_SPAN_S = 600.0
LEAST_FRAMES = 10


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    warning_ratio: float = field(
        default=0.999, metadata={"help": "warning below this share of good frames"}
    )
    critical_ratio: float = field(
        default=0.990, metadata={"help": "critical below this share of good frames"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    state, now_s = reading.state, reading.now.monotonic_s
    good, bad = state.frame_window(now_s, LONG_SPAN_S)
    if good + bad < LEAST_FRAMES:
        if reading.registration.expect.nmea and not state.frames:
            return None
        reason = f"{good + bad} of {LEAST_FRAMES} frames in the last 600 s"
        return Verdict(Health.UNKNOWN, reason, {"frames": good + bad})
    long_share = good / (good + bad)
    health = graded_low(long_share, limits.warning_ratio, limits.critical_ratio)
    short_good, short_bad = state.frame_window(now_s, SHORT_SPAN_S)
    short = short_good + short_bad
    short_share = short_good / short if short >= LEAST_FRAMES else None
    if short_share is not None and short_share < long_share:
        health = graded_low(short_share, limits.warning_ratio, limits.critical_ratio)
    evidence = {
        "good_60s_ratio": None if short_share is None else round(short_share, 5),
        "good_600s_ratio": round(long_share, 5),
        "failures_600s": bad,
    }
    reason = f"{bad} of {good + bad} frames failed their CRC in the last 600 s"
    return Verdict(health, reason, evidence)

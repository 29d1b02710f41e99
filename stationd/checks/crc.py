"""What share of RTCM 3 frames passes its CRC, over 60 s and over 600 s: corrupt is not absent."""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded_low
from stationd.facts import GRAVITY, Health
from stationd.station.reading import Reading

SPANS_S = (60.0, 600.0)
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
    good = [state.frame_window.total(now_s, span_s) for span_s in SPANS_S]
    bad = [state.crc_window.total(now_s, span_s) for span_s in SPANS_S]
    if good[1] + bad[1] < LEAST_FRAMES:
        if reading.registration.expect.nmea and not state.frames:
            return None
        seen = {"frames": good[1] + bad[1]}
        reason = f"{seen['frames']} of {LEAST_FRAMES} frames in the last 600 s"
        return Verdict(Health.UNKNOWN, reason, seen)
    shares = [g / (g + b) for g, b in zip(good, bad, strict=True) if g + b >= LEAST_FRAMES]
    worst = max(
        (graded_low(s, limits.warning_ratio, limits.critical_ratio) for s in shares),
        key=GRAVITY.__getitem__,
    )
    evidence = {
        "good_60s_ratio": round(shares[0], 5) if len(shares) == len(SPANS_S) else None,
        "good_600s_ratio": round(shares[-1], 5),
        "failures_600s": bad[1],
    }
    reason = f"{bad[1]} of {good[1] + bad[1]} frames failed their CRC in the last 600 s"
    return Verdict(worst, reason, evidence)

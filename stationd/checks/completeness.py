"""Do all epochs of all expected constellations arrive? Share received over 600 s, and gaps."""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded_low
from stationd.facts import Health
from stationd.gnss.constellations import CONSTELLATIONS
from stationd.station.reading import Reading

SPAN_S = 600.0
LEAST_SPAN_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    worsen_after_s: float = field(
        default=30.0, metadata={"help": "a worse verdict counts once it has held so long"}
    )
    warning_ratio: float = field(
        default=0.99, metadata={"help": "warning below this share of epochs over 600 s"}
    )
    critical_ratio: float = field(
        default=0.90, metadata={"help": "critical below this share of epochs over 600 s"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    shares = reading.completeness
    expected = reading.registration.expect.constellations
    if not expected and not reading.state.tracks:
        if reading.registration.expect.nmea:
            return None  # a station that sends sentences only has no epochs to miss
        return Verdict(Health.UNKNOWN, "no observation epoch yet", {})
    watched_s = min(SPAN_S, reading.age_s(reading.state.first_data_s))
    if reading.state.last_data is None or watched_s < LEAST_SPAN_S:
        reason = f"watched for {max(0.0, watched_s):.0f} of {LEAST_SPAN_S:.0f} s"
        return Verdict(Health.UNKNOWN, reason, {"watched_s": round(max(0.0, watched_s), 1)})
    shares = {**dict.fromkeys(expected, 0.0), **shares}
    evidence = {_EVIDENCE_NAMES[letter]: round(share, 4) for letter, share in shares.items()}
    share = min(shares.values())
    health = graded_low(share, limits.warning_ratio, limits.critical_ratio)
    if health is Health.OK:
        return Verdict(health, f"at least {share:.1%} of epochs arrived", evidence)
    letter = min(letter for letter, one in shares.items() if one == share)
    reason = f"{share:.1%} of {letter} epochs in the last {watched_s:.0f} s"
    track = reading.state.tracks.get(letter)
    if track is not None and track.last_gap is not None:
        ended_s = reading.age_s(track.last_gap.monotonic_s)
        reason += f"; the last gap, of {track.last_gap.missing} epochs, ended {ended_s:.0f} s ago"
    return Verdict(health, reason, evidence)


_EVIDENCE_NAMES = {letter: f"{letter}_ratio" for letter in CONSTELLATIONS}

"""Are enough satellites of each constellation observed?"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict
from stationd.facts import GRAVITY, Health
from stationd.station.reading import Reading

# Seen in use for GPS, GLONASS, Galileo, BeiDou; the regional systems have few to see.
LEAST = {"G": 8, "R": 6, "E": 6, "C": 8, "J": 1, "S": 0, "I": 0}


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    worsen_after_s: float = field(
        default=30.0, metadata={"help": "a worse verdict counts once it has held so long"}
    )
    least: dict[str, int] = field(
        default_factory=lambda: dict(LEAST),
        metadata={"help": "constellation letter -> warning below so many satellites"},
    )
    critical_ratio: float = field(
        default=0.5, metadata={"help": "critical below this share of the least number"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    state, expected = reading.state, reading.registration.expect.constellations
    letters = expected or tuple(sorted(state.tracks))
    if not letters:
        if reading.registration.expect.nmea:
            return None
        return Verdict(Health.UNKNOWN, "no observations yet", {})
    worst = Verdict(Health.OK, "enough satellites of every constellation", {})
    evidence: dict[str, int | None] = {}
    for letter in letters:
        seen = reading.satellites.get(letter)
        evidence[f"{letter}_satellites"] = seen
        least = limits.least.get(letter, 0)
        verdict = _judge_one(letter, seen, least, limits.critical_ratio)
        if GRAVITY[verdict.health] > GRAVITY[worst.health]:
            worst = verdict
    return worst._replace(evidence=evidence)


def _judge_one(letter: str, seen: int | None, least: int, critical_ratio: float) -> Verdict:
    if seen is None:
        return Verdict(Health.UNKNOWN, f"no fresh epoch of constellation {letter}", {})
    if seen >= least:
        return Verdict(Health.OK, "", {})
    health = Health.CRITICAL if seen < least * critical_ratio else Health.WARNING
    return Verdict(health, f"{seen} satellites of {letter}, at least {least} expected", {})

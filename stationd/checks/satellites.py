"""Are enough satellites of each constellation observed?"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict
from stationd.facts import GRAVITY, Health
from stationd.gnss.constellations import CONSTELLATIONS
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
    evidence: dict[str, float | int | str | None] = {}
    for letter in letters:
        seen = reading.satellites.get(letter)
        evidence[_EVIDENCE_NAMES[letter]] = seen
        if seen is None or seen < limits.least.get(letter, 0):
            verdict = _short(letter, seen, limits)
            if GRAVITY[verdict.health] > GRAVITY[worst.health]:
                worst = verdict
    return Verdict(worst.health, worst.reason, evidence)


def _short(letter: str, seen: int | None, limits: Limits) -> Verdict:
    if seen is None:
        return Verdict(Health.UNKNOWN, f"no fresh epoch of constellation {letter}", {})
    least = limits.least[letter]
    health = Health.CRITICAL if seen < least * limits.critical_ratio else Health.WARNING
    return Verdict(health, f"{seen} satellites of {letter}, at least {least} expected", {})


_EVIDENCE_NAMES = {letter: f"{letter}_satellites" for letter in CONSTELLATIONS}

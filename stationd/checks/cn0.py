"""Is the signal strong enough? Median C/N0 of each constellation's strongest signal.

The weaker signals of a constellation are measured and not judged: semi-codeless L2 is ten
decibels lower on a healthy station, so one absolute limit for all would flood the staff.
"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict, graded_low
from stationd.facts import Health
from stationd.gnss.signals import MSM_CODES
from stationd.station.reading import Reading


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    worsen_after_s: float = field(
        default=60.0, metadata={"help": "a worse verdict counts once it has held so long"}
    )
    warning_dbhz: float = field(default=40.0, metadata={"help": "warning below this median"})
    critical_dbhz: float = field(default=36.0, metadata={"help": "critical below this median"})
    ignore: tuple[str, ...] = field(
        default=("S",), metadata={"help": "constellations whose strength is not judged"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    if not reading.cn0_median_dbhz:
        if reading.registration.expect.nmea and not reading.state.tracks:
            return None
        return Verdict(Health.UNKNOWN, "no fresh epoch with C/N0", {})
    strongest: dict[str, tuple[float, str]] = {}
    for (letter, code), value in reading.cn0_median_dbhz.items():
        if letter not in strongest or value > strongest[letter][0]:
            strongest[letter] = (value, code)
    evidence = {
        _EVIDENCE_NAMES[letter, code]: round(value, 1)
        for letter, (value, code) in strongest.items()
    }
    judged = [
        (value, letter) for letter, (value, _) in strongest.items() if letter not in limits.ignore
    ]
    if not judged:
        return Verdict(Health.UNKNOWN, "no C/N0 of a constellation that is judged", evidence)
    value, letter = min(judged)
    health = graded_low(value, limits.warning_dbhz, limits.critical_dbhz)
    reason = f"weakest constellation {letter}: median {value:.1f} dB-Hz on its strongest signal"
    return Verdict(health, reason, evidence)


_EVIDENCE_NAMES = {
    (letter, code): f"{letter}{code}_dbhz"
    for letter, codes in MSM_CODES.items()
    for code in codes.values()
}

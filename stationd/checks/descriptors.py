"""Are antenna and receiver (1007/1008/1033) the registered ones?"""

from dataclasses import dataclass, field

from stationd.checks.verdict import Settling, Verdict
from stationd.facts import Health
from stationd.station.reading import Reading


@dataclass(frozen=True, slots=True)
class Limits(Settling):
    within_s: float = field(
        default=300.0, metadata={"help": "unknown when none has come for so long"}
    )


def judge(reading: Reading, limits: Limits) -> Verdict | None:
    antenna, receiver = reading.registration.antenna, reading.registration.receiver
    # What makes the coordinates wrong is critical; what is only another box is a warning.
    registered = {
        "antenna_descriptor": (antenna.descriptor, Health.CRITICAL),
        "antenna_serial": (antenna.serial, Health.WARNING),
        "receiver_descriptor": (receiver.descriptor, Health.WARNING),
        "receiver_serial": (receiver.serial, Health.WARNING),
        "receiver_firmware": (receiver.firmware, Health.WARNING),
    }
    wanted = {name: row for name, row in registered.items() if row[0] is not None}
    if not wanted:
        return None
    heard = reading.state.descriptors
    stale_s = reading.age_s(reading.state.descriptors_s)
    absent = [name for name in wanted if name not in heard]
    different = {
        name: health
        for name, (value, health) in wanted.items()
        if name in heard and _plain(heard[name]) != _plain(value or "")
    }
    evidence = {name: heard.get(name) for name in wanted}
    for health in (Health.CRITICAL, Health.WARNING):
        for name in (n for n, h in different.items() if h is health):
            label = name.replace("_", " ")
            reason = f'{label} is "{heard[name]}", registered is "{wanted[name][0]}"'
            return Verdict(health, reason, evidence)
    if absent:
        names = ", ".join(name.replace("_", " ") for name in absent)
        return Verdict(Health.UNKNOWN, f"the stream has not said its {names}", evidence)
    if stale_s > limits.within_s:
        return Verdict(Health.UNKNOWN, f"no descriptor for {stale_s:.0f} s", evidence)
    return Verdict(Health.OK, "antenna and receiver are the registered ones", evidence)


def _plain(text: str) -> str:
    """Descriptors are padded to columns differently by every maker."""
    return " ".join(text.split()).upper()

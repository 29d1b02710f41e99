"""A verdict, and what every check is: limits and a judge."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from stationd.facts import Evidence, Health
from stationd.station.reading import Reading


class Verdict(NamedTuple):
    """What one look at the evidence says; `hysteresis.py` makes a settled result of it.

    `withdrawn`: the host lacks the means to judge, whatever the station does; such an `unknown`
    is shown and weighs nothing in the station's health.
    """

    health: Health
    reason: str
    evidence: Evidence
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Settling:
    """How long a verdict must hold before it counts: the first fields of every check's limits."""

    worsen_after_s: float = field(
        default=0.0, metadata={"help": "a worse verdict counts once it has held so long"}
    )
    clear_after_s: float = field(
        default=10.0, metadata={"help": "a warning ends once things have been better so long"}
    )
    recover_after_s: float = field(
        default=300.0,
        metadata={"help": "a critical state ends once things have been better so long"},
    )

    def shown(self) -> Evidence:
        """Return the limits as they stand beside the value."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


class Check(NamedTuple):
    """One row of `CHECKS`. The judge returns None where the station gives it nothing to check.

    `every_s`: how often it is asked. What rests on windows, which move on every 10 s, is asked
    less often than each second: with a thousand stations that is a tenth of a core's work.
    """

    name: str
    limits: type[Settling]
    judge: Callable[[Reading, Any], Verdict | None]
    meaning: str
    every_s: float = 1.0


def graded(value: float, warning: float, critical: float) -> Health:
    """Return the health of a value that is worse the higher it is."""
    if value > critical:
        return Health.CRITICAL
    return Health.WARNING if value > warning else Health.OK


def graded_low(value: float, warning: float, critical: float) -> Health:
    """Return the health of a value that is worse the lower it is."""
    return graded(-value, -warning, -critical)

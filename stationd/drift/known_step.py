"""A change that someone has written down for a station, before anyone looked at its series."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stationd.drift.epochs import julian_year
from stationd.drift.steps import Step, StepState


class Change(StrEnum):
    """What changed. Firmware seldom moves a coordinate, an antenna or radome mostly does."""

    ANTENNA = "antenna"
    RECEIVER = "receiver"
    FIRMWARE = "firmware"
    EARTHQUAKE = "earthquake"
    OTHER = "other"


# In this order: "Antenna_and_Receiver_Changed" is an antenna change before anything else.
_WORDS: Final = (
    (Change.ANTENNA, ("antenna", "radome", "dome", "monument")),
    (Change.RECEIVER, ("receiver",)),
    (Change.FIRMWARE, ("firmware",)),
    (Change.EARTHQUAKE, ("earthquake", "eq m")),
)


@dataclass(frozen=True, slots=True)
class KnownStep:
    """A change of `station` at `mjd`; `t_years` is the list's own decimal year, where it has one.

    `reason`: what the list says.  `source`, `line`: where it says so.
    """

    station: str
    mjd: float
    change: Change
    reason: str
    source: str
    line: int
    t_years: float | None = None

    @property
    def epoch_years(self) -> float:
        """Return the decimal year: the list's, else the Julian year of the moment."""
        return julian_year(self.mjd) if self.t_years is None else self.t_years

    def as_step(self, state: StepState = StepState.CONFIRMED) -> Step:
        """Return it as a step; its author is the list, line by line."""
        return Step(
            station=self.station,
            t_years=self.epoch_years,
            reason=self.reason,
            state=state,
            author=f"{self.source}, line {self.line}",
            seismic=self.change is Change.EARTHQUAKE,
        )


def change_of(text: str) -> Change:
    """Return the first kind whose words appear in a reason."""
    lowered = text.lower()
    for change, words in _WORDS:
        if any(word in lowered for word in words):
            return change
    return Change.OTHER


def of_station(steps: Iterable[KnownStep], station: str) -> tuple[KnownStep, ...]:
    """Return a station's steps in the order of time: BRUX, brux and BRUX00BEL are one station."""
    wanted = station.casefold()
    found = (step for step in steps if _same_station(step.station.casefold(), wanted))
    return tuple(sorted(found, key=lambda step: step.epoch_years))


def _same_station(one: str, other: str) -> bool:
    """Tell whether two names are equal, or the first four letters of a name of nine."""
    if {len(one), len(other)} == {4, 9}:
        return one[:4] == other[:4]
    return one == other

"""What a station sends, and how often: for message 1013, the sourcetable and the registry."""

from collections.abc import Mapping
from typing import Final

from stationd_simulators.encoding.msm_signals import FIRST_MESSAGE
from stationd_simulators.scenario import Scenario, Station

# Ephemeris messages of each constellation (RTCM 10403.3); Galileo's are F/NAV and I/NAV.
EPHEMERIDES: Final[Mapping[str, tuple[int, ...]]] = {
    "G": (1019,), "R": (1020,), "J": (1044,), "E": (1045, 1046), "C": (1042,),
}  # fmt: skip
_LONGEST_STEP_S: Final = 30.0


def step_s(station: Station) -> float:
    """Return how often a station sends at all: each second, or each epoch where that is longer."""
    return min(max(1.0, station.interval_s), _LONGEST_STEP_S)


def observed(scenario: Scenario, station: Station) -> tuple[str, ...]:
    """Return the constellations whose signals a station sends."""
    return tuple(letter for letter in scenario.constellations if station.signals.get(letter))


def schedule(scenario: Scenario, station: Station) -> dict[int, float]:
    """Return every message type that a station sends, in order, and seconds between two of it.

    Of ephemerides: between two of a satellite.
    """
    observations = {
        FIRST_MESSAGE[letter] + station.msm: station.interval_s
        for letter in observed(scenario, station)
    }
    beside = dict(station.messages)
    for letter in scenario.constellations:
        beside |= dict.fromkeys(EPHEMERIDES[letter], scenario.ephemeris_repeat_s)
    # What is sent beside observations comes with a step.
    beside = {number: max(every_s, step_s(station)) for number, every_s in beside.items()}
    return dict(sorted((observations | beside).items()))

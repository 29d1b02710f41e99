"""Ephemerides that are too old, or whose bits are not what the satellite sent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stationd.gnss.constellations import CONSTELLATIONS
from stationd_simulators.faults.frame_bits import bits_of, number_of, with_bits
from stationd_simulators.faults.seam import Moment

# Message -> letter, bit and width of the satellite's number, bit of M0 (32 bits of 2^-31
# semicircle). RTCM 10403.3, tables 3.5-21, 3.5-101 (1044), 3.5-102a (1042), 3.5-104, 3.5-105.
_M0: Final[Mapping[int, tuple[str, int, int, int]]] = {
    1019: ("G", 12, 6, 160),
    1042: ("C", 12, 6, 167),
    1044: ("J", 12, 4, 118),
    1045: ("E", 12, 6, 166),
    1046: ("E", 12, 6, 166),
}
_ORBIT_RADIUS_M: Final = 2.7e7  # near enough to turn metres along the orbit into an angle


@dataclass(frozen=True, slots=True)
class Stale:
    """Ephemerides stay those of the fault's beginning; they are repeated every so many seconds."""

    repeat_s: float = 30.0


def stale(gpst_s: float, parameters: Stale, moment: Moment) -> float:
    """Return a time before the fault at the same place in the round of repeats."""
    begin_s = moment.gpst_s - moment.elapsed_s
    rounds = math.floor(moment.elapsed_s / parameters.repeat_s) + 1
    return min(gpst_s, begin_s + moment.elapsed_s - rounds * parameters.repeat_s)


@dataclass(frozen=True, slots=True)
class Altered:
    """Satellites are moved along their orbits in the message, its issue number unchanged."""

    along_m: float = 500.0
    satellites: tuple[str, ...] = ()  # () for all
    constellations: tuple[str, ...] = tuple(CONSTELLATIONS)


def altered(frames: list[bytes], parameters: Altered, moment: Moment) -> list[bytes]:
    """Change the mean anomaly of ephemerides, but of GLONASS, whose message has none."""
    del moment
    return [_along(frame, parameters) for frame in frames]


def _along(frame: bytes, parameters: Altered) -> bytes:
    layout = _M0.get(number_of(frame))
    if layout is None:
        return frame
    letter, at, width, m0_at = layout
    name = f"{letter}{bits_of(frame, at, width):02d}"
    if letter not in parameters.constellations:
        return frame
    if parameters.satellites and name not in parameters.satellites:
        return frame
    units = round(parameters.along_m / _ORBIT_RADIUS_M / math.pi * 2.0**31)
    return with_bits(frame, m0_at, 32, bits_of(frame, m0_at, 32) + units)

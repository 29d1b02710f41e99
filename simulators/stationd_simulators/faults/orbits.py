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
_GLONASS: Final = 1020
# Of 1020 (RTCM 10403.3, table 3.5-12): velocity (24 bits) and position (27 bits, of 2^-11 km) on
# each axis, DF111 to DF118; sign and magnitude.
_GLONASS_AXES: Final = ((48, 72), (104, 128), (160, 184))
_GLONASS_UNIT_M: Final = 1000.0 * 2.0**-11


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
    """Change the mean anomaly of ephemerides; of GLONASS, which has none, the position."""
    del moment
    return [_altered(frame, parameters) for frame in frames]


def _altered(frame: bytes, parameters: Altered) -> bytes:
    number = number_of(frame)
    letter, at, width, m0_at = _M0.get(number, ("R", 12, 6, 0))
    if letter not in parameters.constellations or (number not in _M0 and number != _GLONASS):
        return frame
    name = f"{letter}{bits_of(frame, at, width):02d}"
    if parameters.satellites and name not in parameters.satellites:
        return frame
    if number == _GLONASS:
        return _along_velocity(frame, parameters.along_m)
    units = round(parameters.along_m / _ORBIT_RADIUS_M / math.pi * 2.0**31)
    return with_bits(frame, m0_at, 32, bits_of(frame, m0_at, 32) + units)


def _along_velocity(frame: bytes, along_m: float) -> bytes:
    """Move a position towards where its velocity points, in the frame that the message is in."""
    speeds = [_sign_magnitude(bits_of(frame, at, 24), 24) for at, _ in _GLONASS_AXES]
    units = along_m / _GLONASS_UNIT_M / math.hypot(*speeds)
    for (_, at), speed in zip(_GLONASS_AXES, speeds, strict=True):
        place = _sign_magnitude(bits_of(frame, at, 27), 27) + round(speed * units)
        frame = with_bits(frame, at, 27, abs(place) | (place < 0) << 26)
    return frame


def _sign_magnitude(value: int, width: int) -> int:
    magnitude = value & ((1 << width - 1) - 1)
    return -magnitude if value >> (width - 1) else magnitude

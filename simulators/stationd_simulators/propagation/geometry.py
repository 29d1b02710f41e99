"""Directions and distances between satellites and an antenna, in a rotating frame."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.geodesy.ellipsoid import FLATTENING, SEMI_MAJOR_AXIS_M
from stationd.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]

# IS-GPS-200N table 20-IV; the other constellations' documents differ in the eighth digit at most,
# which is a micrometre in the distance.
EARTH_RATE_RAD_PER_S: Final = 7.2921151467e-5


class Geodetic(NamedTuple):
    """Where a point is, on the GRS 80 ellipsoid."""

    latitude_rad: float
    longitude_rad: float
    height_m: float


def geodetic(position_m: Floats) -> Geodetic:
    """Return geodetic coordinates of an ECEF position (3,), by Bowring's latitude (1976)."""
    x_m, y_m, z_m = (float(value) for value in position_m)
    squared = FLATTENING * (2.0 - FLATTENING)
    semi_minor_m = SEMI_MAJOR_AXIS_M * (1.0 - FLATTENING)
    radius_m = float(np.hypot(x_m, y_m))
    reduced = np.arctan2(SEMI_MAJOR_AXIS_M * z_m, semi_minor_m * radius_m)
    latitude = np.arctan2(
        z_m + squared / (1.0 - squared) * semi_minor_m * np.sin(reduced) ** 3,
        radius_m - squared * SEMI_MAJOR_AXIS_M * np.cos(reduced) ** 3,
    )
    sine = np.sin(latitude)
    height_m = (
        radius_m * np.cos(latitude)
        + z_m * sine
        - SEMI_MAJOR_AXIS_M * np.sqrt(1.0 - squared * sine * sine)
    )
    return Geodetic(float(latitude), float(np.arctan2(y_m, x_m)), float(height_m))


def enu_axes(latitude_rad: float, longitude_rad: float) -> Floats:
    """Return the unit vectors east, north, up as rows, in ECEF."""
    sine, cosine = np.sin(latitude_rad), np.cos(latitude_rad)
    east, north = np.sin(longitude_rad), np.cos(longitude_rad)
    return np.array(
        [
            [-east, north, 0.0],
            [-sine * north, -sine * east, cosine],
            [cosine * north, cosine * east, sine],
        ]
    )


class Sky(NamedTuple):
    """Where satellites stand, as seen from an antenna; columns (n,)."""

    elevation_rad: Floats
    azimuth_rad: Floats


def sky(antenna_m: Floats, axes: Floats, satellites_m: Floats) -> Sky:
    """Return directions of satellites (…, 3) from an antenna (3,) with axes east, north, up."""
    towards = satellites_m - antenna_m
    east, north, up = np.moveaxis(towards @ axes.T, -1, 0)
    return Sky(np.arctan2(up, np.hypot(east, north)), np.arctan2(east, north) % (2.0 * np.pi))


class Sent(NamedTuple):
    """Satellites when they sent what arrives together, in the frame of the arrival."""

    position_m: Floats  # (n, 3)
    range_m: Floats  # (n,)
    range_rate_m_per_s: Floats  # (n,)
    clock_s: Floats  # (n,)


class Moving(NamedTuple):
    """Satellites at one instant: what a light time needs of them."""

    position_m: Floats  # (n, 3), ECEF of that instant
    velocity_m_per_s: Floats  # (n, 3), in the rotating frame
    acceleration_m_per_s2: Floats  # (n, 3)
    clock_s: Floats  # (n,)
    clock_rate_ratio: Floats  # (n,)


def sent(antenna_m: Floats, antenna_m_per_s: Floats, at: Moving, late_s: float = 0.0) -> Sent:
    """Return satellites when they sent what an antenna (3,) receives `late_s` before `at`.

    Light takes 0.07 to 0.14 s. Within it a satellite's path is a parabola to 0.1 mm across the
    line of sight and to 10 micrometres along it; the frame turns by the earth's rotation.
    """
    light_s = np.full(len(at.position_m), 0.075)
    for _ in range(4):  # each brings it nearer by a factor of 10^5
        back_s = (light_s + late_s)[:, None]
        then_m = at.position_m - back_s * (
            at.velocity_m_per_s - 0.5 * back_s * at.acceleration_m_per_s2
        )
        position_m = _turned(then_m, EARTH_RATE_RAD_PER_S * light_s)
        towards_m = position_m - antenna_m
        range_m = np.sqrt(np.einsum("ij,ij->i", towards_m, towards_m))
        light_s = range_m / SPEED_OF_LIGHT_M_PER_S
    velocity = at.velocity_m_per_s - (light_s + late_s)[:, None] * at.acceleration_m_per_s2
    relative = _turned(velocity, EARTH_RATE_RAD_PER_S * light_s) - antenna_m_per_s
    rate = np.einsum("ij,ij->i", towards_m, relative) / range_m
    # The light time changes at the rate itself: later light left less late, and turns less.
    turn = (
        EARTH_RATE_RAD_PER_S
        * (towards_m[:, 1] * position_m[:, 0] - towards_m[:, 0] * position_m[:, 1])
        / range_m
    )
    clock_s = at.clock_s - (light_s + late_s) * at.clock_rate_ratio
    return Sent(position_m, range_m, rate / (1.0 + (rate + turn) / SPEED_OF_LIGHT_M_PER_S), clock_s)


def _turned(vectors: Floats, angle_rad: Floats) -> Floats:
    """Return vectors (n, 3) of a frame in one that has turned about the z axis meanwhile."""
    sine, cosine = np.sin(angle_rad), np.cos(angle_rad)
    x, y, z = vectors.T
    return np.stack((cosine * x + sine * y, cosine * y - sine * x, z), axis=1)

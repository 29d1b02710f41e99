"""The ionosphere as one thin layer: daily course, crests, travelling waves, bubbles after sunset.

Low latitudes are the point: near 15 degrees of magnetic latitude the electron content has its
crests, and its gradients and scintillation are the largest of the world.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_DAY
from stationd_simulators.propagation.geometry import Geodetic, Sky
from stationd_simulators.propagation.randomness import key_of, uniform, wander

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

EARTH_RADIUS_M: Final = 6_371_000.0
LAYER_HEIGHT_M: Final = 450_000.0
DELAY_M_HZ2_PER_TECU: Final = 40.3e16  # times TECU / f^2 is metres of code delay
_MAGNETIC_POLE_RAD: Final = (np.radians(80.7), np.radians(-72.7))  # IGRF-13, dipole of 2020
_CREST_RAD: Final = np.radians(15.0)


class Pierce(NamedTuple):
    """Where rays cross the layer; columns (n,)."""

    latitude_rad: Floats
    longitude_rad: Floats
    slant_ratio: Floats  # slant over vertical content


def pierce(place: Geodetic, seen: Sky) -> Pierce:
    """Return where rays cross the layer, and how much longer their way through it is."""
    sine_zenith = EARTH_RADIUS_M / (EARTH_RADIUS_M + LAYER_HEIGHT_M) * np.cos(seen.elevation_rad)
    apart = np.pi / 2 - seen.elevation_rad - np.arcsin(sine_zenith)
    latitude = np.arcsin(
        np.sin(place.latitude_rad) * np.cos(apart)
        + np.cos(place.latitude_rad) * np.sin(apart) * np.cos(seen.azimuth_rad)
    )
    longitude = place.longitude_rad + np.arcsin(
        np.sin(apart) * np.sin(seen.azimuth_rad) / np.cos(latitude)
    )
    return Pierce(latitude, longitude, 1.0 / np.sqrt(1.0 - sine_zenith**2))


def local_hours(longitude_rad: Floats, gpst_s: float | Floats) -> Floats:
    """Return local solar time of day, without the equation of time."""
    hours: Floats = (gpst_s % SECONDS_PER_DAY / 3600.0 + np.degrees(longitude_rad) / 15.0) % 24.0
    return hours


def vertical_tecu(where: Pierce, gpst_s: float, largest_tecu: float, seed: int) -> Floats:
    """Return vertical electron content: 0.2 to 1 times its largest, from night to 14 h.

    The crests follow the magnetic equator. Travelling disturbances are plane waves of 20 to 60
    minutes and 250 to 700 km with 1.5 % of the content.
    """
    hours = local_hours(where.longitude_rad, gpst_s)
    bulge = np.maximum(np.cos((hours - 14.0) * np.pi / 14.0), 0.0) * (np.abs(hours - 14.0) < 7.0)
    magnetic = _magnetic_latitude_rad(where)
    crest = np.exp(-(((np.abs(magnetic) - _CREST_RAD) / np.radians(8.0)) ** 2))
    background = np.cos(magnetic) ** 2
    content = largest_tecu * (0.2 + 0.8 * bulge) * (0.6 * background + 0.4 * crest)
    daily = 1.0 + 0.1 * wander(key_of(seed, "day"), gpst_s, SECONDS_PER_DAY)
    waves = sum(_wave(where, gpst_s, key_of(seed, "wave", number)) for number in range(3))
    total: Floats = content * daily * (1.0 + 0.015 * waves)
    return total


def _wave(where: Pierce, gpst_s: float, key: int) -> Floats:
    length_m, period_s, heading, phase = (
        low + (high - low) * float(uniform(key, number)[0])
        for number, (low, high) in enumerate(
            ((250e3, 700e3), (1200.0, 3600.0), (0.0, 2 * np.pi), (0.0, 2 * np.pi))
        )
    )
    north_m = EARTH_RADIUS_M * where.latitude_rad
    east_m = EARTH_RADIUS_M * where.longitude_rad * np.cos(where.latitude_rad)
    along_m = north_m * np.cos(heading) + east_m * np.sin(heading)
    wave: Floats = np.sin(2 * np.pi * (along_m / length_m - gpst_s / period_s) + phase)
    return wave


def _magnetic_latitude_rad(where: Pierce) -> Floats:
    pole_latitude, pole_longitude = _MAGNETIC_POLE_RAD
    sine = np.sin(where.latitude_rad) * np.sin(pole_latitude) + np.cos(where.latitude_rad) * np.cos(
        pole_latitude
    ) * np.cos(where.longitude_rad - pole_longitude)
    magnetic: Floats = np.arcsin(sine)
    return magnetic


def scintillation(
    where: Pierce,
    gpst_s: float | Floats,
    strongest_ratio: float,
    seed: int,
    satellites: Numbers,
) -> Floats:
    """Return S4 of each ray: patches that last some minutes, from 19 h to 1 h local time."""
    hours = local_hours(where.longitude_rad, gpst_s)
    after_sunset = (hours - 19.0) % 24.0
    season = np.where(after_sunset < 6.0, np.sin(np.pi * after_sunset / 6.0), 0.0)
    patch = np.maximum(wander(key_of(seed, "patch"), gpst_s, 600.0, satellites), 0.0)
    index: Floats = strongest_ratio * season * np.minimum(patch, 1.5) / 1.5
    return index

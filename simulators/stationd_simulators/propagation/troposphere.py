"""Delay of the neutral atmosphere: zenith delays by Saastamoinen, and how they grow downwards.

`standard_delay_m` is the model that RTKLIB takes off (rtkcmn.c, `tropmodel`): with it a noise-free
stream closes. `zenith_delays_m` and the Niell functions are for streams with errors.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.propagation.geometry import Geodetic

Floats = NDArray[np.float64]

HUMIDITY_RATIO: Final = 0.7  # the standard atmosphere's, as RTKLIB has it


def standard_delay_m(place: Geodetic, elevation_rad: Floats) -> Floats:
    """Return Saastamoinen's delay (1973) in the standard atmosphere, both parts by 1/cos(z)."""
    dry_m, wet_m = zenith_delays_m(place)
    delay: Floats = (dry_m + wet_m) / np.sin(elevation_rad)
    return delay


def zenith_delays_m(place: Geodetic) -> tuple[float, float]:
    """Return the hydrostatic and the wet delay at the zenith, in the standard atmosphere."""
    height_m = max(place.height_m, 0.0)
    pressure_hpa = 1013.25 * (1.0 - 2.2557e-5 * height_m) ** 5.2568
    kelvin = 15.0 - 6.5e-3 * height_m + 273.16
    vapour_hpa = 6.108 * HUMIDITY_RATIO * np.exp((17.15 * kelvin - 4684.0) / (kelvin - 38.45))
    gravity = 1.0 - 0.00266 * np.cos(2.0 * place.latitude_rad) - 0.00028 * height_m / 1e3
    dry_m = 0.0022768 * pressure_hpa / gravity
    return float(dry_m), float(0.002277 * (1255.0 / kelvin + 0.05) * vapour_hpa)


# Niell 1996, tables 3 and 4: latitudes 15 … 75 degrees; rows a, b, c.
_LATITUDES_RAD: Final = np.radians([15.0, 30.0, 45.0, 60.0, 75.0])
_DRY_MEAN: Final = np.array(
    [
        [1.2769934e-3, 1.2683230e-3, 1.2465397e-3, 1.2196049e-3, 1.2045996e-3],
        [2.9153695e-3, 2.9152299e-3, 2.9288445e-3, 2.9022565e-3, 2.9024912e-3],
        [62.610505e-3, 62.837393e-3, 63.721774e-3, 63.824265e-3, 64.258455e-3],
    ]
)
_DRY_SEASON: Final = np.array(
    [
        [0.0, 1.2709626e-5, 2.6523662e-5, 3.4000452e-5, 4.1202191e-5],
        [0.0, 2.1414979e-5, 3.0160779e-5, 7.2562722e-5, 11.723375e-5],
        [0.0, 9.0128400e-5, 4.3497037e-5, 84.795348e-5, 170.37206e-5],
    ]
)
_WET: Final = np.array(
    [
        [5.8021897e-4, 5.6794847e-4, 5.8118019e-4, 5.9727542e-4, 6.1641693e-4],
        [1.4275268e-3, 1.5138625e-3, 1.4572752e-3, 1.5007428e-3, 1.7599082e-3],
        [4.3472961e-2, 4.6729510e-2, 4.3908931e-2, 4.4626982e-2, 5.4736038e-2],
    ]
)
_HEIGHT: Final = (2.53e-5, 5.49e-3, 1.14e-3)


def niell(place: Geodetic, elevation_rad: Floats, day_of_year: float) -> tuple[Floats, Floats]:
    """Return the hydrostatic and the wet mapping function (Niell 1996)."""
    sine = np.sin(elevation_rad)
    south = 0.5 if place.latitude_rad < 0 else 0.0
    season = np.cos(2.0 * np.pi * ((day_of_year - 28.0) / 365.25 + south))
    latitude = abs(place.latitude_rad)
    mean, change, wet = (
        [float(np.interp(latitude, _LATITUDES_RAD, row)) for row in table]
        for table in (_DRY_MEAN, _DRY_SEASON, _WET)
    )
    dry = [m - c * season for m, c in zip(mean, change, strict=True)]
    height_km = place.height_m / 1e3
    low = (1.0 / sine - _fraction(sine, *_HEIGHT)) * height_km
    return _fraction(sine, dry[0], dry[1], dry[2]) + low, _fraction(sine, wet[0], wet[1], wet[2])


def _fraction(sine: Floats, a: float, b: float, c: float) -> Floats:
    """Return Marini's continued fraction, 1 at the zenith."""
    value: Floats = (1.0 + a / (1.0 + b / (1.0 + c))) / (sine + a / (sine + b / (sine + c)))
    return value

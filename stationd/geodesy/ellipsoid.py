"""The GRS 80 ellipsoid: geodetic latitude, longitude and height against geocentric coordinates.

It is the ellipsoid that goes with the ITRF, and that of CGCS2000; the one of WGS 84 differs from
it by 0.1 mm at the poles.
"""

import math
from typing import Final

SEMI_MAJOR_AXIS_M: Final = 6_378_137.0  # Moritz 2000, Geodetic Reference System 1980
FLATTENING: Final = 1.0 / 298.257222101
_ECCENTRICITY_SQUARED: Final = FLATTENING * (2.0 - FLATTENING)


def geocentric_m(
    latitude_rad: float, longitude_rad: float, height_m: float
) -> tuple[float, float, float]:
    """Return X, Y, Z of a point given by its geodetic coordinates (EPSG method 9602)."""
    sine, cosine = math.sin(latitude_rad), math.cos(latitude_rad)
    normal_m = SEMI_MAJOR_AXIS_M / math.sqrt(1.0 - _ECCENTRICITY_SQUARED * sine * sine)
    radius_m = (normal_m + height_m) * cosine
    return (
        radius_m * math.cos(longitude_rad),
        radius_m * math.sin(longitude_rad),
        (normal_m * (1.0 - _ECCENTRICITY_SQUARED) + height_m) * sine,
    )


def height_m(x_m: float, y_m: float, z_m: float) -> float:
    """Return the height of a geocentric point above the ellipsoid, near the earth's surface.

    By Bowring's latitude (1976): below 10 km of height it is right to better than a micrometre.
    """
    semi_minor_m = SEMI_MAJOR_AXIS_M * (1.0 - FLATTENING)
    radius_m = math.hypot(x_m, y_m)
    reduced_rad = math.atan2(SEMI_MAJOR_AXIS_M * z_m, semi_minor_m * radius_m)
    second = _ECCENTRICITY_SQUARED / (1.0 - _ECCENTRICITY_SQUARED)
    latitude_rad = math.atan2(
        z_m + second * semi_minor_m * math.sin(reduced_rad) ** 3,
        radius_m - _ECCENTRICITY_SQUARED * SEMI_MAJOR_AXIS_M * math.cos(reduced_rad) ** 3,
    )
    sine, cosine = math.sin(latitude_rad), math.cos(latitude_rad)
    scale_m = SEMI_MAJOR_AXIS_M * math.sqrt(1.0 - _ECCENTRICITY_SQUARED * sine * sine)
    return radius_m * cosine + z_m * sine - scale_m

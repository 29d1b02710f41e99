"""Where stations are, for lists that speak of places: an earthquake reaches some of them."""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

_EARTH_RADIUS_M: Final = 6_371_000.0  # mean radius, IUGG


class Place(NamedTuple):
    """A point on the earth; where its numbers came from may be confidential, so no repr of them."""

    latitude_rad: float
    longitude_rad: float

    def __repr__(self) -> str:
        return "Place(numbers withheld)"


Places = Mapping[str, Place]


def distance_m(one: Place, other: Place) -> float:
    """Return the distance along the surface of a sphere (haversine)."""
    half_lat = math.sin((other.latitude_rad - one.latitude_rad) / 2.0)
    half_lon = math.sin((other.longitude_rad - one.longitude_rad) / 2.0)
    square = half_lat**2 + math.cos(one.latitude_rad) * math.cos(other.latitude_rad) * half_lon**2
    return 2.0 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(square)))

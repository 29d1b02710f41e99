"""Registered coordinates: two ways to write them, and whether they are on the earth.

No sentence here says a coordinate, or anything from which one could be told.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any, Final

from stationd.geodesy import ellipsoid

GEOCENTRIC: Final = ("x_m", "y_m", "z_m")
GEODETIC: Final = ("latitude_deg", "longitude_deg", "height_m")
LOWEST_M: Final = -500.0  # shores of the Dead Sea, with room for the geoid
HIGHEST_M: Final = 9_000.0
_EARTH_M: Final = 6_371_000.0
_NEAR_RATIO: Final = 0.1
_UNITS: Final = ((1e-3, "kilometres"), (100.0, "centimetres"), (1e3, "millimetres"))
_BOTH: Final = f"give either {', '.join(GEOCENTRIC)} or {', '.join(GEODETIC)}"
_LONGEST_DEG: Final = 360.0

Fault = tuple[str, str]  # key, or "" for the whole table, and what is wrong


def faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with the coordinates of a [reference] table."""
    given = [key for key in (*GEOCENTRIC, *GEODETIC) if key in values]
    if not given:
        yield "", _BOTH
    elif (given[0] in GEOCENTRIC) != (given[-1] in GEOCENTRIC):
        yield given[-1], _BOTH
    else:
        wanted = GEOCENTRIC if given[0] in GEOCENTRIC else GEODETIC
        for key in wanted:
            if key not in values:
                yield "", f"{key} is missing: {_BOTH}"
        numbers = [values[key] for key in wanted if type(values.get(key)) in (int, float)]
        if len(numbers) == len(wanted):
            one, two, three = map(float, numbers)
            yield from (_geocentric if wanted is GEOCENTRIC else _geodetic)(one, two, three)


def geocentric_m(values: Mapping[str, float]) -> tuple[float, float, float]:
    """Return X, Y, Z of a [reference] table without faults."""
    if "x_m" in values:
        return values["x_m"], values["y_m"], values["z_m"]
    return ellipsoid.geocentric_m(
        math.radians(values["latitude_deg"]),
        math.radians(values["longitude_deg"]),
        values["height_m"],
    )


def _geocentric(x_m: float, y_m: float, z_m: float) -> Iterator[Fault]:
    distance_m = math.hypot(x_m, y_m, z_m)
    if distance_m == 0:
        yield "x_m", "the coordinates are zero: receivers say so before they are configured"
        return
    if abs(x_m) <= _LONGEST_DEG and abs(y_m) <= _LONGEST_DEG and abs(z_m) <= HIGHEST_M:
        hint = f"are they degrees? Then write {', '.join(GEODETIC)}"
        yield "x_m", f"the coordinates are not on the earth: {hint}"
        return
    for scale, unit in _UNITS:
        if abs(distance_m / (scale * _EARTH_M) - 1.0) < _NEAR_RATIO:
            yield "x_m", f"the coordinates are not on the earth: {unit} instead of metres?"
            return
    if abs(distance_m / _EARTH_M - 1.0) > _NEAR_RATIO:
        yield "x_m", "the coordinates are not on the earth: ECEF metres are wanted"
    elif not _on_the_ground(x_m, y_m, z_m):
        others = list(permutations((x_m, y_m, z_m)))[1:]
        swapped = any(_on_the_ground(*other) for other in others)
        hint = "are the axes in another order?" if swapped else "is a digit wrong?"
        yield "x_m", f"the coordinates lie far below or above the ground: {hint}"


def _geodetic(latitude_deg: float, longitude_deg: float, height_m: float) -> Iterator[Fault]:
    if abs(latitude_deg) > 90:
        swapped = abs(longitude_deg) <= 90 and abs(latitude_deg) <= _LONGEST_DEG
        hint = ": are latitude and longitude swapped?" if swapped else ""
        yield "latitude_deg", f"must be between -90 and 90 degrees{hint}"
    if not -180 <= longitude_deg <= _LONGEST_DEG:
        yield "longitude_deg", "must be between -180 and 360 degrees"
    if not LOWEST_M <= height_m <= HIGHEST_M:
        yield "height_m", f"must be between {LOWEST_M:g} and {HIGHEST_M:g} metres"


def _on_the_ground(x_m: float, y_m: float, z_m: float) -> bool:
    return LOWEST_M <= ellipsoid.height_m(x_m, y_m, z_m) <= HIGHEST_M

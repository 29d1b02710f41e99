"""A city's own plane and heights, from a protected file; it shows nothing of what is in it.

The parameters between a national and an independent system are a state secret (Order 190, art.
25), so the text is taken only from a file that nobody else may read, and no repr, log or error
holds a value of it: a sentence names file and key, never what was found there.  One thing follows
that looks odd below: an exception of a parser is never chained, for it holds the whole text.

    plane = similarity(transverse Mercator(CGCS2000))        heights = h - separation, one by one
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stationd.geodesy.coordinates import Coordinate
from stationd.geodesy.ellipsoid import SEMI_MAJOR_AXIS_M
from stationd.geodesy.frames import FrameError
from stationd.geodesy.geodetic import geodetic
from stationd.geodesy.grid import read_grid
from stationd.geodesy.height_surfaces import GRID_COLUMN, HeightSurface, Sloped, separation_m
from stationd.geodesy.planes import Plane, own_meridian

Floats = NDArray[np.float64]

_OTHERS: Final = 0o077  # any permission of group and others
_PLANE_KEYS: Final = {
    "central_meridian_deg": None,
    "latitude_of_origin_deg": 0.0,
    "scale_ratio": 1.0,
    "projection_height_m": 0.0,
    "false_easting_m": None,
    "false_northing_m": None,
}
_SIMILARITY_KEYS: Final = {
    "east_m": None,
    "north_m": None,
    "rotation_arcsec": None,
    "scale_ratio": None,
}
_BOUNDS: Final = {
    "central_meridian_deg": (-180.0, 180.0),
    "latitude_of_origin_deg": (-90.0, 90.0),
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 180.0),
    "scale_ratio": (0.9, 1.1),
    "projection_height_m": (-500.0, 9000.0),
}
_SLOPED_KEYS: Final = {
    "separation_m": None,
    "latitude_deg": None,
    "longitude_deg": None,
    "north_m_per_km": None,
    "east_m_per_km": None,
}
ReadGrid = Callable[[str], str]


class LocalSystemError(FrameError):
    """The file of a local system cannot be used; the sentence holds no value of it."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Similarity:
    """A turn, a scale and a shift in the plane: the four parameters of a local system."""

    east_m: float
    north_m: float
    rotation_rad: float
    scale_ratio: float

    def __repr__(self) -> str:
        return "Similarity(withheld)"

    def of(self, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
        """Return the points in the other plane; a positive rotation turns from east to north."""
        cosine = self.scale_ratio * math.cos(self.rotation_rad)
        sine = self.scale_ratio * math.sin(self.rotation_rad)
        return (
            self.east_m + cosine * east_m - sine * north_m,
            self.north_m + sine * east_m + cosine * north_m,
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LocalPoint:
    """A point as the local system has it; `heights_m` by the names of the height systems."""

    east_m: Floats
    north_m: Floats
    heights_m: Mapping[str, Floats]

    def __repr__(self) -> str:
        return "LocalPoint(withheld)"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LocalSystem:
    """What the protected file says."""

    _plane: Plane
    _similarity: Similarity | None
    _heights: tuple[HeightSurface, ...]

    def __repr__(self) -> str:
        return "LocalSystem(withheld)"

    def of(self, coordinate: Coordinate) -> LocalPoint:
        """Return plane coordinates and heights of points in CGCS2000, columns of shape (...)."""
        point = self._plane.of(coordinate)
        east_m, north_m = point.east_m, point.north_m
        if self._similarity is not None:
            east_m, north_m = self._similarity.of(east_m, north_m)
        where = geodetic(coordinate.xyz_m)
        latitude_deg, longitude_deg = (
            np.degrees(where.latitude_rad),
            np.degrees(where.longitude_rad),
        )
        heights_m: dict[str, Floats] = {"": where.height_m}
        for surface in self._heights:
            below_m = separation_m(surface, latitude_deg, longitude_deg)
            heights_m[surface.name] = heights_m[surface.reference] - below_m
        del heights_m[""]
        return LocalPoint(east_m, north_m, heights_m)


def check_protected(mode: int, file: str) -> None:
    """Raise LocalSystemError where group or others have any permission for the file."""
    if mode & _OTHERS:
        raise LocalSystemError(
            f"{file}: other users may read or write it (mode {mode & 0o777:04o}); it holds the "
            f"parameters of a local system: chmod 600 {file}"
        )


def read_local_system(text: str, mode: int, file: str, read_text: ReadGrid) -> LocalSystem:
    """Make a local system of a protected TOML file.

    `mode`: the permissions of the file that was opened.  `read_text`: returns the text of a grid
    that the file names, and checks it in the same way.
    """
    check_protected(mode, file)
    tables = _parsed(text, file)
    _refuse_unknown(tables, {"plane", "heights"}, file, "")
    if not isinstance(tables.get("plane"), dict):
        raise LocalSystemError(f"{file}: the table [plane] is missing")
    table = dict(tables["plane"])
    turned = table.pop("similarity", None)
    similarity = None if turned is None else _similarity(turned, file)
    heights = tables.get("heights", [])
    if not isinstance(heights, list):
        raise LocalSystemError(f"{file}: heights are written as [[heights]]")
    surfaces: list[HeightSurface] = []
    for number, entry in enumerate(heights, start=1):
        known = {"", *(surface.name for surface in surfaces)}
        surfaces.append(_surface(entry, known, f"heights[{number}]", file, read_text))
    return LocalSystem(_plane(table, file), similarity, tuple(surfaces))


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(at ")[2].rstrip(")")
    where = place if place.startswith("line ") else "its end"
    raise LocalSystemError(f"{file}: is not TOML, at {where}")


def _plane(table: Mapping[str, Any], file: str) -> Plane:
    numbers = _numbers(table, _PLANE_KEYS, "plane", file)
    # A larger ellipsoid of the same shape, with the same latitudes, is the same plane enlarged.
    raised_ratio = 1.0 + numbers.pop("projection_height_m") / SEMI_MAJOR_AXIS_M
    scale_ratio = numbers.pop("scale_ratio") * raised_ratio
    meridian_deg = numbers.pop("central_meridian_deg")
    return own_meridian("the local plane", meridian_deg, scale_ratio=scale_ratio, **numbers)


def _similarity(table: object, file: str) -> Similarity:
    if not isinstance(table, dict):
        raise LocalSystemError(f"{file}: plane.similarity must be a table")
    numbers = _numbers(table, _SIMILARITY_KEYS, "plane.similarity", file)
    turn_rad = math.radians(numbers["rotation_arcsec"] / 3600.0)
    return Similarity(numbers["east_m"], numbers["north_m"], turn_rad, numbers["scale_ratio"])


def _surface(
    entry: object, known: set[str], place: str, file: str, read_text: ReadGrid
) -> HeightSurface:
    """Return one height system; the ones that it may refer to stand before it."""
    if not isinstance(entry, dict):
        raise LocalSystemError(f"{file}: {place} must be a table")
    table = dict(entry)
    name, kind = table.pop("name", None), table.pop("kind", None)
    reference = table.pop("reference", "")
    if not isinstance(name, str) or not name or name in known:
        raise LocalSystemError(f"{file}: {place}.name must be a name that no other has")
    if reference not in known:
        raise LocalSystemError(f"{file}: {place}.reference must name heights that stand before it")
    match kind:
        case "constant":
            numbers = _numbers(table, {"separation_m": None}, place, file)
            return HeightSurface(name, reference, numbers["separation_m"])
        case "plane":
            return HeightSurface(
                name, reference, Sloped(**_numbers(table, _SLOPED_KEYS, place, file))
            )
        case "grid":
            _refuse_unknown(table, {"file"}, file, place)
            if not isinstance(table.get("file"), str):
                raise LocalSystemError(f"{file}: {place}.file must name the grid")
            grid = read_grid(read_text(table["file"]), table["file"], (GRID_COLUMN,))
            return HeightSurface(name, reference, grid)
        case _:
            raise LocalSystemError(f'{file}: {place}.kind must be "constant", "plane" or "grid"')


def _numbers(
    table: Mapping[str, Any], keys: Mapping[str, float | None], place: str, file: str
) -> dict[str, float]:
    """Return the numbers of a table, complete and within bounds, or say which key is wrong."""
    _refuse_unknown(table, set(keys), file, place)
    found: dict[str, float] = {}
    for key, default in keys.items():
        value = table.get(key, default)
        if value is None:
            raise LocalSystemError(f"{file}: {place}.{key} is missing")
        if type(value) not in (int, float) or not math.isfinite(value):
            raise LocalSystemError(f"{file}: {place}.{key} must be a number")
        low, high = _BOUNDS.get(key, (-math.inf, math.inf))
        if not low <= value <= high:
            raise LocalSystemError(f"{file}: {place}.{key} must be between {low:g} and {high:g}")
        found[key] = float(value)
    return found


def _refuse_unknown(table: Mapping[str, Any], known: set[str], file: str, place: str) -> None:
    if set(table) - known:
        # The unknown key is not repeated: a value may have slipped into its place.
        here = place or "the file"
        raise LocalSystemError(
            f"{file}: {here} has an unknown key; known: {', '.join(sorted(known))}"
        )

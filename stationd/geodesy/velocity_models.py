"""Velocities of points by order of trust: official, own estimate, local Euler vector, grid.

A model of a whole continent is never taken by itself: Eurasia's is 5.7 mm a year wrong at
Guangzhou, 0.15 m since 2000.0.  An Euler vector holds inside its polygon only.  Every entry says
its frame; an entry without one is refused.

Written as TOML: [[table]] (kind = "official" or "own"), [[euler]], [[grid]]; see
config/frames/velocities.toml.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stationd.geodesy.coordinates import Coordinate, Velocity
from stationd.geodesy.frames import Frame, FrameError, frame_named
from stationd.geodesy.geodetic import from_enu, geodetic
from stationd.geodesy.grid import Grid, read_grid

Floats = NDArray[np.float64]

GRID_COLUMNS: Final = ("east_m_per_year", "north_m_per_year", "up_m_per_year")
_MAS_RAD: Final = np.pi / 180.0 / 3_600_000.0
_KINDS: Final = ("official", "own")  # in the order of trust
_FASTEST_MAS_PER_YEAR: Final = 10.0  # the fastest plates turn by 5


class VelocityModelError(FrameError):
    """A file of velocities cannot be used; the sentence names file and entry."""


@dataclass(frozen=True, slots=True)
class StationTable:
    """Velocities of single stations (3,), metres a year."""

    source: str
    frame: Frame
    kind: str
    stations: Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class EulerVector:
    """A rotation `rate_rad_per_year` (3,) that holds inside of `polygon_deg` (k, 2): lon, lat."""

    source: str
    frame: Frame
    rate_rad_per_year: Floats
    polygon_deg: Floats

    def covers(self, coordinate: Coordinate) -> bool:
        """Say whether all points lie inside, by counting crossings of the edges."""
        point = geodetic(coordinate.xyz_m)
        latitude_deg, longitude_deg = (
            np.degrees(point.latitude_rad),
            np.degrees(point.longitude_rad),
        )
        inside = np.zeros(np.shape(latitude_deg), dtype=np.bool_)
        ends = np.roll(self.polygon_deg, -1, axis=0)
        for (lon_a, lat_a), (lon_b, lat_b) in zip(self.polygon_deg, ends, strict=True):
            if lat_a == lat_b:
                continue  # no meridian upwards of a point crosses it at one place
            crosses = (lat_a > latitude_deg) != (lat_b > latitude_deg)
            at_deg = lon_a + (latitude_deg - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            inside ^= crosses & (longitude_deg < at_deg)
        return bool(inside.all())

    def velocity(self, coordinate: Coordinate) -> Velocity:
        """Return the rotation's velocity: rate x position."""
        xyz = np.cross(self.rate_rad_per_year, coordinate.xyz_m)
        return Velocity(xyz, self.frame, self.source)


@dataclass(frozen=True, slots=True, eq=False)
class VelocityGrid:
    """A grid of east, north and up velocities."""

    source: str
    frame: Frame
    grid: Grid

    def velocity(
        self, latitude_deg: ArrayLike, longitude_deg: ArrayLike, xyz_m: Floats
    ) -> Velocity:
        return Velocity(
            from_enu(self.grid.at(latitude_deg, longitude_deg), xyz_m), self.frame, self.source
        )


@dataclass(frozen=True, slots=True)
class VelocityModels:
    """All that is known of velocities, in the order in which it is asked."""

    tables: tuple[StationTable, ...] = ()
    eulers: tuple[EulerVector, ...] = ()
    grids: tuple[VelocityGrid, ...] = ()

    def velocity(self, coordinate: Coordinate, station: str | None = None) -> Velocity:
        """Return the most trusted velocity of a station or point; raise FrameError for none."""
        for kind in _KINDS:
            for table in self.tables:
                row = table.stations.get(station) if station is not None else None
                if table.kind == kind and row is not None:
                    return Velocity(np.array(row, dtype=np.float64), table.frame, table.source)
        for euler in self.eulers:
            if euler.covers(coordinate):
                return euler.velocity(coordinate)
        point = geodetic(coordinate.xyz_m)
        latitude_deg, longitude_deg = (
            np.degrees(point.latitude_rad),
            np.degrees(point.longitude_rad),
        )
        for grid in self.grids:
            if grid.grid.covers(latitude_deg, longitude_deg):
                return grid.velocity(latitude_deg, longitude_deg, coordinate.xyz_m)
        subject = "the point" if station is None else f"station {station}"
        raise FrameError(
            f"no velocity is known for {subject}: it is in no table, in no polygon and in no grid. "
            "The model of a continental plate is not taken instead: it may be 5 mm a year wrong"
        )


def read_velocity_models(text: str, file: str, read_text: Callable[[str], str]) -> VelocityModels:
    """Make the models of a TOML file; `read_text` returns the text of a grid that it names."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VelocityModelError(f"{file}: is not TOML: {error}") from None
    if unknown := set(tables) - {"table", "euler", "grid"}:
        raise VelocityModelError(
            f"{file}: {', '.join(sorted(unknown))} is unknown: write [[table]], [[euler]], [[grid]]"
        )
    entries = {
        kind: _entries(tables.get(kind, []), kind, file) for kind in ("table", "euler", "grid")
    }
    return VelocityModels(
        tuple(_table(*entry) for entry in entries["table"]),
        tuple(_euler(*entry) for entry in entries["euler"]),
        tuple(_grid(*entry, read_text) for entry in entries["grid"]),
    )


def _entries(found: object, kind: str, file: str) -> list[tuple[dict[str, Any], str]]:
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise VelocityModelError(f"{file}: {kind} is written as [[{kind}]]")
    return [(entry, f"{file}: {kind}[{number}]") for number, entry in enumerate(found, start=1)]


def _table(entry: dict[str, Any], place: str) -> StationTable:
    _check_keys(entry, {"source", "frame", "kind", "stations"}, place)
    kind = entry.get("kind", "official")
    if kind not in _KINDS:
        raise VelocityModelError(f'{place}.kind must be "official" or "own"')
    stations = entry.get("stations")
    if not isinstance(stations, dict) or not stations:
        raise VelocityModelError(f"{place}.stations must hold STATION = [VX, VY, VZ]")
    frame, source = _frame(entry, place), _source(entry, f"{kind} table")
    rows: dict[str, tuple[float, float, float]] = {}
    for station, numbers in stations.items():
        xyz = _numbers(numbers, 1, 3, f"{place}.stations.{station}")
        _velocity_checked(xyz[0], frame, f"{place}.stations.{station}")
        rows[station] = (float(xyz[0, 0]), float(xyz[0, 1]), float(xyz[0, 2]))
    return StationTable(source, frame, kind, rows)


def _euler(entry: dict[str, Any], place: str) -> EulerVector:
    _check_keys(entry, {"source", "frame", "rate_mas_per_year", "polygon_deg"}, place)
    rate = _numbers(entry.get("rate_mas_per_year"), 1, 3, f"{place}.rate_mas_per_year")[0]
    if np.linalg.norm(rate) > _FASTEST_MAS_PER_YEAR:
        raise VelocityModelError(
            f"{place}.rate_mas_per_year is faster than any plate: are these degrees a million "
            "years?"
        )
    polygon = _numbers(entry.get("polygon_deg"), 3, 2, f"{place}.polygon_deg")
    if np.ptp(polygon[:, 0]) > 180.0:
        raise VelocityModelError(f"{place}.polygon_deg spans more than half of the earth")
    frame, source = _frame(entry, place), _source(entry, "Euler vector")
    return EulerVector(source, frame, rate * _MAS_RAD, polygon)


def _grid(entry: dict[str, Any], place: str, read_text: Callable[[str], str]) -> VelocityGrid:
    _check_keys(entry, {"source", "frame", "file"}, place)
    name = entry.get("file")
    if not isinstance(name, str):
        raise VelocityModelError(f"{place}.file must name a CSV file")
    frame, source = _frame(entry, place), _source(entry, f"grid {name}")
    grid = read_grid(read_text(name), name, GRID_COLUMNS)
    _velocity_checked(grid.values, frame, f"{place} ({name})")
    return VelocityGrid(source, frame, grid)


def _velocity_checked(xyz: Floats, frame: Frame, place: str) -> None:
    """Raise VelocityModelError with the place where these are no velocities."""
    try:
        Velocity(xyz, frame)
    except FrameError as error:
        raise VelocityModelError(f"{place}: {error}") from None


def _frame(entry: Mapping[str, Any], place: str) -> Frame:
    name = entry.get("frame")
    if not isinstance(name, str):
        raise VelocityModelError(f'{place}.frame is missing: write the frame, such as "ITRF2014"')
    try:
        frame = frame_named(name)
    except FrameError as error:
        raise VelocityModelError(f"{place}.frame: {error}") from None
    if frame.is_static:
        raise VelocityModelError(f"{place}.frame: {frame} stands still; write {frame.basis}")
    return frame


def _source(entry: Mapping[str, Any], default: str) -> str:
    return str(entry.get("source", default))


def _numbers(value: object, least: int, width: int, place: str) -> Floats:
    """Return rows of numbers (n, width); one row may be written without its outer brackets."""
    try:
        rows = np.atleast_2d(np.array(value, dtype=np.float64))
    except (TypeError, ValueError):
        rows = np.empty((0, 0))
    if rows.ndim != 2 or rows.shape[1] != width or len(rows) < least or not np.isfinite(rows).all():
        many = f"{least} or more rows of " if least > 1 else ""
        raise VelocityModelError(f"{place} must be {many}{width} numbers")
    return rows


def _check_keys(entry: Mapping[str, Any], known: set[str], place: str) -> None:
    if unknown := set(entry) - known:
        raise VelocityModelError(
            f"{place} has unknown keys {', '.join(sorted(unknown))}; "
            f"known: {', '.join(sorted(known))}"
        )

"""What separates one height system from another: a constant, an inclined plane, or a grid.

A height in the system is the height in its reference less the separation there.  The reference
is the ellipsoid, or another system: 1985 from a quasi-geoid, and local = 1985 less a constant.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd.geodesy.ellipsoid import SEMI_MAJOR_AXIS_M
from stationd.geodesy.grid import Grid

Floats = NDArray[np.float64]

GRID_COLUMN: Final = "separation_m"
_KM_PER_DEG: Final = np.pi / 180.0 * SEMI_MAJOR_AXIS_M / 1000.0  # a convention: the fit uses it too


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Sloped:
    """A plane fitted to levelled marks: separation at an origin, and its slopes.

    Kilometres are arcs of the equator's radius: north d(latitude), east d(longitude) cos(origin).
    """

    separation_m: float
    latitude_deg: float
    longitude_deg: float
    north_m_per_km: float
    east_m_per_km: float

    def __repr__(self) -> str:
        return "Sloped(withheld)"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class HeightSurface:
    """A height system `name`, below `reference` ("" is the ellipsoid) by a separation."""

    name: str
    reference: str
    separation: float | Sloped | Grid

    def __repr__(self) -> str:
        return "HeightSurface(withheld)"


def separation_m(surface: HeightSurface, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Return by how much heights in the system are smaller than in its reference, (...)."""
    match surface.separation:
        case Grid() as grid:
            return grid.at(latitude_deg, longitude_deg)[..., 0]
        case Sloped() as plane:
            north_km, east_km = _kilometres(plane, latitude_deg, longitude_deg)
            return (
                plane.separation_m + plane.north_m_per_km * north_km + plane.east_m_per_km * east_km
            )
        case constant_m:
            return np.full(np.shape(latitude_deg), constant_m)


def fitted_plane(
    latitude_deg: Floats, longitude_deg: Floats, separations_m: Floats
) -> tuple[Sloped, Floats]:
    """Fit a plane to separations at levelled marks (n,), n > 3; return it and the residuals."""
    origin = Sloped(0.0, float(latitude_deg.mean()), float(longitude_deg.mean()), 0.0, 0.0)
    north_km, east_km = _kilometres(origin, latitude_deg, longitude_deg)
    design = np.stack((np.ones_like(north_km), north_km, east_km), axis=-1)
    found, _, rank, _ = np.linalg.lstsq(design, separations_m, rcond=1e-9)
    if rank < 3 or len(separations_m) < 4:
        raise ValueError("a plane needs four marks or more, not all on one line")
    middle_m, north, east = (float(value) for value in found)
    plane = Sloped(middle_m, origin.latitude_deg, origin.longitude_deg, north, east)
    return plane, separations_m - design @ found


def _kilometres(
    plane: Sloped, latitude_deg: Floats, longitude_deg: Floats
) -> tuple[Floats, Floats]:
    shrink = np.cos(np.radians(plane.latitude_deg))
    north_km = (latitude_deg - plane.latitude_deg) * _KM_PER_DEG
    return north_km, (longitude_deg - plane.longitude_deg) * _KM_PER_DEG * shrink

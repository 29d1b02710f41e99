"""Gauss-Krueger planes of CGCS2000: the zones of EPSG, and planes about a meridian of one's own.

Order 190, art. 7: the national plane coordinates.  Of the local plane see `local_system.py`.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj.crs import CRS, ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from pyproj.transformer import Transformer

from stationd.geodesy.coordinates import Coordinate
from stationd.geodesy.frames import FRAMES, FrameError
from stationd.geodesy.geodetic import geodetic
from stationd.geodesy.operations import apply, operation

Floats = NDArray[np.float64]

FIRST_ZONE_EPSG: Final = 4491  # CGCS2000 / Gauss-Kruger zone 13
LAST_ZONE_EPSG: Final = 4554  # CGCS2000 / 3-degree Gauss-Kruger CM 135E
_CGCS2000_3D_EPSG: Final = 4480
_CGCS2000_2D_EPSG: Final = 4490
_WIDEST_DEG: Final = 4.0  # a six-degree zone and some overlap; beyond it is the wrong zone


class PlanePoint(NamedTuple):
    """East and north in a plane, and the height above the ellipsoid, each of shape (...)."""

    east_m: Floats
    north_m: Floats
    height_m: Floats


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Plane:
    """A transverse Mercator plane; made by `zone` or `own_meridian`."""

    name: str
    central_meridian_deg: float
    _projection: Transformer

    def __repr__(self) -> str:
        return f"Plane({self.name})"

    def of(self, coordinate: Coordinate) -> PlanePoint:
        """Return the plane coordinates of points in CGCS2000."""
        if coordinate.frame is not FRAMES["CGCS2000"]:
            raise FrameError(
                f"a plane of CGCS2000 has no points in {coordinate.frame}@: take them to "
                "CGCS2000@2000.0 first"
            )
        point = geodetic(coordinate.xyz_m)
        degrees = np.stack(
            (np.degrees(point.longitude_rad), np.degrees(point.latitude_rad), point.height_m), -1
        )
        apart_deg = (degrees[..., 0] - self.central_meridian_deg + 180.0) % 360.0 - 180.0
        if not np.all(np.abs(apart_deg) <= _WIDEST_DEG):
            raise FrameError(
                f"a point is more than {_WIDEST_DEG:g} degrees from the central meridian of "
                f"{self.name}: take the zone that it lies in"
            )
        east_m, north_m, _ = np.moveaxis(apply(self._projection, degrees), -1, 0)
        return PlanePoint(east_m, north_m, point.height_m)


def zone(epsg: int) -> Plane:
    """Return a Gauss-Krueger plane of EPSG, 4491 to 4554."""
    if not FIRST_ZONE_EPSG <= epsg <= LAST_ZONE_EPSG:
        raise FrameError(
            f"EPSG:{epsg} is no Gauss-Krueger plane of CGCS2000: these are {FIRST_ZONE_EPSG} to "
            f"{LAST_ZONE_EPSG}"
        )
    crs = CRS.from_epsg(epsg)
    conversion = crs.coordinate_operation
    meridian_deg = next(
        parameter.value
        for parameter in (conversion.params if conversion is not None else [])
        if parameter.name == "Longitude of natural origin"
    )
    return Plane(crs.name, float(meridian_deg), operation(_CGCS2000_3D_EPSG, epsg))


def own_meridian(
    name: str,
    central_meridian_deg: float,
    *,
    latitude_of_origin_deg: float = 0.0,
    scale_ratio: float = 1.0,
    false_easting_m: float = 500_000.0,
    false_northing_m: float = 0.0,
) -> Plane:
    """Return a transverse Mercator plane of CGCS2000 about any meridian."""
    conversion = TransverseMercatorConversion(
        latitude_of_origin_deg,
        central_meridian_deg,
        false_easting_m,
        false_northing_m,
        scale_ratio,
    )
    crs = ProjectedCRS(conversion, name="own plane", geodetic_crs=_CGCS2000_2D_EPSG)
    return Plane(name, central_meridian_deg, operation(_CGCS2000_3D_EPSG, crs))

"""Columns of geocentric, geodetic and local (east, north, up) coordinates, and their covariances.

All arrays have the shape (..., 3), covariances (..., 3, 3); the ellipsoid is GRS 80.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stationd.geodesy.ellipsoid import FLATTENING, SEMI_MAJOR_AXIS_M

Floats = NDArray[np.float64]

_E2 = FLATTENING * (2.0 - FLATTENING)
_SECOND_E2 = _E2 / (1.0 - _E2)
_SEMI_MINOR_AXIS_M = SEMI_MAJOR_AXIS_M * (1.0 - FLATTENING)


class Geodetic(NamedTuple):
    """Latitude, longitude and height above the ellipsoid, each of shape (...)."""

    latitude_rad: Floats
    longitude_rad: Floats
    height_m: Floats


def geodetic(xyz_m: ArrayLike) -> Geodetic:
    """Return the geodetic coordinates of points (..., 3), by Bowring (1976), twice.

    Twice, so that it holds to a micrometre from the deep sea to satellite heights.
    """
    x_m, y_m, z_m = np.moveaxis(np.asarray(xyz_m, dtype=np.float64), -1, 0)
    radius_m = np.hypot(x_m, y_m)
    reduced_rad = np.arctan2(SEMI_MAJOR_AXIS_M * z_m, _SEMI_MINOR_AXIS_M * radius_m)
    latitude_rad = reduced_rad
    for _ in range(2):
        latitude_rad = np.arctan2(
            z_m + _SECOND_E2 * _SEMI_MINOR_AXIS_M * np.sin(reduced_rad) ** 3,
            radius_m - _E2 * SEMI_MAJOR_AXIS_M * np.cos(reduced_rad) ** 3,
        )
        reduced_rad = np.arctan2((1.0 - FLATTENING) * np.sin(latitude_rad), np.cos(latitude_rad))
    sine, cosine = np.sin(latitude_rad), np.cos(latitude_rad)
    # From the equator to the pole alike: no division by a cosine.
    height_m = radius_m * cosine + z_m * sine - SEMI_MAJOR_AXIS_M * np.sqrt(1.0 - _E2 * sine * sine)
    return Geodetic(latitude_rad, np.arctan2(y_m, x_m), height_m)


def geocentric(point: Geodetic) -> Floats:
    """Return X, Y, Z (..., 3) of geodetic coordinates (EPSG method 9602)."""
    sine, cosine = np.sin(point.latitude_rad), np.cos(point.latitude_rad)
    normal_m = SEMI_MAJOR_AXIS_M / np.sqrt(1.0 - _E2 * sine * sine)
    radius_m = (normal_m + point.height_m) * cosine
    return np.stack(
        (
            radius_m * np.cos(point.longitude_rad),
            radius_m * np.sin(point.longitude_rad),
            (normal_m * (1.0 - _E2) + point.height_m) * sine,
        ),
        axis=-1,
    )


def enu_rotation(xyz_m: ArrayLike) -> Floats:
    """Return the matrices (..., 3, 3) from geocentric differences to east, north, up at points."""
    latitude_rad, longitude_rad, _ = geodetic(xyz_m)
    sin_lat, cos_lat = np.sin(latitude_rad), np.cos(latitude_rad)
    sin_lon, cos_lon = np.sin(longitude_rad), np.cos(longitude_rad)
    east = np.stack((-sin_lon, cos_lon, np.zeros_like(sin_lon)), axis=-1)
    north = np.stack((-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat), axis=-1)
    up = np.stack((cos_lat * cos_lon, cos_lat * sin_lon, sin_lat), axis=-1)
    return np.stack((east, north, up), axis=-2)


def to_enu(xyz: ArrayLike, at_xyz_m: ArrayLike) -> Floats:
    """Turn geocentric vectors (..., 3), displacements or velocities, into east, north, up."""
    vectors = np.asarray(xyz, dtype=np.float64)
    rotated: Floats = np.einsum("...ij,...j->...i", enu_rotation(at_xyz_m), vectors)
    return rotated


def from_enu(enu: ArrayLike, at_xyz_m: ArrayLike) -> Floats:
    """Turn east, north, up vectors (..., 3) into geocentric ones."""
    vectors = np.asarray(enu, dtype=np.float64)
    rotated: Floats = np.einsum("...ji,...j->...i", enu_rotation(at_xyz_m), vectors)
    return rotated


def displacement_enu_m(xyz_m: ArrayLike, reference_xyz_m: ArrayLike) -> Floats:
    """Return how far points lie from their reference, in east, north, up of the reference."""
    difference_m = np.asarray(xyz_m, dtype=np.float64) - np.asarray(reference_xyz_m)
    return to_enu(difference_m, reference_xyz_m)


def covariance_to_enu(covariance_xyz: ArrayLike, at_xyz_m: ArrayLike) -> Floats:
    """Turn covariances (..., 3, 3) of geocentric components into those of east, north, up."""
    rotation = enu_rotation(at_xyz_m)
    turned: Floats = rotation @ np.asarray(covariance_xyz) @ np.swapaxes(rotation, -1, -2)
    return turned


def covariance_from_enu(covariance_enu: ArrayLike, at_xyz_m: ArrayLike) -> Floats:
    """Turn covariances (..., 3, 3) of east, north, up into those of geocentric components."""
    rotation = enu_rotation(at_xyz_m)
    turned: Floats = np.swapaxes(rotation, -1, -2) @ np.asarray(covariance_enu) @ rotation
    return turned


def moved_covariance_m2(
    position_m2: ArrayLike, velocity_m2_per_year2: ArrayLike, years: ArrayLike
) -> Floats:
    """Return the covariances (..., 3, 3) of positions moved by a velocity independent of them."""
    span = np.asarray(years, dtype=np.float64)[..., None, None]
    grown: Floats = np.asarray(position_m2) + span * span * np.asarray(velocity_m2_per_year2)
    return grown

"""Coordinates and velocities from one frame and epoch to another.

The order is that of the regulation's own procedure: first the frame at the epoch of observation
(EPSG's 14 parameters), then the epoch, by a velocity that is stated in the frame reached:

    x_97(t) = H_2020->97(x_2020, t);   x_CGCS2000 = x_97(t) + v_97 (2000.0 - t)

A velocity left in the other frame would be 74 mm wrong over 25 years at Guangzhou.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stationd.geodesy.coordinates import Coordinate, Velocity
from stationd.geodesy.frames import FRAMES, Frame, FrameError
from stationd.geodesy.geodetic import geodetic
from stationd.geodesy.operations import helmert

Floats = NDArray[np.float64]

# A frame that is reached from one other only, because EPSG has exactly one operation there.
_GATEWAYS: Final = {
    "ITRF96": "ITRF2020",
    "ITRF94": "ITRF2020",
    "ITRF93": "ITRF2000",
    "ETRF2020": "ITRF2014",
    "ETRF2014": "ITRF2020",
    "ETRF2000": "ITRF2020",
    "ETRF2005": "ITRF2005",
}
# ITRF publishes no parameters for this pair; it does for both of its steps.
_BETWEEN: Final = {frozenset({"ITRF2005", "ITRF97"}): "ITRF2000"}
_STEP_YEARS: Final = 1.0  # the motion is bilinear in time: a central difference is exact


def transformed(
    coordinate: Coordinate, frame: Frame, epoch_years: float, velocity: Velocity | None = None
) -> Coordinate:
    """Return the coordinate in another frame, at another epoch.

    Raises FrameError where the point must move and no velocity is given, where the frame has no
    coordinates at that epoch, or where no operation leads to it.
    """
    _check_area(coordinate, frame)
    if velocity is None:
        coordinate = _unmoved(coordinate, frame, epoch_years)
    basis = FRAMES[frame.basis]
    there = _in_basis(coordinate, basis)
    years = np.asarray(epoch_years - there.epoch_years)
    if velocity is None and not np.any(years):
        return Coordinate(there.xyz_m, frame, there.epoch_years)
    if velocity is None:
        raise FrameError(
            f"from {coordinate.when()} to {epoch_years:g} the point moves by centimetres: give its "
            f"velocity, VX,VY,VZ@{basis}"
        )
    moving = velocity_in(velocity, basis, there)
    moved_m = there.xyz_m + moving.xyz_m_per_year * years[..., None]
    return Coordinate(moved_m, frame, np.asarray(epoch_years))


def velocity_in(velocity: Velocity, frame: Frame, at: Coordinate) -> Velocity:
    """Return the velocity of the point `at` as it is in another frame.

    By the time derivative of the same operations that move coordinates, so that both agree.
    """
    target = FRAMES[frame.basis]
    if frame.is_static:
        raise FrameError(f"{frame} stands still: ask for the velocity in {frame.basis}")
    if velocity.frame.basis == target.basis:
        return Velocity(velocity.xyz_m_per_year, frame, velocity.source)
    origin = FRAMES[velocity.frame.basis]
    start = _in_basis(at, origin)
    step_m = velocity.xyz_m_per_year * _STEP_YEARS
    later = _along(start.xyz_m + step_m, start.epoch_years + _STEP_YEARS, origin, target)
    earlier = _along(start.xyz_m - step_m, start.epoch_years - _STEP_YEARS, origin, target)
    return Velocity((later - earlier) / (2.0 * _STEP_YEARS), frame, velocity.source)


def route(source: Frame, target: Frame) -> tuple[str, ...]:
    """Return the frames passed from one to another; each step is one EPSG operation."""
    start, end = source.basis, target.basis
    if start == end:
        return (start,)
    if end in _GATEWAYS and _GATEWAYS[end] != start:
        return (*route(source, FRAMES[_GATEWAYS[end]]), end)
    if start in _GATEWAYS and _GATEWAYS[start] != end:
        return (start, *route(FRAMES[_GATEWAYS[start]], target))
    if between := _BETWEEN.get(frozenset({start, end})):
        return (start, between, end)
    return (start, end)


def _along(xyz_m: Floats, t_years: ArrayLike, source: Frame, target: Frame) -> Floats:
    for here, there in pairwise(route(source, target)):
        xyz_m = helmert(xyz_m, t_years, FRAMES[here].epsg, FRAMES[there].epsg)
    return xyz_m


def _in_basis(coordinate: Coordinate, basis: Frame) -> Coordinate:
    """Return the coordinate in a dynamic frame, at the epoch that it has."""
    xyz_m = _along(coordinate.xyz_m, coordinate.epoch_years, coordinate.frame, basis)
    return Coordinate(xyz_m, basis, coordinate.epoch_years)


def _unmoved(coordinate: Coordinate, frame: Frame, epoch_years: float) -> Coordinate:
    """Use the motion of the plate that a plate-fixed frame has in itself, where it is one."""
    source = coordinate.frame
    if source.plate_fixed and not frame.plate_fixed:
        # Such a frame leads to any epoch: it is asked for at the one where the target has it.
        basis = FRAMES[source.basis]
        xyz_m = helmert(coordinate.xyz_m, epoch_years, source.epsg, basis.epsg)
        return Coordinate(xyz_m, basis, np.asarray(epoch_years))
    if frame.plate_fixed and not source.plate_fixed:
        basis = FRAMES[frame.basis]
        there = _in_basis(coordinate, basis)
        xyz_m = helmert(there.xyz_m, there.epoch_years, basis.epsg, frame.epsg)
        return Coordinate(xyz_m, frame, np.asarray(epoch_years))
    return coordinate


def _check_area(coordinate: Coordinate, frame: Frame) -> None:
    """Raise FrameError for points outside of the region that a regional frame is made for."""
    for regional in (coordinate.frame, frame):
        if regional.area_deg is None:
            continue
        west, south, east, north = regional.area_deg
        point = geodetic(coordinate.xyz_m)
        latitude_deg, longitude_deg = (
            np.degrees(point.latitude_rad),
            np.degrees(point.longitude_rad),
        )
        inside = (
            (longitude_deg >= west)
            & (longitude_deg <= east)
            & (latitude_deg >= south)
            & (latitude_deg <= north)
        )
        if not np.all(inside):
            raise FrameError(f"a point lies outside of the region of {regional}")

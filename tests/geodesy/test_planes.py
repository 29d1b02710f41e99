"""Planes against Krueger's series typed by hand, and the figures of the design's measurement."""

import math

import numpy as np
import pytest
from pyproj import CRS

from stationd.geodesy.coordinates import Coordinate, Velocity
from stationd.geodesy.ellipsoid import FLATTENING, SEMI_MAJOR_AXIS_M
from stationd.geodesy.frames import FRAMES, FrameError
from stationd.geodesy.geodetic import Geodetic, geocentric
from stationd.geodesy.planes import own_meridian, zone
from stationd.geodesy.transformation import transformed


def krueger(latitude_deg, longitude_deg, meridian_deg):
    """Return x north, y east by Krueger (1912), coefficients of Karney (2011), equation 35."""
    n = FLATTENING / (2.0 - FLATTENING)
    radius_m = SEMI_MAJOR_AXIS_M / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alphas = (
        n / 2 - 2 / 3 * n**2 + 5 / 16 * n**3 + 41 / 180 * n**4,
        13 / 48 * n**2 - 3 / 5 * n**3 + 557 / 1440 * n**4,
        61 / 240 * n**3 - 103 / 140 * n**4,
        49561 / 161280 * n**4,
    )
    eccentricity = math.sqrt(FLATTENING * (2.0 - FLATTENING))
    phi, lam = math.radians(latitude_deg), math.radians(longitude_deg - meridian_deg)
    tau = math.tan(phi)
    sigma = math.sinh(eccentricity * math.atanh(eccentricity * math.sin(phi)))
    conformal = tau * math.sqrt(1 + sigma**2) - sigma * math.sqrt(1 + tau**2)
    xi = math.atan2(conformal, math.cos(lam))
    eta = math.asinh(math.sin(lam) / math.hypot(conformal, math.cos(lam)))
    north, east = xi, eta
    for order, alpha in enumerate(alphas, start=1):
        north += alpha * math.sin(2 * order * xi) * math.cosh(2 * order * eta)
        east += alpha * math.cos(2 * order * xi) * math.sinh(2 * order * eta)
    return radius_m * north, radius_m * east


def at(latitude_deg, longitude_deg, height_m=30.0):
    point = Geodetic(
        np.radians(np.asarray(latitude_deg, dtype=float)),
        np.radians(np.asarray(longitude_deg, dtype=float)),
        np.asarray(height_m, dtype=float),
    )
    return Coordinate.stated(geocentric(point), "CGCS2000@2000.0")


@pytest.mark.parametrize("latitude_deg", [3.0, 23.18, 45.0, 53.5])
@pytest.mark.parametrize("longitude_deg", [112.6, 114.0, 115.4])
def test_a_zone_is_the_series_of_krueger(latitude_deg, longitude_deg):
    north_m, east_m = krueger(latitude_deg, longitude_deg, 114.0)
    found = zone(4547).of(at(latitude_deg, longitude_deg))
    assert float(found.north_m) == pytest.approx(north_m, abs=1e-6)
    assert float(found.east_m) == pytest.approx(east_m + 500_000.0, abs=1e-6)
    assert float(found.height_m) == pytest.approx(30.0, abs=1e-6)
    with_number = zone(4526).of(at(latitude_deg, longitude_deg))
    assert float(with_number.east_m) == pytest.approx(east_m + 38_500_000.0, abs=1e-6)


def test_the_chain_ends_at_the_plane_coordinates_of_the_design():
    start = Coordinate.stated([-2324156.7901, 5386277.7283, 2495068.3542], "ITRF2020@2025.5")
    velocity = Velocity.stated("-0.03303,-0.00973,-0.01228@ITRF97")
    found = zone(4526).of(transformed(start, FRAMES["CGCS2000"], 2000.0, velocity))
    # Its velocity is printed to 0.01 mm a year: 0.13 mm over 25.5 years.
    assert float(found.east_m) == pytest.approx(38432423.2839, abs=1.3e-4)
    assert float(found.north_m) == pytest.approx(2564625.1692, abs=1.3e-4)


def test_every_gauss_krueger_code_of_epsg_is_a_plane():
    for epsg in range(4491, 4555):
        plane = zone(epsg)
        easting_m = float(plane.of(at(30.0, plane.central_meridian_deg)).east_m)
        assert easting_m % 1e6 == pytest.approx(500_000.0, abs=1e-6)
        assert plane.name == CRS.from_epsg(epsg).name


def test_a_meridian_of_ones_own():
    plane = own_meridian("own", 113.3, false_easting_m=40_000.0, false_northing_m=-2_500_000.0)
    north_m, east_m = krueger(23.1, 113.55, 113.3)
    found = plane.of(at(23.1, 113.55))
    assert float(found.east_m) == pytest.approx(east_m + 40_000.0, abs=1e-6)
    assert float(found.north_m) == pytest.approx(north_m - 2_500_000.0, abs=1e-6)
    assert "113" not in repr(plane)


def test_shapes_are_kept():
    found = zone(4547).of(at(np.full((4, 2), 23.0), np.full((4, 2), 113.5), np.zeros((4, 2))))
    assert found.east_m.shape == found.north_m.shape == found.height_m.shape == (4, 2)


def test_points_of_another_frame_or_zone_are_refused():
    with pytest.raises(FrameError, match=r"CGCS2000@2000\.0 first"):
        zone(4547).of(Coordinate.stated(at(23.0, 113.0).xyz_m, "ITRF2020@2025.5"))
    with pytest.raises(FrameError, match="take the zone"):
        zone(4547).of(at(23.0, 119.0))
    for epsg in (4490, 4555, 3857):
        with pytest.raises(FrameError, match="no Gauss-Krueger plane"):
            zone(epsg)

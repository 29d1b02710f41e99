"""The ellipsoid, against published examples."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationd.geodesy.ellipsoid import geocentric_m, height_m

# latitude, longitude, height -> X, Y, Z
PUBLISHED = [
    # GeographicLib, CartConvert's manual page (WGS 84: less than 0.1 mm away)
    ((33.3, 44.4, 6000.0), (3816209.60, 3737108.55, 3485109.57), 0.006),
    # IOGP 373-7-2, EPSG method 9602, worked example: 53 48 33.820 N, 2 07 46.380 E, 73.0 m
    (
        (53 + 48 / 60 + 33.820 / 3600, 2 + 7 / 60 + 46.380 / 3600, 73.0),
        (3771793.968, 140253.342, 5124304.349),
        0.015,
    ),
]


@pytest.mark.parametrize(("geodetic", "expected_m", "within_m"), PUBLISHED)
def test_geocentric_coordinates_are_those_of_published_examples(geodetic, expected_m, within_m):
    latitude_deg, longitude_deg, up_m = geodetic
    found_m = geocentric_m(math.radians(latitude_deg), math.radians(longitude_deg), up_m)
    assert found_m == pytest.approx(expected_m, abs=within_m)
    assert height_m(*expected_m) == pytest.approx(up_m, abs=within_m)


@given(
    st.floats(-math.pi / 2, math.pi / 2), st.floats(-math.pi, math.pi), st.floats(-500.0, 9000.0)
)
def test_height_is_found_again_everywhere(latitude_rad, longitude_rad, up_m):
    found_m = height_m(*geocentric_m(latitude_rad, longitude_rad, up_m))
    assert found_m == pytest.approx(up_m, abs=1e-6)

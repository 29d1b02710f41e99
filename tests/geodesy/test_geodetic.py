"""Columns of coordinates against published examples, PROJ, and geometry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from stationd.geodesy.geodetic import (
    Geodetic,
    covariance_from_enu,
    covariance_to_enu,
    displacement_enu_m,
    enu_rotation,
    from_enu,
    geocentric,
    geodetic,
    moved_covariance_m2,
    to_enu,
)

RNG = np.random.default_rng(7)
LATITUDE_DEG = np.concatenate((RNG.uniform(-90, 90, 500), [0, 90, -90, 23.1]))
LONGITUDE_DEG = np.concatenate((RNG.uniform(-180, 180, 500), [0, 0, 20, 113.3]))
HEIGHT_M = np.concatenate((RNG.uniform(-5e3, 9e3, 500), [0, 0, 100, 2e7]))


def points_m():
    point = Geodetic(np.radians(LATITUDE_DEG), np.radians(LONGITUDE_DEG), HEIGHT_M)
    return geocentric(point)


def test_both_ways_agree_with_proj():
    to_xyz = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        "+step +proj=cart +ellps=GRS80"
    )
    expected_m = np.stack(to_xyz.transform(LONGITUDE_DEG, LATITUDE_DEG, HEIGHT_M), axis=-1)
    assert np.abs(points_m() - expected_m).max() < 1e-7
    found = geodetic(expected_m)
    assert np.abs(np.degrees(found.latitude_rad) - LATITUDE_DEG).max() < 1e-11
    assert np.abs(found.height_m - HEIGHT_M).max() < 1e-6


def test_the_published_example_of_epsg_method_9602():
    found = geodetic([[3771793.968, 140253.342, 5124304.349]] * 2)
    assert np.degrees(found.latitude_rad) == pytest.approx(53 + 48 / 60 + 33.820 / 3600, abs=2e-8)
    assert np.degrees(found.longitude_rad) == pytest.approx(2 + 7 / 60 + 46.380 / 3600, abs=2e-8)
    assert found.height_m == pytest.approx(73.0, abs=0.015)


def test_east_north_and_up_are_where_they_should_be():
    greenwich_equator, north_of_india = [6378137.0, 0.0, 0.0], [0.0, 6378137.0, 0.0]
    assert to_enu([0, 1, 0], greenwich_equator) == pytest.approx([1, 0, 0])
    assert to_enu([0, 0, 1], greenwich_equator) == pytest.approx([0, 1, 0])
    assert to_enu([1, 0, 0], greenwich_equator) == pytest.approx([0, 0, 1])
    assert to_enu([-1, 0, 0], north_of_india) == pytest.approx([1, 0, 0])


def test_enu_is_what_proj_calls_topocentric():
    at_m = np.array([-2324156.7901, 5386277.7283, 2495068.3542])
    moved_m = at_m + np.array([0.031, -0.012, 0.047])
    topocentric = Transformer.from_pipeline(
        "+proj=topocentric +ellps=GRS80 +X_0=-2324156.7901 +Y_0=5386277.7283 +Z_0=2495068.3542"
    )
    expected_m = topocentric.transform(*moved_m)
    assert displacement_enu_m(moved_m, at_m) == pytest.approx(expected_m, abs=1e-8)


def test_rotations_are_orthonormal_and_invert():
    rotation = enu_rotation(points_m())
    assert np.abs(rotation @ np.swapaxes(rotation, -1, -2) - np.eye(3)).max() < 1e-14
    vectors = RNG.normal(size=(len(LATITUDE_DEG), 3))
    assert np.abs(from_enu(to_enu(vectors, points_m()), points_m()) - vectors).max() < 1e-14


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_covariances_are_those_of_samples(seed):
    """The covariance of turned vectors is the turned covariance, exactly, sample by sample."""
    samples = np.random.default_rng(seed).normal(size=(60, 3)) * [3.0, 2.0, 8.0]
    at_m = points_m()[seed % 500]
    turned = np.cov(to_enu(samples, np.broadcast_to(at_m, samples.shape)).T)
    found = covariance_to_enu(np.cov(samples.T), at_m)
    assert found == pytest.approx(turned, abs=1e-10)
    assert covariance_from_enu(found, at_m) == pytest.approx(np.cov(samples.T), abs=1e-10)


def test_uncertainty_grows_with_the_square_of_time():
    position, velocity = np.eye(3) * 4e-6, np.eye(3) * 1e-8
    grown = moved_covariance_m2(position, velocity, [0.0, -25.5])
    assert grown[0] == pytest.approx(position)
    assert np.diag(grown[1]) == pytest.approx(4e-6 + 25.5**2 * 1e-8)

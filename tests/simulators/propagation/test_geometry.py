"""Geometry against PROJ, against an integration of the light's way, and against itself in time."""

import numpy as np
import pytest
from pyproj import Transformer

from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.propagation.geometry import enu_axes, geodetic, sent, sky
from stationd_simulators.propagation.satellites import Satellites

START_GPST_S = 2408 * 604_800.0
LIGHT_M_PER_S = 299_792_458.0
ANTENNA_M = np.array([-2324156.7901, 5386277.7283, 2495068.3542])


@pytest.fixture(scope="module")
def orbits() -> Constellations:
    return Constellations.make("GREC", START_GPST_S, 3)


def test_geodetic_coordinates_are_those_of_proj():
    to_geodetic = Transformer.from_crs("EPSG:9988", "EPSG:9989")  # ITRF2020, both on GRS 80
    for position_m in (ANTENNA_M, -ANTENNA_M, np.array([6_379_000.0, 10.0, -5_000.0])):
        latitude_deg, longitude_deg, height_m = to_geodetic.transform(*position_m)
        place = geodetic(position_m)
        assert np.degrees(place.latitude_rad) == pytest.approx(latitude_deg, abs=1e-10)
        assert np.degrees(place.longitude_rad) == pytest.approx(longitude_deg, abs=1e-10)
        assert place.height_m == pytest.approx(height_m, abs=1e-6)


def test_the_sky_of_a_satellite_overhead_and_of_one_in_the_east():
    place = geodetic(ANTENNA_M)
    axes = enu_axes(place.latitude_rad, place.longitude_rad)
    there = ANTENNA_M + np.array([[0.0, 0.0, 2e7], [2e7, 0.0, 0.0], [0.0, -2e7, 2e7]]) @ axes
    seen = sky(ANTENNA_M, axes, there)
    assert np.degrees(seen.elevation_rad) == pytest.approx([90.0, 0.0, 45.0], abs=1e-6)
    assert np.degrees(seen.azimuth_rad[1:]) == pytest.approx([90.0, 180.0])


def exact_range_m(orbits: Constellations, gpst_s: float) -> np.ndarray:
    """Return ranges in a frame that does not turn, from states at the instants of sending."""
    light_s = np.full(len(orbits.satellites), 0.07)
    for _ in range(6):
        then_m = orbits.state(gpst_s, orbits.satellites, light_s).position_m
        angle = 7.2921151467e-5 * -light_s  # how far the frame was from where it is at reception
        x = then_m[:, 0] * np.cos(angle) - then_m[:, 1] * np.sin(angle)
        y = then_m[:, 0] * np.sin(angle) + then_m[:, 1] * np.cos(angle)
        away = np.column_stack((x, y, then_m[:, 2])) - ANTENNA_M
        light_s = np.linalg.norm(away, axis=1) / LIGHT_M_PER_S
    return light_s * LIGHT_M_PER_S


def test_ranges_are_those_of_light_on_its_way_to_a_hundredth_of_a_millimetre(orbits):
    for gpst_s in (START_GPST_S, START_GPST_S + 5000.0):
        found = sent(ANTENNA_M, np.zeros(3), Satellites(orbits).at(gpst_s))
        assert found.range_m == pytest.approx(exact_range_m(orbits, gpst_s), abs=1e-5, rel=0)


def test_clocks_are_those_at_the_instant_of_sending(orbits):
    moving = Satellites(orbits).at(START_GPST_S + 1000.0)
    found = sent(ANTENNA_M, np.zeros(3), moving)
    light_s = found.range_m / LIGHT_M_PER_S
    there = orbits.state(START_GPST_S + 1000.0, orbits.satellites, light_s)
    wrong_m = (found.clock_s - there.clock_s) * LIGHT_M_PER_S
    assert np.abs(wrong_m).max() < 1e-5


def test_a_late_clock_is_an_earlier_reception(orbits):
    satellites = Satellites(orbits)
    late = sent(ANTENNA_M, np.zeros(3), satellites.at(START_GPST_S + 100.0), 0.5)
    earlier = sent(ANTENNA_M, np.zeros(3), satellites.at(START_GPST_S + 99.5))
    assert late.range_m == pytest.approx(earlier.range_m, abs=1e-4, rel=0)


def test_range_rates_are_those_of_the_ranges(orbits):
    moving_m_per_s = np.array([3.0, -2.0, 1.0])
    at_s = START_GPST_S + 2000.0
    satellites = Satellites(orbits)
    before, now, after = (
        sent(ANTENNA_M + moving_m_per_s * d, moving_m_per_s, satellites.at(at_s + d))
        for d in (-0.5, 0.0, 0.5)
    )
    numerical = after.range_m - before.range_m
    assert now.range_rate_m_per_s == pytest.approx(numerical, abs=2e-5, rel=0)


def test_an_instant_is_computed_once_for_all_who_ask(orbits):
    satellites = Satellites(orbits)
    first = satellites.at(START_GPST_S)
    assert satellites.at(START_GPST_S) is first
    for second in range(1, 9):
        satellites.at(START_GPST_S + second)
    assert satellites.at(START_GPST_S) is not first  # a few are kept, not all

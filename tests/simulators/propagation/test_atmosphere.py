"""Troposphere and ionosphere: published values, and the shapes that low latitudes have."""

import numpy as np
import pytest

from stationd_simulators.propagation import ionosphere, troposphere
from stationd_simulators.propagation.geometry import Geodetic, Sky

GUANGZHOU = Geodetic(np.radians(23.1), np.radians(113.3), 30.0)
MIDNIGHT_GPST_S = 2408 * 604_800.0  # of Greenwich: 7.55 h local solar time
TO_LOCAL_S = 113.3 / 15.0 * 3600.0


def zenith(count: int = 1) -> Sky:
    return Sky(np.full(count, np.pi / 2), np.zeros(count))


def at_local(hour: float) -> float:
    return MIDNIGHT_GPST_S + hour * 3600.0 - TO_LOCAL_S


def test_the_standard_zenith_delay_at_sea_level_is_the_textbook_one():
    dry_m, wet_m = troposphere.zenith_delays_m(Geodetic(np.radians(45.0), 0.0, 0.0))
    assert dry_m == pytest.approx(0.0022768 * 1013.25, rel=1e-6)  # 2.307 m
    # 15 degrees and 70 %: 11.95 hPa of vapour, by which Saastamoinen's wet delay is 0.12 m.
    assert wet_m == pytest.approx(0.120, abs=0.004)


def test_delays_shrink_with_height():
    low, high = (
        sum(troposphere.zenith_delays_m(Geodetic(0.4, 0.0, height_m))) for height_m in (0.0, 2e3)
    )
    assert high / low == pytest.approx(0.765, abs=0.02)  # of pressure, with the vapour gone sooner


def test_niell_mapping_is_1_at_the_zenith_and_near_the_published_values_below():
    # Niell 1996, figure 1 and RTKLIB's `nmf`: at 5 degrees about 10.15 dry and 10.7 wet.
    dry, wet = troposphere.niell(GUANGZHOU, np.radians([90.0, 30.0, 5.0]), 60.0)
    assert (dry[0], wet[0]) == pytest.approx((1.0, 1.0), abs=1e-6)
    assert dry[1] == pytest.approx(1.0 / np.sin(np.radians(30.0)), abs=0.02)
    assert 10.1 < dry[2] < 10.25
    assert 10.6 < wet[2] < 10.85


def test_the_electron_content_has_its_height_in_the_afternoon():
    where = ionosphere.pierce(GUANGZHOU, zenith())
    day = [float(ionosphere.vertical_tecu(where, at_local(hour), 50.0, 3)[0]) for hour in range(24)]
    assert 12 <= int(np.argmax(day)) <= 16
    assert 25.0 < max(day) < 65.0
    assert min(day) < 0.35 * max(day)


def test_slant_content_grows_downwards_as_a_thin_layer_has_it():
    seen = Sky(np.radians([90.0, 30.0, 5.0]), np.zeros(3))
    where = ionosphere.pierce(GUANGZHOU, seen)
    # 1/cos of the zenith angle at 450 km above a sphere of 6371 km.
    assert where.slant_ratio == pytest.approx([1.0, 1.701, 2.730], abs=0.001)
    apart_deg = np.degrees(where.latitude_rad - GUANGZHOU.latitude_rad)
    assert apart_deg[0] == pytest.approx(0.0, abs=1e-9)
    below_deg = np.degrees(np.arcsin(np.cos(np.radians(30.0)) * 6371.0 / 6821.0))
    assert apart_deg[1] == pytest.approx(60.0 - below_deg)


def test_content_differs_between_stations_of_a_network():
    seen = zenith()
    other = Geodetic(GUANGZHOU.latitude_rad - 40e3 / 6.371e6, GUANGZHOU.longitude_rad, 30.0)
    here, there = (
        float(ionosphere.vertical_tecu(ionosphere.pierce(p, seen), at_local(14.0), 50.0, 3)[0])
        for p in (GUANGZHOU, other)
    )
    assert 0.01 < abs(here - there) < 3.0  # some centimetres on L1


def test_scintillation_comes_after_sunset_and_in_patches():
    where = ionosphere.pierce(GUANGZHOU, zenith(30))
    satellites = np.arange(30)
    noon = ionosphere.scintillation(where, at_local(12.0), 0.8, 3, satellites)
    night = ionosphere.scintillation(where, at_local(22.0), 0.8, 3, satellites)
    assert not noon.any()
    assert 0.5 < night.max() <= 0.8
    assert (night == 0.0).any()

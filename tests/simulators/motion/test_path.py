"""The station's true motion: each term alone, in local axes, and what comes of it in ECEF."""

import math
from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.motion.path import Path
from stationd_simulators.scenario import Antenna, Motion, Quake, Station, Step

START_GPST_S = gpst_from_utc(1_767_225_600)  # 2026-01-01
YEAR_S = 31_557_600.0
STATION = Station("A", (-2324156.7901, 5386277.7283, 2495068.3542))


def moved(motion: Motion, elapsed_s: float) -> np.ndarray:
    path = Path(replace(STATION, motion=motion), START_GPST_S)
    return path.displacement_enu_m(START_GPST_S + elapsed_s)


def test_a_plate_moves_and_the_ground_sinks_evenly():
    motion = Motion(velocity_m_per_year=(0.033, -0.010, 0.0), subsidence_m_per_year=0.02)
    assert moved(motion, 2.5 * YEAR_S) == pytest.approx([0.0825, -0.025, -0.05])
    assert moved(motion, 0.0) == pytest.approx([0.0, 0.0, 0.0])


def test_seasons_return_after_a_year_and_after_half_of_it():
    motion = Motion(annual_m=(0.0, 0.0, 0.005), semi_annual_m=(0.002, 0.0, 0.0))
    assert moved(motion, YEAR_S) == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    half = moved(motion, YEAR_S / 2)
    assert half[2] == pytest.approx(-0.010, abs=1e-5)  # from the largest to the smallest
    assert half[0] == pytest.approx(0.0, abs=1e-5)
    assert moved(motion, YEAR_S / 4)[0] == pytest.approx(-0.004, abs=1e-5)


def test_a_step_stays_and_what_relaxes_after_it_follows_a_logarithm():
    step = Step(100.0, (0.03, 0.0, -0.01), (0.004, 0.0, 0.0), YEAR_S / 10)
    motion = Motion(steps=(step,))
    assert moved(motion, 99.9).tolist() == [0.0, 0.0, 0.0]
    assert moved(motion, 100.0) == pytest.approx([0.03, 0.0, -0.01])
    later = moved(motion, 100.0 + YEAR_S)
    assert later == pytest.approx([0.03 + 0.004 * math.log(11.0), 0.0, -0.01])


def test_an_earthquake_shakes_for_its_seconds_and_leaves_nothing_behind():
    quake = Quake(10.0, (0.10, 0.05, 0.02), duration_s=60.0, period_s=4.0)
    motion = Motion(quakes=(quake,))
    at_20_hz = np.array([moved(motion, 10.0 + tick / 20.0) for tick in range(1220)])
    assert 0.07 < np.abs(at_20_hz[:, 0]).max() <= 0.10
    assert np.abs(np.diff(at_20_hz, axis=0)).max() < 0.02  # smooth at 20 Hz
    assert not at_20_hz[1200:].any()
    turns = np.flatnonzero(np.diff(np.sign(at_20_hz[:1180, 0])) != 0)
    assert np.median(np.diff(turns)) == pytest.approx(40, abs=4)  # half a period, in ticks
    path = Path(replace(STATION, motion=motion), START_GPST_S)
    numerical = (moved(motion, 20.5) - moved(motion, 20.3)) @ path.axes / 0.2
    velocity = path.velocity_m_per_s(START_GPST_S + 20.4)
    assert velocity == pytest.approx(numerical, abs=2e-3)


def test_a_step_has_no_velocity():
    path = Path(replace(STATION, motion=Motion(steps=(Step(5.0, (0.5, 0.0, 0.0)),))), START_GPST_S)
    assert path.velocity_m_per_s(START_GPST_S + 5.0).tolist() == [0.0, 0.0, 0.0]


def test_the_antenna_is_above_its_marker_and_moves_along_local_axes():
    antenna = Antenna(height_m=1.5)
    station = replace(
        STATION, antenna=antenna, motion=Motion(steps=(Step(5.0, (0.0, 0.20, 0.10)),))
    )
    path = Path(station, START_GPST_S, lambda _: (0.05, 0.0, 0.0))
    to_local = Transformer.from_pipeline(
        "+proj=topocentric +ellps=GRS80 +X_0={} +Y_0={} +Z_0={}".format(*STATION.position_m)
    )
    local = to_local.transform(*path.position_m(START_GPST_S + 10.0))
    assert local == pytest.approx((0.05, 0.20, 1.60), abs=1e-6)

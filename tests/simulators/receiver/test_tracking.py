"""Lock times: since when a satellite is seen, and since the last slip, whoever asks first."""

import numpy as np
import pytest

from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.propagation.geometry import enu_axes, geodetic, sky
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.receiver.tracking import GRID_S, Slips, Tracking, horizon

START_GPST_S = 2408 * 604_800.0 - 40_000.0
ANTENNA_M = np.array([-2324156.7901, 5386277.7283, 2495068.3542])
AXES = enu_axes(geodetic(ANTENNA_M).latitude_rad, geodetic(ANTENNA_M).longitude_rad)


@pytest.fixture(scope="module")
def satellites() -> Satellites:
    return Satellites(Constellations.make("GC", START_GPST_S, 3))


def tracking(satellites: Satellites, slips_per_hour: float = 0.0, above=None) -> Tracking:
    rows = np.arange(len(satellites.names))
    return Tracking(
        satellites.tracks,
        START_GPST_S,
        ANTENNA_M,
        AXES,
        above or horizon(10.0, ()),
        Slips(rows, rows, slips_per_hour, 5),
    )


def test_what_is_seen_is_what_stands_above_the_horizon(satellites):
    found = tracking(satellites)
    for elapsed_s in (0.0, 12_345.0, 86_399.0, 86_400.0, 100_000.0):
        seen, _ = found.at(START_GPST_S + elapsed_s)
        grid_s = elapsed_s - elapsed_s % GRID_S
        truth = sky(ANTENNA_M, AXES, satellites.tracks(START_GPST_S + grid_s)[0])
        clear = np.abs(np.degrees(truth.elevation_rad) - 10.0) > 0.001  # 20 m from 20,000 km
        above = np.degrees(truth.elevation_rad) > 10.0
        assert np.array_equal(seen[clear], above[clear])
        assert 10 < seen.sum() < 45


def test_a_horizon_may_depend_on_azimuth(satellites):
    wall = horizon(5.0, [(0.0, 60.0), (180.0, 60.0), (180.1, 0.0), (359.9, 0.0)])
    seen, _ = tracking(satellites, above=wall).at(START_GPST_S)
    truth = sky(ANTENNA_M, AXES, satellites.tracks(START_GPST_S)[0])
    east = seen & (truth.azimuth_rad < np.pi)
    assert np.degrees(truth.elevation_rad[east]).min(initial=90.0) >= 60.0
    assert (seen & ~east & (np.degrees(truth.elevation_rad) < 60.0)).any()


def test_a_horizon_is_a_line_from_corner_to_corner_and_never_below_the_mask():
    line = horizon(10.0, [(350.0, 30.0), (10.0, 50.0), (180.0, 0.0)])
    azimuths_deg = [350.0, 0.0, 10.0, 95.0, 180.0, 265.0]
    expected_deg = [30.0, 40.0, 50.0, 25.0, 10.0, 15.0]
    assert np.degrees(line(np.radians(azimuths_deg))) == pytest.approx(expected_deg)
    assert np.degrees(horizon(7.0, ())(np.zeros((2, 3)))) == pytest.approx(np.full((2, 3), 7.0))


def test_a_lock_begins_at_the_start_or_where_the_satellite_rose(satellites):
    found = tracking(satellites)
    at_s = START_GPST_S + 30_000.0
    seen, locked_s = found.at(at_s)
    rose = seen & (locked_s > START_GPST_S)
    assert rose.any()
    assert (seen & (locked_s == START_GPST_S)).any()  # geostationary satellites, for one
    for row in np.flatnonzero(rose):
        before, _ = found.at(locked_s[row] - 1.0)
        after, since_s = found.at(locked_s[row])
        assert not before[row]
        assert after[row]
        assert since_s[row] == locked_s[row]


@pytest.mark.parametrize("per_hour", [0.0, 2.0])
def test_the_answer_does_not_depend_on_what_was_asked_before(satellites, per_hour):
    once, again = tracking(satellites, per_hour), tracking(satellites, per_hour)
    late, early = START_GPST_S + 180_000.0, START_GPST_S + 90_000.0
    of_late, of_early = once.at(late), once.at(early)
    for gpst_s in (START_GPST_S, early):
        again.at(gpst_s)
    for one, other in ((of_early, again.at(early)), (of_late, again.at(late))):
        assert np.array_equal(one[0], other[0])
        assert np.array_equal(one[1], other[1])
    assert np.array_equal(once.at(early)[1], of_early[1])


def test_slips_come_as_often_as_said_near_the_horizon_and_hardly_above(satellites):
    found = tracking(satellites, 6.0)
    slips, hours = {"low": 0, "high": 0}, {"low": 0.0, "high": 0.0}
    before = found.at(START_GPST_S)
    elevation = sky(ANTENNA_M, AXES, satellites.tracks(START_GPST_S)[0]).elevation_rad
    for elapsed_s in range(60, 40_000, 60):
        now = found.at(START_GPST_S + elapsed_s)
        if elapsed_s % 600 == 0:
            at_m = satellites.tracks(START_GPST_S + elapsed_s)[0]
            elevation = sky(ANTENNA_M, AXES, at_m).elevation_rad
        both = before[0] & now[0]
        for place, rows in (("low", elevation < 0.35), ("high", elevation > 1.0)):
            slips[place] += int((both & rows & (now[1] > before[1])).sum())
            hours[place] += (both & rows).sum() / 60.0
        before = now
    # (1 - sin e)^4 is 0.2 to 0.5 from 20 degrees down to 10, and below 0.001 above 57 degrees.
    assert 0.15 * 6.0 < slips["low"] / hours["low"] < 0.5 * 6.0
    assert slips["high"] / hours["high"] < 0.02 * 6.0

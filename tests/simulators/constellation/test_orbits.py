"""The sky as a whole: planes, parking places, repetition, and sets that follow each other."""

import numpy as np
import pytest
from pyrtcm import RTCMReader
from scipy.integrate import solve_ivp

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.constellation.glonass_sets import INTERVAL_S

WEEK_S = 604_800.0
START_GPST_S = 2446 * WEEK_S - 5400.0
SPEED_OF_LIGHT = 299_792_458.0


@pytest.fixture(scope="module")
def sky():
    return Constellations.make("GRECJ", START_GPST_S, seed=11)


def of(sky, letter: str) -> list[str]:
    return [name for name in sky.satellites if name[0] == letter]


def longitudes_deg(positions_m):
    return np.degrees(np.arctan2(positions_m[:, 1], positions_m[:, 0]))


def test_constellations_are_as_large_as_the_real_ones(sky):
    sizes = {letter: len(of(sky, letter)) for letter in "GRECJ"}
    assert sizes == {"G": 31, "R": 24, "E": 24, "C": 32, "J": 5}
    channels = {name: sky.glonass_channel(name) for name in of(sky, "R")}
    assert channels["R02"] == -4
    assert channels["R10"] == -7
    # Antipodal satellites share a channel (GLONASS ICD 5.1, table 3.1 and its use).
    assert all(channels[f"R{n:02d}"] == channels[f"R{n + 4:02d}"] for n in (1, 2, 3, 4, 9, 10))
    assert sky.glonass_channel("G05") is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_enough_satellites_of_gps_galileo_and_beidou_are_in_sight_at_all_times(seed):
    sky = Constellations.make("GEC", START_GPST_S, seed=seed)
    here = np.array([-2324156.8, 5386277.7, 2495068.4])
    for hour in range(24):
        positions = sky.state(START_GPST_S + 3600.0 * hour, sky.satellites).position_m
        away = positions - here
        sine = away @ here / np.linalg.norm(away, axis=1) / np.linalg.norm(here)
        seen = [name for name, s in zip(sky.satellites, sine, strict=True) if s > 0.1]
        for letter, least in (("G", 5), ("E", 4), ("C", 12)):
            assert sum(name[0] == letter for name in seen) >= least, (hour, letter)


def test_geostationary_satellites_stay_where_they_are_parked(sky):
    names = ["C01", "C02", "C03", "C04", "C05", "J07", "J08"]
    parked_deg = [140.0, 80.0, 110.5, 160.0, 58.75, 127.0, 90.5]
    for time_s in (0.0, 1799.0, 30_000.0, 90 * 86_400.0, 1000 * 86_400.0):
        positions = sky.state(START_GPST_S + time_s, names).position_m
        assert longitudes_deg(positions) == pytest.approx(parked_deg, abs=0.2)
        latitudes = np.degrees(np.arcsin(positions[:, 2] / np.linalg.norm(positions, axis=1)))
        assert np.abs(latitudes).max() < 2.0


def test_a_figure_of_eight_of_qzss_lingers_in_the_north(sky):
    heights = [
        sky.state(START_GPST_S + minutes * 600.0, ["J02"]).position_m[0] for minutes in range(144)
    ]
    positions = np.array(heights)
    assert (positions[:, 2] > 0).mean() > 0.54
    assert longitudes_deg(positions).min() > 110.0
    assert longitudes_deg(positions).max() < 165.0


@pytest.mark.parametrize(
    ("letter", "days", "node_rate"), [("G", 1, -8.0e-9), ("E", 10, -5.5e-9), ("C", 7, -6.8e-9)]
)
def test_ground_tracks_repeat_so_multipath_can(sky, letter, days, node_rate):
    names = [name for name in of(sky, letter) if not name.startswith("C0")]
    day_s = 2 * np.pi / (7.2921151467e-5 - node_rate)  # nine seconds short of the sidereal day
    before = sky.state(START_GPST_S, names).position_m
    after = sky.state(START_GPST_S + days * day_s, names).position_m
    moved_m = np.linalg.norm(after - before, axis=1)
    assert moved_m.max() < 1000.0 * days  # of 26,000 km


@pytest.mark.parametrize(
    ("letter", "first_s", "position_m", "clock_m"),
    [
        ("G", 3600.0, 0.08, 0.30),
        ("E", 3600.0, 0.10, 0.06),
        ("C", 1800.0 + 14.0, 0.12, 0.10),
        ("J", 1800.0, 0.12, 0.25),
        ("R", 18.0, 2.0, 0.60),
    ],
)
def test_consecutive_sets_agree_to_their_rounding(sky, letter, first_s, position_m, clock_m):
    names = of(sky, letter)
    interval_s = {"G": 7200.0, "R": INTERVAL_S}.get(letter, 3600.0)
    for turn in range(3):  # the second or third is beyond the week's end
        at = 2446 * WEEK_S - interval_s + first_s + turn * interval_s
        before = sky.state(at - 0.001, names, earlier_s=-0.001)
        after = sky.state(at + 0.001, names, earlier_s=0.001)
        step_m = np.linalg.norm(after.position_m - before.position_m, axis=1)
        assert 0.0 < step_m.max() < position_m
        assert 0.0 < np.abs(after.clock_s - before.clock_s).max() * SPEED_OF_LIGHT < clock_m


def test_velocities_are_the_rates_of_positions(sky):
    half_s = 0.2
    early, now, late = (
        sky.state(START_GPST_S + 100.0, sky.satellites, earlier_s)
        for earlier_s in (half_s, 0.0, -half_s)
    )
    rate = (late.position_m - early.position_m) / (2 * half_s)
    assert np.abs(rate - now.velocity_m_per_s).max() < 1e-5


def test_a_clocks_drift_is_the_rate_of_its_time_without_relativity(sky):
    def polynomial_s(state):
        # IS-GPS-200N 20.3.3.3.3.1; a product with the velocity in space or on the Earth's.
        product = (state.position_m * state.velocity_m_per_s).sum(axis=1)
        sent_apart = np.array([name[0] != "R" for name in sky.satellites])
        return state.clock_s + 2.0 * product / SPEED_OF_LIGHT**2 * sent_apart

    early, now, late = (
        sky.state(START_GPST_S + 100.0, sky.satellites, earlier_s) for earlier_s in (10, 0, -10)
    )
    drift = (polynomial_s(late) - polynomial_s(early)) / 20.0
    assert np.abs(drift - now.clock_drift_ratio).max() < 2e-14
    assert np.abs(now.clock_drift_ratio).max() > 1e-12


def test_each_satellite_may_have_its_own_instant(sky):
    names = ["G05", "R03", "C01", "E11", "R20"]
    travel_s = np.array([0.07, 0.08, 0.12, 0.09, 0.075])
    together = sky.state(START_GPST_S, names, travel_s)
    for row, (name, earlier_s) in enumerate(zip(names, travel_s, strict=True)):
        alone = sky.state(START_GPST_S, [name], earlier_s)
        assert np.array_equal(alone.position_m[0], together.position_m[row])
        assert alone.clock_s[0] == together.clock_s[row]


def test_glonass_follows_newtons_law_in_space(sky):
    """The same forces in axes that do not turn, by another integrator, within a millimetre."""
    earth_rad_per_s, mu, radius_m, j2 = 7.292115e-5, 3.9860044e14, 6_378_136.0, 1.0826257e-3
    tb_gpst_s = START_GPST_S - START_GPST_S % INTERVAL_S + INTERVAL_S / 2 + 18.0
    sets = sky._glonass
    names = list(sets.names)
    start = sky.state(tb_gpst_s, names)

    def pulled(time_s, flat):
        place, speed = flat.reshape(2, -1, 3)
        r = np.linalg.norm(place, axis=1, keepdims=True)
        polar = 5 * (place[:, 2:] / r) ** 2
        oblate = 1.5 * j2 * (radius_m / r) ** 2 * np.hstack([1 - polar, 1 - polar, 3 - polar])
        angle = earth_rad_per_s * time_s
        x, y, z = sets._acceleration.T
        moon_and_sun = np.column_stack(
            [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle), z]
        )
        return np.concatenate([speed, -mu * place / r**3 * (1 + oblate) + moon_and_sun]).ravel()

    spin = earth_rad_per_s * np.column_stack(
        [-start.position_m[:, 1], start.position_m[:, 0], np.zeros(len(names))]
    )
    first = np.concatenate([start.position_m, start.velocity_m_per_s + spin]).ravel()
    for since_s in (-899.0, 333.3, 899.0):
        end = solve_ivp(pulled, (0.0, since_s), first, method="DOP853", rtol=1e-12, atol=1e-6)
        place = end.y[:, -1].reshape(2, -1, 3)[0]
        angle = earth_rad_per_s * since_s
        turned = np.column_stack(
            [
                place[:, 0] * np.cos(angle) + place[:, 1] * np.sin(angle),
                place[:, 1] * np.cos(angle) - place[:, 0] * np.sin(angle),
                place[:, 2],
            ]
        )
        simulated = sky.state(tb_gpst_s, names, earlier_s=-since_s).position_m
        assert np.abs(simulated - turned).max() < 0.001


def test_a_sky_depends_on_seed_and_time_and_not_on_company_or_start():
    late = START_GPST_S + 40_000.0
    alone = Constellations.make("E", START_GPST_S, seed=5)
    among = Constellations.make("GEC", late, seed=5)
    names = list(alone.satellites)
    assert np.array_equal(alone.state(late, names).position_m, among.state(late, names).position_m)
    other = Constellations.make("E", START_GPST_S, seed=6)
    assert not np.allclose(other.state(late, names).position_m, alone.state(late, names).position_m)


def test_glonass_does_not_depend_on_what_was_asked_before():
    asked = Constellations.make("R", START_GPST_S, seed=5)
    for hours in (30, 0, 50):
        asked.state(START_GPST_S + hours * 3600.0, ["R01"])
    fresh = Constellations.make("R", START_GPST_S, seed=5)
    at = START_GPST_S + 20 * 3600.0
    assert np.array_equal(
        asked.state(at, asked.satellites).position_m, fresh.state(at, fresh.satellites).position_m
    )


def test_glonass_passes_a_leap_second_without_a_step():
    midnight_gpst_s = gpst_from_utc(1_483_228_800.0)  # 2017-01-01, before which a second was put in
    sky = Constellations.make("R", midnight_gpst_s - 3600.0, seed=5)
    before = sky.state(midnight_gpst_s - 2.001, sky.satellites, earlier_s=-2.001)
    after = sky.state(midnight_gpst_s + 0.001, sky.satellites, earlier_s=0.001)
    assert 0.0 < np.abs(after.position_m - before.position_m).max() < 2.0
    frames = sky.frames_in_force(midnight_gpst_s + 60.0)
    assert RTCMReader.parse(frames[0]).DF110 * 900 == 3 * 3600 + 15 * 60  # Moscow


def test_a_letter_of_no_constellation_is_refused():
    with pytest.raises(ValueError, match="one or more letters of GRECJ"):
        Constellations.make("GX", START_GPST_S, seed=1)
    with pytest.raises(ValueError, match="one or more letters"):
        Constellations.make("", START_GPST_S, seed=1)

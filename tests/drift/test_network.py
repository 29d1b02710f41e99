"""What stations tell together, on networks of known truth."""

import numpy as np
import pytest
from drift import synthetic

from stationd.drift.network import (
    NetworkError,
    acceleration_test,
    common_mode,
    filtered,
    rate_change_test,
    tilt_of,
)
from stationd.drift.series import Series
from stationd.drift.steps import Step, StepState


def series_of(name: str, t: np.ndarray, enu_m: np.ndarray) -> Series:
    nothing = np.full_like(enu_m, np.nan)
    return Series(name, t, 55000.5 + np.round((t - 2010.0) * 365.25), enu_m, nothing, nothing)


def network(rng, shared_m=0.004, years=3.0) -> tuple[list[Series], np.ndarray]:
    """Make eight stations with white noise of their own and one flicker noise for all."""
    t = synthetic.epochs(years)
    shared = np.column_stack([synthetic.power_law(len(t), shared_m, rng) for _ in range(3)])
    own = [0.001 * rng.standard_normal((len(t), 3)) for _ in range(8)]
    return [series_of(f"S{k}", t, shared + noise) for k, noise in enumerate(own)], shared


def scatter(series: Series) -> float:
    """Return what is left of east about a line and the seasons, which each station keeps."""
    t = series.t_years
    angle = 2 * np.pi * np.outer(t, (1.0, 2.0))
    columns = np.column_stack([np.ones_like(t), t - 2010.0, np.cos(angle), np.sin(angle)])
    east = series.enu_m[:, 0]
    return float(np.std(east - columns @ np.linalg.lstsq(columns, east)[0]))


def test_what_stations_share_is_taken_off_and_their_own_noise_stays():
    many, _ = network(np.random.default_rng(1), shared_m=0.010)
    common = common_mode(many)
    before, after = scatter(many[0]), scatter(filtered(many[0], common))
    assert before > 0.002
    assert after == pytest.approx(0.001, rel=0.12)
    assert set(common.stations) == {8}


def test_the_velocity_of_a_station_is_untouched_by_the_filter():
    many, _ = network(np.random.default_rng(2))
    moving = series_of("S0", many[0].t_years, many[0].enu_m.copy())
    moving.enu_m[:] += 0.03 * (moving.t_years - 2010.0)[:, None]
    plain, drifting = (
        filtered(one, common_mode([one, *many[1:]])).enu_m for one in (many[0], moving)
    )
    slope = np.polyfit(many[0].t_years, (drifting - plain)[:, 0], 1)[0]
    assert slope == pytest.approx(0.03, abs=1e-4)


def test_a_jump_of_one_station_stays_with_it():
    many, _ = network(np.random.default_rng(3))
    many[2].enu_m[many[2].t_years >= 2011.5, 0] += 0.02
    after = filtered(many[2], common_mode(many)).enu_m[:, 0]
    day = np.searchsorted(many[2].t_years, 2011.5)
    jump = after[day : day + 60].mean() - after[day - 60 : day].mean()
    assert jump == pytest.approx(0.02, abs=0.0015)
    known = [Step("S2", 2011.5, "antenna replaced", StepState.CONFIRMED, "log")]
    others = filtered(many[3], common_mode(many, known)).enu_m[:, 0]
    assert abs(others[day : day + 60].mean() - others[day - 60 : day].mean()) < 0.0007


def test_days_with_too_few_stations_have_no_common_mode():
    many, _ = network(np.random.default_rng(4))
    parts = [series_of(s.station, s.t_years[:500], s.enu_m[:500]) for s in many[:5]]
    common = common_mode([*parts, *many[5:]])
    assert len(common.day) == 500
    assert len(filtered(many[7], common)) == 500
    with pytest.raises(NetworkError, match="3 stations do not tell what they share; 4 are needed"):
        common_mode(many[:3])


def test_an_acceleration_is_found_with_its_size_and_none_is_made_up():
    rng = np.random.default_rng(5)
    t = synthetic.epochs(6.0)
    enu_m = np.column_stack([synthetic.component(t, rng, 0.01) for _ in range(3)])
    enu_m[:, 2] += 0.5 * -0.004 * (t - 2013.0) ** 2
    east, north, up = acceleration_test(series_of("S0", t, enu_m))
    assert up.value == pytest.approx(-0.004, abs=4 * up.sigma)
    assert up.probability < 1e-6
    assert min(east.probability, north.probability) > 1e-3


def test_subsidence_that_begins_is_found_with_its_epoch():
    rng = np.random.default_rng(6)
    t = synthetic.epochs(6.0)
    quiet = np.column_stack([synthetic.component(t, rng) for _ in range(3)])
    sinking = quiet.copy()
    sinking[:, 2] -= 0.010 * np.maximum(t - 2013.0, 0.0)
    found = rate_change_test(series_of("S0", t, sinking))
    assert found.value == pytest.approx(-0.010, abs=4 * found.sigma)
    assert found.epoch == pytest.approx(2013.0, abs=0.5)
    assert found.probability < 1e-6
    assert rate_change_test(series_of("S0", t, quiet)).probability > 0.01
    stated = rate_change_test(series_of("S0", t, sinking), epoch=2013.0)
    assert stated.value == pytest.approx(-0.010, abs=4 * stated.sigma)


def test_a_series_too_short_for_a_change_of_rate_says_so():
    t = synthetic.epochs(1.5)
    with pytest.raises(NetworkError, match=r"1\.50 years of S0 hold no change of rate"):
        rate_change_test(series_of("S0", t, np.zeros((len(t), 3))))


def test_a_tilt_is_the_plane_through_the_vertical_rates():
    rng = np.random.default_rng(7)
    places = {f"S{k}": (float(x), float(y)) for k, (x, y) in enumerate(rng.uniform(0, 6e4, (9, 2)))}
    sigma = dict.fromkeys(places, 0.0005)
    rates = {
        name: 1e-7 * x - 0.5e-7 * y + 0.0005 * rng.standard_normal()
        for name, (x, y) in places.items()
    }
    found = tilt_of(places, rates, sigma)
    assert np.all(np.abs(found.slope_per_year - (1e-7, -0.5e-7)) < 4 * found.sigma_per_year)
    assert found.probability < 1e-6
    level = {name: 0.0005 * rng.standard_normal() for name in places}
    assert tilt_of(places, level, sigma).probability > 0.01


def test_one_sinking_station_is_no_tilt_but_a_residual():
    places = {"A": (0.0, 0.0), "B": (1e4, 0.0), "C": (0.0, 1e4), "D": (1e4, 1e4), "E": (5e3, 5e3)}
    rates = {**dict.fromkeys(places, 0.0), "E": -0.010}
    found = tilt_of(places, rates, dict.fromkeys(places, 0.0005))
    assert found.probability > 0.5
    assert min(found.residual_m_per_year, key=found.residual_m_per_year.__getitem__) == "E"


def test_stations_on_a_line_or_too_few_hold_no_plane():
    line = {f"S{k}": (1e4 * k, 2e4 * k) for k in range(5)}
    ones = dict.fromkeys(line, 0.001)
    with pytest.raises(NetworkError, match="lie on one line"):
        tilt_of(line, ones, ones)
    few = dict(list(line.items())[:3])
    with pytest.raises(NetworkError, match="3 stations hold no plane"):
        tilt_of(few, ones, ones)

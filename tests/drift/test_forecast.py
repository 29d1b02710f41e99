import numpy as np
import pytest
from drift.synthetic import component, epochs

from stationd.drift.forecast import forecast
from stationd.drift.model import design
from stationd.drift.noise import NoiseKind, power_law_covariance
from stationd.drift.trajectory import NoEstimateError, fit


def test_a_forecast_is_the_best_linear_prediction_from_the_whole_covariance():
    t = epochs(3)
    t = t[(t < 2011.0) | (t > 2011.3)]
    y_m = component(t, np.random.default_rng(1), 0.02)
    found = fit(t, y_m)
    asked = np.array([2011.15, 2012.9, 2014.0])  # in the gap, amid observations, a year ahead
    weeks = ((asked - 2010) * 365.25 + 0.5).astype(int) // 7
    flicker = found.noise.power_law**2 * power_law_covariance(weeks.max() + 1, 7, -1.0)
    place = found.grid.means.place
    white = found.noise.white_m**2 * np.diag(found.grid.means.white_variance)
    inverse = np.linalg.inv(flicker[np.ix_(place, place)] + white)
    gain = flicker[np.ix_(weeks, place)] @ inverse
    made = forecast(found, asked)
    line = found.predict(asked)
    assert made.value_m == pytest.approx(line.value_m + gain @ found.residual_m, abs=1e-9)
    alone = np.diagonal(flicker)[weeks] - np.diagonal(gain @ flicker[np.ix_(place, weeks)])
    carried = design(found.terms, asked) - gain @ found.grid.design
    line_variance = np.diagonal(carried @ found.covariance @ carried.T)
    # Of a day about its week: white noise, and the flicker noise of seven days.
    days = found.noise.power_law**2 * power_law_covariance(7 * 50, 1, -1.0)[-7:, -7:]
    single = found.noise.white_m**2 + np.trace(days) / 7 - days.mean()
    assert made.sigma_m**2 == pytest.approx(alone + line_variance + single, rel=1e-9)
    assert made.sigma_m[1] < made.sigma_m[2]


def test_observations_of_the_next_months_lie_within_their_sigmas():
    rng = np.random.default_rng(2)
    t = epochs(3.5)
    past = t < 2013.0
    ahead = np.array([2013.02, 2013.1, 2013.25, 2013.48])
    rows = np.searchsorted(t, ahead)
    off = []
    for _ in range(40):
        y_m = component(t, rng, 0.01)
        found = fit(t[past], y_m[past])
        made = forecast(found, t[rows])
        off.append((y_m[rows] - made.value_m) / made.sigma_m)
    size = np.sqrt(np.mean(np.square(off), axis=0))
    assert np.all((size > 0.7) & (size < 1.35))  # forty tell it to a ninth


def test_to_know_the_noise_of_last_week_betters_the_prediction_of_this_one():
    rng = np.random.default_rng(6)
    t = epochs(3)
    past = np.arange(len(t)) < 7 * 154
    line, made = [], []
    for _ in range(60):
        y_m = component(t, rng, 0.01, white_m=0.0003, flicker_m=0.006)
        found = fit(t[past], y_m[past])
        this_week = t[~past][:7]
        line.append(np.mean(y_m[~past][:7] - found.predict(this_week).value_m))
        made.append(np.mean(y_m[~past][:7] - forecast(found, this_week).value_m))
    assert np.std(made) < 0.9 * np.std(line)


def test_a_single_day_of_white_noise_is_as_uncertain_as_it_was():
    t = epochs(4)
    y_m = component(t, np.random.default_rng(3), 0.0, flicker_m=0.0)
    found = fit(t, y_m, None, None, NoiseKind.WHITE)
    made = forecast(found, np.array([2013.0]))
    assert made.sigma_m[0] == pytest.approx(0.001, rel=0.12)


def test_before_the_first_observation_nothing_is_known_of_the_noise():
    t = epochs(2)
    found = fit(t, component(t, np.random.default_rng(4), 0.01))
    made = forecast(found, np.array([2009.0, 2011.0]))
    assert np.isnan(made.sigma_m[0])
    assert np.isfinite(made.sigma_m[1])


def test_a_forecast_of_a_century_is_refused():
    t = epochs(2)
    found = fit(t, component(t, np.random.default_rng(5), 0.01))
    with pytest.raises(NoEstimateError, match="5218 means of 7 days after the first observation"):
        forecast(found, np.array([2110.0]))

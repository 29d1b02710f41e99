import gzip
from datetime import date

import numpy as np
import pytest
from drift.synthetic import FLICKER_M, WHITE_M, component, epochs
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import toeplitz

from stationd.drift.model import Model, Term, Transient
from stationd.drift.noise import NoiseKind, filter_weights
from stationd.drift.trajectory import Fit, NoEstimateError, fit, fit_each

YEAR_DAYS = 365.25


def rms(values) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def many(count: int, years: float, seed: int, **parts):
    """Fit series of a velocity of 10 mm/yr; return errors, sigmas, white, flicker, in metres."""
    rng = np.random.default_rng(seed)
    t = epochs(years)
    found = [fit(t, component(t, rng, 0.01, **parts)) for _ in range(count)]
    errors = np.array([one.velocity_m_per_year - 0.01 for one in found])
    sigmas = np.array([one.sigma_m_per_year for one in found])
    return errors, sigmas, [f.noise.white_m for f in found], [f.noise.power_law for f in found]


def test_sigmas_are_honest_and_flicker_noise_is_recovered():
    errors, sigmas, white, flicker = many(30, 5.0, seed=1)
    # Thirty series tell a ratio to 13 % (one sigma); two hundred are the campaign's.
    assert 0.7 < rms(errors) / rms(sigmas) < 1.3
    assert 0.7 < rms(errors / sigmas) < 1.3
    assert np.mean(flicker) == pytest.approx(FLICKER_M, rel=0.1)
    assert np.mean(white) == pytest.approx(WHITE_M, rel=0.1)


@pytest.mark.campaign
def test_two_hundred_series_of_five_years():
    errors, sigmas, white, flicker = many(200, 5.0, seed=2)
    assert 0.8 < rms(errors) / rms(sigmas) < 1.2
    assert 0.8 < rms(errors / sigmas) < 1.2
    assert np.mean(np.abs(errors) < 1.96 * sigmas) > 0.9
    assert np.mean(flicker) == pytest.approx(FLICKER_M, rel=0.1)
    assert np.mean(white) == pytest.approx(WHITE_M, rel=0.1)


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("years", "up", "least_m_per_year"),
    # What least squares gives that is told the noise: no linear unbiased estimate has less.
    [
        (3, False, 0.282e-3),
        (5, False, 0.165e-3),
        (10, False, 0.081e-3),
        (3, True, 1.012e-3),
        (5, True, 0.594e-3),
        (10, True, 0.291e-3),
    ],
)
def test_velocities_are_as_accurate_as_with_noise_that_is_known(years, up, least_m_per_year):
    vertical = {"white_m": 0.0035, "flicker_m": 0.009, "annual_m": 0.005} if up else {}
    errors, sigmas, *_ = many(200, years, seed=years, **vertical)
    assert rms(errors) < 1.1 * least_m_per_year  # two hundred tell it to 5 %
    assert 0.8 < rms(errors) / rms(sigmas) < 1.2


def test_the_rate_of_canp_is_est_noise_s(real_data):
    rows = [
        line.split()
        for line in gzip.decompress((real_data / "timeseries" / "canp.e.gz").read_bytes())
        .decode()
        .splitlines()
    ]

    def decimal(year: str, day: str) -> float:
        days = date(int(year), 1, 1).toordinal() - date(2000, 1, 1).toordinal() + float(day) - 1
        return 2000 + days / YEAR_DAYS

    offsets = (real_data / "timeseries" / "canp.off").read_text().splitlines()
    steps = tuple(decimal(*line.split()) for line in offsets)
    t = np.array([decimal(*row[:2]) for row in rows])
    y_m = np.array([float(row[2]) for row in rows]) / 1000
    # As est_noise was told: logarithms after the earthquakes, another rate before 2007.33.
    model = Model(
        steps=steps,
        rate_changes=(decimal("2007", "120"),),
        transients=tuple(Transient(epoch, "log", 0.0054) for epoch in steps),
    )
    found = fit(t, y_m, None, model, NoiseKind.WHITE_POWER_LAW)
    after, before = found.velocity_at(2014.0), found.velocity_at(2001.0)
    assert after.value == pytest.approx(-12.7875e-3, abs=0.379e-3)
    assert before.value == pytest.approx(-12.7875e-3 + 1.9221e-3, abs=0.6e-3)
    assert 0.15e-3 < after.sigma < 0.6e-3  # est_noise's is 0.379 mm/yr
    offset = {epoch: estimate.value for epoch, estimate in found.steps}
    assert offset[steps[0]] == pytest.approx(-7.8242e-3, abs=0.79e-3)
    assert offset[steps[1]] == pytest.approx(23.0975e-3, abs=0.886e-3)
    cosine = found.estimate(Term("annual cosine"))
    sine = found.estimate(Term("annual sine"))
    assert np.hypot(cosine.value, sine.value) == pytest.approx(0.85e-3, abs=0.0911e-3)
    flicker = fit(t, y_m, None, model)
    # est_noise found flicker noise and random walk: flicker alone does not whiten the series.
    assert found.noise.index < -1.3
    assert found.noise.log_likelihood > flicker.noise.log_likelihood + 5
    assert found.whiteness.portmanteau_p > 0.01 > flicker.whiteness.portmanteau_p


def test_hector_finds_the_same_in_the_same_series():
    # Printed by hector-ts 3.2.0 (Machiel Bos), daily, FlickerGGM + White, for these very series:
    # trend, its sigma, step, its sigma, flicker, white; millimetres.
    printed = [
        (10.047, 0.081, 9.98, 0.39, 2.2643, 1.0401),
        (9.877, 0.088, 9.93, 0.42, 2.4766, 0.9980),
        (10.063, 0.091, 9.81, 0.43, 2.5658, 0.9773),
    ]
    rng = np.random.default_rng(77)
    t = epochs(12)
    for trend, trend_sigma, step, step_sigma, flicker, white in printed:
        y_m = component(t, rng, 0.01, steps=[(2015.0, 0.01)])
        found = fit(t, y_m, None, Model(steps=(2015.0,)))
        # Weeks instead of days: what they know less is a part of a sigma.
        assert found.velocity_m_per_year == pytest.approx(trend / 1e3, abs=0.5 * trend_sigma / 1e3)
        assert found.sigma_m_per_year == pytest.approx(trend_sigma / 1e3, rel=0.2)
        ((_, offset),) = found.steps
        assert offset.value == pytest.approx(step / 1e3, abs=0.5 * step_sigma / 1e3)
        assert offset.sigma == pytest.approx(step_sigma / 1e3, rel=0.2)
        assert found.noise.power_law == pytest.approx(flicker / 1e3, rel=0.1)
        assert found.noise.white_m == pytest.approx(white / 1e3, rel=0.15)


def dense(found: Fit, t, y_m, model: Model):
    """Return design, observations, and covariance of the weekly means, all made day by day."""
    first = t.min()
    day = np.rint((t - first) * YEAR_DAYS).astype(int)
    week = day // 7
    weeks = np.unique(week)
    picked = np.zeros((len(weeks), len(t)))
    whole = np.zeros((len(weeks), 7 * (week.max() + 1)))
    for row, number in enumerate(weeks):
        picked[row, week == number] = 1 / np.count_nonzero(week == number)
        whole[row, 7 * number : 7 * number + 7] = 1 / 7
    weights = filter_weights(whole.shape[1], -1.0)
    remembered = whole @ np.tril(toeplitz(weights))
    flicker = found.noise.power_law**2 * remembered @ remembered.T / np.sqrt(YEAR_DAYS)
    white = found.noise.white_m**2 * picked @ picked.T
    middle = found.terms[0].epoch
    phase = 2 * np.pi * t
    columns = [np.ones_like(t), t - middle, np.cos(phase), np.sin(phase)]
    columns += [np.cos(2 * phase), np.sin(2 * phase)]
    columns += [(t >= step) * 1.0 for step in model.steps]
    return picked @ np.stack(columns, axis=1), picked @ y_m, white + flicker


def test_the_estimate_is_that_of_least_squares_with_the_whole_covariance():
    rng = np.random.default_rng(6)
    t = epochs(3)
    t = t[(rng.random(len(t)) < 0.7) & ~((t > 2011.2) & (t < 2011.6))]
    model = Model(steps=(2012.00005,))
    y_m = component(t, rng, 0.02, steps=[(2012.00005, 0.008)])
    found = fit(t, y_m, None, model)
    design, observed, covariance = dense(found, t, y_m, model)
    inverse = np.linalg.inv(covariance)
    unit = np.linalg.inv(design.T @ inverse @ design)
    parameters = unit @ design.T @ inverse @ observed
    sigma = np.sqrt(np.diagonal(unit))
    assert np.abs((found.parameters - parameters) / sigma).max() < 0.1  # averaged over the noise
    assert np.sqrt(np.diagonal(found.covariance)) == pytest.approx(sigma, rel=0.15)
    # Scaled by the restricted likelihood: residuals have the weight that they should.
    rest = observed - design @ parameters
    assert rest @ inverse @ rest == pytest.approx(len(observed) - len(parameters), rel=1e-6)


def test_no_other_mixture_of_noise_is_likelier():
    t = epochs(3)
    y_m = component(t, np.random.default_rng(3), 0.02)
    found = fit(t, y_m)

    def log_likelihood(white_ratio: float, flicker_ratio: float) -> float:
        noise = found.noise
        design, observed, flicker = dense(found, t, y_m, Model())
        white = np.diag(noise.white_m**2 / np.bincount(np.arange(len(t)) // 7))
        covariance = white_ratio**2 * white + flicker_ratio**2 * (flicker - white)
        inverse = np.linalg.inv(covariance)
        normal = design.T @ inverse @ design
        rest = observed - design @ np.linalg.solve(normal, design.T @ inverse @ observed)
        determinants = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(normal)[1]
        return -0.5 * (determinants + rest @ inverse @ rest)

    top = log_likelihood(1, 1)
    for white_ratio, flicker_ratio in ((1.05, 1), (0.95, 1), (1, 1.1), (1, 0.9), (1.04, 0.9)):
        assert log_likelihood(white_ratio, flicker_ratio) < top


def test_every_term_is_recovered_without_noise():
    t = epochs(8)
    model = Model(
        steps=(2012.0001,),
        acceleration=True,
        rate_changes=(2016.0001,),
        transients=(Transient(2012.0001, "log", 0.5), Transient(2014.0001, "exp", 0.3)),
        reference_years=2010.0,
    )
    since = np.maximum(t - 2012.0001, 0)
    y_m = 3.0 + 0.02 * (t - 2010) + 0.5 * 0.001 * (t - 2010) ** 2
    y_m += 0.004 * np.cos(2 * np.pi * t) - 0.003 * np.sin(2 * np.pi * t)
    y_m += 0.001 * np.cos(4 * np.pi * t) + 0.002 * np.sin(4 * np.pi * t)
    y_m += 0.05 * (t >= 2012.0001) + 0.01 * np.log1p(since / 0.5)
    y_m += 0.02 * (1 - np.exp(-np.maximum(t - 2014.0001, 0) / 0.3))
    y_m += -0.007 * np.maximum(t - 2016.0001, 0)
    found = fit(t, y_m, None, model)
    values = [3.0, 0.02, 0.001, 0.004, -0.003, 0.001, 0.002, 0.05, -0.007, 0.01, 0.02]
    assert found.parameters == pytest.approx(values, abs=1e-8)
    assert found.velocity_m_per_year == pytest.approx(0.02, abs=1e-8)
    assert found.velocity_at(2017.5).value == pytest.approx(0.02 + 0.0075 - 0.007, abs=1e-8)
    assert found.predict(t).value_m == pytest.approx(y_m, abs=1e-7)


def test_components_fitted_together_are_as_each_alone():
    rng = np.random.default_rng(12)
    t = epochs(3)
    y_m = np.stack([component(t, rng, v) for v in (0.03, -0.01, 0.001)], axis=1)
    for place, together in enumerate(fit_each(t, y_m)):
        alone = fit(t, y_m[:, place])
        assert together.velocity_m_per_year == pytest.approx(alone.velocity_m_per_year, abs=1e-9)
        assert together.noise.power_law == pytest.approx(alone.noise.power_law, rel=1e-6)


@pytest.mark.parametrize("index", [-0.6, -1.0, -1.6])
def test_a_free_index_is_recovered(index):
    rng = np.random.default_rng(21)
    t = epochs(6)
    made = [component(t, rng, 0.01, flicker_m=0.004, index=index) for _ in range(6)]
    found = [fit(t, y_m, None, None, NoiseKind.WHITE_POWER_LAW) for y_m in made]
    off = np.array([one.noise.index - index for one in found])
    sigmas = np.array([one.noise.index_sigma for one in found])
    assert abs(off.mean()) < 0.2
    assert rms(off / sigmas) < 1.8
    errors = np.array([one.velocity_m_per_year - 0.01 for one in found])
    assert rms(errors / [one.sigma_m_per_year for one in found]) < 1.6


def test_white_noise_is_fitted_as_such_and_flicker_shows_in_its_residuals():
    rng = np.random.default_rng(5)
    t = epochs(5)
    white = component(t, rng, 0.01, flicker_m=0.0)
    found = fit(t, white, None, None, NoiseKind.WHITE)
    assert found.noise.white_m == pytest.approx(WHITE_M, rel=0.1)
    assert found.noise.power_law == 0.0
    assert found.whiteness.portmanteau_p > 0.01
    flicker = component(t, rng, 0.01)
    as_white = fit(t, flicker, None, None, NoiseKind.WHITE)
    as_flicker = fit(t, flicker)
    assert as_white.whiteness.lag_one > 0.3
    assert as_white.whiteness.portmanteau_p < 1e-6
    assert abs(as_flicker.whiteness.lag_one) < 3 / np.sqrt(len(as_flicker.t_years))
    assert as_flicker.whiteness.portmanteau_p > 0.01
    # White noise alone would promise a velocity five times too good (Mao et al. 1999).
    assert as_flicker.sigma_m_per_year > 4 * as_white.sigma_m_per_year


def test_rows_in_disorder_and_without_coordinate_change_nothing():
    rng = np.random.default_rng(9)
    t = epochs(3)
    y_m = component(t, rng, 0.01)
    expected = fit(t, y_m)
    order = rng.permutation(len(t) + 2)
    shuffled = fit(np.append(t, [2011.3, np.nan])[order], np.append(y_m, [np.nan, 5.0])[order])
    assert shuffled.velocity_m_per_year == pytest.approx(expected.velocity_m_per_year, abs=1e-12)


def test_a_gap_of_years_is_no_obstacle():
    rng = np.random.default_rng(10)
    t = epochs(9)
    y_m = component(t, rng, 0.01)
    kept = (t < 2012) | (t > 2016.5)
    found = fit(t[kept], y_m[kept])
    assert found.velocity_m_per_year == pytest.approx(0.01, abs=3 * found.sigma_m_per_year)
    assert found.sigma_m_per_year < 0.2e-3


def test_an_observation_of_great_sigma_weighs_little():
    rng = np.random.default_rng(11)
    t = epochs(2)
    y_m = component(t, rng, 0.01)
    sigma_m = np.full(len(t), 0.002)
    clean = fit(t, y_m, sigma_m)
    wrong = y_m.copy()
    wrong[::50] += 0.5
    sigma_m[::50] = 2.0
    assert fit(t, wrong, sigma_m).velocity_m_per_year == pytest.approx(
        clean.velocity_m_per_year, abs=clean.sigma_m_per_year
    )
    assert fit(t, wrong).sigma_m_per_year > 10 * clean.sigma_m_per_year


def test_daily_means_give_what_weekly_ones_do():
    t = epochs(2.5)
    y_m = component(t, np.random.default_rng(13), 0.01)
    weekly, daily = fit(t, y_m), fit(t, y_m, days_per_bin=1)
    assert len(daily.t_years) == len(t)
    assert daily.velocity_m_per_year == pytest.approx(
        weekly.velocity_m_per_year, abs=0.5 * weekly.sigma_m_per_year
    )
    assert daily.sigma_m_per_year == pytest.approx(weekly.sigma_m_per_year, rel=0.25)
    assert daily.noise.power_law == pytest.approx(weekly.noise.power_law, rel=0.25)


def test_the_day_of_a_step_is_of_neither_side():
    t = epochs(3)
    y_m = component(t, np.random.default_rng(14), 0.01)
    epoch = float(t[500])
    y_m[500:] += 0.02
    y_m[500] += 5.0
    ((_, offset),) = fit(t, y_m, None, Model(steps=(epoch,))).steps
    assert offset.value == pytest.approx(0.02, abs=4 * offset.sigma)
    assert offset.sigma < 0.002


def test_a_step_that_cannot_be_told_from_others_is_unknown_and_the_velocity_is_not():
    t = epochs(4)
    t = t[(t < 2012) | (t > 2012.5)]
    y_m = component(t, np.random.default_rng(15), 0.01, steps=[(2012.1, 0.02)])
    plain = fit(t, y_m, None, Model(steps=(2012.1,)))
    found = fit(t, y_m, None, Model(steps=(2012.1, 2012.3, 2001.0, 2030.0)))
    offsets = dict(found.steps)
    assert offsets[2012.1].value == pytest.approx(0.02, abs=4 * offsets[2012.1].sigma)
    for epoch in (2012.3, 2001.0, 2030.0):
        assert np.isnan(offsets[epoch].value)
        assert np.isnan(offsets[epoch].sigma)
    assert found.velocity_m_per_year == pytest.approx(plain.velocity_m_per_year, abs=1e-9)
    assert np.isfinite(found.predict(t).sigma_m).all()


def test_a_prediction_is_less_certain_the_farther_it_is():
    t = epochs(4)
    y_m = component(t, np.random.default_rng(16), 0.01)
    found = fit(t, y_m)
    ahead = found.predict(np.array([2012.0, 2015.0, 2020.0, 2030.0]))
    assert np.all(np.diff(ahead.sigma_m) > 0)
    velocity = found.velocity_m_per_year
    assert ahead.value_m[3] - ahead.value_m[2] == pytest.approx(10 * velocity, abs=1e-9)


@pytest.mark.parametrize(
    ("t", "sentence"),
    [
        (np.array([]), "no observation with a coordinate and an epoch"),
        (np.array([2010.0]), "1 means of 7 days, 7 needed for 1 parameters"),
        (2010 + np.arange(30) / 365.25, "5 means of 7 days, 11 needed for 5 parameters"),
        (np.linspace(1990, 2070, 4000), "4175 means of 7 days over the span, 4000 at most"),
    ],
)
def test_too_little_and_too_much_are_said(t, sentence):
    with pytest.raises(NoEstimateError, match=sentence):
        fit(t, np.zeros(len(t)))


def test_a_series_that_never_moves_has_no_velocity_and_no_noise():
    t = epochs(2)
    for noise in NoiseKind:
        found = fit(t, np.full(len(t), 7.0), None, None, noise)
        assert found.velocity_m_per_year == pytest.approx(0, abs=1e-12)
        assert found.predict(t).value_m == pytest.approx(7.0, abs=1e-12)
        assert found.noise.white_m < 1e-12


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3000), max_size=60),
    st.lists(st.integers(-100, 3100), max_size=4),
    st.sampled_from(NoiseKind),
    st.integers(0, 99),
)
def test_any_epochs_and_steps_give_an_estimate_or_a_reason(days, step_days, noise, seed):
    t = 2010 + np.array(days, float) / YEAR_DAYS
    y_m = np.random.default_rng(seed).standard_normal(len(t))
    steps = tuple(2010 + day / YEAR_DAYS for day in step_days)
    try:
        found = fit(t, y_m, None, Model(steps=steps, annual=False, semi_annual=False), noise)
    except NoEstimateError:
        # Eight weeks carry offset and velocity; a step takes one more, and may take its own day.
        weeks = {(day - min(days)) // 7 for day in days}
        assert len(weeks) < 8 + 2 * len(steps)
        return
    assert np.isfinite(found.velocity_m_per_year)
    assert 0 < found.sigma_m_per_year < np.inf
    assert np.isfinite(found.residual_m).all()

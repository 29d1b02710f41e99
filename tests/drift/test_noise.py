import math

import numpy as np
import pytest
from drift.synthetic import power_law
from scipy.linalg import toeplitz

from stationd.drift.noise import filter_weights, power_law_covariance

YEAR_DAYS = 365.25


@pytest.mark.parametrize("index", [-0.4, -1.0, -1.7, -2.0])
@pytest.mark.parametrize("days", [1, 7])
def test_the_covariance_of_means_is_that_of_all_days_averaged(index, days):
    bins = 40
    weights = filter_weights(bins * days, index)
    transform = np.tril(toeplitz(weights))
    averaging = np.kron(np.eye(bins), np.full((1, days), 1 / days))
    by_days = averaging @ transform @ transform.T @ averaging.T * YEAR_DAYS ** (index / 2)
    assert power_law_covariance(bins, days, index) == pytest.approx(by_days, rel=1e-10)


def test_an_index_of_minus_two_is_a_random_walk():
    days = np.arange(1, 101)
    walk = np.minimum.outer(days, days) / YEAR_DAYS  # of 1 m in a root year
    assert power_law_covariance(100, 1, -2.0) == pytest.approx(walk, rel=1e-12)


def test_flicker_noise_grows_as_landau_s_constants_do():
    # The sum of squared weights after n days is Landau's constant; Watson (1930): asymptotically
    # (ln(n + 1) + Euler's constant + 4 ln 2) / pi.
    variance = np.diagonal(power_law_covariance(1000, 1, -1.0)) * math.sqrt(YEAR_DAYS)
    for n in (100, 999):
        landau = (math.log(n + 1) + 0.5772156649 + 4 * math.log(2)) / math.pi
        assert variance[n] == pytest.approx(landau, rel=1e-3)


def test_noise_with_a_mean_is_correlated_as_hosking_found():
    # Hosking (1981), theorem 1: variance and correlation of the stationary process, d = 1/4.
    d = 0.25
    covariance = power_law_covariance(3000, 1, -2 * d) * YEAR_DAYS**d
    variance = math.gamma(1 - 2 * d) / math.gamma(1 - d) ** 2
    assert covariance[-1, -1] == pytest.approx(variance, rel=0.01)
    for lag in (1, 5, 20):
        ratio = math.exp(math.lgamma(lag + d) - math.lgamma(lag + 1 - d))
        correlation = math.gamma(1 - d) / math.gamma(d) * ratio
        assert covariance[-1, -1 - lag] / covariance[-1, -1] == pytest.approx(correlation, rel=0.03)


def test_noise_made_by_fourier_transforms_has_the_covariance():
    rng = np.random.default_rng(4)
    made = np.array([power_law(140, 1.0, rng) for _ in range(4000)])
    sampled = np.cov(made.reshape(4000, 20, 7).mean(axis=2).T)
    expected = power_law_covariance(20, 7, -1.0)
    assert sampled == pytest.approx(expected, abs=4 * expected.max() / math.sqrt(4000))

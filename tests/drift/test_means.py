import numpy as np
import pytest

from stationd.drift.means import means

T = 2020 + np.array([0, 1, 2, 6, 7, 13, 29]) / 365.25


def test_days_go_into_weeks_from_the_first_epoch_on():
    laid = means(T, None, 7)
    assert laid.place.tolist() == [0, 1, 4]
    assert laid.of(np.arange(7.0)).tolist() == [1.5, 4.5, 6.0]
    assert laid.white_variance.tolist() == [0.25, 0.5, 1.0]
    assert laid.t_years[0] == pytest.approx(2020 + 9 / 4 / 365.25)


def test_a_table_is_averaged_column_by_column():
    table = np.stack([np.arange(7.0), np.ones(7)], axis=1)
    assert means(T, None, 7).of(table).tolist() == [[1.5, 1], [4.5, 1], [6, 1]]


def test_decimal_years_of_four_digits_stay_on_their_day():
    days = np.arange(4000)
    exact = 2010 + days / 365.25
    assert means(np.round(exact, 4), None, 1).place.tolist() == days.tolist()


def test_an_observation_weighs_by_its_sigma_relative_to_the_median_one():
    sigma_m = np.array([0.002, 0.001, 0.002, np.nan, 0.0, 0.004, 0.002])
    laid = means(T, sigma_m, 7)
    # Median 2 mm; the second counts fourfold, the unknown ones as the median.
    assert laid.of(np.arange(7.0))[0] == pytest.approx((0 + 4 * 1 + 2 + 3) / 7)
    assert laid.white_variance == pytest.approx([1 / 7, 1 / 1.25, 1])


def test_no_sigma_known_is_as_none_given():
    assert means(T, np.full(7, np.nan), 7).white_variance.tolist() == [0.25, 0.5, 1.0]

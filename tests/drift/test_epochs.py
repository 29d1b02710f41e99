"""Decimal years, days and MJD against figures that formats and almanacs state."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationd.drift import epochs


@pytest.mark.parametrize(
    ("day", "mjd"),
    # Explanatory Supplement to the Astronomical Almanac; and lines of NGL's and UNAVCO's files.
    [("1858-11-17", 0), ("1980-01-06", 44244), ("2000-01-01", 51544), ("2006-03-01", 53795)],
)
def test_the_mjd_of_a_date_is_that_of_the_almanac(day: str, mjd: int):
    assert epochs.mjd_of_date(date.fromisoformat(day)) == mjd
    assert epochs.date_of_mjd(mjd + 0.99) == date.fromisoformat(day)
    assert epochs.mjd_of_iso(day) == (mjd, False)


@pytest.mark.parametrize(
    ("code", "mjd", "year"),
    # Day, MJD and decimal year of lines of P123, DUTC and HLNA.
    [("06MAR01", 53795, 2006.1629), ("14APR02", 56749, 2014.2505), ("96AUG01", 50296, 1996.5832)],
)
def test_the_decimal_year_of_ngl_is_the_julian_year_of_noon(code: str, mjd: int, year: float):
    assert epochs.mjd_of_ngl_day(code) == mjd
    assert epochs.ngl_day(mjd + 0.5) == code
    assert round(epochs.julian_year(mjd + epochs.NOON_DAYS), 4) == year


def test_the_decimal_year_of_gipsyx_is_a_julian_year():
    # 1997 6 1 11:57:30, -81 561 750 s from J2000.0, is written 1997.41546410.
    mjd = epochs.J2000_MJD - 81_561_750 / 86_400
    assert epochs.mjd_of_iso("1997-06-01T11:57:30")[0] == pytest.approx(mjd, abs=1e-9)
    assert epochs.julian_year(mjd) == pytest.approx(1997.41546410, abs=5e-9)


def test_the_decimal_year_of_a_tms_is_that_of_the_calendar():
    # 2023-05-31 is written 2023.41233 (noon), 2024-01-30 2024.07924 (midnight, a leap year).
    # The second file's years are a minute late, so its fifth digit is now and then the next.
    assert epochs.calendar_year(60095.5) == pytest.approx(2023.41233, abs=5e-6)
    assert epochs.calendar_year(60339.0) == pytest.approx(2024.07924, abs=1e-5)
    assert epochs.mjd_of_calendar_year(2024.5) == epochs.mjd_of_iso("2024-07-02")[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("23:160:43200", "2023-06-09T12:00"),
        ("2023:160:43200", "2023-06-09T12:00"),
        ("50:001:00000", "2050-01-01"),
        ("51:001:00000", "1951-01-01"),
        ("00:366:00000", "2000-12-31"),
    ],
)
def test_sinex_epochs_have_two_or_four_digits_of_a_year(text: str, moment: str):
    assert epochs.mjd_of_sinex(text) == epochs.mjd_of_iso(moment)[0]


def test_a_sinex_epoch_of_zeros_is_open():
    assert epochs.mjd_of_sinex("00:000:00000") is None


@pytest.mark.parametrize("text", ["23:366:00000", "23:160", "a:b:c", "23:160:-0001", ""])
def test_a_sinex_epoch_that_is_none_is_refused(text: str):
    with pytest.raises(ValueError, match="no "):
        epochs.mjd_of_sinex(text)


@pytest.mark.parametrize("code", ["06MAR32", "06FOO01", "6MAR01", "06mar01", "xxMARyy"])
def test_a_day_of_ngl_that_is_none_is_refused(code: str):
    with pytest.raises(ValueError, match=r"no day|out of range"):
        epochs.mjd_of_ngl_day(code)


@given(st.floats(min_value=40_000, max_value=80_000))
def test_decimal_years_turn_back_to_within_a_millisecond(mjd: float):
    assert epochs.mjd_of_julian_year(epochs.julian_year(mjd)) == pytest.approx(mjd, abs=1e-8)
    assert epochs.mjd_of_calendar_year(epochs.calendar_year(mjd)) == pytest.approx(mjd, abs=1e-8)
    assert epochs.mjd_of_ngl_day(epochs.ngl_day(mjd)) == mjd // 1 or mjd < 44239

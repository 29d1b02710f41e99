"""Time scales against published instants."""

from datetime import UTC, datetime

import pytest

from stationd.gnss.time import (
    BDT_EPOCH_WEEK,
    gpst_from_utc,
    gpst_of_epoch,
    leap_seconds,
    utc_from_gpst,
    utc_from_mjd,
)
from stationd.units import SECONDS_PER_WEEK


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "gpst_s"),
    [
        ("1980-01-06T00:00:00", 0),
        # IS-GPS-200: the first week rollover; week 1024 began 13 leap seconds before 1999-08-22.
        ("1999-08-21T23:59:47", 1024 * SECONDS_PER_WEEK),
        ("2019-04-06T23:59:42", 2048 * SECONDS_PER_WEEK),
        # IERS Bulletin C 52: UTC-TAI = -37 s from 2017-01-01.
        ("2017-01-01T00:00:00", 1_167_264_018),
        ("2016-12-31T23:59:59", 1_167_264_016),
        # BeiDou ICD: BDT began at 2006-01-01 00:00:00 UTC, 14 s behind GPS time.
        ("2006-01-01T00:00:00", BDT_EPOCH_WEEK * SECONDS_PER_WEEK + 14),
    ],
)
def test_gps_time_agrees_with_published_instants(text, gpst_s):
    assert gpst_from_utc(utc(text)) == gpst_s
    assert utc_from_gpst(gpst_s) == utc(text)


def test_a_leap_second_repeats_its_utc_as_unix_time_does():
    assert utc_from_gpst(1_167_264_017) == utc("2017-01-01T00:00:00")
    assert leap_seconds(utc("2016-12-31T23:59:59")) == 17


def test_a_modified_julian_date_is_a_day():
    assert utc_from_mjd(51_544, 43_200.0) == utc("2000-01-01T12:00:00")  # J2000.0


@pytest.mark.parametrize("near", ["2024-03-05T11:00:00", "2024-03-06T13:00:00"])
def test_glonass_time_is_moscow_time_of_its_weekday(near):
    # Wednesday 2024-03-06 02:30 UTC is 05:30 in Moscow, the same weekday: 3.
    epoch_s = 5.5 * 3600
    found = gpst_of_epoch("R", epoch_s, 3, gpst_from_utc(utc(near)))
    assert utc_from_gpst(found) == utc("2024-03-06T02:30:00")


def test_glonass_time_after_nine_in_the_evening_belongs_to_the_next_moscow_day():
    # 2024-03-05 22:00 UTC (Tuesday) is 01:00 on Wednesday in Moscow.
    found = gpst_of_epoch("R", 3600.0, 3, gpst_from_utc(utc("2024-03-05T22:00:01")))
    assert utc_from_gpst(found) == utc("2024-03-05T22:00:00")


@pytest.mark.parametrize("day", [None, 7])
def test_glonass_time_without_its_weekday_is_the_nearest_one(day):
    found = gpst_of_epoch("R", 3600.0, day, gpst_from_utc(utc("2024-03-05T21:00:00")))
    assert utc_from_gpst(found) == utc("2024-03-05T22:00:00")


def test_beidou_epochs_are_fourteen_seconds_behind_gps_time():
    near = gpst_from_utc(utc("2024-03-06T00:00:00"))
    assert gpst_of_epoch("C", 1000.0, None, near) - gpst_of_epoch("G", 1000.0, None, near) == 14


def test_an_epoch_just_after_the_rollover_is_dated_in_the_new_week():
    end_of_week = 2048 * SECONDS_PER_WEEK
    assert gpst_of_epoch("G", 0.0, None, end_of_week - 1) == end_of_week
    assert gpst_of_epoch("G", 604_799.0, None, end_of_week) == end_of_week - 1

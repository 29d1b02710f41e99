"""What a stream says of the date is weighed: one wrong message moves nothing."""

from datetime import UTC, datetime

import pytest
from station.rtcm_writing import beidou_ephemeris, gps_ephemeris
from wire.rtcm3.stated_vectors import stated

from stationd.gnss.time import gpst_from_utc
from stationd.station.calendar import Calendar, Rank
from stationd.station.dating import CONVINCED_AFTER, Dating
from stationd.units import SECONDS_PER_WEEK
from stationd.wire.rtcm3.decoders import DECODERS

WEEK = SECONDS_PER_WEEK
NOON = datetime(2024, 8, 21, 12, tzinfo=UTC).timestamp()  # a Wednesday, GPS week 2328
GPS_WEEK = 2328
TOW_S = 3.5 * 86_400 + 18


def day_of(calendar):
    return (calendar.gpst_s - gpst_from_utc(NOON)) / 86_400


def test_what_agrees_changes_nothing_and_what_contradicts_must_insist():
    dating = Dating(Calendar())
    dating.instant(NOON)
    dating.epoch("G", TOW_S, None, 0.0)
    for _ in range(CONVINCED_AFTER - 1):
        dating.instant(NOON + 30 * 86_400)
    assert day_of(dating.calendar) == 0
    dating.instant(NOON)  # agreement wipes the doubt away
    dating.instant(NOON + 30 * 86_400)
    assert day_of(dating.calendar) == 0
    for _ in range(CONVINCED_AFTER):
        dating.instant(NOON + 30 * 86_400)
    assert day_of(dating.calendar) == 30


def test_contradictions_that_do_not_agree_with_each_other_never_convince():
    dating = Dating(Calendar())
    dating.instant(NOON)
    dating.epoch("G", TOW_S, None, 0.0)
    for day in range(20, 2000, 40):
        dating.instant(NOON + day * 86_400)
    assert day_of(dating.calendar) == 0


def test_a_receiver_that_missed_a_week_rollover_never_wins_and_loses_at_once():
    behind = NOON - 1024 * WEEK
    right_first = Dating(Calendar())
    right_first.instant(NOON)
    for _ in range(100):
        right_first.instant(behind)
    assert day_of(right_first.calendar) == 0
    wrong_first = Dating(Calendar())
    wrong_first.instant(behind)
    wrong_first.instant(NOON)
    assert day_of(wrong_first.calendar) == 0


@pytest.mark.parametrize("utc_s", [0.0, -1e12, 946_684_800.0, 4.2e9, float("inf"), float("nan")])
def test_absurd_dates_are_refused(utc_s):
    dating = Dating(Calendar())
    assert not dating.instant(utc_s)
    assert dating.calendar.rank is None


def test_the_week_of_an_ephemeris_is_put_together_with_the_time_of_the_newest_epoch():
    dating = Dating(Calendar())
    dating.epoch("G", TOW_S, None, 0.0)
    assert dating.ephemeris(DECODERS[1042](beidou_ephemeris(GPS_WEEK - 1356, 302_400 - 7200)))
    assert dating.calendar.gpst_s == GPS_WEEK * WEEK + TOW_S
    assert dating.calendar.rank is Rank.STREAM


def test_at_the_end_of_a_week_an_ephemeris_of_the_next_one_decides_nothing():
    dating = Dating(Calendar())
    dating.epoch("G", WEEK - 600.0, None, 0.0)
    dating.ephemeris(DECODERS[1019](gps_ephemeris(GPS_WEEK % 1024, 0)))
    assert dating.calendar.rank is None
    dating.ephemeris(DECODERS[1019](gps_ephemeris(GPS_WEEK % 1024, WEEK - 7200)))
    assert dating.calendar.gpst_s == GPS_WEEK * WEEK + WEEK - 600
    assert dating.calendar.rank is Rank.TEN_BIT_WEEK


def test_a_ten_bit_week_yields_to_a_full_date_and_never_outranks_it():
    dating = Dating(Calendar())
    dating.ephemeris(DECODERS[1019](gps_ephemeris(GPS_WEEK % 1024, 7200)))
    assert dating.calendar.rank is Rank.TEN_BIT_WEEK
    dating.instant(NOON)
    for _ in range(10):
        dating.ephemeris(DECODERS[1019](gps_ephemeris(100, 7200)))
    assert day_of(dating.calendar) == 0


def test_a_silence_of_weeks_is_carried_by_the_monotonic_clock():
    dating = Dating(Calendar())
    dating.instant(NOON)
    dating.epoch("G", TOW_S, None, 1000.0)
    gpst_s = dating.epoch("G", TOW_S, None, 1000.0 + 2 * WEEK)
    assert gpst_s == (GPS_WEEK + 2) * WEEK + TOW_S


def test_glonass_says_the_day_by_its_four_years():
    """The stated 1020 is of the morning on which its neighbours 1013 and 1029 were sent."""
    dating = Dating(Calendar())
    dating.ephemeris(DECODERS[1020](stated(1020)))
    assert dating.calendar.rank is Rank.STREAM
    tb_utc_s = datetime(2019, 1, 25, 2, 45, tzinfo=UTC).timestamp()
    assert dating.calendar.gpst_s == gpst_from_utc(tb_utc_s)


@pytest.mark.parametrize(("number", "day"), [(1042, "2019-10-03"), (1045, "2019-10-03")])
def test_stated_ephemerides_of_one_hour_are_of_one_day_in_their_own_week_counts(number, day):
    dating = Dating(Calendar())
    dating.ephemeris(DECODERS[number](stated(number)))
    gps_day = datetime(1980, 1, 6, tzinfo=UTC).timestamp() + dating.calendar.gpst_s
    assert str(datetime.fromtimestamp(gps_day, UTC).date()) == day

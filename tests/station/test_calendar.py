"""Dates come from evidence, by rank, and never from the machine that replays."""

from stationd.gnss.time import gpst_from_utc
from stationd.station.calendar import Calendar, Rank
from stationd.units import SECONDS_PER_WEEK

OCTOBER_2012 = 1_350_172_800.0  # 2012-10-14 00:00 UTC, GPS week 1710


def test_without_evidence_an_epoch_has_no_date():
    assert Calendar().date("G", 100.0, None) is None


def test_a_ten_bit_week_is_dated_in_the_years_of_msm():
    calendar = Calendar()
    calendar.note_ten_bit_week(1710 % 1024, 16.0)
    assert calendar.date("G", 16.0, None) == 1710 * SECONDS_PER_WEEK + 16.0
    later = Calendar()
    later.note_ten_bit_week(2444 % 1024, 0.0)
    assert later.date("G", 0.0, None) == 2444 * SECONDS_PER_WEEK


def test_a_full_date_in_the_stream_outranks_the_host_clock_and_yields_to_a_trusted_one():
    calendar = Calendar()
    calendar.note_utc(0.0, Rank.HOST_CLOCK)  # a board without a battery boots in 1970
    calendar.note_utc(OCTOBER_2012, Rank.STREAM)
    calendar.note_utc(0.0, Rank.HOST_CLOCK)
    assert calendar.date("G", 16.0, None) == gpst_from_utc(OCTOBER_2012)
    calendar.note_utc(OCTOBER_2012 + 7 * 86_400, Rank.TRUSTED)
    calendar.note_utc(OCTOBER_2012, Rank.STREAM)
    assert calendar.date("G", 16.0, None) == gpst_from_utc(OCTOBER_2012) + SECONDS_PER_WEEK


def test_one_piece_of_evidence_carries_through_weeks_of_epochs():
    calendar = Calendar()
    calendar.note_utc(OCTOBER_2012, Rank.STREAM)
    for day in range(1, 40):
        dated = calendar.date("G", (day * 86_400 + 16) % SECONDS_PER_WEEK, None)
        assert dated == gpst_from_utc(OCTOBER_2012) + day * 86_400

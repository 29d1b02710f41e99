"""Weighs what a stream says of the date, so that one wrong message does not move every epoch.

Receivers are wrong about dates in known ways: before their first fix they send the day their clock
began; one that missed a week rollover is 1024 weeks behind; ephemerides are resent after their
week is over. So the first evidence is taken, what agrees with it changes nothing, and what
contradicts it must do so several times in a row, a missed rollover excepted: there the later date
is right, always.
"""

from typing import Final

from stationd.gnss.ephemerides import GlonassEphemeris, KeplerEphemeris
from stationd.gnss.time import (
    BDT_EPOCH_WEEK,
    BDT_OFFSET_S,
    GST_EPOCH_WEEK,
    MOSCOW_OFFSET_S,
    full_week,
    gpst_from_utc,
)
from stationd.station.calendar import TEN_BIT_WEEK_BEGIN, TEN_BITS, Calendar, Rank
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

EARLIEST_UTC_S: Final = 1_072_915_200.0  # 2004-01-01: RTCM 3 is of February 2004
LATEST_UTC_S: Final = 4_102_444_800.0  # 2100-01-01
CONVINCED_AFTER: Final = 3  # contradictions in a row
AGREES_S: Final = SECONDS_PER_WEEK / 2  # nearer than that, epochs are dated the same
ROLLOVER_SLACK_WEEKS: Final = 2.0
CARRIED_AFTER_S: Final = 3600.0  # a longer silence is added to the date

# Where GLONASS counts its four years from: 1996-01-01 of Moscow time (GLONASS ICD 5.1, 4.5).
_GLONASS_ORIGIN_UTC_S: Final = 820_454_400.0 - MOSCOW_OFFSET_S
_FOUR_YEARS_DAYS: Final = 1461
# Constellation -> weeks and seconds from its own week count to that of GPS time.
_WEEK_ORIGIN: Final = {
    "G": (0, 0),
    "J": (0, 0),
    "S": (0, 0),  # a 1019 can name one: DF009 above 32
    "I": (0, 0),  # began with GPS week 1024, so ten bits read the same
    "E": (GST_EPOCH_WEEK, 0),
    "C": (BDT_EPOCH_WEEK, BDT_OFFSET_S),
}


class Dating:
    """Dates the epochs of one stream by a calendar, to which it brings the stream's evidence."""

    __slots__ = ("_doubted_gpst_s", "_doubts", "_of_week_s", "_seen_s", "calendar")

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._of_week_s: float | None = None  # of the newest epoch, in GPS time
        self._seen_s: float | None = None  # when the newest epoch came, monotonic
        self._doubts = 0
        self._doubted_gpst_s = 0.0

    @property
    def wanted(self) -> bool:
        """Whether nothing as good as a date in the stream is held yet."""
        return self.calendar.rank is None or self.calendar.rank < Rank.STREAM

    def epoch(
        self, letter: str, epoch_s: float, day_of_week: int | None, monotonic_s: float
    ) -> float | None:
        """Return GPS time of an epoch (as `Calendar.date`), None where it cannot be known."""
        calendar = self.calendar
        if letter != "R":
            self._of_week_s = epoch_s + (BDT_OFFSET_S if letter == "C" else 0)
        if self._seen_s is not None and calendar.gpst_s is not None and calendar.rank is not None:
            silence_s = monotonic_s - self._seen_s
            if silence_s > CARRIED_AFTER_S:
                calendar.note(calendar.gpst_s + silence_s, calendar.rank)
        self._seen_s = monotonic_s
        return calendar.date(letter, epoch_s, day_of_week)

    def instant(self, utc_s: float) -> bool:
        """Take a date and time of day that the stream gives; False for one that cannot be."""
        if not EARLIEST_UTC_S <= utc_s <= LATEST_UTC_S:
            return False
        self._weigh(gpst_from_utc(utc_s), Rank.STREAM)
        return True

    def ephemeris(self, message: KeplerEphemeris | GlonassEphemeris) -> bool:
        """Take the week or day of an ephemeris; False for one that cannot be."""
        match message:
            case KeplerEphemeris():
                return self._week(message)
            case GlonassEphemeris(day=day, four_years=years, additional_data=True) if day and years:
                days = (years - 1) * _FOUR_YEARS_DAYS + day - 1
                return self.instant(_GLONASS_ORIGIN_UTC_S + days * SECONDS_PER_DAY + message.tb_s)
        return True

    def _week(self, message: KeplerEphemeris) -> bool:
        weeks, seconds_s = _WEEK_ORIGIN[message.satellite[0]]
        of_week_s: float = message.toe_s + seconds_s
        if self._of_week_s is not None:
            if abs(of_week_s - self._of_week_s) > AGREES_S:
                return True  # the week's end is between them: which week is meant is not certain
            of_week_s = self._of_week_s
        if message.week_modulus == TEN_BITS:
            week = full_week(message.week, TEN_BITS, TEN_BIT_WEEK_BEGIN + TEN_BITS // 2)
            self._weigh(week * SECONDS_PER_WEEK + of_week_s, Rank.TEN_BIT_WEEK)
            return True
        gpst_s = (message.week + weeks) * SECONDS_PER_WEEK + of_week_s
        if not gpst_from_utc(EARLIEST_UTC_S) <= gpst_s <= gpst_from_utc(LATEST_UTC_S):
            return False
        self._weigh(gpst_s, Rank.STREAM)
        return True

    def _weigh(self, gpst_s: float, rank: Rank) -> None:
        calendar = self.calendar
        held = calendar.gpst_s
        if calendar.rank is None or held is None or calendar.rank < rank:
            calendar.note(gpst_s, rank)
            self._doubts = 0
            return
        if calendar.rank > rank:
            return
        step_s = gpst_s - held
        if abs(step_s) <= AGREES_S:
            self._doubts = 0
            if self._seen_s is None:  # without epochs to carry the date, evidence must
                calendar.note(gpst_s, rank)
            return
        weeks = step_s / SECONDS_PER_WEEK
        rollovers = round(weeks / TEN_BITS)
        if rollovers and abs(weeks - rollovers * TEN_BITS) < ROLLOVER_SLACK_WEEKS:
            if rollovers > 0:
                calendar.note(gpst_s, rank)
            return
        same = self._doubts and abs(gpst_s - self._doubted_gpst_s) <= AGREES_S
        self._doubts = self._doubts + 1 if same else 1
        self._doubted_gpst_s = gpst_s
        if self._doubts >= CONVINCED_AFTER:
            self._doubts = 0
            calendar.note(gpst_s, rank)

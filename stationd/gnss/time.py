"""Time scales: GPS time, BeiDou time, GLONASS time and UTC, and which week a message means.

A `gpst_s` is seconds of GPS time since 1980-01-06; a `utc_s` seconds since 1970-01-01 UTC as the
operating system counts them. Leap seconds are data: `LEAP_SECONDS`, IERS Bulletin C.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from typing import Final

from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

GPS_EPOCH_UTC_S: Final = 315_964_800  # 1980-01-06 00:00:00 UTC
BDT_OFFSET_S: Final = 14  # GPS time less BeiDou time: BDT began at UTC of 2006-01-01
BDT_EPOCH_WEEK: Final = 1356  # GPS week in which BDT week 0 began
GST_EPOCH_WEEK: Final = 1024  # GPS week of Galileo week 0
MOSCOW_OFFSET_S: Final = 10_800  # GLONASS time is UTC(SU) + 3 h
MJD_OF_UNIX_EPOCH: Final = 40_587

# UTC date from which GPS time is ahead of UTC by so many seconds.
LEAP_SECONDS: Final = (
    ("1980-01-06", 0), ("1981-07-01", 1), ("1982-07-01", 2), ("1983-07-01", 3), ("1985-07-01", 4),
    ("1988-01-01", 5), ("1990-01-01", 6), ("1991-01-01", 7), ("1992-07-01", 8), ("1993-07-01", 9),
    ("1994-07-01", 10), ("1996-01-01", 11), ("1997-07-01", 12), ("1999-01-01", 13),
    ("2006-01-01", 14), ("2009-01-01", 15), ("2012-07-01", 16), ("2015-07-01", 17),
    ("2017-01-01", 18),
)  # fmt: skip

_STARTS_UTC_S: Final = [
    datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() for day, _ in LEAP_SECONDS
]
_AHEAD_S: Final = [ahead for _, ahead in LEAP_SECONDS]
_STARTS_GPST_S: Final = [
    start - GPS_EPOCH_UTC_S + ahead for start, ahead in zip(_STARTS_UTC_S, _AHEAD_S, strict=True)
]


def leap_seconds(utc_s: float) -> int:
    """Return GPS time less UTC at a UTC instant."""
    return _AHEAD_S[max(0, bisect_right(_STARTS_UTC_S, utc_s) - 1)]


def gpst_from_utc(utc_s: float) -> float:
    """Return GPS time of a UTC instant, both in seconds of their own epoch."""
    return utc_s - GPS_EPOCH_UTC_S + leap_seconds(utc_s)


def utc_from_gpst(gpst_s: float) -> float:
    """Return UTC of an instant of GPS time. Within a leap second it repeats, as UNIX time does."""
    index = max(0, bisect_right(_STARTS_GPST_S, gpst_s) - 1)
    return gpst_s + GPS_EPOCH_UTC_S - _AHEAD_S[index]


def utc_from_mjd(days: int, seconds_of_day_s: float) -> float:
    """Return UTC of a Modified Julian Date and seconds of its day."""
    return (days - MJD_OF_UNIX_EPOCH) * SECONDS_PER_DAY + seconds_of_day_s


def nearest(of_period_s: float, period_s: float, near_s: float) -> float:
    """Return the instant congruent to `of_period_s` that lies nearest to `near_s`."""
    return of_period_s + round((near_s - of_period_s) / period_s) * period_s


def full_week(week: int, modulus: int, near_week: int) -> int:
    """Return the week congruent to a broadcast one that lies nearest to `near_week`."""
    return week + round((near_week - week) / modulus) * modulus


def gpst_of_epoch(
    letter: str, epoch_s: float, day_of_week: int | None, near_gpst_s: float
) -> float:
    """Return GPS time of an observation epoch as RTCM 3 gives it, near a known instant.

    `letter`: the constellation, whose time scale it is: R seconds of a UTC(SU) day with
    `day_of_week` (0 Sunday; None or 7 where unknown), C of a BDT week, others of a GPS week.
    """
    if letter != "R":
        seconds_s = epoch_s + (BDT_OFFSET_S if letter == "C" else 0)
        return nearest(seconds_s, SECONDS_PER_WEEK, near_gpst_s)
    near_utc_s = utc_from_gpst(near_gpst_s)
    if day_of_week is None or day_of_week > 6:
        utc_s = nearest(epoch_s - MOSCOW_OFFSET_S, SECONDS_PER_DAY, near_utc_s)
    else:
        # 1970-01-01 was a Thursday: Sunday is day 3 of a week that begins there.
        day_s = (day_of_week + 3) * SECONDS_PER_DAY
        utc_s = nearest(day_s + epoch_s - MOSCOW_OFFSET_S, SECONDS_PER_WEEK, near_utc_s)
    return gpst_from_utc(utc_s)

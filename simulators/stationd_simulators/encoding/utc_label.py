"""UTC as clocks show it: a leap second is 23:59:60, where UNIX time repeats a second."""

from datetime import UTC, datetime
from typing import NamedTuple

from stationd.gnss.time import gpst_from_utc, leap_seconds, utc_from_gpst
from stationd.units import SECONDS_PER_DAY


class UtcLabel(NamedTuple):
    """An instant: days since 1970-01-01, seconds of the day (86400 and more in a leap second)."""

    day: int
    of_day_s: float
    leap_seconds: int  # GPS time less UTC

    @property
    def date(self) -> datetime:
        """The day's beginning."""
        return datetime.fromtimestamp(self.day * SECONDS_PER_DAY, UTC)

    @property
    def hours_minutes_seconds(self) -> tuple[int, int, float]:
        """Hours and minutes as they are before a leap second, and up to 61 seconds."""
        minutes = min(int(self.of_day_s // 60), 24 * 60 - 1)
        return minutes // 60, minutes % 60, self.of_day_s - 60 * minutes


def utc_label(gpst_s: float) -> UtcLabel:
    """Return what a clock of UTC shows at an instant of GPS time."""
    utc_s = utc_from_gpst(gpst_s)
    # In the second before the count changes UTC reads as in the one after; the way back differs.
    is_leap = gpst_from_utc(utc_s) > gpst_s
    day, of_day_s = divmod(utc_s, SECONDS_PER_DAY)
    ahead = leap_seconds(utc_s)
    if is_leap:
        return UtcLabel(int(day) - 1, of_day_s + SECONDS_PER_DAY, ahead - 1)
    return UtcLabel(int(day), of_day_s, ahead)

"""Which date a stream's times belong to: MSM carry no week number.

Evidence for the date has ranks. What the operator says, or a clock that is known to be right,
outranks a full date inside the stream (1013, 1029, 1042, 1045, 1046, 1020, RMC, ZDA); that
outranks a host clock of unknown quality; last comes the ten-bit week of 1019. Without evidence the
date is unknown and stays so: it is never taken from the clock of the machine that replays.
"""

from enum import IntEnum
from typing import Final

from stationd.gnss.time import full_week, gpst_from_utc, gpst_of_epoch
from stationd.units import SECONDS_PER_WEEK

# A ten-bit week names one date between these weeks: MSM were drafted in 2012 (RTCM 10403.2 is of
# February 2013), and 1024 weeks later is August 2031. Other evidence or the operator overrides it.
TEN_BIT_WEEK_BEGIN: Final = 1669  # GPS week of 2012-01-01
TEN_BITS: Final = 1024


class Rank(IntEnum):
    """How far evidence for the date can be trusted."""

    TEN_BIT_WEEK = 0
    HOST_CLOCK = 1
    STREAM = 2
    TRUSTED = 3


class Calendar:
    """Holds the best evidence for the date, and dates epochs by it."""

    __slots__ = ("_gpst_s", "rank")

    def __init__(self) -> None:
        self._gpst_s: float | None = None
        self.rank: Rank | None = None

    @property
    def known(self) -> bool:
        return self._gpst_s is not None

    @property
    def gpst_s(self) -> float | None:
        """The instant that epochs are dated near."""
        return self._gpst_s

    def note(self, gpst_s: float, rank: Rank) -> None:
        """Take evidence that it is now about `gpst_s`; lesser evidence than held is ignored."""
        if self.rank is None or rank >= self.rank:
            self._gpst_s = gpst_s
            self.rank = rank

    def note_utc(self, utc_s: float, rank: Rank) -> None:
        self.note(gpst_from_utc(utc_s), rank)

    def note_ten_bit_week(self, week: int, of_week_s: float) -> None:
        """Take the week of 1019 or 1044 (modulo 1024), where nothing better is known."""
        middle = TEN_BIT_WEEK_BEGIN + TEN_BITS // 2
        full = full_week(week, TEN_BITS, middle)
        self.note(full * SECONDS_PER_WEEK + of_week_s, Rank.TEN_BIT_WEEK)

    def date(self, letter: str, epoch_s: float, day_of_week: int | None) -> float | None:
        """Return GPS time of an epoch, None where the date cannot be known.

        A dated epoch becomes what the next one is dated near, so that a stream may run for weeks
        on one piece of evidence.
        """
        if self._gpst_s is None:
            return None
        self._gpst_s = gpst_of_epoch(letter, epoch_s, day_of_week, self._gpst_s)
        return self._gpst_s

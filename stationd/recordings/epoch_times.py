"""When a recording's epochs were: counts and gaps by constellation, and their dates.

Epochs carry a time of the week, GLONASS of the day. What dates them is noted beside the epoch that
was newest then (the anchor), so that a recording of weeks is dated by one piece of evidence.
"""

from array import array
from collections import Counter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.time import BDT_OFFSET_S, gpst_of_epoch, utc_from_gpst
from stationd.station.calendar import Calendar, Rank
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd.wire.rtcm3.epoch import MessageEpoch

_UNKNOWN_DAY: Final = 7  # DF416
_IN_GPS_WEEKS: Final = ("G", "E", "J")


class Epochs:
    """Epoch times of one constellation, as they came."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self._times_s = array("d")  # of the week, or of the day where no day is said
        self._daily = False
        self.last: MessageEpoch | None = None

    def __len__(self) -> int:
        return len(self._times_s)

    def add(self, epoch: MessageEpoch) -> bool:
        """Take a message's epoch; return whether it is another than the last."""
        if self.last is not None and epoch.epoch_s == self.last.epoch_s:
            return False
        self.last = epoch
        if self.letter == "R" and epoch.day_of_week in (None, _UNKNOWN_DAY):
            self._daily = True
            self._times_s.append(epoch.epoch_s)
        else:
            self._times_s.append(epoch.epoch_s + SECONDS_PER_DAY * (epoch.day_of_week or 0))
        return True

    def offsets_s(self) -> NDArray[np.float64]:
        """Return each epoch's time, as they came, in seconds since the first that came."""
        times_s = np.array(self._times_s)  # a copy: a view would lock the growing array
        period_s = SECONDS_PER_DAY if self._daily else SECONDS_PER_WEEK
        steps_s = np.diff(times_s % period_s if self._daily else times_s)
        steps_s = (steps_s + period_s / 2) % period_s - period_s / 2
        return np.round(np.concatenate([[0.0], np.cumsum(steps_s)]), 3)

    def elapsed_s(self) -> NDArray[np.float64]:
        """Return distinct epochs in order."""
        return np.unique(self.offsets_s())

    def report(self) -> dict[str, Any]:
        """Return count, interval and gaps. A gap is a step of more than 1.5 intervals."""
        steps_s = np.diff(self.elapsed_s())
        if not len(steps_s):
            return {
                "epochs": 1, "interval_s": None, "gaps": 0, "missing_epochs": 0,
                "longest_gap_s": 0.0,
            }  # fmt: skip
        interval_s = float(np.median(steps_s))
        gaps = steps_s[steps_s > 1.5 * interval_s]
        return {
            "epochs": len(steps_s) + 1,
            "interval_s": round(interval_s, 3),
            "gaps": len(gaps),
            "missing_epochs": int(np.sum(np.round(gaps / interval_s) - 1)),
            "longest_gap_s": round(float(gaps.max()), 3) if len(gaps) else 0.0,
        }


class Anchor(NamedTuple):
    """A constellation's epoch, by its place among those that came, and its date."""

    letter: str
    place: int
    gpst_s: float
    rank: Rank


class EpochTimes:
    """Epochs of all constellations of a recording, and what dates them."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.by_letter: dict[str, Epochs] = {}
        self._anchor: Anchor | None = None
        self._beidou_leads_s: Counter[float] = Counter()

    def add(self, epoch: MessageEpoch) -> None:
        """Take the epoch of an observation message."""
        letter = epoch.letter
        epochs = self.by_letter.get(letter)
        if epochs is None:
            epochs = self.by_letter[letter] = Epochs(letter)
        if not epochs.add(epoch):
            return
        if letter == "C":
            self._compare_beidou(epoch.epoch_s)
        if self._anchor is None and self.calendar.known:
            self.note_date(letter)

    def note_date(self, letter: str | None = None) -> None:
        """Anchor the newest epoch where the calendar has better evidence than before."""
        calendar, anchor = self.calendar, self._anchor
        if calendar.gpst_s is None or calendar.rank is None or not self.by_letter:
            return
        if anchor is not None and anchor.rank >= calendar.rank:
            return
        epochs = self.by_letter[letter or next(iter(self.by_letter))]
        assert epochs.last is not None  # each was made for an epoch
        gpst_s = gpst_of_epoch(*epochs.last, calendar.gpst_s)
        self._anchor = Anchor(epochs.letter, len(epochs) - 1, gpst_s, calendar.rank)

    def _compare_beidou(self, epoch_s: float) -> None:
        """Count how far BeiDou's epoch is ahead of the newest of a constellation in GPS time."""
        for letter in _IN_GPS_WEEKS:
            other = self.by_letter.get(letter)
            if other is not None and other.last is not None:
                lead_s = (epoch_s + BDT_OFFSET_S - other.last.epoch_s) % SECONDS_PER_WEEK
                self._beidou_leads_s[lead_s if lead_s in (0.0, BDT_OFFSET_S) else -1.0] += 1
                return

    @property
    def beidou_ahead_s(self) -> float:
        """14 where BeiDou's epochs are sent in GPS time and not in their own, else 0."""
        leads_s = self._beidou_leads_s
        wrong = leads_s[BDT_OFFSET_S] > sum(leads_s.values()) / 2
        return float(BDT_OFFSET_S) if wrong else 0.0

    def span_s(self) -> float:
        """Return how long the recording lasts, by the constellation that lasts longest."""
        spans_s = [epochs.elapsed_s() for epochs in self.by_letter.values()]
        return max((float(s[-1] - s[0]) for s in spans_s), default=0.0)

    def dates(self) -> tuple[float | None, float | None]:
        """Return UTC of the first and the last epoch, None where the date is not known."""
        if self._anchor is None:
            return None, None
        offsets_s = self.by_letter[self._anchor.letter].offsets_s()
        near_s = self._anchor.gpst_s + float(offsets_s[-1] - offsets_s[self._anchor.place])
        first, last = [], []
        for letter, epochs in self.by_letter.items():
            assert epochs.last is not None  # each was made for an epoch
            newest_s = gpst_of_epoch(*epochs.last, near_s)
            if letter == "C":
                newest_s -= self.beidou_ahead_s
            offsets_s = epochs.offsets_s()
            first.append(newest_s + float(offsets_s.min() - offsets_s[-1]))
            last.append(newest_s + float(offsets_s.max() - offsets_s[-1]))
        return utc_from_gpst(min(first)), utc_from_gpst(max(last))

"""Observation epochs of one constellation, counted once each however many messages they take.

An epoch begins with the first message of a new time. It is whole when a message says that none
follows (DF393 = 0), when the next epoch begins, or when `WHOLE_AFTER_S` has passed: casters are
known to drop the last message, so DF393 alone is not trusted.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

WHOLE_AFTER_S: Final = 0.5
LATE_S: Final = 60.0  # an epoch up to this much older than the newest is late or a duplicate
MOST_PARTS: Final = 16  # messages of one constellation in an epoch; more is not believed


class Cells(NamedTuple):
    """What signal quality needs of one message. `values` as in MsmColumns; [start, stop)."""

    satellite_index: NDArray[np.uint8]
    signal_index: NDArray[np.uint8]
    values: NDArray[np.float64]
    start: int
    stop: int


class Gap(NamedTuple):
    """Epochs that never came."""

    monotonic_s: float
    missing: int


class EpochTrack:
    """Epochs of one constellation of one station."""

    __slots__ = (
        "_began_s", "_epoch_s", "_more", "_parts", "_whole", "epochs", "last_gap",
        "last_monotonic_s", "last_utc_s", "missing", "out_of_order",
    )  # fmt: skip

    def __init__(self) -> None:
        self._epoch_s: float | None = None
        self._began_s = 0.0
        self._more = True
        self._parts: list[Cells] = []
        self._whole: list[Cells] = []
        self.epochs = 0
        self.missing = 0
        self.out_of_order = 0
        self.last_gap: Gap | None = None
        self.last_monotonic_s = 0.0
        self.last_utc_s: float | None = None

    def observe(
        self, epoch_s: float, *, daily: bool, monotonic_s: float, interval_s: float, more: bool
    ) -> bool:
        """Take a message's epoch; return whether it is a new one.

        `epoch_s`: seconds of the week, or of the day where `daily`.
        """
        previous = self._epoch_s
        self.last_monotonic_s = monotonic_s
        if previous == epoch_s:
            self._more = more
            return False
        if previous is not None:
            period_s = SECONDS_PER_DAY if daily else SECONDS_PER_WEEK
            step_s = (epoch_s - previous + period_s / 2) % period_s - period_s / 2
            if -LATE_S < step_s <= 0:
                self.out_of_order += 1
                return False
            # A longer step back is a receiver that set its clock: the track starts anew.
            missing = round(step_s / interval_s) - 1 if step_s > 0 else 0
            if missing > 0:
                self.missing += missing
                self.last_gap = Gap(monotonic_s, missing)
            self._whole = self._parts
        self._epoch_s = epoch_s
        self._began_s = monotonic_s
        self._parts = []
        self._more = more
        self.epochs += 1
        return True

    def gather(self, cells: Cells) -> None:
        """Take a message's cells for the epoch that it was observed in."""
        if len(self._parts) < MOST_PARTS:
            self._parts.append(cells)

    def complete(self) -> None:
        """Take that no more messages of the station's epoch follow (DF393 = 0)."""
        self._more = False
        self._whole = []  # nobody asks for the one before any more

    def newest(self, monotonic_s: float) -> Iterable[Cells]:
        """Return the cells of the newest whole epoch."""
        whole = not self._more or monotonic_s - self._began_s >= WHOLE_AFTER_S
        return self._parts if whole or not self._whole else self._whole

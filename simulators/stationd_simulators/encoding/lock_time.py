"""Lock time indicators of MSM: how long a phase was tracked, in four or in ten bits."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def coarse_indicator(lock_time_s: Floats) -> Integers:
    """Return DF402: 0 below 32 ms, then one more for each doubling, to 15 from 524.288 s."""
    lock_ms = _milliseconds(lock_time_s)
    doublings = np.floor(np.log2(np.maximum(lock_ms, 1))).astype(np.int64) - 4
    indicator: Integers = np.clip(doublings, 0, 15)
    return indicator


def fine_indicator(lock_time_s: Floats) -> Integers:
    """Return DF407 (table 3.5-75): milliseconds to 64, then 32 steps for each doubling, to 704."""
    lock_ms = _milliseconds(lock_time_s)
    doublings = np.floor(np.log2(np.maximum(lock_ms, 1))).astype(np.int64) - 5
    doublings = np.clip(doublings, 0, 21)
    # Step 2^k ms from 2^(k+5) ms on; k = 0 covers 0 … 63 ms one by one.
    indicator: Integers = np.minimum((lock_ms >> doublings) + 32 * doublings, 704)
    return indicator


def _milliseconds(lock_time_s: Floats) -> Integers:
    # An indicator is a least time: what is not known to a microsecond is not claimed.
    whole: Integers = np.floor(np.nan_to_num(lock_time_s) * 1e3 + 1e-3).astype(np.int64)
    return np.maximum(whole, 0)

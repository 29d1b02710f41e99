"""Counts a recording's observations by signal, and the distribution of their C/N0, by column."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.constellations import CONSTELLATIONS
from stationd.gnss.signals import observation_codes
from stationd.wire.rtcm3.legacy import LegacyObservations
from stationd.wire.rtcm3.msm import Msm
from stationd.wire.rtcm3.msm_layout import CN0

_STEPS_PER_DBHZ: Final = 16  # DF408 is the finest
_CN0_STEPS: Final = 1024
_SIGNALS: Final = 32
_LETTERS: Final = tuple(CONSTELLATIONS)


class SignalCounts:
    """Observations and C/N0 of each signal, in a table of fixed size."""

    def __init__(self) -> None:
        rows = len(_LETTERS) * _SIGNALS
        self._cn0_counts = np.zeros((rows, _CN0_STEPS), np.int64)
        self._observations = np.zeros(rows, np.int64)

    def add_msm(self, messages: Sequence[Msm]) -> None:
        """Take messages that share their columns."""
        columns = messages[0].columns
        cells = [message.stop - message.start for message in messages]
        group = np.repeat([_LETTERS.index(m.constellation) for m in messages], cells)
        place = np.concatenate([np.arange(m.start, m.stop) for m in messages])
        signal = group * _SIGNALS + columns.signal_index[place]
        self._add(signal, columns.values[:, place])

    def add_legacy(self, message: LegacyObservations) -> None:
        """Take a message of 1001-1004 or 1009-1012."""
        for letter, columns in message.columns.items():
            first = _LETTERS.index(letter) * _SIGNALS
            signal = first + columns.signal_index.astype(np.intp)
            self._add(signal, columns.values)

    def _add(self, signal: NDArray[np.intp], values: NDArray[np.float64]) -> None:
        has_value = ~np.isnan(values).all(axis=0)
        self._observations += np.bincount(signal[has_value], minlength=len(self._observations))
        cn0_dbhz = values[CN0]
        given = ~np.isnan(cn0_dbhz)
        step = (cn0_dbhz[given] * _STEPS_PER_DBHZ).astype(np.intp)
        place, counts = np.unique(signal[given] * _CN0_STEPS + step, return_counts=True)
        self._cn0_counts.reshape(-1)[place] += counts

    def report(self) -> dict[str, dict[str, Any]]:
        """Return name such as "G1C" -> observations and median C/N0; "?" and a bit if unnamed."""
        found: dict[str, dict[str, Any]] = {}
        for index in np.flatnonzero(self._observations).tolist():
            letter, bit = _LETTERS[index // _SIGNALS], index % _SIGNALS
            code = observation_codes(letter)[bit] or f"?{bit + 1}"
            found[letter + code] = {
                "observations": int(self._observations[index]),
                "cn0_median_dbhz": _median_dbhz(self._cn0_counts[index]),
            }
        return found


def _median_dbhz(counts: NDArray[np.int64]) -> float | None:
    """Return the median of a distribution by steps, None of an empty one."""
    total = int(counts.sum())
    below = np.cumsum(counts)
    middle = [int(np.searchsorted(below, rank)) for rank in ((total + 1) // 2, total // 2 + 1)]
    return sum(middle) / 2 / _STEPS_PER_DBHZ if total else None

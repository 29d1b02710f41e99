"""Satellites and median C/N0 of the newest epochs, for all stations in one go.

Stacking the stations costs a few microseconds a station; one at a time costs thirty times that.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from stationd.gnss.constellations import CONSTELLATIONS
from stationd.gnss.signals import observation_codes
from stationd.station.epochs import Cells
from stationd.wire.rtcm3.msm_layout import CN0

_LETTERS = tuple(CONSTELLATIONS)
_CODES = {letter: observation_codes(letter) for letter in _LETTERS}
_SIGNALS = 32
_SATELLITES = 64


class SignalQuality(NamedTuple):
    """Of one station: satellites by constellation, median C/N0 by constellation and code."""

    satellites: Mapping[str, int]
    cn0_median_dbhz: Mapping[tuple[str, str], float]


def signal_quality(epochs: Sequence[Mapping[str, Sequence[Cells]]]) -> list[SignalQuality]:
    """Return each station's signal quality.

    `epochs`: per station, constellation letter -> cells of its newest whole epoch. A satellite
    counts where it has any value; a signal has a median where any satellite has its C/N0.
    """
    parts: list[Cells] = []
    groups: list[int] = []  # station and constellation of each part
    for station, by_letter in enumerate(epochs):
        for letter, cells in by_letter.items():
            groups.extend([station * len(_LETTERS) + _LETTERS.index(letter)] * len(cells))
            parts.extend(cells)
    results = [SignalQuality(dict.fromkeys(by_letter, 0), {}) for by_letter in epochs]
    if not parts:
        return results
    sizes = [part.stop - part.start for part in parts]
    group = np.repeat(np.array(groups, np.intp), sizes)
    values = np.concatenate([part.values[:, part.start : part.stop] for part in parts], axis=1)
    satellite = np.concatenate([p.satellite_index[p.start : p.stop] for p in parts])
    signal = np.concatenate([p.signal_index[p.start : p.stop] for p in parts])
    has_value = ~np.isnan(values).all(axis=0)
    seen = np.unique((group * _SATELLITES + satellite)[has_value]) // _SATELLITES
    for key, count in zip(*(a.tolist() for a in np.unique(seen, return_counts=True)), strict=True):
        station, letter = divmod(key, len(_LETTERS))
        results[station].satellites[_LETTERS[letter]] = count
    _medians(results, group * _SIGNALS + signal, values[CN0])
    return results


def _medians(results: list[SignalQuality], key: np.ndarray, cn0_dbhz: np.ndarray) -> None:
    given = ~np.isnan(cn0_dbhz)
    key, cn0_dbhz = key[given], cn0_dbhz[given]
    order = np.lexsort((cn0_dbhz, key))
    key, cn0_dbhz = key[order], cn0_dbhz[order]
    keys, first, count = np.unique(key, return_index=True, return_counts=True)
    middle = 0.5 * (cn0_dbhz[first + (count - 1) // 2] + cn0_dbhz[first + count // 2])
    for one, value in zip(keys.tolist(), middle.tolist(), strict=True):
        group, signal = divmod(one, _SIGNALS)
        station, index = divmod(group, len(_LETTERS))
        letter = _LETTERS[index]
        code = _CODES[letter][signal]
        if code:
            results[station].cn0_median_dbhz[letter, code] = value

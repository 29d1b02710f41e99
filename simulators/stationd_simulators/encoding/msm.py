"""MSM4 to MSM7 of an epoch (RTCM 10403.3, 3.5.16), vectorised over the cells of a message.

Each column becomes a matrix of bits, one row a cell; a message is these matrices one after the
other. A constellation with more than 64 satellite-signal pairs is split by satellite.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.time import BDT_OFFSET_S, MOSCOW_OFFSET_S, utc_from_gpst
from stationd.units import LIGHT_MILLISECOND_M, SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd_simulators.encoding.framing import frame
from stationd_simulators.encoding.lock_time import coarse_indicator, fine_indicator
from stationd_simulators.encoding.msm_signals import FIRST_MESSAGE, SIGNAL_BIT, satellite_bit
from stationd_simulators.receiver.observations import EpochObservations, Floats

Bits = NDArray[np.uint8]
Integers = NDArray[np.int64]

MOST_CELLS: Final = 64  # DF396 is at most so long, RTCM 10403.3, 3.5.16
KINDS: Final = (4, 5, 6, 7)
_NO_ROUGH_RANGE: Final = 255  # DF397
_SHIFTS: Final = {
    bits: np.arange(bits - 1, -1, -1) for bits in (1, 4, 6, 8, 10, 14, 15, 20, 22, 24)
}
# Of MSM4/5 and MSM6/7: bits of the fine pseudorange and phase range, and 1/2^n ms their unit.
_FINE: Final[Mapping[bool, tuple[int, int, int, int]]] = {
    False: (15, 24, 22, 29),  # DF400, DF401
    True: (20, 29, 24, 31),  # DF405, DF406
}


@dataclass(frozen=True, slots=True)
class MsmOptions:
    """What an MSM's head says beside its observations."""

    station_id: int = 0  # DF003
    issue_of_station: int = 0  # DF409
    clock_steering: int = 0  # DF411
    external_clock: int = 0  # DF412
    smoothing: int = 0  # DF417
    smoothing_interval: int = 0  # DF418


def encode_msm(
    kind: int,
    epoch: EpochObservations,
    more: bool = False,  # noqa: FBT001, FBT002 - the name that the field has in the standard
    options: MsmOptions = MsmOptions(),
) -> list[bytes]:
    """Return the frames of an epoch, one constellation after the other.

    The multiple message bit is set in all but the last frame; in the last too where `more` says
    that the caller has further ones of the epoch. `ValueError` for a kind other than 4 … 7.
    """
    if kind not in KINDS:
        raise ValueError(f"MSM{kind} is not made here: choose one of MSM4 … MSM7")
    parts = list(_parts(epoch))
    return [
        _message(kind, letter, part, options, more=more or index < len(parts) - 1)
        for index, (letter, part) in enumerate(parts)
    ]


def _parts(epoch: EpochObservations) -> Iterator[tuple[str, EpochObservations]]:
    """Yield the epoch by constellation, and by satellite where there are too many pairs."""
    letters = epoch.letter
    for letter in FIRST_MESSAGE:
        rows = letters == letter
        if not rows.any():
            continue
        whole = epoch.only(rows)
        satellites = sorted(set(whole.satellite.tolist()))
        most = MOST_CELLS // len(set(whole.code.tolist()))
        if len(satellites) <= most:
            yield letter, whole
            continue
        messages = -(-len(satellites) // most)
        for index in range(messages):
            share = satellites[index::messages]
            yield letter, whole.only(np.isin(whole.satellite, share))


def _message(
    kind: int, letter: str, part: EpochObservations, options: MsmOptions, *, more: bool
) -> bytes:
    satellite_bits = np.array([satellite_bit(name) for name in part.satellite.tolist()])
    signal_bits = np.array([SIGNAL_BIT[letter][code] for code in part.code.tolist()])
    order = np.lexsort((signal_bits, satellite_bits))
    satellites, row = np.unique(satellite_bits[order], return_inverse=True)
    signals, column = np.unique(signal_bits[order], return_inverse=True)
    cells = np.zeros((len(satellites), len(signals)), np.uint8)
    cells[row, column] = 1
    head = _head(kind, letter, part.gpst_s, options, more=more)
    head = head << 64 | sum(1 << 64 - int(bit) for bit in satellites)  # DF394
    head = head << 32 | sum(1 << 32 - int(bit) for bit in signals)  # DF395
    first = np.unpackbits(np.frombuffer((head << 7).to_bytes(22, "big"), np.uint8))[:169]
    fields = [first, cells.ravel(), *_fields(kind, letter, part, order, row)]
    return frame(np.packbits(np.concatenate(fields)).tobytes())


def _head(kind: int, letter: str, gpst_s: float, options: MsmOptions, *, more: bool) -> int:
    head = FIRST_MESSAGE[letter] + kind  # DF002
    head = head << 12 | options.station_id
    head = head << 30 | _epoch_field(letter, gpst_s)
    head = head << 1 | more  # DF393
    head = head << 3 | options.issue_of_station
    head = head << 7  # reserved
    head = head << 2 | options.clock_steering
    head = head << 2 | options.external_clock
    head = head << 1 | options.smoothing
    return head << 3 | options.smoothing_interval


def _epoch_field(letter: str, gpst_s: float) -> int:
    """Return milliseconds of the week, or for GLONASS the day of the week and of the day.

    On a day with a leap second DF034 may count to 86,401 s. What is sent here is the time of
    Moscow's clocks: they reach 10,800 s at 23:59:60 UTC and once more at 00:00:00. Readers take it
    so (RTKLIB, stationd), and would be a second off until the day's end if the count went on.
    """
    if letter != "R":
        gpst_ms = round(gpst_s * 1e3) - (1000 * BDT_OFFSET_S if letter == "C" else 0)
        return gpst_ms % (1000 * SECONDS_PER_WEEK)
    moscow_ms = round((utc_from_gpst(gpst_s) + MOSCOW_OFFSET_S) * 1e3)
    day, of_day_ms = divmod(moscow_ms, 1000 * SECONDS_PER_DAY)
    # 1970-01-01 was a Thursday: day 4 of a week that begins with Sunday. DF416, DF034.
    return (day + 4) % 7 << 27 | of_day_ms


def _fields(
    kind: int, letter: str, part: EpochObservations, order: Integers, row: Integers
) -> Iterator[Bits]:
    """Yield the blocks of satellite data, then those of signal data."""
    range_ms = part.pseudorange_m[order] / LIGHT_MILLISECOND_M
    phase_ms = part.phase_range_m[order] / LIGHT_MILLISECOND_M
    rate_m_per_s = part.range_rate_m_per_s[order]
    rough = _by_satellite(np.where(np.isnan(range_ms), phase_ms, range_ms) * 1024, row)
    rough_ms = (rough / 1024)[row]
    known = ~np.isnan(rough)
    steps = np.where(known, rough, 0).astype(np.int64)
    yield _bits(np.where(known, steps >> 10, _NO_ROUGH_RANGE), 8)  # DF397
    with_rates = kind in {5, 7}
    rough_rate = _by_satellite(rate_m_per_s, row)
    if with_rates:
        yield _bits(_extended(letter, part, order, row), 4)
    yield _bits(steps & 1023, 10)  # DF398
    if with_rates:
        yield _bits(_whole(rough_rate, 14), 14)  # DF399
    fine = kind in {6, 7}
    code_bits, code_unit, phase_bits, phase_unit = _FINE[fine]
    yield _bits(_whole((range_ms - rough_ms) * 2.0**code_unit, code_bits), code_bits)
    yield _bits(_whole((phase_ms - rough_ms) * 2.0**phase_unit, phase_bits), phase_bits)
    lock_s, cn0_dbhz = part.lock_time_s[order], np.nan_to_num(part.cn0_dbhz[order])
    yield _bits(fine_indicator(lock_s) if fine else coarse_indicator(lock_s), 10 if fine else 4)
    yield part.half_cycle[order].astype(np.uint8)  # DF420
    scale, width = (16, 10) if fine else (1, 6)  # DF408, DF403
    yield _bits(np.clip(np.rint(cn0_dbhz * scale), 0, (1 << width) - 1).astype(np.int64), width)
    if with_rates:
        yield _bits(_whole((rate_m_per_s - rough_rate[row]) * 1e4, 15), 15)  # DF404


def _by_satellite(values: Floats, row: Integers) -> Floats:
    """Return the whole number nearest to the first value that each satellite has, else NaN."""
    first = np.full(int(row.max()) + 1, np.nan)
    given = np.flatnonzero(~np.isnan(values))[::-1]
    first[row[given]] = np.rint(values[given])  # written last is what comes first
    return first


def _extended(letter: str, part: EpochObservations, order: Integers, row: Integers) -> Integers:
    """Return the extended satellite information: GLONASS channel + 7 (15: unknown), else 0."""
    channels = np.zeros(int(row.max()) + 1, np.int64)
    if letter == "R":
        channels[row] = np.nan_to_num(part.glonass_channel[order] + 7, nan=15).astype(np.int64)
    return channels


def _whole(values: Floats, bits: int) -> Integers:
    """Return whole numbers; the lowest one, which says "no value", for what does not fit."""
    lowest = -(1 << bits - 1)
    rounded = np.rint(values)
    fits = np.abs(rounded) < -lowest
    return np.where(fits, rounded, lowest).astype(np.int64)


def _bits(values: Integers, width: int) -> Bits:
    """Return the lowest `width` bits of every value, most significant first, end to end."""
    return ((values[:, None] >> _SHIFTS[width]) & 1).astype(np.uint8).ravel()

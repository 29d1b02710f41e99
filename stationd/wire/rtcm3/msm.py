"""Decodes one MSM (1071-1137) to physical units: one gather over the frame, one small product.

A frame is read as 32-bit big-endian words, one at every byte; no field is wider than 25 bits, so
a word shifted left and right holds any of them. Gathering each satellite's fields once for every
cell of it makes a matrix (fields, cells), which a fixed matrix turns into ranges. The bytes and
shifts are the same for all messages with the same masks, and masks repeat: they are planned once.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.constellations import satellite_names
from stationd.gnss.observations import Floats, Observations
from stationd.gnss.signals import observation_codes
from stationd.units import LIGHT_MILLISECOND_M, SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.msm_layout import (
    CELL_MASK_BIT,
    CN0,
    KINDS,
    LETTERS,
    MOST_CELLS,
    PHASE_RANGE,
    PHASE_RANGE_RATE,
    PSEUDORANGE,
    Kind,
)

BIG_ENDIAN_WORD: Final = np.dtype(">u4")
GLONASS_CHANNEL_OFFSET: Final = 7  # DF419 is the FDMA channel + 7; 14 and 15 say nothing
_WEEK_MS: Final = SECONDS_PER_WEEK * 1000
_LEAP_DAY_MS: Final = (SECONDS_PER_DAY + 1) * 1000  # GLONASS time runs to 86,400,999 ms


class MsmColumns(NamedTuple):
    """Cells of one or many messages.

    `satellite_index`, `signal_index` (cells,): bits of DF394 and DF395 counted from 0.
    `values` (4, cells): pseudorange m, phase range m, phase range rate m/s, C/N0 dB-Hz; NaN where
    there is none. `lock_time_s`, `half_cycle`, `extended` (cells,): None where the kind lacks
    them; `extended` is GLONASS channel + 7.
    """

    satellite_index: NDArray[np.intp]
    signal_index: NDArray[np.intp]
    values: Floats
    lock_time_s: Floats | None
    half_cycle: NDArray[np.bool_] | None
    extended: NDArray[np.int32] | None


class Msm(NamedTuple):
    """One MSM. Its cells are columns `start` to `stop` of `columns`, which messages may share.

    `epoch_ms`: the message's own time: of the week in GPS time (G, E, S, J, I) or BDT (C), of the
    day in UTC(SU) for R, whose day of the week is `glonass_day` (0 Sunday, 7 unknown).
    `more_follows`: DF393.
    """

    number: int
    station_id: int
    epoch_ms: int
    glonass_day: int | None
    more_follows: bool
    columns: MsmColumns
    start: int
    stop: int

    @property
    def constellation(self) -> str:
        return LETTERS[self.number // 10]

    @property
    def epoch_s(self) -> float:
        return self.epoch_ms / 1000

    @property
    def epoch_is_possible(self) -> bool:
        """False for a time outside its week or day: some receivers wrap it wrongly."""
        return self.epoch_ms < (_WEEK_MS if self.glonass_day is None else _LEAP_DAY_MS)

    @property
    def range_modulo_m(self) -> float | None:
        """MSM1-3 give ranges modulo one light millisecond; None where they are whole."""
        return LIGHT_MILLISECOND_M if self.number % 10 <= 3 else None

    def observations(self) -> Observations:
        """Return the cells with names; NaN in columns that this kind of MSM lacks."""
        letter, cells = self.constellation, self.columns
        rows = slice(self.start, self.stop)
        names, codes = _names(letter)
        values = cells.values[:, rows]
        channel = None
        if letter == "R" and cells.extended is not None:
            extended = cells.extended[rows]
            channel = np.where(extended <= 13, extended - float(GLONASS_CHANNEL_OFFSET), np.nan)
        return Observations(
            satellite=tuple(names[i] for i in cells.satellite_index[rows].tolist()),
            code=tuple(codes[i] for i in cells.signal_index[rows].tolist()),
            pseudorange_m=values[PSEUDORANGE],
            phase_range_m=values[PHASE_RANGE],
            phase_range_rate_m_per_s=values[PHASE_RANGE_RATE],
            cn0_dbhz=values[CN0],
            lock_time_s=np.full(values.shape[1], np.nan)
            if cells.lock_time_s is None
            else cells.lock_time_s[rows],
            half_cycle=None if cells.half_cycle is None else cells.half_cycle[rows],
            glonass_channel=channel,
        )


@lru_cache(maxsize=len(LETTERS))
def _names(letter: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return satellite_names(letter), observation_codes(letter)


class Plan(NamedTuple):
    """How to read a message of one kind with given masks. Arrays are (fields, cells)."""

    kind: Kind
    byte: NDArray[np.intp]  # first byte of the word that holds the field
    left: NDArray[np.int32]  # shift that drops the bits before it
    right: NDArray[np.int32]  # arithmetic shift that drops the bits after it
    mask: NDArray[np.int32]  # takes the sign away again where there is none
    invalid: NDArray[np.int32]  # "no value"; a value that cannot occur where there is none
    scale: Floats  # (4, cells)
    satellite_index: NDArray[np.intp]  # (cells,)
    signal_index: NDArray[np.intp]  # (cells,)
    satellites: int
    end_bit: int  # of the frame, first bit after the last field


def _bits(mask: int, width: int) -> Iterator[int]:
    """Yield the indices of set bits, the most significant being 0."""
    return (i for i in range(width) if mask >> (width - 1 - i) & 1)


@lru_cache(maxsize=8192)
def plan_of(number: int, satellite_mask: int, signal_mask: int, cell_mask: int) -> Plan:
    """Return the plan of a kind (last digit of `number`) with DF394, DF395 and DF396."""
    kind = KINDS[number % 10]
    satellites = np.fromiter(_bits(satellite_mask, 64), np.intp)
    signals = np.fromiter(_bits(signal_mask, 32), np.intp)
    mask_bits = len(satellites) * len(signals)
    present = np.fromiter(_bits(cell_mask, mask_bits), np.intp)
    row, column = np.divmod(present, max(1, len(signals)))
    cells = len(present)
    starts = []
    end_bit = CELL_MASK_BIT + mask_bits
    for field in kind.fields:
        place, count = (row, len(satellites)) if field.of_satellite else (np.arange(cells), cells)
        starts.append(end_bit + place * field.width)
        end_bit += count * field.width
    start = np.stack(starts)
    shape = (len(kind.fields), cells)
    width = np.array([[field.width] for field in kind.fields])
    signed = np.array([[field.signed] for field in kind.fields])
    invalid = np.array([[1 << 30 if f.invalid is None else f.invalid] for f in kind.fields])

    def whole(values: NDArray[np.int_]) -> NDArray[np.int32]:
        return np.ascontiguousarray(np.broadcast_to(values, shape), np.int32)

    return Plan(
        kind=kind,
        byte=start >> 3,
        left=whole(start & 7),
        right=whole(32 - width),
        mask=whole(np.where(signed, -1, (1 << width) - 1)),
        invalid=whole(invalid),
        scale=np.repeat(kind.scales[:, None], cells, axis=1),
        satellite_index=satellites[row],
        signal_index=signals[column],
        satellites=len(satellites),
        end_bit=end_bit,
    )


def decode_msm(frame: bytes) -> Msm:
    """Return the MSM in `frame`, a whole RTCM 3 frame whose CRC is good.

    Raises DecodeError where masks and length contradict each other.
    """
    size = len(frame)
    # 240 bits hold the header and the longest cell mask; a short frame is padded.
    head = int.from_bytes(frame[3:33] if size >= 33 else frame[3:].ljust(30, b"\0"), "big")
    satellite_mask = head >> 103 & 0xFFFFFFFFFFFFFFFF
    signal_mask = head >> 71 & 0xFFFFFFFF
    mask_bits = satellite_mask.bit_count() * signal_mask.bit_count()
    number = head >> 228
    if mask_bits > MOST_CELLS:
        raise DecodeError(f"message {number}: its masks need {mask_bits} cells, 64 is the most")
    cell_mask = head >> 71 - mask_bits & (1 << mask_bits) - 1
    plan = plan_of(number % 10, satellite_mask, signal_mask, cell_mask)
    if plan.end_bit > 8 * (size - 3):
        raise DecodeError(
            f"message {number}: {plan.satellites} satellites and {len(plan.signal_index)} cells "
            f"need {(plan.end_bit - 17) // 8} bytes, it has {size - 6}"
        )
    columns = _columns(frame, plan)
    epoch = head >> 186 & 0x3FFFFFFF  # DF004, DF248, DF427 …, or DF416 and DF034 together
    glonass = 1081 <= number <= 1087
    return Msm(
        number,
        head >> 216 & 0xFFF,
        epoch & 0x7FFFFFF if glonass else epoch,
        epoch >> 27 if glonass else None,
        head >> 185 & 1 == 1,
        columns,
        0,
        len(plan.signal_index),
    )


def _columns(frame: bytes, plan: Plan) -> MsmColumns:
    words = np.ndarray((len(frame) - 3,), BIG_ENDIAN_WORD, frame, 0, (1,)).astype(np.int32)
    raw = words.take(plan.byte)
    raw <<= plan.left
    raw >>= plan.right
    raw &= plan.mask
    kind = plan.kind
    values = kind.sums.dot(raw.astype(np.float64))
    values *= plan.scale
    bad = raw == plan.invalid
    if b"\1" in bad.tobytes():  # a fifth of what bad.any() costs
        values[kind.void.dot(bad) > 0] = np.nan
    return MsmColumns(
        plan.satellite_index,
        plan.signal_index,
        values,
        None if kind.lock is None else kind.lock_time_s.take(raw[kind.lock]),  # type: ignore[union-attr] # both or none
        None if kind.half is None else raw[kind.half].astype(np.bool_),
        None if kind.extended is None else raw[kind.extended],
    )

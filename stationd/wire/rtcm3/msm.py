"""Decodes one MSM (1071-1137) to physical units: one gather over the frame, one small product.

A frame is read as 64-bit big-endian words that begin every four bytes; no field is wider than 25
bits, so a word shifted left and right holds any of them. Gathering each satellite's fields once
for every cell of it makes a matrix (rows, cells), which a fixed matrix turns into ranges. Words
and shifts are the same for all messages with the same masks, and masks repeat: they are planned
once.
"""

from collections.abc import Iterator
from functools import lru_cache
from struct import Struct
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
    EXTENDED_ROW,
    HALF_ROW,
    KINDS,
    LETTERS,
    LOCK_ROW,
    MOST_CELLS,
    NEVER,
    PHASE_RANGE,
    PHASE_RANGE_RATE,
    PSEUDORANGE,
    ROUGH_RATE_ROW,
    ROUGH_ROW,
    ROW_NAMES,
    Field,
    Kind,
)

BIG_ENDIAN_WORD: Final = np.dtype(">i8")
WORD_STRIDE_BYTES: Final = 4
GLONASS_CHANNEL_OFFSET: Final = 7  # DF419 is the FDMA channel + 7; 14 and 15 say nothing
CRC_BYTES: Final = 3
_head: Final = Struct(">QQQQ").unpack_from  # DF002 to past the longest DF396
_STRIDES: Final = (WORD_STRIDE_BYTES,)
# On some thirty cells a call costs more than its work, so these are bound once and given their
# `out`; types are dtype instances, which need no conversion.
_INTEGER: Final = np.dtype(np.int64)
_FLOAT: Final = np.dtype(np.float64)
_left_shift, _right_shift = np.left_shift, np.right_shift
_bitwise_and, _multiply, _equal = np.bitwise_and, np.multiply, np.equal
_tuple: Final = tuple.__new__  # makes a named tuple in half the time that its class takes
WEEK_MS: Final = SECONDS_PER_WEEK * 1000
LEAP_DAY_MS: Final = (SECONDS_PER_DAY + 1) * 1000  # GLONASS time runs to 86,400,999 ms


class MsmColumns(NamedTuple):
    """Cells of one or many messages.

    `satellite_index`, `signal_index` (cells,): bits of DF394 and DF395 counted from 0.
    `values` (4, cells): pseudorange m, phase range m, phase range rate m/s, C/N0 dB-Hz; NaN where
    there is none. `lock_time_s`, `half_cycle`, `extended` (cells,): None where the kind lacks
    them; `half_cycle` is 0 or 1, `extended` is GLONASS channel + 7.
    """

    satellite_index: NDArray[np.uint8]
    signal_index: NDArray[np.uint8]
    values: Floats
    lock_time_s: Floats | None
    half_cycle: NDArray[np.int64] | None
    extended: NDArray[np.int64] | None


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
        return self.epoch_ms < (WEEK_MS if self.glonass_day is None else LEAP_DAY_MS)

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
            half_cycle=None if cells.half_cycle is None else cells.half_cycle[rows] != 0,
            glonass_channel=channel,
        )


@lru_cache(maxsize=len(LETTERS))
def _names(letter: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return satellite_names(letter), observation_codes(letter)


class Plan(NamedTuple):
    """How to read a message of one kind with given masks. Arrays are (rows, cells).

    `right`, `mask`, `invalid` and `scale` depend on kind and number of cells only, and are shared.
    """

    digit: int  # of the message number, the last
    kind: Kind
    words: tuple[int]  # how many words to read
    word: NDArray[np.intp]  # which of them holds the field
    left: NDArray[np.int64]  # shift that drops the bits before it
    right: NDArray[np.int64]  # arithmetic shift that drops the bits after it
    mask: NDArray[np.int64]  # takes the sign away again where there is none
    invalid: NDArray[np.int64]  # "no value"; `NEVER` where every integer is a value
    scale: Floats  # (4, cells)
    weights: Floats  # (4, rows)
    satellite_index: NDArray[np.uint8]  # (cells,)
    signal_index: NDArray[np.uint8]  # (cells,)
    satellites: int
    cells: int
    frame_bytes: int  # of the shortest frame that holds it all


def _bits(mask: int, width: int) -> Iterator[int]:
    """Yield the indices of set bits, the most significant being 0."""
    return (i for i in range(width) if mask >> (width - 1 - i) & 1)


@lru_cache(maxsize=len(KINDS) * (MOST_CELLS + 1))
def _shared(digit: int, cells: int) -> tuple[NDArray[np.int64], ...]:
    """Return right shifts, masks and invalid marks of a kind, repeated for every cell."""
    kind = KINDS[digit]

    def whole(values: list[int]) -> NDArray[np.int64]:
        return np.repeat(np.array(values, np.int64)[:, None], cells, axis=1)

    def invalid(field: Field | None) -> int:
        return NEVER if field is None or field.invalid is None else field.invalid

    return (
        whole([0 if field is None else 64 - field.width for field in kind.rows]),
        whole([
            0 if field is None else -1 if field.signed else (1 << field.width) - 1
            for field in kind.rows
        ]),
        whole([invalid(field) for field in kind.rows]),
    )  # fmt: skip


@lru_cache(maxsize=len(KINDS) * (MOST_CELLS + 1))
def _scale(digit: int, cells: int) -> Floats:
    return np.repeat(KINDS[digit].scales[:, None], cells, axis=1)


@lru_cache(maxsize=1024)
def _voiding_scale(digit: int, bad: bytes) -> Floats:
    """Return the scale with NaN where a value is void.

    `bad`: for each row and cell, whether the integer says "no value". Which cells have none
    repeats from epoch to epoch (a receiver without Doppler on its second frequency).
    """
    bad_rows = np.frombuffer(bad, np.bool_).reshape(len(ROW_NAMES), -1)
    void = bad_rows[:4] | bad_rows[ROUGH_ROW]  # without it all of the satellite is void
    void[PHASE_RANGE_RATE] |= bad_rows[ROUGH_RATE_ROW]
    return np.where(void, np.nan, _scale(digit, bad_rows.shape[1]))


@lru_cache(maxsize=2048)  # some 5 kB each
def plan_of(number: int, satellite_mask: int, signal_mask: int, cell_mask: int) -> Plan:
    """Return the plan of a kind (last digit of `number`) with DF394, DF395 and DF396."""
    kind = KINDS[number % 10]
    satellites = np.fromiter(_bits(satellite_mask, 64), np.intp)
    signals = np.fromiter(_bits(signal_mask, 32), np.intp)
    mask_bits = len(satellites) * len(signals)
    present = np.fromiter(_bits(cell_mask, mask_bits), np.intp)
    row, column = np.divmod(present, max(1, len(signals)))
    cells = len(present)
    start = np.zeros((len(kind.rows), cells), np.intp)
    end_bit = CELL_MASK_BIT + mask_bits
    for field in kind.fields:
        place, count = (row, len(satellites)) if field.of_satellite else (np.arange(cells), cells)
        start[kind.rows.index(field)] = end_bit + place * field.width
        end_bit += count * field.width
    # The last word ends within the CRC; the fields at the end are read from it, further right.
    last = ((end_bit + 7) // 8 + CRC_BYTES - BIG_ENDIAN_WORD.itemsize) // WORD_STRIDE_BYTES
    word = np.minimum(start // (8 * WORD_STRIDE_BYTES), last)
    right, mask, invalid = _shared(number % 10, cells)
    return Plan(
        digit=number % 10,
        kind=kind,
        words=(last + 1,),
        word=word,
        left=start - word * (8 * WORD_STRIDE_BYTES),
        right=right,
        mask=mask,
        invalid=invalid,
        scale=_scale(number % 10, cells),
        weights=kind.weights,
        satellite_index=satellites[row].astype(np.uint8),
        signal_index=signals[column].astype(np.uint8),
        satellites=len(satellites),
        cells=cells,
        frame_bytes=(end_bit + 7) // 8 + CRC_BYTES,
    )


@lru_cache(maxsize=1024)
def _cell_places(satellite_mask: int, signal_mask: int) -> int:
    """Return the length of DF396: satellites times signals."""
    return satellite_mask.bit_count() * signal_mask.bit_count()


def _refusal(number: int, places: int, plan: Plan | None, size_bytes: int) -> DecodeError:
    """Return what is wrong with a message whose masks and length contradict each other."""
    if plan is None:
        return DecodeError(f"message {number}: its masks need {places} cells, 64 is the most")
    return DecodeError(
        f"message {number}: {plan.satellites} satellites and {plan.cells} cells "
        f"need {plan.frame_bytes - 6} bytes, it has {size_bytes - 6}"
    )


def decode_msm(frame: bytes) -> Msm:
    """Return the MSM in `frame`, a whole RTCM 3 frame whose CRC is good.

    Raises DecodeError where masks and length contradict each other.
    """
    size = len(frame)
    # 256 bits hold the header and the longest cell mask; a short frame is padded.
    first, second, third, fourth = _head(frame if size >= 35 else frame.ljust(35, b"\0"), 3)
    number = first >> 52
    satellite_mask = (second & 0x7FFFFFFFFFFFFF) << 9 | third >> 55
    signal_mask = third >> 23 & 0xFFFFFFFF
    places = _cell_places(satellite_mask, signal_mask)
    if places > MOST_CELLS:
        raise _refusal(number, places, None, size)
    cell_mask = ((third & 0x7FFFFF) << 41 | fourth >> 23) >> MOST_CELLS - places
    plan = plan_of(number % 10, satellite_mask, signal_mask, cell_mask)
    if plan.frame_bytes > size:
        raise _refusal(number, places, plan, size)
    epoch = first >> 10 & 0x3FFFFFFF  # DF004, DF248, DF427 …, or DF416 and DF034 together
    glonass = 1081 <= number <= 1087
    return _tuple(
        Msm,
        (
            number,
            first >> 40 & 0xFFF,
            epoch & 0x7FFFFFF if glonass else epoch,
            epoch >> 27 if glonass else None,
            first & 0x200 != 0,
            _columns(frame, plan, glonass),
            0,
            plan.cells,
        ),
    )


def _columns(frame: bytes, plan: Plan, glonass: bool) -> MsmColumns:  # noqa: FBT001 - a keyword costs a tenth of a step here
    (
        digit, kind, words, word, left, right, mask, invalid, scale, weights,
        satellite_index, signal_index, _, _, _,
    ) = plan  # fmt: skip
    raw = np.ndarray(words, BIG_ENDIAN_WORD, frame, 0, _STRIDES).astype(_INTEGER)[word]
    _left_shift(raw, left, raw)
    _right_shift(raw, right, raw)
    _bitwise_and(raw, mask, raw)
    values = weights.dot(raw.astype(_FLOAT))
    bad = _equal(raw, invalid).tobytes()
    if 1 in bad:
        scale = _voiding_scale(digit, bad)
    _multiply(values, scale, values)
    lock_time_s = kind.lock_time_s
    return _tuple(
        MsmColumns,
        (
            satellite_index,
            signal_index,
            values,
            None if lock_time_s is None else lock_time_s[raw[LOCK_ROW]],
            raw[HALF_ROW] if kind.half else None,
            raw[EXTENDED_ROW] if glonass and kind.extended else None,
        ),
    )

"""Decodes many MSM at once, of any stations and masks: what replay and a busy daemon use.

The same fields as in `msm.py`, but every step runs over all messages of a kind together: headers,
masks, bit positions, gather, sums. Below some thirty messages the single decoder is faster.
"""

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.msm import (
    BIG_ENDIAN_WORD,
    WORD_STRIDE_BYTES,
    Msm,
    MsmColumns,
    decode_msm,
)
from stationd.wire.rtcm3.msm_layout import (
    CELL_MASK_BIT,
    KINDS,
    MOST_CELLS,
    ROUGH,
    ROUGH_ROW,
    Field,
    Kind,
)

BATCH_MESSAGES: Final = 768  # a batch's arrays stay in a core's second-level cache
WORTHWHILE_MESSAGES: Final = 32  # below it the single decoder is faster
_HEAD_BYTES: Final = np.arange(3, 35)  # of the frame: DF002 to past the longest DF396
_PADDING: Final = bytes(40)  # room for a short last frame's head and words
_ALL_BITS: Final = np.uint64(0xFFFFFFFFFFFFFFFF)

Ints = NDArray[np.int64]  # also indices: stationd runs on 64-bit machines
Floats = NDArray[np.float64]
Masks = NDArray[np.uint64]

# Row of a cell, by signals and place in the cell mask: a table is four times faster than dividing.
_ROWS: Final[Ints] = (np.arange(64) // np.maximum(1, np.arange(65))[:, None]).astype(np.int64)


def decode_msm_batch(frames: Sequence[bytes]) -> list[Msm | DecodeError]:
    """Return, in order, each frame's MSM or what is wrong with it.

    `frames`: whole RTCM 3 frames with good CRC and message numbers in `MSM_NUMBERS`.
    """
    results: list[Msm | DecodeError] = []
    for first in range(0, len(frames), BATCH_MESSAGES):
        part = frames[first : first + BATCH_MESSAGES]
        if len(part) < WORTHWHILE_MESSAGES:
            results.extend(map(_single, part))
        else:
            results.extend(_decode(part))
    return results


def _single(frame: bytes) -> Msm | DecodeError:
    try:
        return decode_msm(frame)
    except DecodeError as error:
        return error


class _Heads(NamedTuple):
    """What the headers of a batch say, each (messages,). Masks have their first bit at the top."""

    number: Ints
    station_id: Ints
    epoch: Ints
    more: NDArray[np.bool_]
    start_byte: Ints
    size: Ints
    satellite_mask: Masks
    signal_mask: Masks
    cell_mask: Masks
    satellites: Ints
    signals: Ints
    cells: Ints


def _heads(buffer: bytes, sizes: list[int]) -> _Heads:
    size = np.array(sizes, np.int64)
    start = np.cumsum(size) - size
    octets = np.frombuffer(buffer, np.uint8).take(start[:, None] + _HEAD_BYTES)
    first, second, third, fourth = octets.view(">u8").astype(np.uint64).T
    satellite_mask = second << 9 | third >> 55  # DF394
    signal_mask = third << 9 & 0xFFFFFFFF00000000  # DF395
    satellites = np.bitwise_count(satellite_mask).astype(np.int64)
    signals = np.bitwise_count(signal_mask).astype(np.int64)
    # What follows a short cell mask already belongs to the satellites.
    after = np.clip(MOST_CELLS - satellites * signals, 0, MOST_CELLS - 1).astype(np.uint64)
    cell_mask = (third << 41 | fourth >> 23) & _ALL_BITS << after
    cell_mask *= satellites * signals > 0
    return _Heads(
        number=(first >> 52).astype(np.int64),
        station_id=(first >> 40 & 0xFFF).astype(np.int64),
        epoch=(first >> 10 & 0x3FFFFFFF).astype(np.int64),
        more=(first & 0x200) != 0,
        start_byte=start,
        size=size,
        satellite_mask=satellite_mask,
        signal_mask=signal_mask,
        cell_mask=cell_mask,
        satellites=satellites,
        signals=signals,
        cells=np.bitwise_count(cell_mask).astype(np.int64),
    )


def _set_bits(masks: Masks) -> Ints:
    """Return 64 times the message plus the bit, counted from the top, of every set bit."""
    return np.flatnonzero(np.unpackbits(masks.astype(">u8").view(np.uint8)).view(np.bool_))


def _decode(frames: Sequence[bytes]) -> list[Msm | DecodeError]:
    buffer = b"".join([*frames, _PADDING])
    shape, strides = ((len(buffer) - 8) // WORD_STRIDE_BYTES + 1,), (WORD_STRIDE_BYTES,)
    words = np.ndarray(shape, BIG_ENDIAN_WORD, buffer, 0, strides).astype(np.int64)
    heads = _heads(buffer, list(map(len, frames)))
    digit = heads.number % 10
    sound = heads.satellites * heads.signals <= MOST_CELLS
    results: list[Msm | DecodeError | None] = [None] * len(frames)
    for kind_digit in np.unique(digit).tolist():
        kind = KINDS[kind_digit]
        needed = (_end_bit(kind, heads) + 7) // 8 + 3
        chosen = np.flatnonzero((digit == kind_digit) & sound & (needed <= heads.size))
        if len(chosen) == len(frames):
            return list(_messages(heads, kind, words))
        of_kind = _Heads._make(column[chosen] for column in heads)
        for index, message in zip(chosen.tolist(), _messages(of_kind, kind, words), strict=True):
            results[index] = message
    return [
        _single(frame) if result is None else result
        for frame, result in zip(frames, results, strict=True)
    ]


def _end_bit(kind: Kind, heads: _Heads) -> Ints:
    """Return each frame's first bit after the last field, were it of this kind."""
    of_satellite = sum(field.width for field in kind.of_satellites)
    of_cell = sum(field.width for field in kind.of_cells)
    masks = CELL_MASK_BIT + heads.satellites * heads.signals
    return masks + of_satellite * heads.satellites + of_cell * heads.cells


def _messages(heads: _Heads, kind: Kind, words: Ints) -> list[Msm]:
    columns, stop = _columns(heads, kind, words)
    glonass = (heads.number >= 1081) & (heads.number <= 1087)
    days: list[int | None] = [None] * len(stop)
    epoch = heads.epoch
    if glonass.any():
        epoch = np.where(glonass, epoch & 0x7FFFFFF, epoch)
        for index in np.flatnonzero(glonass).tolist():
            days[index] = int(heads.epoch[index]) >> 27
    rows = zip(
        heads.number.tolist(), heads.station_id.tolist(), epoch.tolist(), days,
        heads.more.tolist(), repeat(columns), (stop - heads.cells).tolist(), stop.tolist(),
        strict=False,
    )  # fmt: skip
    return list(map(partial(tuple.__new__, Msm), rows))


def _columns(heads: _Heads, kind: Kind, words: Ints) -> tuple[MsmColumns, Ints]:
    flat = _set_bits(heads.cell_mask)
    message = flat >> 6
    signals = heads.signals.take(message)
    place = flat & 63
    row = _ROWS.take((signals << 6) + place)
    column = place - row * signals
    cell_stop, satellite_stop = np.cumsum(heads.cells), np.cumsum(heads.satellites)
    cell_start, satellite_start = cell_stop - heads.cells, satellite_stop - heads.satellites
    signal_start = np.cumsum(heads.signals) - heads.signals
    satellite, signal = _set_bits(heads.satellite_mask), _set_bits(heads.signal_mask)
    owner = satellite >> 6
    satellite_row = row + satellite_start.take(message)
    bit = 8 * heads.start_byte + CELL_MASK_BIT + heads.satellites * heads.signals
    in_satellites = np.arange(len(owner)) - satellite_start.take(owner)
    in_cells = np.arange(len(flat)) - cell_start.take(message)
    upper = _gather(
        kind.of_satellites, words, bit.take(owner), heads.satellites.take(owner), in_satellites
    )
    bit += heads.satellites * sum(field.width for field in kind.of_satellites)
    lower = _gather(kind.of_cells, words, bit.take(message), heads.cells.take(message), in_cells)
    return MsmColumns(
        satellite_index=(satellite & 63).astype(np.uint8).take(satellite_row),
        signal_index=(signal & 63).astype(np.uint8).take(column + signal_start.take(message)),
        values=_values(kind, upper, lower, satellite_row),
        lock_time_s=None if kind.lock_time_s is None else kind.lock_time_s.take(lower["lock"]),
        half_cycle=lower["half"] if kind.half else None,
        extended=upper["extended"].take(satellite_row) if kind.extended else None,
    ), cell_stop


def _gather(
    fields: tuple[Field, ...], words: Ints, bit: Ints, count: Ints, index: Ints
) -> dict[str, Ints]:
    """Return the fields' integers (items,) by name.

    Of each item (items,): `bit` where its message's fields begin, `count` of items in that
    message, `index` of the item among them. `bit` is used up.
    """
    raw = {}
    for field in fields:
        start = index * field.width
        start += bit
        row = words.take(start >> 5)
        start &= 31
        row <<= start
        row >>= 64 - field.width
        if not field.signed:
            row &= (1 << field.width) - 1
        raw[field.name] = row
        bit += count * field.width
    return raw


def _values(
    kind: Kind, upper: dict[str, Ints], lower: dict[str, Ints], satellite_row: Ints
) -> Floats:
    """Return pseudorange, phase range, rate and C/N0 (4, cells)."""
    values = np.empty((4, len(satellite_row)))
    rough: dict[bytes, Floats] = {}  # pseudorange and phase range have the same
    for row, field in enumerate(kind.rows[: len(values)]):
        value = values[row]
        if field is None:
            value.fill(np.nan)
            continue
        weights = kind.weights[row]
        value[:] = lower[field.name]
        if weights[row] != 1.0:
            value *= weights[row]
        key = weights[ROUGH_ROW:].tobytes()
        if key not in rough:
            rough[key] = _rough(kind, upper, weights).take(satellite_row)
        value += rough[key]
        value *= kind.scales[row]
        if field.invalid is not None:
            _void(value, lower[field.name], field.invalid)
    return values


def _rough(kind: Kind, upper: dict[str, Ints], weights: Floats) -> Floats:
    """Return the satellites' part of one value (satellites,); NaN where it voids the value."""
    total = np.zeros(len(next(iter(upper.values()))))
    for field, weight in zip(kind.rows[ROUGH_ROW:], weights[ROUGH_ROW:].tolist(), strict=True):
        if field is None:
            continue
        if weight:
            total += upper[field.name] * weight
        if field.invalid is not None and (weight or field is ROUGH):
            _void(total, upper[field.name], field.invalid)  # without ROUGH all of it is void
    return total


def _void(value: Floats, raw: Ints, invalid: int) -> None:
    """Make NaN of the values whose integer says that there is none."""
    bad = raw == invalid
    if b"\1" in bad.tobytes():
        np.putmask(value, bad, np.nan)

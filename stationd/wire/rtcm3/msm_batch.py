"""Decodes many MSM at once, of any stations and masks: what replay and a busy daemon use.

The same fields as in `msm.py`, but every step runs over all messages of a kind together: headers,
masks, bit positions, gather, sums. Below some fifty messages the single decoder is faster.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.msm import BIG_ENDIAN_WORD, Msm, MsmColumns, decode_msm
from stationd.wire.rtcm3.msm_layout import CELL_MASK_BIT, CN0, KINDS, MOST_CELLS, Field, Kind

BATCH_MESSAGES: Final = 256  # so that the arrays of a batch stay in a core's second-level cache
WORTHWHILE_MESSAGES: Final = 24  # below it the single decoder is faster
_MASK_BYTE: Final = 12  # of the frame; its second bit begins DF394
_NEVER: Final = 1 << 30

Ints = NDArray[np.intp]


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
    """What the headers of a batch say. Arrays (messages,), masks as bits (messages, …)."""

    number: Ints
    station_id: Ints
    epoch: Ints
    more: NDArray[np.bool_]
    start_byte: Ints
    size: Ints
    satellites: Ints
    signals: Ints
    satellite_bits: NDArray[np.uint8]
    signal_bits: NDArray[np.uint8]
    cell_bits: NDArray[np.uint8]
    cells: Ints


def _heads(data: NDArray[np.uint8], words: NDArray[np.int32], sizes: list[int]) -> _Heads:
    size = np.array(sizes, np.intp)
    start = np.cumsum(size) - size
    first = words.take(start + 3)
    times = words.take(start + 6).view(np.uint32)
    bits = np.unpackbits(data.take(start[:, None] + np.arange(_MASK_BYTE, _MASK_BYTE + 21)), axis=1)
    satellite_bits, signal_bits, cell_bits = bits[:, 1:65], bits[:, 65:97], bits[:, 97:161]
    satellites = satellite_bits.sum(axis=1, dtype=np.intp)
    signals = signal_bits.sum(axis=1, dtype=np.intp)
    # What follows a short cell mask already belongs to the satellites.
    cell_bits = cell_bits * (np.arange(MOST_CELLS) < (satellites * signals)[:, None])
    return _Heads(
        number=(first >> 20 & 0xFFF).astype(np.intp),
        station_id=(first >> 8 & 0xFFF).astype(np.intp),
        epoch=(times >> 2).astype(np.intp),
        more=(times & 2) != 0,
        start_byte=start,
        size=size,
        satellites=satellites,
        signals=signals,
        satellite_bits=satellite_bits,
        signal_bits=signal_bits,
        cell_bits=cell_bits,
        cells=cell_bits.sum(axis=1, dtype=np.intp),
    )


def _decode(frames: Sequence[bytes]) -> list[Msm | DecodeError]:
    sizes = list(map(len, frames))
    buffer = b"".join([*frames, bytes(32)])  # room for a short last frame's mask and words
    data = np.frombuffer(buffer, np.uint8)
    words = np.ndarray((len(buffer) - 3,), BIG_ENDIAN_WORD, buffer, 0, (1,)).astype(np.int32)
    heads = _heads(data, words, sizes)
    digit = heads.number % 10
    sound = heads.satellites * heads.signals <= MOST_CELLS
    results: list[Msm | DecodeError | None] = [None] * len(frames)
    for kind_digit, kind in KINDS.items():
        needed = (_end_bit(kind, heads) + 7) // 8 + 3
        chosen = np.flatnonzero((digit == kind_digit) & sound & (needed <= heads.size))
        if len(chosen):
            of_kind = heads
            if len(chosen) < len(frames):
                of_kind = _Heads._make(column[chosen] for column in heads)
            for index, message in zip(
                chosen.tolist(), _messages(of_kind, kind, words), strict=True
            ):
                results[index] = message
    return [
        _single(frame) if result is None else result
        for frame, result in zip(frames, results, strict=True)
    ]


def _end_bit(kind: Kind, heads: _Heads) -> Ints:
    """Return each frame's first bit after the last field, were it of this kind."""
    of_satellite = sum(field.width for field in kind.fields if field.of_satellite)
    of_cell = sum(field.width for field in kind.fields if not field.of_satellite)
    masks = CELL_MASK_BIT + heads.satellites * heads.signals
    return masks + of_satellite * heads.satellites + of_cell * heads.cells


def _messages(heads: _Heads, kind: Kind, words: NDArray[np.int32]) -> list[Msm]:
    columns, stop = _columns(heads, kind, words)
    glonass = (heads.number >= 1081) & (heads.number <= 1087)
    epoch = np.where(glonass, heads.epoch & 0x7FFFFFF, heads.epoch)
    day = (heads.epoch >> 27).tolist()
    days = [d if g else None for d, g in zip(day, glonass.tolist(), strict=True)]
    rows = zip(
        heads.number.tolist(), heads.station_id.tolist(), epoch.tolist(), days,
        heads.more.tolist(), repeat(columns), (stop - heads.cells).tolist(), stop.tolist(),
        strict=False,
    )  # fmt: skip
    return list(map(Msm._make, rows))


def _columns(heads: _Heads, kind: Kind, words: NDArray[np.int32]) -> tuple[MsmColumns, Ints]:
    flat = np.flatnonzero(heads.cell_bits)
    message, place = flat >> 6, flat & 63
    row, column = np.divmod(place, heads.signals.take(message))
    cell_stop = np.cumsum(heads.cells)
    satellite_stop = np.cumsum(heads.satellites)
    satellite_row = row + (satellite_stop - heads.satellites).take(message)
    owner = np.repeat(np.arange(len(heads.number)), heads.satellites)
    bit = 8 * heads.start_byte + CELL_MASK_BIT + heads.satellites * heads.signals
    of_satellite = tuple(field for field in kind.fields if field.of_satellite)
    of_cell = tuple(field for field in kind.fields if not field.of_satellite)
    in_satellites = np.arange(len(owner)) - (satellite_stop - heads.satellites).take(owner)
    in_cells = np.arange(len(flat)) - (cell_stop - heads.cells).take(message)
    upper, bit = _gather(of_satellite, words, (bit, heads.satellites), owner, in_satellites)
    lower, _ = _gather(of_cell, words, (bit, heads.cells), message, in_cells)
    satellite = np.flatnonzero(heads.satellite_bits) & 63
    signal = np.flatnonzero(heads.signal_bits) & 31
    signal_start = np.cumsum(heads.signals) - heads.signals
    extended = None
    if kind.extended is not None:
        extended = upper[kind.extended].take(satellite_row)
    return MsmColumns(
        satellite_index=satellite.take(satellite_row),
        signal_index=signal.take(column + signal_start.take(message)),
        values=_values(kind, upper, lower, satellite_row),
        lock_time_s=None
        if kind.lock is None or kind.lock_time_s is None
        else kind.lock_time_s.take(lower[kind.lock - len(upper)]),
        half_cycle=None if kind.half is None else lower[kind.half - len(upper)] != 0,
        extended=extended,
    ), cell_stop


def _gather(
    fields: tuple[Field, ...],
    words: NDArray[np.int32],
    place: tuple[Ints, Ints],
    owner: Ints,
    index: Ints,
) -> tuple[NDArray[np.int32], Ints]:
    """Return the fields' integers (fields, items), and each message's bit after them.

    `place`: each message's bit where the fields begin, and how many items each field has;
    `owner` and `index` (items,): an item's message and its number in it.
    """
    bit, count = place
    raw = np.empty((len(fields), len(owner)), np.int32)
    for row, field in zip(raw, fields, strict=True):
        start = bit.take(owner)
        start += index * field.width
        words.take(start >> 3, out=row, mode="clip")
        start &= 7
        np.left_shift(row, start.astype(np.int32), out=row)
        np.right_shift(row, np.int32(32 - field.width), out=row)
        if not field.signed:
            np.bitwise_and(row, np.int32((1 << field.width) - 1), out=row)
        bit = bit + field.width * count
    return raw, bit


def _values(
    kind: Kind, upper: NDArray[np.int32], lower: NDArray[np.int32], satellite_row: Ints
) -> NDArray[np.float64]:
    """Return pseudorange, phase range, rate and C/N0 (4, cells)."""
    split = len(upper)
    values: NDArray[np.float64] = kind.sums[:, split:].dot(lower.astype(np.float64))
    rough = kind.sums[:CN0, :split].dot(upper.astype(np.float64))
    values[:CN0] += rough.take(satellite_row, axis=1)
    values *= kind.scales[:, None]
    invalid = [_NEVER if field.invalid is None else field.invalid for field in kind.fields]
    for field, row, mark in zip(kind.fields, (*upper, *lower), invalid, strict=True):
        if mark == _NEVER:
            continue
        bad = row == mark
        if b"\1" not in bad.tobytes():
            continue
        if field.of_satellite:
            bad = bad.take(satellite_row)
        for value in np.flatnonzero(kind.void[:, kind.fields.index(field)]):
            values[value, bad] = np.nan
    return values

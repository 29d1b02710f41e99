"""Decodes the observations that came before MSM: 1001-1004 (GPS, SBAS) and 1009-1012 (GLONASS).

A message is a header and one record of fixed width for each satellite, so the same field of all
satellites is gathered from the frame's 32-bit big-endian words at once, and one small product
makes values of the fields. Cells come out in the columns of an MSM, with the signals as bits of
its signal mask: all of L1, then all of L2 where the type has it.

Phase ranges are sent as their difference to the L1 pseudorange, which senders roll over when the
ionosphere drives it beyond 1500 cycles (RTCM 10403.3, 3.5.1): that step is no cycle slip.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.constellations import satellite_names
from stationd.gnss.observations import Floats, Observations
from stationd.gnss.signals import observation_codes
from stationd.units import LIGHT_MILLISECOND_M, SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.bits import CRC_BYTES, HEADER_BYTES

_WEEK_MS: Final = SECONDS_PER_WEEK * 1000
_LEAP_DAY_MS: Final = (SECONDS_PER_DAY + 1) * 1000  # GLONASS time runs to 86,400,999 ms
_NEVER: Final = 1 << 30  # no field holds it
_CODE_UNIT_M: Final = 0.02  # DF011, DF017, DF041, DF047
_PHASE_UNIT_M: Final = 0.0005  # DF012, DF018, DF042, DF048
_CN0_UNIT_DBHZ: Final = 0.25  # DF015, DF020, DF045, DF050
# The integers that say "no value".
_INVALID: Final = {
    "range_1": 1 << 19,  # DF011, DF041: the number is a mere origin
    "range_2": -(1 << 13),  # DF017, DF047
    "phase_1": -(1 << 19),  # DF012, DF042
    "phase_2": -(1 << 19),  # DF018, DF048
    "cn0_1": 0,  # DF015, DF045
    "cn0_2": 0,  # DF020, DF050
}
# DF040 -> FDMA channel; above 20 it is reserved.
_CHANNELS: Final = np.array([sent - 7.0 if sent <= 20 else np.nan for sent in range(32)])
_RESERVED_SIGNAL: Final = 31  # a bit of the mask that has no code in G, R and S

# A record's fields in wire order: name, width, signed. GPS's DF numbers, then GLONASS's.
_ID: Final = ("satellite", 6, False)  # DF009, DF038
_CODE_1: Final = ("code_1", 1, False)  # DF010, DF039
_CHANNEL: Final = ("channel", 5, False)  # DF040
_PHASE_1: Final = ("phase_1", 20, True)  # DF012, DF042
_LOCK_1: Final = ("lock_1", 7, False)  # DF013, DF043
_CN0_1: Final = ("cn0_1", 8, False)  # DF015, DF045
_L2: Final = (
    ("code_2", 2, False),  # DF016, DF046
    ("range_2", 14, True),  # DF017, DF047
    ("phase_2", 20, True),  # DF018, DF048
    ("lock_2", 7, False),  # DF019, DF049
)
_CN0_2: Final = ("cn0_2", 8, False)  # DF020, DF050
_G_L1: Final = (_ID, _CODE_1, ("range_1", 24, False), _PHASE_1, _LOCK_1)  # DF011
_R_L1: Final = (_ID, _CODE_1, _CHANNEL, ("range_1", 25, False), _PHASE_1, _LOCK_1)  # DF041
_G_MORE: Final = (("whole_1", 8, False), _CN0_1)  # DF014
_R_MORE: Final = (("whole_1", 7, False), _CN0_1)  # DF044
_RECORDS: Final = {
    1001: _G_L1,
    1002: (*_G_L1, *_G_MORE),
    1003: (*_G_L1, *_L2),
    1004: (*_G_L1, *_G_MORE, *_L2, _CN0_2),
    1009: _R_L1,
    1010: (*_R_L1, *_R_MORE),
    1011: (*_R_L1, *_L2),
    1012: (*_R_L1, *_R_MORE, *_L2, _CN0_2),
}

# Code indicator (DF010, DF016; DF039, DF046) -> bit of the MSM signal mask, counted from 0. DF016
# tells C/A and L2C not apart (taken as 2X, as RTKLIB does), nor does MSM know cross-correlated
# P(Y) (RINEX 2D; taken as 2W, the other semi-codeless tracking). Two indicators are reserved in R.
_SIGNALS: Final = {
    "G": (np.array([1, 2]), np.array([16, 8, 9, 9])),  # 1C 1P; 2X 2P 2W 2W
    "R": (np.array([1, 2]), np.array([7, 8, _RESERVED_SIGNAL, _RESERVED_SIGNAL])),  # 1C 1P; 2C 2P
    "S": (np.array([1, _RESERVED_SIGNAL]), np.empty(0, np.intp)),  # 1C
}
_FIRST_SBAS: Final = 40  # DF009: 40 to 58 are SBAS PRN 120 to 138
_LAST_SBAS: Final = 58


class LegacyColumns(NamedTuple):
    """Cells of one constellation, in the shape of MsmColumns.

    `channel` (cells,): GLONASS FDMA channel, NaN where not said; None elsewhere.
    """

    satellite_index: NDArray[np.uint8]
    signal_index: NDArray[np.uint8]
    values: Floats
    lock_time_s: Floats
    channel: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class LegacyObservations:
    """One message of 1001-1004 or 1009-1012.

    `epoch_ms`: of the GPS week, or of the day in UTC(SU) for R. `more_follows`: DF005.
    `columns`: by constellation letter; beside "G" there may be "S".
    `range_modulo_m`: by how much ranges may be short; None where they are whole.
    """

    number: int
    station_id: int
    constellation: str
    epoch_ms: int
    more_follows: bool
    range_modulo_m: float | None
    columns: Mapping[str, LegacyColumns]

    @property
    def epoch_s(self) -> float:
        return self.epoch_ms / 1000

    @property
    def epoch_is_possible(self) -> bool:
        """False for a time outside its week or day: some receivers wrap it wrongly."""
        return self.epoch_ms < (_LEAP_DAY_MS if self.constellation == "R" else _WEEK_MS)

    def observations(self, letter: str) -> Observations:
        """Return a constellation's cells with names; these messages have no Doppler."""
        columns = self.columns[letter]
        names, codes = satellite_names(letter), observation_codes(letter)
        pseudorange_m, phase_range_m, rate_m_per_s, cn0_dbhz = columns.values
        return Observations(
            satellite=tuple(names[i] for i in columns.satellite_index.tolist()),
            code=tuple(codes[i] for i in columns.signal_index.tolist()),
            pseudorange_m=pseudorange_m,
            phase_range_m=phase_range_m,
            phase_range_rate_m_per_s=rate_m_per_s,
            cn0_dbhz=cn0_dbhz,
            lock_time_s=columns.lock_time_s,
            glonass_channel=columns.channel,
        )


def decode_legacy(frame: bytes) -> LegacyObservations:
    """Return the message in `frame`, a whole RTCM 3 frame of a number in 1001-1004, 1009-1012.

    Raises DecodeError where it is shorter than its satellites need.
    """
    size_bits = 8 * (len(frame) - HEADER_BYTES - CRC_BYTES)
    head = int.from_bytes(frame[3:11].ljust(8, b"\0"), "big")
    number = head >> 52  # DF002
    letter = "R" if number > 1004 else "G"
    epoch_bits = 27 if letter == "R" else 30  # DF034, DF004
    head_bits = 34 + epoch_bits  # with DF005, DF006 and two fields on smoothing
    satellites = head >> 64 - epoch_bits - 30 & 0x1F  # DF006, DF035
    width = sum(field[1] for field in _RECORDS[number])
    needed = head_bits + satellites * width
    if size_bits < needed:
        raise DecodeError(
            f"message {number}: {satellites} satellites need {(needed + 7) // 8} bytes, "
            f"it has {size_bits // 8}"
        )
    raw = _gather(frame, _plan(number, satellites, 8 * HEADER_BYTES + head_bits))
    return LegacyObservations(
        number=number,
        station_id=head >> 40 & 0xFFF,  # DF003
        constellation=letter,
        epoch_ms=head >> 40 - epoch_bits & (1 << epoch_bits) - 1,
        more_follows=head >> 39 - epoch_bits & 1 == 1,
        range_modulo_m=_KINDS[number].range_modulo_m,
        columns=_columns(raw, _KINDS[number], letter),
    )


class _Kind(NamedTuple):
    """What is the same for every message of one type.

    `row`: the record's fields by name. `sums` (4 bands, fields): weights that add fields to range,
    phase range, rate and C/N0 of L1, then of L2. `void` (4 bands, fields) is 1 where a field
    without value voids a value; `absent` (4 bands, 1) is NaN for what the type does not carry.
    `invalid` (fields, 1): the integer that says "no value".
    """

    bands: int
    row: Mapping[str, int]
    sums: Floats
    void: Floats
    absent: Floats
    invalid: NDArray[np.int32]
    range_modulo_m: float | None


def _kind(number: int) -> _Kind:
    record = _RECORDS[number]
    row = {name: place for place, (name, _, _) in enumerate(record)}
    bands = 2 if "range_2" in row else 1
    modulo_m = LIGHT_MILLISECOND_M * (1 if number <= 1004 else 2)  # DF014, DF044
    origin = {"range_1": _CODE_UNIT_M, "whole_1": modulo_m}  # everything else is a difference to it
    weights: list[dict[str, float]] = [
        origin, {**origin, "phase_1": _PHASE_UNIT_M}, {}, {"cn0_1": _CN0_UNIT_DBHZ},
        {**origin, "range_2": _CODE_UNIT_M}, {**origin, "phase_2": _PHASE_UNIT_M}, {},
        {"cn0_2": _CN0_UNIT_DBHZ},
    ]  # fmt: skip
    # The L1 range may be a mere origin, without value of its own, and L2 still stands on it.
    voided_by = [
        ("range_1",), ("range_1", "phase_1"), (), ("cn0_1",),
        ("range_2",), ("phase_2",), (), ("cn0_2",),
    ]  # fmt: skip
    sums, void = np.zeros((4 * bands, len(record))), np.zeros((4 * bands, len(record)))
    for value in range(4 * bands):
        for name in weights[value].keys() & row.keys():
            sums[value, row[name]] = weights[value][name]
        for name in set(voided_by[value]) & row.keys():
            void[value, row[name]] = 1.0
    return _Kind(
        bands=bands,
        row=row,
        sums=sums,
        void=void,
        absent=np.where(sums.any(axis=1), 0.0, np.nan)[:, None],
        invalid=np.array([[_INVALID.get(name, _NEVER)] for name in row], np.int32),
        range_modulo_m=None if "whole_1" in row else modulo_m,
    )


_KINDS: Final = {number: _kind(number) for number in _RECORDS}


class _Plan(NamedTuple):
    """Where the fields of a message stand. Arrays are (fields, satellites)."""

    byte: NDArray[np.intp]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    mask: NDArray[np.int32]


@lru_cache(maxsize=len(_RECORDS) * 32)
def _plan(number: int, satellites: int, first_bit: int) -> _Plan:
    record = _RECORDS[number]
    widths = np.array([[width] for _, width, _ in record])
    signed = np.array([[is_signed] for _, _, is_signed in record])
    place = np.cumsum(widths, axis=0) - widths
    start = first_bit + place + np.arange(satellites) * int(widths.sum())
    return _Plan(
        byte=start >> 3,
        left=(start & 7).astype(np.int32),
        right=(32 - widths).astype(np.int32),
        mask=np.where(signed, -1, (1 << widths) - 1).astype(np.int32),
    )


def _gather(frame: bytes, plan: _Plan) -> NDArray[np.int32]:
    """Return the integers (fields, satellites)."""
    words = np.ndarray((len(frame) - 3,), ">u4", frame, 0, (1,)).astype(np.int32)
    raw = words.take(plan.byte)
    raw <<= plan.left
    raw >>= plan.right
    raw &= plan.mask
    return raw


def _columns(raw: NDArray[np.int32], kind: _Kind, letter: str) -> dict[str, LegacyColumns]:
    """Return cells by constellation; a satellite without a number (R, slot unknown) has none."""
    number = raw[kind.row["satellite"]]
    values = _values(raw, kind)
    numbers = number.tolist()
    if letter == "R":
        return {"R": _cells(raw, kind, "R", values, [i for i, n in enumerate(numbers) if n])}
    sbas = [i for i, n in enumerate(numbers) if _FIRST_SBAS <= n <= _LAST_SBAS]
    columns = {
        "G": _cells(
            raw, kind, "G", values, [i for i, n in enumerate(numbers) if n and i not in sbas]
        )
    }
    if sbas:
        columns["S"] = _cells(raw, kind._replace(bands=1), "S", values[:, :1], sbas)
    return columns


def _values(raw: NDArray[np.int32], kind: _Kind) -> Floats:
    """Return values (4, bands, satellites).

    Some receivers send zeros throughout for a satellite without L2, instead of the markers: an L2
    range equal to L1's to the last digit, never locked. Taken as no value.
    """
    values: Floats = kind.sums.dot(raw.astype(np.float64))
    values += kind.absent
    bad = raw == kind.invalid
    values[kind.void.dot(bad) > 0] = np.nan
    if kind.bands == 2:
        first = kind.row["range_2"]  # DF017 to DF020 stand side by side
        values[4:, ~raw[first:].any(axis=0)] = np.nan
    return values.reshape(kind.bands, 4, -1).transpose(1, 0, 2)


def _cells(
    raw: NDArray[np.int32], kind: _Kind, letter: str, values: Floats, rows: list[int]
) -> LegacyColumns:
    """Return the cells of some satellites."""
    row, (l1, l2) = kind.row, _SIGNALS[letter]
    some = raw if len(rows) == raw.shape[1] else raw[:, rows]
    values = values if len(rows) == raw.shape[1] else values[:, :, rows]
    index = some[row["satellite"]] - (_FIRST_SBAS if letter == "S" else 1)
    signal, lock = l1[some[row["code_1"]]], some[row["lock_1"]]
    if kind.bands == 2:
        index = np.concatenate((index, index))
        signal = np.concatenate((signal, l2[some[row["code_2"]]]))
        lock = np.concatenate((lock, some[row["lock_2"]]))
    channel = None
    if "channel" in row:
        channel = _CHANNELS[some[row["channel"]]]
        channel = np.concatenate((channel,) * kind.bands)
    return LegacyColumns(
        satellite_index=index.astype(np.uint8),
        signal_index=signal.astype(np.uint8),
        values=values.reshape(4, -1),
        lock_time_s=_LOCK_TIME_S[lock],
        channel=channel,
    )


def _lock_times_s() -> Floats:
    """DF013: the least lock time by indicator (RTCM 10403.3, table 3.4-2)."""
    index = np.arange(128)
    step = np.array([1, 2, 4, 8, 16, 32])[np.minimum(index // 24, 5)]
    offset = np.array([0, 24, 120, 408, 1176, 3096])[np.minimum(index // 24, 5)]
    return np.where(index == 127, 937.0, step * index - offset).astype(np.float64)


_LOCK_TIME_S: Final = _lock_times_s()

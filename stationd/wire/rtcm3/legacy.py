"""Decodes the observations that came before MSM: 1001-1004 (GPS, SBAS) and 1009-1012 (GLONASS).

A message is a header and one record of fixed width for each satellite, so the same field of all
satellites is gathered from the frame's 32-bit big-endian words at once. Cells come out in the
columns of an MSM, with the signals as bits of its signal mask.

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
_CODE_UNIT_M: Final = 0.02  # DF011, DF017, DF041, DF047
_PHASE_UNIT_M: Final = 0.0005  # DF012, DF018, DF042, DF048
_CN0_UNIT_DBHZ: Final = 0.25  # DF015, DF020, DF045, DF050; 0 for no value
_NO_CODE: Final = 1 << 19  # DF011, DF041: there is no L1 pseudorange, the number is a mere origin
_NO_DIFFERENCE: Final = -(1 << 13)  # DF017, DF047
_NO_PHASE: Final = -(1 << 19)  # DF012, DF018, DF042, DF048
_CHANNEL_OFFSET: Final = 7  # DF040
_HIGHEST_CHANNEL: Final = 20  # DF040, as sent; above it is reserved
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

    satellite_index: NDArray[np.intp]
    signal_index: NDArray[np.intp]
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
    modulo_m = LIGHT_MILLISECOND_M * (2 if letter == "R" else 1)  # DF044, DF014
    fields = _fields(frame, number, satellites, 8 * HEADER_BYTES + head_bits)
    return LegacyObservations(
        number=number,
        station_id=head >> 40 & 0xFFF,  # DF003
        constellation=letter,
        epoch_ms=head >> 40 - epoch_bits & (1 << epoch_bits) - 1,
        more_follows=head >> 39 - epoch_bits & 1 == 1,
        range_modulo_m=None if "whole_1" in fields else modulo_m,
        columns=_columns(fields, letter, modulo_m),
    )


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


def _fields(
    frame: bytes, number: int, satellites: int, first_bit: int
) -> Mapping[str, NDArray[np.int32]]:
    """Return each field's integers (satellites,) by name."""
    plan = _plan(number, satellites, first_bit)
    words = np.ndarray((len(frame) - 3,), ">u4", frame, 0, (1,)).astype(np.int32)
    raw = words.take(plan.byte)
    raw <<= plan.left
    raw >>= plan.right
    raw &= plan.mask
    return {name: row for (name, _, _), row in zip(_RECORDS[number], raw, strict=True)}


def _columns(
    fields: Mapping[str, NDArray[np.int32]], letter: str, modulo_m: float
) -> dict[str, LegacyColumns]:
    """Return cells by constellation; a satellite without a number (R, slot unknown) has none."""
    number = fields["satellite"]
    if letter == "R":
        return {"R": _cells(fields, "R", number - 1, np.flatnonzero(number > 0), modulo_m)}
    sbas = (number >= _FIRST_SBAS) & (number <= _LAST_SBAS)
    rows = np.flatnonzero((number > 0) & ~sbas)
    columns = {"G": _cells(fields, "G", number - 1, rows, modulo_m)}
    if sbas.any():
        columns["S"] = _cells(fields, "S", number - _FIRST_SBAS, np.flatnonzero(sbas), modulo_m)
    return columns


def _cells(
    fields: Mapping[str, NDArray[np.int32]],
    letter: str,
    index: NDArray[np.int32],
    rows: NDArray[np.intp],
    modulo_m: float,
) -> LegacyColumns:
    """Return the cells of some satellites: all of L1, then all of L2 where there may be one."""
    bands = [_l1(fields, modulo_m)]
    signals = [_SIGNALS[letter][0][fields["code_1"]]]
    locks = [_LOCK_TIME_S[fields["lock_1"]]]
    if "range_2" in fields and letter != "S":
        bands.append(_l2(fields, modulo_m))
        signals.append(_SIGNALS[letter][1][fields["code_2"]])
        locks.append(_LOCK_TIME_S[fields["lock_2"]])
    channel = None
    if "channel" in fields:
        sent = fields["channel"][rows]
        one = np.where(sent <= _HIGHEST_CHANNEL, sent - float(_CHANNEL_OFFSET), np.nan)
        channel = np.tile(one, len(bands))
    return LegacyColumns(
        satellite_index=np.tile(index[rows].astype(np.intp), len(bands)),
        signal_index=np.concatenate([signal[rows] for signal in signals]),
        values=np.concatenate([band[:, rows] for band in bands], axis=1),
        lock_time_s=np.concatenate([lock[rows] for lock in locks]),
        channel=channel,
    )


def _origin_m(fields: Mapping[str, NDArray[np.int32]], modulo_m: float) -> Floats:
    """Return the L1 pseudorange, to which everything else is a difference."""
    return fields["range_1"] * _CODE_UNIT_M + fields.get("whole_1", 0) * modulo_m


def _l1(fields: Mapping[str, NDArray[np.int32]], modulo_m: float) -> Floats:
    """Return values (4, satellites) of L1."""
    range_m = np.where(fields["range_1"] == _NO_CODE, np.nan, _origin_m(fields, modulo_m))
    phase = fields["phase_1"]
    phase_m = np.where(phase == _NO_PHASE, np.nan, range_m + phase * _PHASE_UNIT_M)
    return np.stack([range_m, phase_m, np.full(len(phase), np.nan), _cn0_dbhz(fields, "cn0_1")])


def _l2(fields: Mapping[str, NDArray[np.int32]], modulo_m: float) -> Floats:
    """Return values (4, satellites) of L2.

    Some receivers send zeros throughout for a satellite without L2, instead of the markers: an L2
    range equal to L1's to the last digit, never locked. Taken as no value.
    """
    origin_m = _origin_m(fields, modulo_m)
    difference, phase = fields["range_2"], fields["phase_2"]
    nothing = (difference | phase | fields["lock_2"] | fields.get("cn0_2", 0)) == 0
    no_range, no_phase = nothing | (difference == _NO_DIFFERENCE), nothing | (phase == _NO_PHASE)
    range_m = np.where(no_range, np.nan, origin_m + difference * _CODE_UNIT_M)
    phase_m = np.where(no_phase, np.nan, origin_m + phase * _PHASE_UNIT_M)
    return np.stack([range_m, phase_m, np.full(len(phase), np.nan), _cn0_dbhz(fields, "cn0_2")])


def _cn0_dbhz(fields: Mapping[str, NDArray[np.int32]], name: str) -> Floats:
    if name not in fields:
        return np.full(len(fields["satellite"]), np.nan)
    return np.where(fields[name] == 0, np.nan, fields[name] * _CN0_UNIT_DBHZ)


def _lock_times_s() -> Floats:
    """DF013: the least lock time by indicator (RTCM 10403.3, table 3.4-2)."""
    index = np.arange(128)
    step = np.array([1, 2, 4, 8, 16, 32])[np.minimum(index // 24, 5)]
    offset = np.array([0, 24, 120, 408, 1176, 3096])[np.minimum(index // 24, 5)]
    return np.where(index == 127, 937.0, step * index - offset).astype(np.float64)


_LOCK_TIME_S: Final = _lock_times_s()

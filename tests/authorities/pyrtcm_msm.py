"""What pyrtcm's fields of an MSM come to in physical units; its own masks, tables and scales.

The formulas and "no value" marks are written down here a second time, from RTCM 10403.3 3.5.16.
"""

import math
from typing import Any, NamedTuple

from pyrtcm import RTCMMessage

_MILLISECOND_M = 299_792.458
_LETTERS = {"107": "G", "108": "R", "109": "E", "110": "S", "111": "J", "112": "C", "113": "I"}
_EPOCH_FIELDS = {"G": "DF004", "R": "DF034", "E": "DF248", "S": "DF004", "J": "DF428", "C": "DF427"}
_UNSCALED = {"DF398": 2**10, "DF400": 2**24, "DF401": 2**29, "DF405": 2**29, "DF406": 2**31}
_NO_VALUE = {
    "DF397": 255, "DF399": -8192, "DF400": -(2**14), "DF401": -(2**21), "DF403": 0,
    "DF404": -(2**14), "DF405": -(2**19), "DF406": -(2**23), "DF408": 0,
}  # fmt: skip
# RTCM 10403.3 table 3.5-75: first indicator, milliseconds a step, milliseconds at the first.
_DF407_MS = (
    (0, 1, 0), (64, 2, 64), (96, 4, 128), (128, 8, 256), (160, 16, 512), (192, 32, 1024),
    (224, 64, 2048), (256, 128, 4096), (288, 256, 8192), (320, 512, 16384), (352, 1024, 32768),
    (384, 2048, 65536), (416, 4096, 131072), (448, 8192, 262144), (480, 16384, 524288),
    (512, 32768, 1048576), (544, 65536, 2097152), (576, 131072, 4194304),
    (608, 262144, 8388608), (640, 524288, 16777216), (672, 1048576, 33554432),
    (704, 0, 67108864),
)  # fmt: skip
# RTCM 10403.3 table 3.5-74: milliseconds of lock by indicator.
_DF402_MS = (
    0, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288,
)  # fmt: skip


class ExpectedCell(NamedTuple):
    """One satellite's signal; None where there is no value or the kind carries none."""

    satellite: str
    code: str
    pseudorange_m: float | None
    phase_range_m: float | None
    phase_range_rate_m_per_s: float | None
    cn0_dbhz: float | None
    lock_time_s: float | None
    half_cycle: bool | None
    glonass_channel: int | None


class ExpectedMsm(NamedTuple):
    """One MSM."""

    number: int
    station_id: int
    epoch_ms: int
    glonass_day: int | None
    more_follows: bool
    cells: list[ExpectedCell]


def expected_msm(frame: bytes) -> ExpectedMsm:
    """Return what pyrtcm reads from a whole frame."""
    payload = frame[3:-3]
    number = int.from_bytes(payload[:2], "big") >> 4
    if number % 10 == 2:
        as_msm3 = _read(_msm3_of_msm2(payload))
        cells = [cell._replace(pseudorange_m=None) for cell in as_msm3.cells]
        return as_msm3._replace(number=number, cells=cells)
    return _read(payload)


def _msm3_of_msm2(payload: bytes) -> bytes:
    """Return an MSM2 with pseudoranges of zero put in: pyrtcm 1.2.1 fails on every MSM2."""
    bits = f"{int.from_bytes(payload, 'big'):0{8 * len(payload)}b}"
    satellites, signals = bits[73:137].count("1"), bits[137:169].count("1")
    cells = bits[169 : 169 + satellites * signals].count("1")
    place = 169 + satellites * signals + 10 * satellites
    number = int(bits[:12], 2) + 1
    bits = f"{number:012b}" + bits[12:place] + "0" * 15 * cells + bits[place:]
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _read(payload: bytes) -> ExpectedMsm:
    message = RTCMMessage(payload=payload)
    letter = _LETTERS[message.identity[:3]]
    row = {getattr(message, f"PRN_{i:02d}"): i for i in range(1, message.NSat + 1)}
    return ExpectedMsm(
        number=int(message.DF002),
        station_id=message.DF003,
        epoch_ms=getattr(message, _EPOCH_FIELDS.get(letter, "DF546")),
        glonass_day=message.DF416 if letter == "R" else None,
        more_follows=bool(message.DF393),
        cells=[
            _cell(message, letter, cell, row[getattr(message, f"CELLPRN_{cell:02d}")])
            for cell in range(1, message.NCell + 1)
        ],
    )


def _cell(message: Any, letter: str, cell: int, satellite: int) -> ExpectedCell:
    def value(*names: str, of: int = cell) -> float | None:
        """Return the first of the fields that this kind has; None where it says "no value"."""
        for name in names:
            field = getattr(message, f"{name}_{of:02d}", None)
            if field is not None:
                raw = field * _UNSCALED.get(name, 1)
                if name in {"DF404", "DF408"}:
                    raw = round(field * (10_000 if name == "DF404" else 16))
                return None if raw == _NO_VALUE.get(name) else field
        return None

    has_rough = hasattr(message, "DF397_01")
    rough_ms = value("DF397", of=satellite) if has_rough else 0.0
    modulo_ms = value("DF398", of=satellite)
    code_ms, phase_ms = value("DF405", "DF400"), value("DF406", "DF401")
    rough_rate, rate = value("DF399", of=satellite), value("DF404")
    half, channel = value("DF420"), value("DF419", of=satellite)
    lock10, lock4 = value("DF407"), value("DF402")
    gone = rough_ms is None  # without rough range nothing of the satellite counts

    def range_m(fine_ms: float | None) -> float | None:
        if gone or fine_ms is None:
            return None
        return math.fsum((rough_ms, modulo_ms, fine_ms)) * _MILLISECOND_M

    no_rate = gone or rough_rate is None or rate is None
    return ExpectedCell(
        satellite=_satellite(letter, getattr(message, f"CELLPRN_{cell:02d}")),
        # pyrtcm means "N/A" for a reserved bit, and takes that text's second character.
        code=getattr(message, f"CELLSIG_{cell:02d}").replace("/", ""),
        pseudorange_m=range_m(code_ms),
        phase_range_m=range_m(phase_ms),
        phase_range_rate_m_per_s=None
        if no_rate
        else (rough_rate * 10_000 + round(rate * 10_000)) * 1e-4,
        cn0_dbhz=None if gone else value("DF408", "DF403"),
        lock_time_s=df407_s(int(lock10))
        if lock10 is not None
        else None
        if lock4 is None
        else _DF402_MS[int(lock4)] * 1e-3,
        half_cycle=None if half is None else bool(half),
        glonass_channel=None if channel is None or channel > 13 else int(channel) - 7,
    )


def df407_s(indicator: int) -> float | None:
    """Return the least lock time of an indicator; None for the reserved ones."""
    if indicator > 704:
        return None
    first, step_ms, at_first_ms = max(row for row in _DF407_MS if row[0] <= indicator)
    return (at_first_ms + (indicator - first) * step_ms) * 1e-3


def _satellite(letter: str, prn: str) -> str:
    """Return RINEX's name: SBAS PRN less 100, QZSS PRN less 192."""
    return f"{letter}{int(prn) - {'S': 100, 'J': 192}.get(letter, 0):02d}"

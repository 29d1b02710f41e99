"""Stations that say something wrong of themselves, or leave something out."""

from dataclasses import dataclass
from typing import Final

from stationd_simulators.faults.frame_bits import (
    bits_of,
    framed,
    number_of,
    payload_of,
    signed,
    with_bits,
)
from stationd_simulators.faults.seam import Moment, Vector

ARP_NUMBERS: Final = (1005, 1006)
_ARP_AT: Final = (34, 74, 114)  # DF025, DF026, DF027: 38 bits of 0.1 mm
_ARP_WIDTH: Final = 38
_ARP_UNITS_PER_M: Final = 10_000
_HEIGHT_AT: Final = 152  # DF028 of 1006: 16 bits of 0.1 mm
_ID_AT, _ID_WIDTH = 12, 12  # DF003
_BEIDOU_NUMBERS: Final = range(1121, 1128)
_EPOCH_AT, _EPOCH_WIDTH = 24, 30  # of an MSM
_WEEK_MS: Final = 604_800_000
_UNWRAPPED_MS: Final = 14_000  # GPS time is ahead of BeiDou's by so much


@dataclass(frozen=True, slots=True)
class WrongId:
    """Another station's id (DF003)."""

    station_id: int = 4095


def wrong_station_id(frames: list[bytes], parameters: WrongId, moment: Moment) -> list[bytes]:
    """Put another id into every message that has one."""
    del moment
    return [
        with_bits(frame, _ID_AT, _ID_WIDTH, parameters.station_id) if _has_id(frame) else frame
        for frame in frames
    ]


@dataclass(frozen=True, slots=True)
class Types:
    """Message types, by number."""

    types: tuple[int, ...] = (1006,)


def missing_types(frames: list[bytes], parameters: Types, moment: Moment) -> list[bytes]:
    """Leave message types out."""
    del moment
    return [frame for frame in frames if number_of(frame) not in parameters.types]


@dataclass(frozen=True, slots=True)
class Offset:
    """By how much the broadcast ARP is off, in ECEF."""

    xyz_m: Vector = (0.005, 0.0, 0.0)


def arp_offset(frames: list[bytes], parameters: Offset, moment: Moment) -> list[bytes]:
    """Say a place that is off, in 1005 and 1006."""
    del moment
    return [_moved(frame, parameters.xyz_m) for frame in frames]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No parameters."""


def arp_default(frames: list[bytes], parameters: Nothing, moment: Moment) -> list[bytes]:
    """Say the coordinates of a receiver that was never told where it is: zeros."""
    del parameters, moment
    for at in _ARP_AT:
        frames = [
            with_bits(frame, at, _ARP_WIDTH, 0) if number_of(frame) in ARP_NUMBERS else frame
            for frame in frames
        ]
    return frames


@dataclass(frozen=True, slots=True)
class Height:
    """The antenna height (1006) that is said instead."""

    height_m: float = 1.5


def antenna_height(frames: list[bytes], parameters: Height, moment: Moment) -> list[bytes]:
    """Say another antenna height."""
    del moment
    value = round(parameters.height_m * _ARP_UNITS_PER_M)
    return [
        with_bits(frame, _HEIGHT_AT, 16, value) if number_of(frame) == 1006 else frame
        for frame in frames
    ]


@dataclass(frozen=True, slots=True)
class Swap:
    """The antenna that stands there now."""

    descriptor: str = "LEIAR25.R3      LEIT"
    serial: str = "9999"


def antenna_swap(frames: list[bytes], parameters: Swap, moment: Moment) -> list[bytes]:
    """Say another antenna in 1007, 1008 and 1033."""
    del moment
    return [
        _swapped(frame, parameters) if number_of(frame) in (1007, 1008, 1033) else frame
        for frame in frames
    ]


def beidou_unwrapped(frames: list[bytes], parameters: Nothing, moment: Moment) -> list[bytes]:
    """Send negative BeiDou times (DF427) after a GPS week began, as some receivers do."""
    del parameters, moment
    return [_unwrapped(frame) for frame in frames]


def _has_id(frame: bytes) -> bool:
    number = number_of(frame)
    return 1001 <= number <= 1013 or number in (1029, 1033, 1230) or 1071 <= number <= 1137


def _moved(frame: bytes, xyz_m: Vector) -> bytes:
    if number_of(frame) not in ARP_NUMBERS:
        return frame
    for at, added_m in zip(_ARP_AT, xyz_m, strict=True):
        old = signed(bits_of(frame, at, _ARP_WIDTH), _ARP_WIDTH)
        frame = with_bits(frame, at, _ARP_WIDTH, old + round(added_m * _ARP_UNITS_PER_M))
    return frame


def _swapped(frame: bytes, swap: Swap) -> bytes:
    """Replace the first text, and the serial number where there is one, of a descriptor message."""
    payload = payload_of(frame)
    head, rest = payload[:3], payload[3:]  # DF002 and DF003 are 24 bits
    setup = rest[1 + rest[0] : 2 + rest[0]]
    rest = rest[2 + rest[0] :]
    body = head + _text(swap.descriptor) + setup
    if number_of(frame) != 1007:
        body += _text(swap.serial)
        rest = rest[1 + rest[0] :]
    return framed(body + rest)


def _text(text: str) -> bytes:
    """Return a text with its length before it."""
    coded = text.encode("latin-1", "replace")[:31]  # RTCM 10403.3: 31 characters at most
    return bytes([len(coded)]) + coded


def _unwrapped(frame: bytes) -> bytes:
    if number_of(frame) not in _BEIDOU_NUMBERS:
        return frame
    epoch_ms = bits_of(frame, _EPOCH_AT, _EPOCH_WIDTH)
    if epoch_ms < _WEEK_MS - _UNWRAPPED_MS:
        return frame
    return with_bits(frame, _EPOCH_AT, _EPOCH_WIDTH, epoch_ms - _WEEK_MS)

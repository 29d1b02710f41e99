"""Decodes what a station says of itself: 1005-1008, 1013, 1029, 1033 and 1230.

Constructors are called with their fields in wire order: each argument reads the next bits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stationd.wire.rtcm3.bits import Bits

# Units as divisors: a quotient is the float nearest to the decimal number that was sent.
PER_METRE: Final = 10_000  # DF025-DF028, 0.1 mm
BIAS_PER_METRE: Final = 50  # DF423-DF426, 0.02 m
NO_BIAS: Final = -(1 << 15)  # DF423-DF426
INTERVAL_PER_S: Final = 10  # DF057
BIAS_CODES: Final = ("1C", "1P", "2C", "2P")  # DF422, from its first bit


@dataclass(frozen=True, slots=True, repr=False)
class ReferencePoint:
    """1005 and 1006: the antenna reference point in ECEF; its `repr` shows no coordinate.

    `height_m`: from the mark to the ARP, 1006 only. `itrf_year`: 0 where it is not said, as usual:
    the frame is configuration and not content of the stream.
    """

    station_id: int
    itrf_year: int
    gps: bool
    glonass: bool
    galileo: bool
    is_virtual: bool
    x_m: float
    single_oscillator: bool
    y_m: float
    quarter_cycle: int
    z_m: float
    height_m: float | None


@dataclass(frozen=True, slots=True)
class Descriptors:
    """1007, 1008 and 1033. None where the message type has no such field; "" where it is empty."""

    station_id: int
    antenna: str
    antenna_setup_id: int
    antenna_serial: str | None = None
    receiver: str | None = None
    receiver_firmware: str | None = None
    receiver_serial: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """One type that 1013 announces, and how often it comes."""

    number: int
    synchronous: bool
    interval_s: float


@dataclass(frozen=True, slots=True)
class SystemParameters:
    """1013: the date in UTC, the leap seconds, and the types that the station sends."""

    station_id: int
    mjd: int
    second_of_day_s: int
    leap_seconds_s: int
    announcements: tuple[Announcement, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """1029: a text for people, with its date in UTC. What is no UTF-8 in it becomes U+FFFD."""

    station_id: int
    mjd: int
    second_of_day_s: int
    characters: int  # as announced; some senders count bytes
    text: str


@dataclass(frozen=True, slots=True)
class GlonassBiases:
    """1230: code-phase biases by observation code. A code that is absent is unknown, not zero.

    `aligned`: DF421, code and phase ranges are aligned by these biases already.
    """

    station_id: int
    aligned: bool
    bias_m: Mapping[str, float | None]


def decode_reference_point(frame: bytes) -> ReferencePoint:
    """Return 1005 or 1006."""
    bits = Bits(frame)
    station_id = bits.unsigned(12)  # DF003
    itrf_year = bits.unsigned(6)  # DF021
    gps, glonass, galileo = bits.flag(), bits.flag(), bits.flag()  # DF022, DF023, DF024
    is_virtual = bits.flag()  # DF141
    x = bits.signed(38)  # DF025
    single_oscillator = bits.flag()  # DF142
    bits.unsigned(1)  # reserved
    y = bits.signed(38)  # DF026
    quarter_cycle = bits.unsigned(2)  # DF364
    z = bits.signed(38)  # DF027
    return ReferencePoint(
        station_id=station_id,
        itrf_year=itrf_year,
        gps=gps,
        glonass=glonass,
        galileo=galileo,
        is_virtual=is_virtual,
        x_m=x / PER_METRE,
        single_oscillator=single_oscillator,
        y_m=y / PER_METRE,
        quarter_cycle=quarter_cycle,
        z_m=z / PER_METRE,
        height_m=bits.unsigned(16) / PER_METRE if bits.number == 1006 else None,  # DF028
    )


def decode_descriptors(frame: bytes) -> Descriptors:
    """Return 1007, 1008 or 1033."""
    bits = Bits(frame)
    station_id = bits.unsigned(12)  # DF003
    antenna = bits.text()  # DF029, DF030
    setup_id = bits.unsigned(8)  # DF031
    if bits.number == 1007:
        return Descriptors(station_id, antenna, setup_id)
    serial = bits.text()  # DF032, DF033
    if bits.number == 1008:
        return Descriptors(station_id, antenna, setup_id, serial)
    return Descriptors(
        station_id,
        antenna,
        setup_id,
        serial,
        receiver=bits.text(),  # DF227, DF228
        receiver_firmware=bits.text(),  # DF229, DF230
        receiver_serial=bits.text(),  # DF231, DF232
    )


def decode_system_parameters(frame: bytes) -> SystemParameters:
    """Return 1013."""
    bits = Bits(frame)
    station_id = bits.unsigned(12)  # DF003
    mjd = bits.unsigned(16)  # DF051
    second_of_day_s = bits.unsigned(17)  # DF052
    count = bits.unsigned(5)  # DF053
    leap_seconds_s = bits.unsigned(8)  # DF054
    announcements = tuple(
        Announcement(
            bits.unsigned(12),  # DF055
            bits.flag(),  # DF056
            bits.unsigned(16) / INTERVAL_PER_S,  # DF057
        )
        for _ in range(count)
    )
    return SystemParameters(station_id, mjd, second_of_day_s, leap_seconds_s, announcements)


def decode_text(frame: bytes) -> Text:
    """Return 1029."""
    bits = Bits(frame)
    return Text(
        station_id=bits.unsigned(12),  # DF003
        mjd=bits.unsigned(16),  # DF051
        second_of_day_s=bits.unsigned(17),  # DF052
        characters=bits.unsigned(7),  # DF138
        text=bits.octets(bits.unsigned(8)).decode("utf-8", "replace"),  # DF139, DF140
    )


def decode_glonass_biases(frame: bytes) -> GlonassBiases:
    """Return 1230."""
    bits = Bits(frame)
    station_id = bits.unsigned(12)  # DF003
    aligned = bits.flag()  # DF421
    bits.unsigned(3)  # reserved
    mask = bits.unsigned(4)  # DF422
    bias_m: dict[str, float | None] = dict.fromkeys(BIAS_CODES)
    for place, code in enumerate(BIAS_CODES):
        if mask >> 3 - place & 1:
            bias = bits.signed(16)  # DF423-DF426
            bias_m[code] = None if bias == NO_BIAS else bias / BIAS_PER_METRE
    return GlonassBiases(station_id, aligned, bias_m)

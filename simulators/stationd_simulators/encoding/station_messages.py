"""Messages about the station: position, antenna, receiver, schedule, biases, text."""

from collections.abc import Mapping, Sequence

from stationd.gnss.time import MJD_OF_UNIX_EPOCH
from stationd_simulators.encoding.framing import BitWriter
from stationd_simulators.encoding.utc_label import UtcLabel, utc_label

Vector = tuple[float, float, float]

_BIAS_UNIT_M = 0.02  # DF423 … DF426
_LONGEST_INTERVAL = 65_535  # DF057, in tenths of a second
_BIAS_CODES = ("1C", "1P", "2C", "2P")  # DF422, from its first bit


def encode_1005(station_id: int, arp_m: Vector) -> bytes:
    """Return the position of the antenna reference point, to 0.1 mm."""
    return _position(1005, station_id, arp_m).frame()


def encode_1006(station_id: int, arp_m: Vector, height_m: float) -> bytes:
    """Return the position, and the height of the antenna reference point above the marker."""
    return _position(1006, station_id, arp_m).unsigned(round(height_m * 1e4), 16).frame()


def _position(number: int, station_id: int, arp_m: Vector) -> BitWriter:
    x, y, z = (round(value * 1e4) for value in arp_m)
    return (
        BitWriter()
        .unsigned(number, 12)
        .unsigned(station_id, 12)
        .unsigned(0, 6)  # DF021: the year of the ITRF is reserved
        .unsigned(0b1110, 4)  # DF022, DF023, DF024: GPS, GLONASS, Galileo; DF141: a real station
        .signed(x, 38)
        .unsigned(0b10, 2)  # DF142: one oscillator for all observations; a reserved bit
        .signed(y, 38)
        .unsigned(0, 2)  # DF364: quarter cycles are not said
        .signed(z, 38)
    )


def encode_1007(station_id: int, antenna: str, setup_id: int) -> bytes:
    """Return the antenna's descriptor."""
    return _antenna(1007, station_id, antenna, setup_id).frame()


def encode_1008(station_id: int, antenna: str, setup_id: int, serial: str) -> bytes:
    """Return the antenna's descriptor and serial number."""
    return _antenna(1008, station_id, antenna, setup_id).text(serial).frame()


def encode_1033(
    station_id: int, antenna: str, setup_id: int, serial: str, receiver: tuple[str, str, str]
) -> bytes:
    """Return antenna and receiver; `receiver` is its type, firmware and serial number."""
    writer = _antenna(1033, station_id, antenna, setup_id).text(serial)
    for text in receiver:
        writer.text(text)
    return writer.frame()


def _antenna(number: int, station_id: int, antenna: str, setup_id: int) -> BitWriter:
    head = BitWriter().unsigned(number, 12).unsigned(station_id, 12)
    return head.text(antenna[:31]).unsigned(setup_id, 8)  # DF029 counts to 31


def encode_1013(
    station_id: int, gpst_s: float, announced: Sequence[tuple[int, bool, float]]
) -> bytes:
    """Return the schedule: message number, whether it is synchronous, and its interval in s.

    Synchronous (DF056) is what comes at regular intervals. Those are told to a tenth of a second,
    from one (0 would say nothing) to 6553.5 s (DF057).
    """
    utc = utc_label(gpst_s)
    writer = _dated(1013, station_id, utc)
    writer.unsigned(len(announced), 5).unsigned(utc.leap_seconds, 8)
    for number, synchronous, interval_s in announced:
        writer.unsigned(number, 12).unsigned(synchronous, 1)
        writer.unsigned(min(max(1, round(interval_s * 10)), _LONGEST_INTERVAL), 16)
    return writer.frame()


def encode_1029(station_id: int, gpst_s: float, text: str) -> bytes:
    """Return a text in UTF-8, cut to the 127 characters and 255 bytes that a message holds."""
    text = text[:127]
    while len(text.encode()) > 255:
        text = text[:-1]
    octets = text.encode()
    writer = _dated(1029, station_id, utc_label(gpst_s))
    return writer.unsigned(len(text), 7).unsigned(len(octets), 8).octets(octets).frame()


def _dated(number: int, station_id: int, utc: UtcLabel) -> BitWriter:
    head = BitWriter().unsigned(number, 12).unsigned(station_id, 12)
    # DF051, DF052: a leap second is second 86,400 of its day
    return head.unsigned(utc.day + MJD_OF_UNIX_EPOCH, 16).unsigned(int(utc.of_day_s), 17)


def encode_1230(station_id: int, biases_m: Mapping[str, float]) -> bytes:
    """Return GLONASS code-phase biases by observation code: 1C, 1P, 2C, 2P."""
    writer = BitWriter().unsigned(1230, 12).unsigned(station_id, 12)
    writer.unsigned(1, 1).unsigned(0, 3)  # DF421: the observations are aligned
    for code in _BIAS_CODES:
        writer.unsigned(code in biases_m, 1)
    for code in _BIAS_CODES:
        if code in biases_m:
            writer.signed(round(biases_m[code] / _BIAS_UNIT_M), 16)
    return writer.frame()

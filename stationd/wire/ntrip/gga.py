"""The position that a client tells a caster of virtual reference stations: an NMEA GGA."""

from datetime import UTC, datetime
from functools import reduce
from operator import xor
from typing import Final, NamedTuple

_STEPS_PER_MINUTE: Final = 10_000  # an arc minute in steps of 0.2 m


class Position(NamedTuple):
    """Where a client says that it is; in degrees, as people and sourcetables write it."""

    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0  # above sea level


def rounded(position: Position) -> Position:
    """Return the position to 0.01 degrees (1 km): enough for a network, no one's coordinate."""
    return Position(round(position.latitude_deg, 2), round(position.longitude_deg, 2), 0.0)


def gga(position: Position, utc_s: float) -> bytes:
    """Return the sentence with its end of line, as of `utc_s` (seconds since 1970, UTC)."""
    time = datetime.fromtimestamp(utc_s, UTC)
    hundredths = time.microsecond // 10_000
    latitude = f"{_minutes(position.latitude_deg, 2)},{'S' if position.latitude_deg < 0 else 'N'}"
    longitude = (
        f"{_minutes(position.longitude_deg, 3)},{'W' if position.longitude_deg < 0 else 'E'}"
    )
    # A single-point fix with ten satellites: casters refuse a position that seems none.
    text = (
        f"GPGGA,{time:%H%M%S}.{hundredths:02d},{latitude},{longitude},"
        f"1,10,1.0,{position.height_m:.1f},M,0.0,M,,"
    )
    checksum = reduce(xor, text.encode("ascii"))
    return f"${text}*{checksum:02X}\r\n".encode("ascii")


def _minutes(angle_deg: float, degree_digits: int) -> str:
    """Return `ddmm.mmmm`; whole steps first, so that 59.99999' becomes the next degree."""
    steps = round(abs(angle_deg) * 60 * _STEPS_PER_MINUTE)
    degrees, steps = divmod(steps, 60 * _STEPS_PER_MINUTE)
    minutes, steps = divmod(steps, _STEPS_PER_MINUTE)
    return f"{degrees:0{degree_digits}d}{minutes:02d}.{steps:04d}"

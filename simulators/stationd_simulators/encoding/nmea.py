"""NMEA 0183 sentences of a fix (version 4.11): GGA, GSA, GST, GSV, RMC, ZDA."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from stationd_simulators.encoding.utc_label import UtcLabel, utc_label

SECONDS_PER_HOUR: Final = 3600.0
METRES_PER_NAUTICAL_MILE: Final = 1852.0
FEWEST_SATELLITES: Final = 4


class InView(NamedTuple):
    """One satellite in view."""

    name: str  # "G01"
    elevation_rad: float
    azimuth_rad: float
    cn0_dbhz: float


@dataclass(frozen=True, slots=True)
class Fix:
    """What a receiver knows of itself at an epoch.

    `altitude_m` is above the ellipsoid; `separation_m` that of geoid and ellipsoid; `sigma_m` is
    that of latitude, longitude and altitude.
    """

    gpst_s: float
    latitude_rad: float
    longitude_rad: float
    altitude_m: float
    separation_m: float
    sigma_m: tuple[float, float, float]
    in_view: Sequence[InView]
    speed_m_per_s: float = 0.0
    course_rad: float = 0.0
    quality: int = 1

    @property
    def is_valid(self) -> bool:
        """Say whether the satellites suffice for a position and a clock."""
        return len(self.in_view) >= FEWEST_SATELLITES


class _Talker(NamedTuple):
    """How a constellation is called: talker, system number, first signal, satellites' offset."""

    talker: str
    system: int
    signal: str
    offset: int


# NMEA 0183 4.11, tables 19 and 20; GLONASS numbers are slot + 64, those of QZSS PRN.
_TALKERS: Final[Mapping[str, _Talker]] = {
    "G": _Talker("GP", 1, "1", 0),
    "R": _Talker("GL", 2, "1", 64),
    "E": _Talker("GA", 3, "7", 0),
    "C": _Talker("GB", 4, "1", 0),
    "J": _Talker("GQ", 5, "1", 192),
}


def sentences(fix: Fix) -> list[bytes]:
    """Return all sentences of an epoch, in the order in which receivers send them."""
    return [
        gga(fix),
        rmc(fix),
        *gsa(fix),
        *gsv(fix),
        gst(fix),
        zda(fix),
    ]


def sentence(*fields: str) -> bytes:
    """Return a sentence of its fields, with its checksum."""
    body = ",".join(fields)
    checksum = 0
    for octet in body.encode("ascii"):
        checksum ^= octet
    return f"${body}*{checksum:02X}\r\n".encode("ascii")


def gga(fix: Fix) -> bytes:
    """Return the fix; its altitude is above the geoid."""
    used = min(len(fix.in_view), 99)
    if not fix.is_valid:
        return sentence("GNGGA", _time(fix), "", "", "", "", "0", f"{used:02d}", "99.9",
                        "", "M", "", "M", "", "")  # fmt: skip
    return sentence(
        "GNGGA",
        _time(fix),
        *_place(fix),
        str(fix.quality),
        f"{used:02d}",
        f"{dilutions(fix)[1]:.1f}",
        f"{fix.altitude_m - fix.separation_m:.4f}",
        "M",
        f"{fix.separation_m:.4f}",
        "M",
        "",
        "",
    )


def rmc(fix: Fix) -> bytes:
    """Return the fix with speed, course and date."""
    return sentence(
        "GNRMC",
        _time(fix),
        "A" if fix.is_valid else "V",
        *(_place(fix) if fix.is_valid else ("", "", "", "")),
        f"{fix.speed_m_per_s * SECONDS_PER_HOUR / METRES_PER_NAUTICAL_MILE:.3f}",
        f"{np.degrees(fix.course_rad) % 360.0:.2f}",
        f"{_utc(fix).date:%d%m%y}",
        "",
        "",
        "A" if fix.is_valid else "N",
        "V",
    )


def gsa(fix: Fix) -> Iterator[bytes]:
    """Yield the satellites used, twelve a sentence, and the dilutions of precision."""
    dilution = [f"{value:.1f}" for value in dilutions(fix)]
    for letter, members in _by_constellation(fix):
        talker = _TALKERS[letter]
        numbers = [_number(satellite, talker) for satellite in members]
        for first in range(0, len(numbers), 12):
            twelve = (numbers[first : first + 12] + [""] * 12)[:12]
            yield sentence(
                "GNGSA", "A", "3" if fix.is_valid else "1", *twelve, *dilution, str(talker.system)
            )


def gsv(fix: Fix) -> Iterator[bytes]:
    """Yield the satellites in view, four a sentence, by constellation."""
    for letter, members in _by_constellation(fix):
        talker = _TALKERS[letter]
        count = -(-len(members) // 4)
        for number in range(count):
            four = members[4 * number : 4 * number + 4]
            fields = [field for satellite in four for field in _seen(satellite, talker)]
            head = (f"{talker.talker}GSV", str(count), str(number + 1), f"{len(members):02d}")
            yield sentence(*head, *fields, talker.signal)


def gst(fix: Fix) -> bytes:
    """Return how sure the fix is."""
    sigmas = [f"{sigma_m:.3f}" for sigma_m in fix.sigma_m]
    horizontal = f"{max(fix.sigma_m[:2]):.3f}"
    return sentence("GNGST", _time(fix), horizontal, horizontal, horizontal, "0.0", *sigmas)


def zda(fix: Fix) -> bytes:
    """Return date and time."""
    date = _utc(fix).date
    day, month, year = f"{date:%d}", f"{date:%m}", f"{date:%Y}"
    return sentence("GNZDA", _time(fix), day, month, year, "00", "00")


def dilutions(fix: Fix) -> tuple[float, float, float]:
    """Return PDOP, HDOP and VDOP; 99.9 where the satellites are too few or badly placed."""
    if not fix.is_valid:
        return 99.9, 99.9, 99.9
    elevation = np.array([satellite.elevation_rad for satellite in fix.in_view])
    azimuth = np.array([satellite.azimuth_rad for satellite in fix.in_view])
    rows = np.column_stack(
        (
            np.cos(elevation) * np.sin(azimuth),
            np.cos(elevation) * np.cos(azimuth),
            np.sin(elevation),
            np.ones(len(elevation)),
        )
    )
    cofactors = np.diag(np.linalg.pinv(rows.T @ rows))
    horizontal, vertical = cofactors[0] + cofactors[1], cofactors[2]
    three = np.sqrt([horizontal + vertical, horizontal, vertical])
    position, level, up = np.minimum(three, 99.9).tolist()
    return position, level, up


def _by_constellation(fix: Fix) -> Iterator[tuple[str, list[InView]]]:
    for letter in _TALKERS:
        members = sorted(satellite for satellite in fix.in_view if satellite.name[0] == letter)
        if members:
            yield letter, members


def _number(satellite: InView, talker: _Talker) -> str:
    return f"{int(satellite.name[1:]) + talker.offset:02d}"


def _seen(satellite: InView, talker: _Talker) -> tuple[str, str, str, str]:
    return (
        _number(satellite, talker),
        f"{round(np.degrees(satellite.elevation_rad)):02d}",
        f"{round(np.degrees(satellite.azimuth_rad)) % 360:03d}",
        f"{round(min(max(satellite.cn0_dbhz, 0.0), 99.0)):02d}",
    )


def _utc(fix: Fix) -> UtcLabel:
    """Return UTC, to a hundredth of a second, as the sentences give it."""
    return utc_label(round(fix.gpst_s * 100) / 100)


def _time(fix: Fix) -> str:
    hours, minutes, seconds = _utc(fix).hours_minutes_seconds
    return f"{hours:02d}{minutes:02d}{seconds:05.2f}"


def _place(fix: Fix) -> tuple[str, str, str, str]:
    return (
        _angle(fix.latitude_rad, 2),
        "N" if fix.latitude_rad >= 0.0 else "S",
        _angle(fix.longitude_rad, 3),
        "E" if fix.longitude_rad >= 0.0 else "W",
    )


def _angle(angle_rad: float, digits: int) -> str:
    """Return degrees and minutes, to 0.2 mm."""
    tenth_micro_minutes = round(abs(float(np.degrees(angle_rad))) * 60.0 * 1e7)
    degrees, rest = divmod(tenth_micro_minutes, 600_000_000)
    minutes, fraction = divmod(rest, 10_000_000)
    return f"{degrees:0{digits}d}{minutes:02d}.{fraction:07d}"

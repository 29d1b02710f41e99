"""Constellations and satellites, named as RINEX names them: "G01", "R05", "S20", "C59"."""

from typing import Final

# RINEX letter -> name. The order is that of RTCM 3 MSM message numbers 107x ... 113x.
CONSTELLATIONS: Final = {
    "G": "GPS",
    "R": "GLONASS",
    "E": "Galileo",
    "S": "SBAS",
    "J": "QZSS",
    "C": "BeiDou",
    "I": "NavIC",
}


def satellite_names(letter: str, count: int = 64) -> tuple[str, ...]:
    """Return the names of satellites 1 … `count` of a constellation.

    MSM satellite masks count SBAS from PRN 120, which RINEX writes S20 (RTCM 10403.3 table
    3.5-108; RINEX 3.05, 3.5), and QZSS from PRN 193, which RINEX writes J01.
    """
    first = 20 if letter == "S" else 1
    return tuple(f"{letter}{number:02d}" for number in range(first, first + count))

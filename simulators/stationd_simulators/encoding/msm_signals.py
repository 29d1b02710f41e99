"""Which bit of the MSM signal mask an observation code is (RTCM 10403.3, 3.5.16, DF395).

Typed from the standard's tables 3.5-91, -96, -99, -102, -105 and -108, not taken from stationd.
"""

from collections.abc import Mapping
from typing import Final

SIGNAL_BIT: Final[Mapping[str, Mapping[str, int]]] = {
    "G": {"1C": 2, "1P": 3, "1W": 4, "2C": 8, "2P": 9, "2W": 10, "2S": 15, "2L": 16, "2X": 17,
          "5I": 22, "5Q": 23, "5X": 24, "1S": 30, "1L": 31, "1X": 32},
    "R": {"1C": 2, "1P": 3, "2C": 8, "2P": 9},
    "E": {"1C": 2, "1B": 4, "1X": 5, "6C": 8, "6B": 10, "6X": 11, "7I": 14, "7Q": 15, "7X": 16,
          "8I": 18, "8Q": 19, "8X": 20, "5I": 22, "5Q": 23, "5X": 24},
    "S": {"1C": 2, "5I": 22, "5Q": 23, "5X": 24},
    "J": {"1C": 2, "6S": 9, "6L": 10, "6X": 11, "2S": 15, "2L": 16, "2X": 17, "5I": 22, "5Q": 23,
          "5X": 24, "1S": 30, "1L": 31, "1X": 32},
    "C": {"2I": 2, "2Q": 3, "2X": 4, "6I": 8, "6Q": 9, "6X": 10, "7I": 14, "7Q": 15, "7X": 16,
          "5D": 22, "5P": 23, "5X": 24, "7D": 25, "1D": 30, "1P": 31, "1X": 32},
}  # fmt: skip

# Message number = this + MSM kind 1 … 7, in the order in which receivers send them.
FIRST_MESSAGE: Final[Mapping[str, int]] = {
    "G": 1070, "R": 1080, "E": 1090, "S": 1100, "J": 1110, "C": 1120,
}  # fmt: skip


def satellite_bit(name: str) -> int:
    """Return which bit of the satellite mask a satellite is, from 1."""
    number = int(name[1:])
    return number - 19 if name[0] == "S" else number

"""Signals: MSM signal masks, RINEX observation codes and carrier frequencies.

Sources: RTCM 10403.3 with amendments, tables 3.5-91 (GPS), 3.5-96 (GLONASS), 3.5-99 (Galileo),
3.5-102 (SBAS), 3.5-105 (QZSS), 3.5-108 (BeiDou), 3.5-109 (NavIC); RINEX 3.05 tables 4-10 for
band numbers and frequencies.
"""

from collections.abc import Mapping
from typing import Final

# Bit of DF395, counted from 1 -> observation code. A bit without an entry is reserved.
MSM_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    "G": {
        2: "1C", 3: "1P", 4: "1W", 8: "2C", 9: "2P", 10: "2W", 15: "2S", 16: "2L", 17: "2X",
        22: "5I", 23: "5Q", 24: "5X", 30: "1S", 31: "1L", 32: "1X",
    },
    "R": {2: "1C", 3: "1P", 8: "2C", 9: "2P"},
    "E": {
        2: "1C", 3: "1A", 4: "1B", 5: "1X", 6: "1Z", 8: "6C", 9: "6A", 10: "6B", 11: "6X",
        12: "6Z", 14: "7I", 15: "7Q", 16: "7X", 18: "8I", 19: "8Q", 20: "8X", 22: "5I",
        23: "5Q", 24: "5X",
    },
    "S": {2: "1C", 22: "5I", 23: "5Q", 24: "5X"},
    "J": {
        2: "1C", 9: "6S", 10: "6L", 11: "6X", 15: "2S", 16: "2L", 17: "2X", 22: "5I", 23: "5Q",
        24: "5X", 30: "1S", 31: "1L", 32: "1X",
    },
    "C": {
        2: "2I", 3: "2Q", 4: "2X", 8: "6I", 9: "6Q", 10: "6X", 14: "7I", 15: "7Q", 16: "7X",
        22: "5D", 23: "5P", 24: "5X", 25: "7D", 26: "7P", 27: "7Z", 30: "1D", 31: "1P", 32: "1X",
    },
    "I": {8: "9A", 22: "5A"},
}  # fmt: skip

# Constellation and RINEX band -> carrier frequency; GLONASS bands 1 and 2 at channel 0.
BAND_FREQUENCY_HZ: Final[Mapping[str, float]] = {
    "G1": 1575.42e6, "G2": 1227.60e6, "G5": 1176.45e6,
    "R1": 1602.0e6, "R2": 1246.0e6, "R3": 1202.025e6, "R4": 1600.995e6, "R6": 1248.06e6,
    "E1": 1575.42e6, "E5": 1176.45e6, "E6": 1278.75e6, "E7": 1207.14e6, "E8": 1191.795e6,
    "S1": 1575.42e6, "S5": 1176.45e6,
    "J1": 1575.42e6, "J2": 1227.60e6, "J5": 1176.45e6, "J6": 1278.75e6,
    "C1": 1575.42e6, "C2": 1561.098e6, "C5": 1176.45e6, "C6": 1268.52e6, "C7": 1207.14e6,
    "C8": 1191.795e6,
    "I5": 1176.45e6, "I9": 2492.028e6,
}  # fmt: skip

GLONASS_CHANNEL_STEP_HZ: Final = {"1": 0.5625e6, "2": 0.4375e6}  # FDMA spacing, GLONASS ICD 5.1


def observation_codes(letter: str) -> tuple[str, ...]:
    """Return 32 observation codes, one per bit of the signal mask; "" for a reserved bit."""
    codes = MSM_CODES[letter]
    return tuple(codes.get(bit, "") for bit in range(1, 33))


def carrier_frequency_hz(letter: str, code: str, channel: int | None = None) -> float | None:
    """Return a signal's carrier frequency; None for GLONASS FDMA without its channel."""
    frequency_hz = BAND_FREQUENCY_HZ.get(letter + code[:1])
    if frequency_hz is None or letter != "R" or code[0] not in GLONASS_CHANNEL_STEP_HZ:
        return frequency_hz
    if channel is None:
        return None
    return frequency_hz + channel * GLONASS_CHANNEL_STEP_HZ[code[0]]

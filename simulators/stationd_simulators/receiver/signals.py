"""Which signals a satellite sends and a station tracks, as columns over satellites and codes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.signals import carrier_frequency_hz
from stationd.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

# GPS satellites that lack the newer signals in 2026: no L2C on blocks IIR, no L5 on IIR-M either.
GPS_WITHOUT_L2C: Final = frozenset({2, 13, 16, 19, 20, 21, 22})
GPS_WITHOUT_L5: Final = GPS_WITHOUT_L2C | {5, 7, 12, 15, 17, 29, 31}
LAST_BEIDOU_2: Final = 18  # C01 … C18 send B1I, B2I, B3I; later ones B1C and B2a, but no B2I

# How much stronger (dB) or more precise than L1 C/A a signal is: C/N0 and code noise.
CN0_OFFSET_DB: Final[Mapping[str, float]] = {
    "G1W": -8.0, "G2W": -8.0, "G2L": -1.0, "G5Q": 3.0, "R2C": -2.0, "E1C": 0.5, "E5Q": 2.0,
    "E7Q": 2.0, "E6C": 2.0, "C1P": 1.0, "C5P": 2.0, "J5Q": 3.0,
}  # fmt: skip
CODE_NOISE_RATIO: Final[Mapping[str, float]] = {
    "G5Q": 0.5, "E5Q": 0.5, "E7Q": 0.5, "J5Q": 0.5, "C5P": 0.5, "E1C": 0.8, "C1P": 0.8, "R1C": 2.0,
    "R2C": 2.0,
}  # fmt: skip


def is_sent(satellite: str, code: str) -> bool:
    """Say whether a satellite sends a signal, as its generation does."""
    number = int(satellite[1:])
    match satellite[0], code[0]:
        case "G", "2":
            return code[1] == "W" or number not in GPS_WITHOUT_L2C
        case "G", "5":
            return number not in GPS_WITHOUT_L5
        case "C", "7":
            return number <= LAST_BEIDOU_2 or code[1] != "I"
        case "C", "1" | "5":
            return number > LAST_BEIDOU_2
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Columns (cells,): every pair of a satellite and a signal that could be tracked."""

    satellite: Numbers  # row in the list of satellites
    name: NDArray[np.str_]
    code: NDArray[np.str_]
    band: Numbers  # number of the RINEX band
    key: Numbers  # stands for satellite and code in hashes
    frequency_hz: Floats
    wavelength_m: Floats
    group_delay_m: Floats
    cn0_offset_db: Floats
    code_noise_ratio: Floats
    glonass_channel: Floats


def signals(
    satellites: tuple[str, ...],
    codes: Mapping[str, tuple[str, ...]],
    group_delay_s: Callable[[str, str], float],
    glonass_channel: Callable[[str], int | None],
) -> Signals:
    """Return the cells of a station that tracks `codes` of each constellation."""
    pairs = [
        (row, name, code)
        for row, name in enumerate(satellites)
        for code in codes.get(name[0], ())
        if is_sent(name, code)
    ]
    channels = [glonass_channel(name) if name[0] == "R" else None for _, name, _ in pairs]
    frequency_hz = np.array(
        [
            carrier_frequency_hz(name[0], code, channel) or np.nan
            for (_, name, code), channel in zip(pairs, channels, strict=True)
        ]
    )
    kinds = [name[0] + code for _, name, code in pairs]
    return Signals(
        satellite=np.array([row for row, _, _ in pairs], np.int64),
        name=np.array([name for _, name, _ in pairs], "U3"),
        code=np.array([code for _, _, code in pairs], "U2"),
        band=np.array([int(code[0]) for _, _, code in pairs], np.int64),
        key=np.array(
            [int.from_bytes((name + code).encode(), "big") for _, name, code in pairs], np.int64
        ),
        frequency_hz=frequency_hz,
        wavelength_m=SPEED_OF_LIGHT_M_PER_S / frequency_hz,
        group_delay_m=np.array(
            [SPEED_OF_LIGHT_M_PER_S * group_delay_s(name, code) for _, name, code in pairs]
        ),
        cn0_offset_db=np.array([CN0_OFFSET_DB.get(kind, 0.0) for kind in kinds]),
        code_noise_ratio=np.array([CODE_NOISE_RATIO.get(kind, 1.0) for kind in kinds]),
        glonass_channel=np.array([np.nan if c is None else float(c) for c in channels]),
    )

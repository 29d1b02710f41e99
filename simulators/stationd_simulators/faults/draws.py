"""Randomness that depends on names and seconds alone, so that any epoch can be made by itself."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LONGEST_STORM_S: Final = 7200  # draws are made from the fault's beginning: this bounds the work


def generator(seed: int, *keys: int) -> np.random.Generator:
    """Return a generator for a seed and further numbers (a satellite, a second)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *keys])))


def satellite_key(name: str) -> int:
    """Return a number for "G01", the same everywhere."""
    return int.from_bytes(name.encode())


def by_row(satellites: Sequence[str], of_satellite: dict[str, float]) -> Floats:
    """Return a value for each row from values by satellite."""
    return np.array([of_satellite[name] for name in satellites], dtype=np.float64)


def uniform_until(seed: int, satellite: str, elapsed_s: float, duration_s: float) -> Floats:
    """Return one number of [0, 1) for each second from the beginning, this one included."""
    seconds = int(min(elapsed_s + 1.0, duration_s, _LONGEST_STORM_S))
    return generator(seed, satellite_key(satellite)).random(seconds)

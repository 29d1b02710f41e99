"""Multipath: a reflection from below, a function of direction: it repeats every sidereal day."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.propagation.geometry import Sky
from stationd_simulators.propagation.randomness import key_of, uniform

Floats = NDArray[np.float64]

PHASE_RATIO: Final = 0.05  # rad of phase per 0.3 m of code: 1.5 mm on L1


class Reflected(NamedTuple):
    """What a reflection adds; columns (n,)."""

    code_m: Floats
    phase_m: Floats


class Multipath:
    """The surroundings of one antenna: a reflector 1 to 2.5 m below, rough in azimuth."""

    def __init__(self, code_m: float, seed: int) -> None:
        self._code_m = code_m
        drawn = uniform(key_of(seed, "reflector"), np.arange(4))
        self._depth_m = 1.0 + 1.5 * float(drawn[0])
        self._phases = 2.0 * np.pi * drawn[1:]

    def delays_m(self, seen: Sky, wavelength_m: Floats) -> Reflected:
        """Return what is added to code and phase; nothing at the zenith, all at the horizon."""
        first, second, third = self._phases
        azimuth = seen.azimuth_rad
        roughness = 1.0 + 0.5 * np.sin(3.0 * azimuth + first) + 0.3 * np.sin(7.0 * azimuth + second)
        strength = np.cos(seen.elevation_rad) ** 2 * roughness / 1.8
        longer = 2.0 * self._depth_m * np.sin(seen.elevation_rad) / wavelength_m
        turn = 2.0 * np.pi * longer + third
        phase_rad = PHASE_RATIO * self._code_m / 0.3 * strength * np.sin(turn)
        return Reflected(
            self._code_m * strength * np.cos(turn), phase_rad * wavelength_m / (2.0 * np.pi)
        )

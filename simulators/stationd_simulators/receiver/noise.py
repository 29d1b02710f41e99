"""What the receiver adds of its own: white noise, and how strong it finds each signal."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.propagation.randomness import key_of, normal, uniform, wander
from stationd_simulators.receiver.signals import Signals
from stationd_simulators.scenario import Errors

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

WEAKEST_DBHZ: Final = 35.0  # at the horizon, of L1 C/A
STRONGER_DB: Final = 15.0  # times the sine of the elevation
_WANDER_DB: Final = 0.5
_RATE_NOISE_RATIO: Final = 5.0  # 1/s: Doppler noise over phase noise


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """One receiver's. Rows are those of `cell`, a subset of the cells of `signals`."""

    errors: Errors
    signals: Signals
    own: int

    def code_m(self, gpst_s: float, cell: Numbers, growth: Floats) -> Floats:
        """Return noise of pseudoranges; `growth` over that at the zenith."""
        drawn = self._drawn("code", gpst_s, cell)
        return drawn * self.errors.code_noise_m * self.signals.code_noise_ratio[cell] * growth

    def phase_m(self, gpst_s: float, cell: Numbers, growth: Floats) -> Floats:
        """Return noise of phase ranges."""
        return self._drawn("phase", gpst_s, cell) * self.errors.phase_noise_m * growth

    def rate_m_per_s(self, gpst_s: float, cell: Numbers, growth: Floats) -> Floats:
        """Return noise of range rates."""
        size_m = self.errors.phase_noise_m * _RATE_NOISE_RATIO
        return self._drawn("rate", gpst_s, cell) * size_m * growth

    def strength_dbhz(
        self, gpst_s: float, cell: Numbers, elevation_rad: Floats, scintillation_ratio: Floats
    ) -> Floats:
        """Return C/N0: it grows with elevation, wanders a little, and fades as S4 says."""
        cn0_dbhz = WEAKEST_DBHZ + STRONGER_DB * np.sin(elevation_rad)
        cn0_dbhz += self.signals.cn0_offset_db[cell]
        key = self.signals.key[cell]
        if self.errors.code_noise_m:
            cn0_dbhz += _WANDER_DB * wander(key_of(self.own, "cn0"), gpst_s, 60.0, key)
        if self.errors.scintillation_ratio:
            drawn = uniform(key_of(self.own, "fade"), key, int(gpst_s))
            # Power of variance S4^2 about 1: uniform, within 1 -+ sqrt(3) S4.
            power = 1.0 + np.sqrt(3.0) * scintillation_ratio * (2.0 * drawn - 1.0)
            cn0_dbhz += 10.0 * np.log10(np.maximum(power, 0.01))
        return cn0_dbhz

    def _drawn(self, kind: str, gpst_s: float, cell: Numbers) -> Floats:
        return normal(key_of(self.own, kind), self.signals.key[cell], round(gpst_s * 1e3))

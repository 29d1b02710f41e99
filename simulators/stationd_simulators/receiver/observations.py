"""Observations of one epoch as columns: what the receiver makes, faults alter and MSM carries."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Names = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class EpochObservations:
    """Columns (cells,) of the epoch that the receiver calls `gpst_s`; NaN where it has no value.

    One row is one satellite and signal, satellites grouped by constellation. `satellite` holds
    names such as "G01", `code` RINEX observation codes such as "1C". The range rate is positive
    when the range grows. `glonass_channel` is -7 … +6, NaN for other constellations. Elevation,
    azimuth and the carrier's wavelength are not sent: faults ask for them.
    """

    gpst_s: float
    satellite: Names
    code: Names
    pseudorange_m: Floats
    phase_range_m: Floats
    range_rate_m_per_s: Floats
    cn0_dbhz: Floats
    lock_time_s: Floats
    half_cycle: Flags
    glonass_channel: Floats
    elevation_rad: Floats
    azimuth_rad: Floats
    wavelength_m: Floats

    def __len__(self) -> int:
        return len(self.satellite)

    @property
    def letter(self) -> Names:
        """Return each row's constellation: the first letter of the satellite's name."""
        return self.satellite.astype("U1")

    def only(self, rows: Flags) -> "EpochObservations":
        """Return the rows that `rows` marks."""
        return EpochObservations(
            gpst_s=self.gpst_s,
            satellite=self.satellite[rows],
            code=self.code[rows],
            pseudorange_m=self.pseudorange_m[rows],
            phase_range_m=self.phase_range_m[rows],
            range_rate_m_per_s=self.range_rate_m_per_s[rows],
            cn0_dbhz=self.cn0_dbhz[rows],
            lock_time_s=self.lock_time_s[rows],
            half_cycle=self.half_cycle[rows],
            glonass_channel=self.glonass_channel[rows],
            elevation_rad=self.elevation_rad[rows],
            azimuth_rad=self.azimuth_rad[rows],
            wavelength_m=self.wavelength_m[rows],
        )

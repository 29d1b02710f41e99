"""Observations of one epoch as columns: one row for each satellite and signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Columns of equal length (cells,); NaN where the receiver gave no value.

    `satellite`: names such as "G01"; `code`: RINEX observation codes such as "1C".
    `phase_range_rate_m_per_s` is positive when the range increases; Doppler is -rate/wavelength.
    `lock_time_s` is the least time that the phase has been tracked without a slip.
    `half_cycle`: True while the half-cycle ambiguity is unresolved; None where not given.
    `glonass_channel`: FDMA channel -7 … +6 by cell as float, NaN where unknown; None elsewhere.
    """

    satellite: tuple[str, ...]
    code: tuple[str, ...]
    pseudorange_m: Floats
    phase_range_m: Floats
    phase_range_rate_m_per_s: Floats
    cn0_dbhz: Floats
    lock_time_s: Floats
    half_cycle: NDArray[np.bool_] | None = None
    glonass_channel: Floats | None = None

    def __len__(self) -> int:
        return len(self.satellite)

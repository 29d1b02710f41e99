"""Motion of GLONASS satellites: gravity with the Earth's flattening, integrated in its own frame.

GLONASS ICD 5.1, A.3.1.2, with its constants. States are arrays (n, 6) of position and velocity.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MU_M3_PER_S2: Final = 3.9860044e14
EARTH_RAD_PER_S: Final = 7.292115e-5
_RADIUS_M: Final = 6_378_136.0
_J2: Final = 1.0826257e-3  # dimensionless second zonal harmonic


def rates(state: Floats, acceleration_m_per_s2: Floats) -> Floats:
    """Return the rates (n, 6) of a state under a constant further acceleration (n, 3)."""
    result = np.empty_like(state)
    result[:, :3] = state[:, 3:]
    square = (state[:, :3] ** 2).sum(axis=1)
    central = -MU_M3_PER_S2 / (square * np.sqrt(square))
    # The flattening's pull: -3/2 J2 mu a^2 / r^5, more along the axis, less near the poles.
    flat = 1.5 * _J2 * _RADIUS_M**2 * central / square
    polar = 5.0 * state[:, 2] ** 2 / square
    equatorial = central + flat * (1.0 - polar)
    turning = equatorial + EARTH_RAD_PER_S**2
    result[:, 3] = turning * state[:, 0] + 2.0 * EARTH_RAD_PER_S * state[:, 4]
    result[:, 4] = turning * state[:, 1] - 2.0 * EARTH_RAD_PER_S * state[:, 3]
    result[:, 5] = (equatorial + 2.0 * flat) * state[:, 2]
    result[:, 3:] += acceleration_m_per_s2
    return result


def stepped(state: Floats, acceleration_m_per_s2: Floats, step_s: Floats | float) -> Floats:
    """Return the state `step_s` later (a number, or a column (n, 1)), by Runge and Kutta's rule."""
    first = rates(state, acceleration_m_per_s2)
    second = rates(state + first * (step_s / 2.0), acceleration_m_per_s2)
    third = rates(state + second * (step_s / 2.0), acceleration_m_per_s2)
    fourth = rates(state + third * step_s, acceleration_m_per_s2)
    total: Floats = state + (first + 2.0 * (second + third) + fourth) * (step_s / 6.0)
    return total

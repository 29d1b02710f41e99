"""What a receiver's own position does when its pseudoranges are wrong."""

import numpy as np

from stationd.units import SPEED_OF_LIGHT_M_PER_S
from stationd_simulators.receiver.observations import EpochObservations, Floats

FEWEST_ROWS = 4  # three coordinates and a clock


def pulled_enu_m(epoch: EpochObservations, added_m: Floats) -> Floats:
    """Return by how much a position (3,) is wrong whose pseudoranges are wrong by `added_m` (n,).

    Least squares for east, north, up and the clock; a clock that is ahead measures earlier, when
    ranges were other ones. Zeros where the rows do not suffice for a position.
    """
    if len(added_m) < FEWEST_ROWS or not added_m.any():
        return np.zeros(3)
    cosine = np.cos(epoch.elevation_rad)
    design = np.column_stack(
        (
            -cosine * np.sin(epoch.azimuth_rad),
            -cosine * np.cos(epoch.azimuth_rad),
            -np.sin(epoch.elevation_rad),
            1.0 - epoch.range_rate_m_per_s / SPEED_OF_LIGHT_M_PER_S,
        )
    )
    solution: Floats = np.linalg.lstsq(design, added_m)[0]
    return solution[:3]

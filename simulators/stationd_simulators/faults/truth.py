"""How the antenna truly moves away: a step, a slow drift, a pillar that tilts."""

import math
from dataclasses import dataclass

from stationd_simulators.faults.seam import Moment, Vector


@dataclass(frozen=True, slots=True)
class Displaced:
    """A step in ENU."""

    enu_m: Vector = (0.02, 0.0, 0.0)


def step(parameters: Displaced, moment: Moment) -> Vector:
    """Stand elsewhere from now on."""
    del moment
    return parameters.enu_m


@dataclass(frozen=True, slots=True)
class Drift:
    """A movement in ENU that goes on until the fault ends; the way stays."""

    enu_m_per_s: Vector = (1e-6, 0.0, 0.0)


def drift(parameters: Drift, moment: Moment) -> Vector:
    """Creep away."""
    east, north, up = parameters.enu_m_per_s
    return east * moment.ramp_s, north * moment.ramp_s, up * moment.ramp_s


@dataclass(frozen=True, slots=True)
class Tilt:
    """A pillar that leans towards an azimuth, at a rate, about its foot."""

    pillar_m: float = 3.0
    rate_rad_per_s: float = 1e-6
    azimuth_deg: float = 45.0


def tilt(parameters: Tilt, moment: Moment) -> Vector:
    """Lean: much sideways, little down."""
    angle_rad = parameters.rate_rad_per_s * moment.ramp_s
    sideways_m = parameters.pillar_m * math.sin(angle_rad)
    azimuth_rad = math.radians(parameters.azimuth_deg)
    return (
        sideways_m * math.sin(azimuth_rad),
        sideways_m * math.cos(azimuth_rad),
        parameters.pillar_m * (math.cos(angle_rad) - 1.0),
    )

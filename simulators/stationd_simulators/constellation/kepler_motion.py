"""Position, velocity and clock of satellites from the elements of their messages.

IS-GPS-200N 20.3.3.4.3 and 20.3.3.3.3.1; BDS-SIS-ICD-B1I 3.0, 5.2.4.12, for BeiDou's satellites in
geostationary orbit, whose elements are in a frame tilted by 5 degrees that does not turn.
"""

from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GEOSTATIONARY_TILT_RAD: Final = np.radians(-5.0)
_NEWTON_STEPS: Final = 5  # quadratic: 1e-16 rad from e = 0.1 on


class State(NamedTuple):
    """Of n satellites at one instant each: ECEF (n, 3), and clocks (n,) with relativity.

    `clock_s` is what a clock is ahead of system time, without group delays; `clock_drift_ratio`
    its rate in s/s by the polynomial alone,
    without that of relativity.
    """

    position_m: Floats
    velocity_m_per_s: Floats
    clock_s: Floats
    clock_drift_ratio: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Columns (n,) of what a receiver computes from one set per satellite before it needs a time.

    `node_rad` is the longitude of the node at toe, and `node_rate_rad_per_s` that of its change,
    in the frame in which the elements are given. `toe_gpst_s` and `toc_gpst_s` are GPS time.
    """

    toe_gpst_s: Floats
    toc_gpst_s: Floats
    bias_s: Floats
    drift_ratio: Floats
    drift_rate_per_s: Floats
    relativity_s: Floats  # amplitude, to be multiplied by sin E
    semi_major_axis_m: Floats
    eccentricity: Floats
    mean_anomaly_rad: Floats
    mean_motion_rad_per_s: Floats
    node_rad: Floats
    node_rate_rad_per_s: Floats
    inclination_rad: Floats
    inclination_rate_rad_per_s: Floats
    perigee_rad: Floats
    cuc_rad: Floats
    cus_rad: Floats
    crc_m: Floats
    crs_m: Floats
    cic_rad: Floats
    cis_rad: Floats
    frame_turn_rad_per_s: Floats  # 0 where the elements' frame turns with the Earth

    def taken(self, rows: NDArray[np.intp]) -> "Elements":
        """Return some of the rows."""
        return Elements(*(getattr(self, field.name)[rows] for field in fields(self)))


def joined(parts: "list[Elements]") -> Elements:
    """Return the rows of several tables as one."""
    return Elements(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Elements)
        )
    )


def relativity_s(mu_m3_per_s2: float, sqrt_a: Floats, eccentricity: Floats) -> Floats:
    """Return the amplitude of the clock's relativistic term, F e sqrt(A)."""
    amplitude_s: float = -2.0 * mu_m3_per_s2**0.5 / SPEED_OF_LIGHT_M_PER_S**2
    return amplitude_s * eccentricity * sqrt_a


def state(of: Elements, gpst_s: float, earlier_s: Floats | float = 0.0) -> State:
    """Return the state at `gpst_s - earlier_s`.

    The two are not subtracted by the caller, because seconds since 1980 resolve 0.2 microseconds,
    in which a satellite moves by a millimetre.
    """
    since_toe_s = (gpst_s - of.toe_gpst_s) - earlier_s
    since_toc_s = (gpst_s - of.toc_gpst_s) - earlier_s
    e = of.eccentricity
    mean_rad = of.mean_anomaly_rad + of.mean_motion_rad_per_s * since_toe_s
    eccentric_rad = mean_rad + e * np.sin(mean_rad)
    for _ in range(_NEWTON_STEPS):
        eccentric_rad -= (eccentric_rad - e * np.sin(eccentric_rad) - mean_rad) / (
            1.0 - e * np.cos(eccentric_rad)
        )
    sine, cosine = np.sin(eccentric_rad), np.cos(eccentric_rad)
    position_m, velocity_m_per_s = _earth_fixed(
        of, since_toe_s, _polar(of, since_toe_s, sine, cosine)
    )
    return State(
        position_m,
        velocity_m_per_s,
        of.bias_s
        + since_toc_s * (of.drift_ratio + since_toc_s * of.drift_rate_per_s)
        + of.relativity_s * sine,
        of.drift_ratio + 2.0 * since_toc_s * of.drift_rate_per_s,
    )


class _Polar(NamedTuple):
    """Radius, argument of latitude and inclination (n,), corrected, with their rates."""

    r: Floats
    u: Floats
    i: Floats
    r_rate: Floats
    u_rate: Floats
    i_rate: Floats


def _polar(of: Elements, since_toe_s: Floats, sine: Floats, cosine: Floats) -> _Polar:
    """Return where satellites are in their orbits, from the eccentric anomaly's sine and cosine."""
    e = of.eccentricity
    root = np.sqrt(1.0 - e * e)
    nearness = 1.0 - e * cosine
    eccentric_rate = of.mean_motion_rad_per_s / nearness
    latitude_rad = np.arctan2(root * sine, cosine - e) + of.perigee_rad  # before corrections
    latitude_rate = root * eccentric_rate / nearness
    sin2, cos2 = np.sin(2.0 * latitude_rad), np.cos(2.0 * latitude_rad)
    twice = 2.0 * latitude_rate
    return _Polar(
        r=of.semi_major_axis_m * nearness + of.crs_m * sin2 + of.crc_m * cos2,
        u=latitude_rad + of.cus_rad * sin2 + of.cuc_rad * cos2,
        i=of.inclination_rad
        + of.inclination_rate_rad_per_s * since_toe_s
        + of.cis_rad * sin2
        + of.cic_rad * cos2,
        r_rate=of.semi_major_axis_m * e * sine * eccentric_rate
        + twice * (of.crs_m * cos2 - of.crc_m * sin2),
        u_rate=latitude_rate + twice * (of.cus_rad * cos2 - of.cuc_rad * sin2),
        i_rate=of.inclination_rate_rad_per_s + twice * (of.cis_rad * cos2 - of.cic_rad * sin2),
    )


def _earth_fixed(of: Elements, since_toe_s: Floats, polar: _Polar) -> tuple[Floats, Floats]:
    """Return position and velocity (n, 3) in the Earth's frame."""
    r, u, i, r_rate, u_rate, i_rate = polar
    turn = of.node_rate_rad_per_s
    node = of.node_rad + turn * since_toe_s
    sin_u, cos_u, sin_i, cos_i = np.sin(u), np.cos(u), np.sin(i), np.cos(i)
    sin_node, cos_node = np.sin(node), np.cos(node)
    x, y = r * cos_u, r * sin_u  # in the plane of the orbit
    x_rate, y_rate = r_rate * cos_u - y * u_rate, r_rate * sin_u + x * u_rate
    flat, flat_rate = y * cos_i, y_rate * cos_i - y * sin_i * i_rate
    position, velocity = np.empty((len(r), 3)), np.empty((len(r), 3))
    position[:, 0] = x * cos_node - flat * sin_node
    position[:, 1] = x * sin_node + flat * cos_node
    position[:, 2] = y * sin_i
    velocity[:, 0] = x_rate * cos_node - flat_rate * sin_node - turn * position[:, 1]
    velocity[:, 1] = x_rate * sin_node + flat_rate * cos_node + turn * position[:, 0]
    velocity[:, 2] = y_rate * sin_i + y * cos_i * i_rate
    rate = of.frame_turn_rad_per_s
    tilted = rate != 0.0
    if tilted.any():
        position[tilted], velocity[tilted] = _turned(
            position[tilted], velocity[tilted], rate[tilted], since_toe_s[tilted]
        )
    return position, velocity


def _turned(
    position: Floats, velocity: Floats, rate: Floats, since_toe_s: Floats
) -> tuple[Floats, Floats]:
    """Return BeiDou's tilted frame turned into the Earth's: Rz(rate * t) Rx(-5 deg)."""
    tilt = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.cos(GEOSTATIONARY_TILT_RAD), np.sin(GEOSTATIONARY_TILT_RAD)],
            [0.0, -np.sin(GEOSTATIONARY_TILT_RAD), np.cos(GEOSTATIONARY_TILT_RAD)],
        ]
    )
    position, velocity = position @ tilt.T, velocity @ tilt.T
    sine, cosine = np.sin(rate * since_toe_s), np.cos(rate * since_toe_s)
    x = position[:, 0] * cosine + position[:, 1] * sine
    y = position[:, 1] * cosine - position[:, 0] * sine
    x_rate = velocity[:, 0] * cosine + velocity[:, 1] * sine + rate * y
    y_rate = velocity[:, 1] * cosine - velocity[:, 0] * sine - rate * x
    return (
        np.column_stack([x, y, position[:, 2]]),
        np.column_stack([x_rate, y_rate, velocity[:, 2]]),
    )

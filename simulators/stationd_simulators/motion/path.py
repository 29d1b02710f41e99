"""Where a station's antenna truly is at any instant: velocity, seasons, steps, earthquakes."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd.gnss.time import gpst_from_utc
from stationd.units import SECONDS_PER_YEAR
from stationd_simulators.propagation.geometry import enu_axes, geodetic
from stationd_simulators.scenario import Motion, Quake, Station, Step, Vector

Floats = NDArray[np.float64]
Displacement = Callable[[float], Vector]

NEW_YEAR_GPST_S: Final = gpst_from_utc(946_684_800)  # 2000-01-01: where seasons are counted from
_HALF_STEP_S: Final = 0.01  # of the numerical velocity: a wave of 1 s is followed to 0.1 %


class Path:
    """A station's antenna reference point in ECEF.

    `elsewhere` is a further displacement in ENU, such as that of the faults of a scenario.
    """

    def __init__(
        self, station: Station, start_gpst_s: float, elsewhere: Displacement | None = None
    ) -> None:
        self._motion = station.motion
        self._start_gpst_s = start_gpst_s
        self._elsewhere = elsewhere
        self._marker_m = np.array(station.position_m)
        self.place = geodetic(self._marker_m)
        self.axes = enu_axes(self.place.latitude_rad, self.place.longitude_rad)
        self._arp_enu_m = np.array([0.0, 0.0, station.antenna.height_m])
        self._first_enu_m = _moved(station.motion, start_gpst_s, 0.0)
        still = station.motion == Motion() and elsewhere is None
        self._still_m = self._marker_m + self._arp_enu_m @ self.axes if still else None

    def displacement_enu_m(self, gpst_s: float) -> Floats:
        """Return how far the antenna is from where it was at the scenario's start."""
        elapsed_s = gpst_s - self._start_gpst_s
        moved = _moved(self._motion, gpst_s, elapsed_s) - self._first_enu_m
        return moved if self._elsewhere is None else moved + np.array(self._elsewhere(gpst_s))

    def position_m(self, gpst_s: float) -> Floats:
        """Return the position of the antenna reference point (3,)."""
        if self._still_m is not None:
            return self._still_m
        enu_m = self.displacement_enu_m(gpst_s) + self._arp_enu_m
        position_m: Floats = self._marker_m + enu_m @ self.axes
        return position_m

    def velocity_m_per_s(self, gpst_s: float) -> Floats:
        """Return its velocity (3,); a step is instantaneous, and has none."""
        if self._still_m is not None:
            return np.zeros(3)
        before, after = (
            self.displacement_enu_m(gpst_s + half) for half in (-_HALF_STEP_S, _HALF_STEP_S)
        )
        velocity: Floats = (after - before) / (2.0 * _HALF_STEP_S) @ self.axes
        stepped = np.abs(after - before).max() > _FASTEST_M_PER_S * 2.0 * _HALF_STEP_S
        return np.zeros(3) if stepped else velocity


_FASTEST_M_PER_S: Final = 5.0  # twice the largest ground velocity that was ever recorded


def _moved(motion: Motion, gpst_s: float, elapsed_s: float) -> Floats:
    years = (gpst_s - NEW_YEAR_GPST_S) / SECONDS_PER_YEAR
    moved = np.array(motion.velocity_m_per_year) * years
    moved += np.array((0.0, 0.0, -motion.subsidence_m_per_year)) * years
    moved += np.array(motion.annual_m) * math.cos(2.0 * math.pi * years)
    moved += np.array(motion.semi_annual_m) * math.cos(4.0 * math.pi * years)
    for step in motion.steps:
        moved += _stepped(step, elapsed_s - step.start_s)
    for quake in motion.quakes:
        moved += _shaken(quake, elapsed_s - quake.start_s)
    return moved


def _stepped(step: Step, since_s: float) -> Floats:
    """Return the step and the logarithm that relaxes after it (Bevis and Brown 2014, eq. 8)."""
    if since_s < 0.0:
        return np.zeros(3)
    relaxed = math.log1p(since_s / step.decay_s)
    return np.array(step.enu_m) + np.array(step.relaxation_enu_m) * relaxed


def _shaken(quake: Quake, since_s: float) -> Floats:
    """Return the wave train: full strength after a sixth of its duration, then it dies away."""
    part = since_s / quake.duration_s
    if not 0.0 < part < 1.0:
        return np.zeros(3)
    strength = math.sin(math.pi * part**0.4) ** 2
    phase = 2.0 * math.pi * since_s / quake.period_s
    turn = np.array([0.0, 0.7, 1.4])  # components do not move together
    moved: Floats = np.array(quake.enu_m) * strength * np.sin(phase + turn * strength)
    return moved

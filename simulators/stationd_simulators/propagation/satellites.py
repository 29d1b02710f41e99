"""All satellites at one instant, computed once for all stations that ask."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from stationd.units import SPEED_OF_LIGHT_M_PER_S
from stationd_simulators.propagation.geometry import EARTH_RATE_RAD_PER_S, Moving

Floats = NDArray[np.float64]

_MU_M3_PER_S2: Final = 3.986005e14  # IS-GPS-200N; here 1e-8 of it is nothing
_KEPT_EPOCHS: Final = 4
_KEPT_TRACKS: Final = 200  # 97 a day, asked for by each station's `Tracking`


class State(Protocol):
    """What a constellation says of its satellites at an instant."""

    @property
    def position_m(self) -> Floats: ...
    @property
    def velocity_m_per_s(self) -> Floats: ...
    @property
    def clock_s(self) -> Floats: ...
    @property
    def clock_drift_ratio(self) -> Floats: ...


class Orbits(Protocol):
    """The truth about satellites, as `constellation.Constellations` gives it."""

    @property
    def satellites(self) -> tuple[str, ...]: ...
    def state(self, gpst_s: float, names: tuple[str, ...]) -> State: ...
    def group_delay_s(self, name: str, code: str) -> float: ...
    def glonass_channel(self, name: str) -> int | None: ...
    def frames_due(self, gpst_s: float, step_s: float) -> list[bytes]: ...


class Satellites:
    """Keeps the newest few instants; rows are in the order of `names`."""

    def __init__(self, orbits: Orbits) -> None:
        self.orbits = orbits
        self.names = orbits.satellites
        # GLONASS sends its clock with the relativity of an eccentric orbit in it.
        self._has_relativity = np.array([name[0] != "R" for name in self.names])
        self._kept: dict[float, Moving] = {}
        self._tracks: dict[float, tuple[Floats, Floats]] = {}

    def at(self, gpst_s: float) -> Moving:
        """Return all satellites at an instant."""
        moving = self._kept.get(gpst_s)
        if moving is None:
            moving = self._make(gpst_s)
            if len(self._kept) >= _KEPT_EPOCHS:
                del self._kept[next(iter(self._kept))]
            self._kept[gpst_s] = moving
        return moving

    def tracks(self, gpst_s: float) -> tuple[Floats, Floats]:
        """Return positions and velocities at an instant; those of two days' nodes are kept."""
        track = self._tracks.get(gpst_s)
        if track is None:
            state = self.orbits.state(gpst_s, self.names)
            track = state.position_m, state.velocity_m_per_s
            if len(self._tracks) >= _KEPT_TRACKS:
                del self._tracks[next(iter(self._tracks))]
            self._tracks[gpst_s] = track
        return track

    def _make(self, gpst_s: float) -> Moving:
        state = self.orbits.state(gpst_s, self.names)
        position, velocity = state.position_m, state.velocity_m_per_s
        radius_m = np.sqrt(np.einsum("ij,ij->i", position, position))
        inertial = velocity + EARTH_RATE_RAD_PER_S * _beside(position)
        squared = np.einsum("ij,ij->i", inertial, inertial)
        # The earth's flattening adds 3e-5 m/s^2: within a light time it moves nothing by 1 um.
        gravity = -_MU_M3_PER_S2 / radius_m[:, None] ** 3 * position
        turning = EARTH_RATE_RAD_PER_S * _beside(velocity + inertial)
        # d/dt of -2 r.v / c^2 (IS-GPS-200N, 20.3.3.3.3.1)
        relativity = -2.0 * (squared - _MU_M3_PER_S2 / radius_m) / SPEED_OF_LIGHT_M_PER_S**2
        return Moving(
            position_m=position,
            velocity_m_per_s=velocity,
            acceleration_m_per_s2=gravity - turning,
            clock_s=state.clock_s,
            clock_rate_ratio=state.clock_drift_ratio + relativity * self._has_relativity,
        )


def _beside(vectors: Floats) -> Floats:
    """Return the cross product of the earth's axis with vectors (n, 3)."""
    return np.stack((-vectors[:, 1], vectors[:, 0], np.zeros(len(vectors))), axis=1)

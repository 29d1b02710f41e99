"""Since when each satellite and signal has been tracked without a slip.

Nothing is remembered from epoch to epoch. A day at a time, elevations are computed on a grid, and
slips drawn from hashes; what an epoch asks for is looked up. Days are counted from the scenario's
start, when the receiver was switched on, and each hands the next what it ended with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_DAY
from stationd_simulators.propagation.geometry import Sky, sky
from stationd_simulators.propagation.randomness import uniform

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
# GPS time -> positions and velocities (satellites, 3) in ECEF.
Orbits = Callable[[float], tuple[Floats, Floats]]
Horizon = Callable[[Floats], Floats]  # azimuth -> elevation below which nothing is seen

GRID_S: Final = 30  # a satellite that rises is acquired within so long
NODE_S: Final = 900  # between nodes an orbit is a cubic to 20 m
SLIP_SLOT_S: Final = 60  # at most one slip in it


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """One day: columns of grid points and of slots, rows of satellites and of cells."""

    seen: Flags  # (satellites, grid)
    since_s: Floats  # (satellites, grid): seen without a break, since
    slip_s: Floats  # (cells, slots): the slip of this slot, -inf where there is none
    last_slip_s: Floats  # (cells, slots): the last one of earlier slots


class Tracking:
    """Looks up what is tracked, and since when.

    `antenna_m` (3,) and `axes` (3, 3) say where the station is; `cell_satellite` (cells,) the row
    of each cell's satellite; `cell_key` what the hashes of its slips are of.
    """

    def __init__(
        self,
        orbits: Orbits,
        start_gpst_s: float,
        antenna_m: Floats,
        axes: Floats,
        horizon: Horizon,
        slips: "Slips",
    ) -> None:
        self._orbits = orbits
        self._start_gpst_s = start_gpst_s
        self._antenna_m, self._axes = antenna_m, axes
        self._horizon = horizon
        self._slips = slips
        self._days: dict[int, _Day] = {}
        self._carried: list[tuple[Floats, Floats]] = []

    def at(self, gpst_s: float) -> tuple[Flags, Floats]:
        """Return which satellites are seen, and the GPS time since when each cell is locked."""
        elapsed_s = gpst_s - self._start_gpst_s
        number = int(elapsed_s // SECONDS_PER_DAY)
        day = self._day(number)
        of_day_s = elapsed_s - number * SECONDS_PER_DAY
        point = int(of_day_s / GRID_S)
        seen, since_s = day.seen[:, point], day.since_s[:, point]
        locked_s = since_s[self._slips.cell_satellite]
        if self._slips.happen:
            slot = int(of_day_s / SLIP_SLOT_S)
            now_s = day.slip_s[:, slot]
            slipped_s = np.where(now_s <= elapsed_s, now_s, -np.inf)
            locked_s = np.maximum(locked_s, np.maximum(slipped_s, day.last_slip_s[:, slot]))
        return seen, np.maximum(locked_s, 0.0) + self._start_gpst_s

    def _day(self, number: int) -> _Day:
        number = max(number, 0)  # before it is switched on, a receiver is as at that moment
        day = self._days.get(number)
        if day is not None:
            return day
        for earlier in range(len(self._carried), number):
            self._make(earlier)
        day = self._make(number)
        self._days = {number: day} | {n: d for n, d in self._days.items() if n == number - 1}
        return day

    def _make(self, number: int) -> _Day:
        """Make a day, and keep what it hands the next one."""
        above = self._directions(number)
        seen = above.elevation_rad > self._horizon(above.azimuth_rad)
        grid = np.arange(0, SECONDS_PER_DAY, GRID_S)
        begin_s = float(number * SECONDS_PER_DAY)
        since_s, slipped_s = (
            self._carried[number - 1]
            if number
            else (np.zeros(len(seen)), np.full(len(self._slips.cell_satellite), -np.inf))
        )
        lost_s = np.where(seen, -np.inf, grid + GRID_S + begin_s)
        lost_s[:, 0] = np.maximum(lost_s[:, 0], since_s)
        since = np.maximum.accumulate(lost_s, axis=1)
        slots = slice(None, None, SLIP_SLOT_S // GRID_S)
        at_slots = Sky(above.elevation_rad[:, slots], above.azimuth_rad[:, slots])
        slip_s = self._slips.of_day(number, at_slots, self._start_gpst_s)
        last = np.maximum.accumulate(np.column_stack((slipped_s, slip_s)), axis=1)
        if number == len(self._carried):
            self._carried.append((since[:, -1], last[:, -1]))
        return _Day(seen, since, slip_s, last[:, :-1])

    def _directions(self, number: int) -> Sky:
        """Return elevations and azimuths (satellites, grid) of a day, by Hermite's cubics."""
        begin_s = self._start_gpst_s + number * SECONDS_PER_DAY
        nodes = [
            self._orbits(begin_s + offset_s)
            for offset_s in range(0, SECONDS_PER_DAY + NODE_S, NODE_S)
        ]
        position = np.stack([p for p, _ in nodes])[:, :, None]  # (nodes, satellites, 1, 3)
        velocity = np.stack([v for _, v in nodes])[:, :, None] * NODE_S
        part = (np.arange(0, NODE_S, GRID_S) / NODE_S)[:, None]
        rest = 1.0 - part
        between = (
            position[:-1] * (rest * rest * (1.0 + 2.0 * part))
            + position[1:] * (part * part * (3.0 - 2.0 * part))
            + velocity[:-1] * (part * rest * rest)
            - velocity[1:] * (part * part * rest)
        )
        by_satellite = between.transpose(1, 0, 2, 3).reshape(between.shape[1], -1, 3)
        return sky(self._antenna_m, self._axes, by_satellite)


def horizon(mask_deg: float, around_deg: Sequence[tuple[float, float]]) -> Horizon:
    """Return the horizon of a mask and of what stands around: (azimuth, elevation) in degrees."""
    corners = np.radians(np.array(sorted(around_deg), np.float64).reshape(-1, 2))
    mask_rad = np.radians(mask_deg)

    def least_rad(azimuth_rad: Floats) -> Floats:
        flat = np.full(azimuth_rad.shape, mask_rad)
        if not len(corners):
            return flat
        around = np.interp(azimuth_rad, corners[:, 0], corners[:, 1], period=2.0 * np.pi)
        higher: Floats = np.maximum(flat, around)
        return higher

    return least_rad


@dataclass(frozen=True, slots=True, eq=False)
class Slips:
    """Draws cycle slips: so many an hour of a satellite at the horizon, ever fewer above it.

    `fading`: how likely further ones are in each slot, of satellites (rows) at GPS times.
    """

    cell_satellite: Numbers
    cell_key: Numbers  # cells of the same satellite and band share a key: they slip together
    per_hour: float
    seed: int
    fading: Callable[[Sky, Floats], Floats] | None = None

    @property
    def happen(self) -> bool:
        return self.per_hour > 0.0 or self.fading is not None

    def of_day(self, number: int, above: Sky, start_gpst_s: float) -> Floats:
        """Return when in each slot (cells, slots) a slip is, counted from the start, or -inf."""
        slots = np.arange(SECONDS_PER_DAY // SLIP_SLOT_S)
        cells = len(self.cell_satellite)
        if not self.happen:
            return np.empty((cells, 0))
        numbers = slots + number * len(slots)
        share = (1.0 - np.maximum(np.sin(above.elevation_rad), 0.0)) ** 4
        likely: Floats = self.per_hour * SLIP_SLOT_S / 3600.0 * share
        if self.fading is not None:
            begins_gpst_s = start_gpst_s + SLIP_SLOT_S * numbers.astype(np.float64)
            likely = likely + self.fading(above, begins_gpst_s)
        keys, key_of_cell = np.unique(self.cell_key, return_inverse=True)
        drawn = uniform(self.seed, keys[:, None], numbers[None, :])[key_of_cell]
        offset_s = uniform(self.seed + 1, numbers) * SLIP_SLOT_S
        # To a millisecond, so that the lock time is the same whichever way it is computed.
        when_s = np.round(numbers * float(SLIP_SLOT_S) + offset_s, 3)
        return np.where(drawn < likely[self.cell_satellite], when_s[None, :], -np.inf)

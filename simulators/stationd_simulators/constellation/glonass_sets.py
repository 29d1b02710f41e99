"""Ephemeris sets of GLONASS: a state vector every half hour, by its index, and what follows it.

One trajectory is integrated from the beginning of the week in which the simulation starts; each
set is its rounded state. Rounding is coarse (0.5 m, 1 mm/s), so consecutive sets differ by up to
a metre, as those of the real satellites do. Between, positions are those that RTKLIB computes:
whole steps of a minute away from tb, and one shorter step.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from stationd.gnss.time import MOSCOW_OFFSET_S, gpst_from_utc, utc_from_gpst
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd_simulators.constellation import kepler_motion, messages
from stationd_simulators.constellation.kepler_motion import Elements, Floats, State
from stationd_simulators.constellation.messages import GLONASS_1020, Integers
from stationd_simulators.constellation.pz90_motion import (
    EARTH_RAD_PER_S,
    MU_M3_PER_S2,
    rates,
    stepped,
)
from stationd_simulators.constellation.slots import REFERENCE_GPST_S, slots

INTERVAL_S: Final = 1800  # P1 = 1: sets are valid for half an hour, tb in its middle
_LEG_S: Final = 10_800.0  # a year of legs is 4 MB
_STEP_S: Final = 60.0
_STEPS: Final = INTERVAL_S // 2 // 60
_NODE_RATE_RAD_PER_S: Final = -6.7e-9  # what the flattening does to this orbit
_MOST_BIAS_S: Final = 8e-4
_SENT_BEFORE_S: Final = 60  # tk: when the frame began in which the set came, before its first use
_CHANNELS: Final = (
    1, -4, 5, 6, 1, -4, 5, 6, -2, -7, 0, -1, -2, -7, 0, -1, 4, -3, 3, 2, 4, -3, 3, 2,
)  # fmt: skip
_COLUMNS: Final = ("x_m", "y_m", "z_m", "x_m_per_s", "y_m_per_s", "z_m_per_s")
_ACCELERATIONS: Final = ("x_m_per_s2", "y_m_per_s2", "z_m_per_s2")
_KEPT_SETS: Final = 4


class GlonassSets:
    """The sets of 24 satellites, of a simulation that starts at `start_gpst_s`."""

    letter = "R"

    def __init__(self, seed: int, start_gpst_s: float) -> None:
        draw = np.random.Generator(np.random.PCG64([seed, ord("R")]))
        self._slots = slots("R", draw)
        self.names = self._slots.names
        count = len(self.names)
        self._bias_s = draw.uniform(-2e-4, 2e-4, count)
        units = {field.name: field.unit for field in GLONASS_1020}
        self._fixed = messages.rounded(
            GLONASS_1020,
            {"gamma_ratio": np.round(draw.uniform(-1, 1, count)) * units["gamma_ratio"]}
            | {name: draw.uniform(-3, 3, count) * units[name] for name in _ACCELERATIONS},
        )
        self._anchor_gpst_s = start_gpst_s // SECONDS_PER_WEEK * SECONDS_PER_WEEK
        floats = messages.in_units(GLONASS_1020, self._fixed)
        self._gamma_ratio = floats["gamma_ratio"]
        self._acceleration = np.column_stack([floats[name] for name in _ACCELERATIONS])
        self._legs = [self._at_anchor()]
        self._integers = lru_cache(_KEPT_SETS)(self._set)
        self._grid = lru_cache(_KEPT_SETS)(self._minutes)
        self.frames = lru_cache(_KEPT_SETS)(self._frames)

    def channel(self, name: str) -> int:
        """Return the frequency channel, -7 to +6."""
        return _CHANNELS[int(name[1:]) - 1]

    def index_at(self, gpst_s: float) -> int:
        """Return which set a user takes: that of the nearest tb."""
        return int(utc_from_gpst(gpst_s) // INTERVAL_S)

    def state(
        self, rows: NDArray[np.intp], gpst_s: float, earlier_s: Floats | float = 0.0
    ) -> State:
        """Return the state of some satellites at `gpst_s - earlier_s`, by the set of `gpst_s`."""
        index = self.index_at(gpst_s)
        since_tb_s = np.broadcast_to((gpst_s - self._tb_gpst_s(index)) - earlier_s, (len(rows),))
        step = np.clip(np.trunc(since_tb_s / _STEP_S), -_STEPS, _STEPS).astype(np.intp)
        rest_s = since_tb_s - step * _STEP_S
        moved = stepped(
            self._grid(index)[step + _STEPS, rows], self._acceleration[rows], rest_s[:, None]
        )
        gamma_ratio = self._gamma_ratio[rows]
        tau_s = messages.in_units(GLONASS_1020, self._integers(index))["tau_s"][rows]
        return State(moved[:, :3], moved[:, 3:], gamma_ratio * since_tb_s - tau_s, gamma_ratio)

    def _tb_gpst_s(self, index: int) -> float:
        return gpst_from_utc(index * INTERVAL_S + INTERVAL_S // 2)

    def _at_anchor(self) -> Floats:
        """Return the state at the week's beginning, from the planes and slots of `slots`."""
        of, since_s = self._slots, self._anchor_gpst_s - REFERENCE_GPST_S
        zero = np.zeros(len(self.names))
        turning_rad_per_s = _NODE_RATE_RAD_PER_S - EARTH_RAD_PER_S
        motion_rad_per_s = -of.turns_per_day_ratio * turning_rad_per_s
        elements = Elements(
            **dict.fromkeys(Elements.__slots__, zero)
            | {
                "semi_major_axis_m": np.cbrt(MU_M3_PER_S2 / motion_rad_per_s**2),
                "eccentricity": of.eccentricity,
                "mean_anomaly_rad": of.argument_of_latitude_rad
                - of.perigee_rad
                + motion_rad_per_s * since_s,
                "mean_motion_rad_per_s": motion_rad_per_s,
                "node_rad": of.node_longitude_rad + turning_rad_per_s * since_s,
                "node_rate_rad_per_s": np.full_like(zero, turning_rad_per_s),
                "inclination_rad": of.inclination_rad,
                "perigee_rad": of.perigee_rad,
            }
        )
        state = kepler_motion.state(elements, 0.0)
        return np.hstack([state.position_m, state.velocity_m_per_s])

    def _trajectory(self, gpst_s: float) -> Floats:
        """Return the unrounded state (n, 6), going on from the end of the last whole leg.

        So it does not depend on what was asked before.
        """
        legs = max(0, int((gpst_s - self._anchor_gpst_s) // _LEG_S))
        while len(self._legs) <= legs:
            self._legs.append(self._integrated(self._legs[-1], _LEG_S))
        return self._integrated(self._legs[legs], gpst_s - self._anchor_gpst_s - legs * _LEG_S)

    def _integrated(self, state: Floats, duration_s: float) -> Floats:
        def of_flat(_: float, flat: Floats) -> Floats:
            return rates(flat.reshape(-1, 6), self._acceleration).ravel()

        solution = solve_ivp(
            of_flat, (0.0, duration_s), state.ravel(), method="DOP853", rtol=1e-11, atol=1e-6
        )
        end: Floats = solution.y[:, -1].reshape(-1, 6)
        return end

    def _set(self, index: int) -> dict[str, Integers]:
        """Return the fields that carry orbits and clocks, in whole units."""
        tb_gpst_s = self._tb_gpst_s(index)
        state = self._trajectory(tb_gpst_s)
        clock_s = self._bias_s + self._gamma_ratio * (tb_gpst_s - REFERENCE_GPST_S)
        wrapped_s = (clock_s + _MOST_BIAS_S) % (2 * _MOST_BIAS_S) - _MOST_BIAS_S
        return self._fixed | messages.rounded(
            GLONASS_1020,
            {name: state[:, column] for column, name in enumerate(_COLUMNS)}
            | {"tau_s": -wrapped_s},
        )

    def _minutes(self, index: int) -> Floats:
        """Return the states (steps, n, 6) at each minute within a quarter of an hour of tb."""
        floats = messages.in_units(GLONASS_1020, self._integers(index))
        middle = np.column_stack([floats[name] for name in _COLUMNS])
        grid = np.empty((2 * _STEPS + 1, *middle.shape))
        grid[_STEPS] = middle
        for step in range(_STEPS):
            for way in (-1, 1):
                grid[_STEPS + way * (step + 1)] = stepped(
                    grid[_STEPS + way * step], self._acceleration, way * _STEP_S
                )
        return grid

    def _frames(self, index: int) -> tuple[bytes, ...]:
        """Return message 1020 of each satellite."""
        of_day = _dated(index)
        integers = self._integers(index)
        return tuple(
            messages.encoded(
                1020,
                GLONASS_1020,
                of_day
                | {field: int(column[row]) for field, column in integers.items()}
                | {"number": int(name[1:]), "channel": self.channel(name) + 7},
            )
            for row, name in enumerate(self.names)
        )


def _dated(index: int) -> dict[str, int]:
    """Return the fields that tell the time and the kind of satellite: all of Moscow's day."""
    tb = datetime.fromtimestamp(index * INTERVAL_S + INTERVAL_S // 2 + MOSCOW_OFFSET_S, UTC)
    of_day_s = tb.hour * 3600 + tb.minute * 60 + tb.second
    frame_s = (of_day_s - INTERVAL_S // 2 - _SENT_BEFORE_S) % SECONDS_PER_DAY
    four_years = (tb.year - 1996) // 4
    begin = datetime(1996 + 4 * four_years, 1, 1, tzinfo=UTC)
    day = (tb - begin).days + 1
    return {
        "almanac_healthy": 1,
        "almanac_health_known": 1,
        "p1": 1,
        "tk": frame_s // 3600 << 7 | frame_s % 3600 // 60 << 1 | frame_s % 60 // 30,
        "p2": 1,  # tb is an odd number of quarters of an hour
        "tb": of_day_s // 900,
        "p3": 1,
        "accuracy": 2,  # FT: 2.5 m
        "day": day,
        "generation": 1,  # GLONASS-M
        "additional_data": 1,
        "almanac_day": day,
        "four_years": four_years + 1,
    }

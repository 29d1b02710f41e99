"""When a scenario begins on the air, and at which pace it goes on."""

import time
from typing import Final

import numpy as np

from stationd.gnss.time import gpst_from_utc, utc_from_gpst
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.scenario import Scenario

_PREPARING_S: Final = 0.5  # for a station's first epoch, a day of elevations is computed


def starting_now(scenario: Scenario, now_utc_s: float | None = None) -> Scenario:
    """Return the scenario as it begins soon: at a full second, with time to prepare for it."""
    now_s = gpst_from_utc(time.time() if now_utc_s is None else now_utc_s)
    begin_s = np.ceil(now_s + 1.0 + _PREPARING_S * len(scenario.stations))
    return scenario.starting(utc_from_gpst(float(begin_s)))


def pacer_of(scenario: Scenario, speed: float | None) -> Pacer:
    """Return a pacer; a scenario that begins soon waits for its own time, another begins now.

    `speed`: None for as fast as possible.
    """
    if speed is None:
        return Pacer(scenario.start_gpst_s, None)
    now_gpst_s = gpst_from_utc(time.time())
    ahead_s = scenario.start_gpst_s - now_gpst_s
    soon = 0.0 <= ahead_s <= 1.0 + 2.0 * _PREPARING_S * len(scenario.stations)
    late = -60.0 < ahead_s < 0.0  # preparing took longer
    return Pacer(now_gpst_s if soon or late else scenario.start_gpst_s, speed)

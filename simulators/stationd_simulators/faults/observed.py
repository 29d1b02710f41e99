"""Faults of the observations put onto the columns of an epoch, as the receiver model makes them."""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from stationd.gnss.signals import carrier_frequency_hz
from stationd.units import SPEED_OF_LIGHT_M_PER_S
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Seen
from stationd_simulators.receiver.observations import EpochObservations

WEAKEST_DBHZ: Final = 15.0  # a receiver loses what is weaker


def observed(epoch: EpochObservations, faults: StationFaults) -> EpochObservations:
    """Return the epoch as the receiver measures it with its faults; lost rows are gone."""
    if not len(epoch):
        return epoch
    change = faults.observations(seen(epoch), epoch.gpst_s)
    cn0_dbhz = epoch.cn0_dbhz + change.cn0_db
    changed = replace(
        epoch,
        pseudorange_m=epoch.pseudorange_m + change.pseudorange_m,
        phase_range_m=epoch.phase_range_m + change.phase_range_m,
        range_rate_m_per_s=epoch.range_rate_m_per_s + change.phase_range_rate_m_per_s,
        cn0_dbhz=cn0_dbhz,
        lock_time_s=np.minimum(epoch.lock_time_s, change.lock_time_s),
        half_cycle=epoch.half_cycle | change.half_cycle,
    )
    # A row without C/N0 (NaN) stays: nothing says that it is weak.
    return changed.only(change.kept & ~(cn0_dbhz < WEAKEST_DBHZ))


def seen(epoch: EpochObservations) -> Seen:
    """Return what faults get to see of an epoch."""
    satellites: tuple[str, ...] = tuple(epoch.satellite.tolist())
    codes: tuple[str, ...] = tuple(epoch.code.tolist())
    wavelengths = [
        wavelength_m(name[0], code, None if math.isnan(channel) else int(channel))
        for name, code, channel in zip(
            satellites, codes, epoch.glonass_channel.tolist(), strict=True
        )
    ]
    return Seen(
        satellites, codes, epoch.elevation_rad, epoch.azimuth_rad, np.array(wavelengths, float)
    )


@lru_cache(maxsize=1024)
def wavelength_m(letter: str, code: str, channel: int | None) -> float:
    """Return a carrier's wavelength; NaN where its frequency is not known."""
    frequency_hz = carrier_frequency_hz(letter, code, channel)
    return math.nan if frequency_hz is None else SPEED_OF_LIGHT_M_PER_S / frequency_hz

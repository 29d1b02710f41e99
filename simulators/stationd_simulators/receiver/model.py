"""The receiver: from where satellites and antenna truly are to what it measures of them.

    code   P = rho + c (dt - dts) + T + 40.3 TEC / f^2 + group delay + multipath + noise
    phase  L = rho + c (dt - dts) + T - 40.3 TEC / f^2 + N wavelength + multipath + noise

Any epoch can be made without the ones before it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SPEED_OF_LIGHT_M_PER_S
from stationd_simulators.motion.path import Displacement, Path
from stationd_simulators.propagation.atmosphere import Atmosphere, Electrons
from stationd_simulators.propagation.geometry import Sent, Sky, sent, sky
from stationd_simulators.propagation.randomness import hashed, key_of
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.receiver.clock import MILLISECOND_S, ReceiverClock
from stationd_simulators.receiver.multipath import Multipath
from stationd_simulators.receiver.noise import Noise
from stationd_simulators.receiver.observations import EpochObservations
from stationd_simulators.receiver.signals import Signals, signals
from stationd_simulators.receiver.tracking import Slips, Tracking, horizon
from stationd_simulators.scenario import Errors, Station

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

LARGEST_AMBIGUITY_CYCLES: Final = 50  # MSM holds phases within 1171 m of the rough range
HALF_CYCLE_S: Final = 5.0  # after lock, until the data's polarity is known


class _Rays(NamedTuple):
    """Signals of one epoch on their way; columns (rows,)."""

    cell: Numbers  # row of `Signals`
    seen: Sky
    distance_m: Floats  # what code and phase have in common
    rate_m_per_s: Floats
    electrons: Electrons
    lock_s: Floats
    steady_m: float  # added to phases that do not jump with the clock


class ReceiverModel:
    """One station's receiver. `elsewhere` displaces its antenna, in ENU, beside its motion."""

    def __init__(
        self,
        satellites: Satellites,
        station: Station,
        errors: Errors,
        start_gpst_s: float,
        seed: int,
        elsewhere: Displacement | None = None,
    ) -> None:
        self._satellites, self._errors = satellites, errors
        self._own = key_of(seed, station.id)
        self.path = Path(station, start_gpst_s, elsewhere)
        self.clock = ReceiverClock(errors, start_gpst_s, self._own)
        orbits = satellites.orbits
        self.signals: Signals = signals(
            satellites.names, station.signals, orbits.group_delay_s, orbits.glonass_channel
        )
        self._atmosphere = Atmosphere(errors, self.path.place, seed, self._own)
        self._multipath = Multipath(errors.multipath_m, self._own)
        self._noise = Noise(errors, self.signals, self._own)
        self._tracking = Tracking(
            satellites.tracks,
            start_gpst_s,
            self.path.position_m(start_gpst_s),
            self.path.axes,
            horizon(station.mask_deg, station.horizon_deg),
            Slips(
                self.signals.satellite,
                self.signals.satellite * 10 + self.signals.band,
                errors.slips_per_hour,
                key_of(self._own, "slips"),
                self._atmosphere.slip_ratio if errors.scintillation_ratio else None,
            ),
        )

    def epoch(self, gpst_s: float) -> EpochObservations:
        """Return what the receiver measures at the epoch that it calls `gpst_s`."""
        rays = self._rays(gpst_s)
        of, cell, errors = self.signals, rays.cell, self._errors
        elevation_rad, wavelength_m = rays.seen.elevation_rad, of.wavelength_m[cell]
        dispersive_m = rays.electrons.delay_m_hz2 / of.frequency_hz[cell] ** 2
        half_cycle = self._half_cycle(rays.lock_s)
        cycles = self._cycles(gpst_s, rays.lock_s, cell, half_cycle)
        code_m = rays.distance_m + dispersive_m + of.group_delay_m[cell]
        phase_m = rays.distance_m - dispersive_m + wavelength_m * cycles
        if rays.steady_m:  # whole cycles of it are in the ambiguities, which begin at each jump
            phase_m += np.remainder(rays.steady_m, wavelength_m)
        rate_m_per_s, scintillation = rays.rate_m_per_s, rays.electrons.scintillation_ratio
        if errors.multipath_m:
            reflected = self._multipath.delays_m(rays.seen, wavelength_m)
            code_m += reflected.code_m
            phase_m += reflected.phase_m
        if errors.code_noise_m or errors.phase_noise_m:
            growth = (1.0 + 2.0 * scintillation) / np.sin(elevation_rad)
            code_m += self._noise.code_m(gpst_s, cell, growth)
            phase_m += self._noise.phase_m(gpst_s, cell, growth)
            rate_m_per_s = rate_m_per_s + self._noise.rate_m_per_s(gpst_s, cell, growth)
        return EpochObservations(
            gpst_s=gpst_s,
            satellite=of.name[cell],
            code=of.code[cell],
            pseudorange_m=code_m,
            phase_range_m=phase_m,
            range_rate_m_per_s=rate_m_per_s,
            cn0_dbhz=self._noise.strength_dbhz(gpst_s, cell, elevation_rad, scintillation),
            lock_time_s=rays.lock_s,
            half_cycle=half_cycle,
            glonass_channel=of.glonass_channel[cell],
            elevation_rad=elevation_rad,
            azimuth_rad=rays.seen.azimuth_rad,
            wavelength_m=wavelength_m,
        )

    def _rays(self, gpst_s: float) -> _Rays:
        """Return what arrives at the antenna, of satellites in view."""
        late_s = self.clock.offset_s(gpst_s)  # it is earlier than the receiver's clock says
        antenna_m = self.path.position_m(gpst_s - late_s)
        antenna_m_per_s = self.path.velocity_m_per_s(gpst_s - late_s)
        visible, locked_gpst_s = self._tracking.at(gpst_s)
        moving = self._satellites.at(gpst_s)
        everything = sent(antenna_m, antenna_m_per_s, moving, late_s)
        above = sky(antenna_m, self.path.axes, everything.position_m)
        next_m = everything.position_m + moving.velocity_m_per_s  # a second later
        ahead = sky(antenna_m, self.path.axes, next_m)
        cell = np.flatnonzero((visible & (above.elevation_rad > 0.0))[self.signals.satellite])
        row = self.signals.satellite[cell]
        seen, arriving = Sky(*(c[row] for c in above)), Sent(*(c[row] for c in everything))
        elevations_rad = np.stack((seen.elevation_rad, ahead.elevation_rad[row]))
        delay_m, next_delay_m = self._atmosphere.troposphere_m(elevations_rad, gpst_s)
        clock_ratio = self.clock.drift_ratio(gpst_s) - moving.clock_rate_ratio[row]
        steady_m, jumped_gpst_s = self._steady(gpst_s)
        return _Rays(
            cell=cell,
            seen=seen,
            distance_m=arriving.range_m
            + SPEED_OF_LIGHT_M_PER_S * (late_s - arriving.clock_s)
            + delay_m,
            rate_m_per_s=arriving.range_rate_m_per_s
            + SPEED_OF_LIGHT_M_PER_S * clock_ratio
            + (next_delay_m - delay_m),
            electrons=self._atmosphere.electrons(seen, gpst_s, row),
            lock_s=gpst_s - np.maximum(locked_gpst_s[cell], jumped_gpst_s),
            steady_m=steady_m,
        )

    def _steady(self, gpst_s: float) -> tuple[float, float]:
        """Return what jumps took off the ranges and not off the phases, and when the last was."""
        if self._errors.clock_jumps_in_phase or not self._errors.clock_jumps:
            return 0.0, float("-inf")
        jumps = self.clock.jumps(gpst_s)
        return SPEED_OF_LIGHT_M_PER_S * MILLISECOND_S * jumps.milliseconds, jumps.last_gpst_s

    def _half_cycle(self, lock_s: Floats) -> NDArray[np.bool_]:
        """Return where the polarity is not known yet: after a lock, if locks are lost at all."""
        unknown: NDArray[np.bool_] = (lock_s < HALF_CYCLE_S) & (self._errors.slips_per_hour > 0.0)
        return unknown

    def _cycles(
        self, gpst_s: float, lock_s: Floats, cell: Numbers, half_cycle: NDArray[np.bool_]
    ) -> Floats:
        """Return the ambiguities: whole numbers that last as long as a lock does."""
        since_ms = np.round((gpst_s - lock_s) * 1e3).astype(np.int64)
        drawn = hashed(key_of(self._own, "cycles"), self.signals.key[cell], since_ms)
        span = np.uint64(2 * LARGEST_AMBIGUITY_CYCLES + 1)
        cycles: Floats = (drawn % span).astype(np.float64) - LARGEST_AMBIGUITY_CYCLES
        wrong = half_cycle & ((drawn >> np.uint64(40)) % np.uint64(2) == 1)
        cycles += 0.5 * wrong
        return cycles

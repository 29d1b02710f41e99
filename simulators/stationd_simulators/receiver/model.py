"""The receiver: from where satellites and antenna truly are to what it measures of them.

    code   P = rho + c (dt - dts) + T + 40.3 TEC / f^2 + group delay + multipath + noise
    phase  L = rho + c (dt - dts) + T - 40.3 TEC / f^2 + N wavelength + multipath + noise

Any epoch can be made without the ones before it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_DAY, SECONDS_PER_YEAR, SPEED_OF_LIGHT_M_PER_S
from stationd_simulators.motion.path import NEW_YEAR_GPST_S, Displacement, Path
from stationd_simulators.propagation import ionosphere, troposphere
from stationd_simulators.propagation.geometry import Sent, Sky, sent, sky
from stationd_simulators.propagation.randomness import hashed, key_of, normal, uniform, walk, wander
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.receiver.clock import ReceiverClock
from stationd_simulators.receiver.multipath import Multipath
from stationd_simulators.receiver.observations import EpochObservations
from stationd_simulators.receiver.signals import Signals, signals
from stationd_simulators.receiver.tracking import Slips, Tracking, horizon
from stationd_simulators.scenario import Errors, Station

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

LARGEST_AMBIGUITY_CYCLES: Final = 50  # MSM holds phases within 1171 m of the rough range
HALF_CYCLE_S: Final = 5.0  # after lock, until the data's polarity is known
WET_WALK_M: Final = 0.004  # per square root of an hour; as much again of each station's own
LEAST_ELEVATION_RAD: Final = 0.01  # below, 1/sin is no delay any more
_RATE_NOISE_RATIO: Final = 5.0  # 1/s: Doppler noise over phase noise


class _Rays(NamedTuple):
    """Signals of one epoch on their way; columns (rows,)."""

    cell: Numbers  # row of `Signals`
    seen: Sky
    sent: Sent
    troposphere_m: Floats
    electrons: Floats  # delay of code on L1 in metres per (1 Hz)^2 of carrier: 40.3 TEC
    scintillation: Floats  # S4


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
        self._satellites, self._errors, self._seed = satellites, errors, seed
        self._own = key_of(seed, station.id)
        self.path = Path(station, start_gpst_s, elsewhere)
        self.clock = ReceiverClock(errors, start_gpst_s, self._own)
        orbits = satellites.orbits
        self.signals: Signals = signals(
            satellites.names, station.signals, orbits.group_delay_s, orbits.glonass_channel
        )
        self._multipath = Multipath(errors.multipath_m, self._own)
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
            ),
        )

    def epoch(self, gpst_s: float) -> EpochObservations:
        """Return what the receiver measures at the epoch that it calls `gpst_s`."""
        late_s = self.clock.offset_s(gpst_s)  # it is earlier than the receiver's clock says
        antenna_m = self.path.position_m(gpst_s - late_s)
        velocity_m_per_s = self.path.velocity_m_per_s(gpst_s - late_s)
        visible, locked_gpst_s = self._tracking.at(gpst_s)
        moving = self._satellites.at(gpst_s)
        everything = sent(antenna_m, velocity_m_per_s, moving, late_s)
        seen = sky(antenna_m, self.path.axes, everything.position_m)
        visible = visible & (seen.elevation_rad > 0.0)
        cell = np.flatnonzero(visible[self.signals.satellite])
        row = self.signals.satellite[cell]
        above = Sky(*(column[row] for column in seen))
        ahead = sky(antenna_m, self.path.axes, everything.position_m + moving.velocity_m_per_s)
        elevations_rad = np.stack((above.elevation_rad, ahead.elevation_rad[row]))
        delay_m, next_delay_m = self._troposphere_m(elevations_rad, gpst_s)
        electrons, index = self._ionosphere(above, gpst_s, row)
        arriving = Sent(*(column[row] for column in everything))
        rays = _Rays(cell, above, arriving, delay_m, electrons, index)
        clock_ratio = self.clock.drift_ratio(gpst_s) - moving.clock_rate_ratio[row]
        rate_m_per_s = (
            arriving.range_rate_m_per_s
            + SPEED_OF_LIGHT_M_PER_S * clock_ratio
            + (next_delay_m - delay_m)  # of a second
        )
        lock_s = gpst_s - locked_gpst_s[cell]
        return self._measured(gpst_s, late_s, rays, rate_m_per_s, lock_s)

    def _measured(
        self, gpst_s: float, late_s: float, rays: _Rays, rate_m_per_s: Floats, lock_s: Floats
    ) -> EpochObservations:
        of, cell, errors = self.signals, rays.cell, self._errors
        elevation_rad = rays.seen.elevation_rad
        wavelength_m = of.wavelength_m[cell]
        both_m = (
            rays.sent.range_m
            + SPEED_OF_LIGHT_M_PER_S * (late_s - rays.sent.clock_s)
            + rays.troposphere_m
        )
        dispersive_m = rays.electrons / of.frequency_hz[cell] ** 2
        code_m = both_m + dispersive_m + of.group_delay_m[cell]
        half_cycle = self._half_cycle(lock_s)
        cycles = self._cycles(gpst_s, lock_s, cell, half_cycle)
        phase_m = both_m - dispersive_m + wavelength_m * cycles
        if errors.multipath_m:
            reflected = self._multipath.delays_m(rays.seen, wavelength_m)
            code_m += reflected.code_m
            phase_m += reflected.phase_m
        if errors.code_noise_m or errors.phase_noise_m:
            code_m += self._noise("code", gpst_s, rays) * of.code_noise_ratio[cell]
            phase_m += self._noise("phase", gpst_s, rays)
            rate_m_per_s = rate_m_per_s + _RATE_NOISE_RATIO * self._noise("rate", gpst_s, rays)
        return EpochObservations(
            gpst_s=gpst_s,
            satellite=of.name[cell],
            code=of.code[cell],
            pseudorange_m=code_m,
            phase_range_m=phase_m,
            range_rate_m_per_s=rate_m_per_s,
            cn0_dbhz=self._cn0_dbhz(gpst_s, rays, elevation_rad),
            lock_time_s=lock_s,
            half_cycle=half_cycle,
            glonass_channel=of.glonass_channel[cell],
            elevation_rad=elevation_rad,
            azimuth_rad=rays.seen.azimuth_rad,
            wavelength_m=wavelength_m,
        )

    def _troposphere_m(self, elevations_rad: Floats, gpst_s: float) -> Floats:
        """Return the delay for elevations of any shape."""
        place, above_rad = self.path.place, np.maximum(elevations_rad, LEAST_ELEVATION_RAD)
        match self._errors.troposphere:
            case "none":
                return np.zeros(above_rad.shape)
            case "walk":
                dry_m, wet_m = troposphere.zenith_delays_m(place)
                shared = walk(key_of(self._seed, "troposphere"), gpst_s)
                own = walk(key_of(self._own, "troposphere"), gpst_s)
                wet_m = max(0.0, wet_m + WET_WALK_M * (shared + own))
                day = (gpst_s - NEW_YEAR_GPST_S) % SECONDS_PER_YEAR / SECONDS_PER_DAY
                dry, wet = troposphere.niell(place, above_rad, day)
                return dry_m * dry + wet_m * wet
        return troposphere.standard_delay_m(place, above_rad)

    def _ionosphere(self, seen: Sky, gpst_s: float, satellite: Numbers) -> tuple[Floats, Floats]:
        """Return 40.3 TEC of each ray, and its scintillation index."""
        errors = self._errors
        nothing = np.zeros(len(satellite))
        if not errors.ionosphere_tecu and not errors.scintillation_ratio:
            return nothing, nothing
        where = ionosphere.pierce(self.path.place, seen)
        vertical = ionosphere.vertical_tecu(where, gpst_s, errors.ionosphere_tecu, self._seed)
        slant_tecu = vertical * where.slant_ratio
        index = ionosphere.scintillation(
            where, gpst_s, errors.scintillation_ratio, self._seed, satellite
        )
        if errors.scintillation_ratio:  # what makes it flicker is electrons that come and go
            flicker = wander(key_of(self._own, "flicker"), gpst_s, 15.0, satellite)
            slant_tecu = slant_tecu + index * flicker
        return ionosphere.DELAY_M_HZ2_PER_TECU * slant_tecu, index

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

    def _noise(self, kind: str, gpst_s: float, rays: _Rays) -> Floats:
        """Return white noise: as at the zenith times 1/sin(elevation), more where it flickers."""
        size_m = self._errors.code_noise_m if kind == "code" else self._errors.phase_noise_m
        key, epoch_ms = key_of(self._own, kind), round(gpst_s * 1e3)
        drawn = normal(key, self.signals.key[rays.cell], epoch_ms)
        noise: Floats = (
            drawn * size_m / np.sin(rays.seen.elevation_rad) * (1.0 + 2.0 * rays.scintillation)
        )
        return noise

    def _cn0_dbhz(self, gpst_s: float, rays: _Rays, elevation_rad: Floats) -> Floats:
        """Return C/N0: 35 to 50 dB-Hz with elevation; fading as S4 says, by its definition."""
        cn0_dbhz = 35.0 + 15.0 * np.sin(elevation_rad) + self.signals.cn0_offset_db[rays.cell]
        if self._errors.code_noise_m:
            slow = wander(key_of(self._own, "cn0"), gpst_s, 60.0, self.signals.key[rays.cell])
            cn0_dbhz = cn0_dbhz + 0.5 * slow
        if self._errors.scintillation_ratio:
            drawn = uniform(key_of(self._own, "fade"), self.signals.key[rays.cell], int(gpst_s))
            # Power of variance S4^2 about 1: uniform, within 1 -+ sqrt(3) S4.
            power = 1.0 + np.sqrt(3.0) * rays.scintillation * (2.0 * drawn - 1.0)
            cn0_dbhz = cn0_dbhz + 10.0 * np.log10(np.maximum(power, 0.01))
        return cn0_dbhz

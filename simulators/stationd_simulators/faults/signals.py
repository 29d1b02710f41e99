"""What goes wrong between the sky and the receiver's measurements."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.faults.draws import by_row, generator, satellite_key, uniform_until
from stationd_simulators.faults.seam import Change, Moment, Seen

Mask = NDArray[np.bool_]
_SIDEREAL_DAY_S: Final = 86_164.1
_LIGHT_M_PER_S: Final = 299_792_458.0  # SI
_LARGEST_SLIP_CYCLES: Final = 9
# MSM holds a phase range within 1171 m of the rough range (RTCM 10403.3, DF401 and DF406).
_PHASE_STAYS_WITHIN_M: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Strength:
    """Interference: C/N0 falls on some bands, given as "G1"; on all where none is given."""

    depth_db: float = 10.0
    bands: tuple[str, ...] = ()
    lost_share_ratio: float = 0.0  # share of satellites whose signal in the band is lost


def cn0_drop(seen: Seen, parameters: Strength, moment: Moment) -> Change:
    """Weaken signals, and lose some, as a jammer does."""
    hit = _in_bands(seen, parameters.bands)
    lost = {
        name: float(generator(moment.seed, satellite_key(name)).random())
        for name in set(seen.satellite)
    }
    gone = hit & (by_row(seen.satellite, lost) < parameters.lost_share_ratio)
    none = Change.none(len(seen))
    return replace(none, kept=~gone, cn0_db=np.where(hit, -parameters.depth_db, 0.0))


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector of the sky, clockwise from north, up to an elevation."""

    from_deg: float = 90.0
    to_deg: float = 180.0
    below_deg: float = 90.0


def sector_lost(seen: Seen, parameters: Sector, moment: Moment) -> Change:
    """Lose what stands in one sector: a crane, a new building."""
    del moment
    width_rad = np.radians((parameters.to_deg - parameters.from_deg) % 360.0)
    from_start_rad = np.mod(seen.azimuth_rad - np.radians(parameters.from_deg), 2.0 * np.pi)
    low = seen.elevation_rad < np.radians(parameters.below_deg)
    hidden = low & (from_start_rad < width_rad)
    return replace(Change.none(len(seen)), kept=~hidden)


@dataclass(frozen=True, slots=True)
class Slips:
    """Cycle slips: how many a satellite has in a minute."""

    per_minute: float = 6.0


def slip_storm(seen: Seen, parameters: Slips, moment: Moment) -> Change:
    """Let phases slip by whole cycles; they keep what they slipped by."""
    share = min(1.0, parameters.per_minute / 60.0)
    jump_m = np.zeros(len(seen))
    lock_s = np.full(len(seen), np.inf)
    for row, (name, code) in enumerate(zip(seen.satellite, seen.code, strict=True)):
        drawn = uniform_until(moment.seed, name + code, moment.elapsed_s, moment.duration_s)
        slipped = np.flatnonzero(drawn < share)
        if not slipped.size:
            continue
        # The draw that made it slip says by how much: uniform again once divided by the share.
        cycles = np.floor(drawn[slipped] / share * 2 * _LARGEST_SLIP_CYCLES) - _LARGEST_SLIP_CYCLES
        cycles[cycles >= 0] += 1.0
        jump_m[row] = cycles.sum() * seen.wavelength_m[row]
        lock_s[row] = max(0.0, moment.elapsed_s - slipped[-1])
    return replace(Change.none(len(seen)), phase_range_m=jump_m, lock_time_s=lock_s)


@dataclass(frozen=True, slots=True)
class Scintillation:
    """Low-latitude scintillation: depth of amplitude (S4) and of phase, slips among it."""

    s4_ratio: float = 0.8
    phase_rad: float = 0.6
    slips_per_minute: float = 1.0
    share_ratio: float = 0.6  # share of satellites behind a bubble


def scintillation(seen: Seen, parameters: Scintillation, moment: Moment) -> Change:
    """Let strength and phase of some satellites flicker from second to second, and slip."""
    rows = len(seen)
    change = slip_storm(seen, Slips(parameters.slips_per_minute), moment)
    behind = {
        name: float(
            generator(moment.seed, satellite_key(name), 1).random() < parameters.share_ratio
        )
        for name in set(seen.satellite)
    }
    hit = by_row(seen.satellite, behind) > 0.0
    change = replace(
        change,
        phase_range_m=np.where(hit, change.phase_range_m, 0.0),
        lock_time_s=np.where(hit, change.lock_time_s, np.inf),
    )
    if not moment.active:
        return change
    noise = generator(moment.seed, int(moment.gpst_s * 1000.0)).standard_normal((2, rows))
    # S4 is the standard deviation of the intensity; the deepest fade is 15 dB.
    intensity = np.clip(1.0 + parameters.s4_ratio * noise[0], 0.03, None)
    cn0_db = np.where(hit, 10.0 * np.log10(intensity), 0.0)
    shiver_m = noise[1] * parameters.phase_rad * seen.wavelength_m / (2.0 * np.pi)
    flicker = replace(Change.none(rows), cn0_db=cn0_db, phase_range_m=np.where(hit, shiver_m, 0.0))
    return change.then(flicker)


@dataclass(frozen=True, slots=True)
class Multipath:
    """Code multipath of a new reflector: its size once it is there, and how long it grows."""

    amplitude_m: float = 2.0
    growing_s: float = 60.0
    period_s: float = 300.0


def multipath_growth(seen: Seen, parameters: Multipath, moment: Moment) -> Change:
    """Add waves to pseudoranges, higher at low elevation, the same every sidereal day."""
    size_m = parameters.amplitude_m * min(1.0, moment.elapsed_s / max(parameters.growing_s, 1e-9))
    begin_rad = {
        name: 2.0 * np.pi * float(generator(moment.seed, satellite_key(name), 2).random())
        for name in set(seen.satellite)
    }
    sidereal_s = moment.gpst_s % _SIDEREAL_DAY_S
    # Whole periods in a sidereal day, so that the wave closes.
    periods = max(1, round(_SIDEREAL_DAY_S / parameters.period_s))
    angle_rad = 2.0 * np.pi * periods * sidereal_s / _SIDEREAL_DAY_S
    wave = np.sin(angle_rad + by_row(seen.satellite, begin_rad))
    return replace(Change.none(len(seen)), pseudorange_m=size_m * np.cos(seen.elevation_rad) * wave)


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The receiver's clock steps: pseudoranges, and phases where the maker lets them.

    Phases that do not step get so many whole cycles that they stay near the pseudoranges, which
    is a slip to whoever reads them.
    """

    jump_s: float = 0.001
    phase_too: bool = True


def clock_jump(seen: Seen, parameters: ClockJump, moment: Moment) -> Change:
    """Move all ranges by the same amount from now on.

    A clock that is ahead also measures earlier than it says: ranges are those of that instant.
    """
    jump_m = parameters.jump_s * (_LIGHT_M_PER_S - seen.range_rate_m_per_s)
    change = replace(Change.none(len(seen)), pseudorange_m=jump_m)
    if parameters.phase_too:
        return replace(change, phase_range_m=jump_m.copy())
    whole_m = parameters.jump_s * _LIGHT_M_PER_S
    if abs(whole_m) < _PHASE_STAYS_WITHIN_M:
        return change
    cycles = np.rint(whole_m / seen.wavelength_m)
    return replace(
        change,
        phase_range_m=cycles * seen.wavelength_m,
        lock_time_s=np.full(len(seen), moment.elapsed_s),
    )


@dataclass(frozen=True, slots=True)
class PullOff:
    """Spoofing: the false position walks away in ENU, and the clock with it."""

    enu_m_per_s: tuple[float, float, float] = (0.5, 0.0, 0.0)
    clock_m_per_s: float = 1.0
    cn0_db: float = 3.0  # a spoofer is louder than the sky


def pull_off(seen: Seen, parameters: PullOff, moment: Moment) -> Change:
    """Draw all ranges to a place that is not here."""
    cosine = np.cos(seen.elevation_rad)
    to_satellite = np.stack(
        [
            cosine * np.sin(seen.azimuth_rad),
            cosine * np.cos(seen.azimuth_rad),
            np.sin(seen.elevation_rad),
        ]
    )
    rate_m_per_s = parameters.clock_m_per_s - np.array(parameters.enu_m_per_s) @ to_satellite
    added_m = rate_m_per_s * moment.ramp_s
    return replace(
        Change.none(len(seen)),
        pseudorange_m=added_m,
        phase_range_m=added_m.copy(),
        phase_range_rate_m_per_s=rate_m_per_s,
        cn0_db=np.full(len(seen), parameters.cn0_db),
    )


@dataclass(frozen=True, slots=True)
class PowerCycle:
    """The station's power goes and comes: how long it starts before it sends again."""

    starting_s: float = 0.0


def locked_anew(seen: Seen, parameters: PowerCycle, moment: Moment) -> Change:
    """Let every lock be no older than the power."""
    on_s = max(0.0, moment.elapsed_s - moment.duration_s)
    fresh = np.full(len(seen), on_s)
    kept = np.full(len(seen), not moment.active and on_s >= parameters.starting_s)
    return replace(Change.none(len(seen)), kept=kept, lock_time_s=fresh)


def _in_bands(seen: Seen, bands: tuple[str, ...]) -> Mask:
    if not bands:
        return np.ones(len(seen), bool)
    named = [
        name[0] + code[0] in bands for name, code in zip(seen.satellite, seen.code, strict=True)
    ]
    return np.array(named, bool)

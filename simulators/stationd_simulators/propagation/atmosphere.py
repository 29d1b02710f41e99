"""What lies between the satellites and one station: its troposphere and its ionosphere."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_DAY, SECONDS_PER_YEAR
from stationd_simulators.motion.path import NEW_YEAR_GPST_S
from stationd_simulators.propagation import ionosphere, troposphere
from stationd_simulators.propagation.geometry import Geodetic, Sky
from stationd_simulators.propagation.randomness import key_of, walk, wander
from stationd_simulators.scenario import Errors

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

WET_WALK_M: Final = 0.004  # per square root of an hour; as much again of each station's own
LEAST_ELEVATION_RAD: Final = 0.01  # below, 1/sin is no delay any more
LEAST_S4_OF_SLIPS: Final = 0.4  # weaker scintillation breaks no lock
SLIPS_PER_MINUTE: Final = 0.5  # per unit of S4 beyond
_FLICKER_S: Final = 15.0  # electrons that scintillate come and go within so long


class Electrons(NamedTuple):
    """Of each ray, columns (rows,)."""

    delay_m_hz2: Floats  # 40.3 TEC: over the carrier's frequency squared it is metres
    scintillation_ratio: Floats  # S4


class Atmosphere:
    """One station's. Stations with the same `seed` share the weather, `own` is theirs alone."""

    def __init__(self, errors: Errors, place: Geodetic, seed: int, own: int) -> None:
        self._errors, self._place = errors, place
        self._seed, self._own = seed, own

    def troposphere_m(self, elevations_rad: Floats, gpst_s: float) -> Floats:
        """Return the delay for elevations of any shape."""
        place, above_rad = self._place, np.maximum(elevations_rad, LEAST_ELEVATION_RAD)
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

    def electrons(self, seen: Sky, gpst_s: float, satellite: Numbers) -> Electrons:
        """Return what each ray meets in the ionosphere."""
        errors = self._errors
        if not errors.ionosphere_tecu and not errors.scintillation_ratio:
            return Electrons(np.zeros(len(satellite)), np.zeros(len(satellite)))
        where = ionosphere.pierce(self._place, seen)
        vertical = ionosphere.vertical_tecu(where, gpst_s, errors.ionosphere_tecu, self._seed)
        slant_tecu = vertical * where.slant_ratio
        index = self.scintillation_ratio(where, gpst_s, satellite)
        if errors.scintillation_ratio:
            flicker = wander(key_of(self._own, "flicker"), gpst_s, _FLICKER_S, satellite)
            slant_tecu = slant_tecu + index * flicker
        return Electrons(ionosphere.DELAY_M_HZ2_PER_TECU * slant_tecu, index)

    def scintillation_ratio(
        self, where: ionosphere.Pierce, gpst_s: float | Floats, satellite: Numbers
    ) -> Floats:
        """Return S4 where rays cross the layer; times and rays broadcast against each other."""
        strongest_ratio = self._errors.scintillation_ratio
        return ionosphere.scintillation(where, gpst_s, strongest_ratio, self._seed, satellite)

    def slip_ratio(self, seen: Sky, gpst_s: Floats) -> Floats:
        """Return how likely each minute's fading breaks a lock: (satellites, minutes)."""
        if self._errors.scintillation_ratio <= LEAST_S4_OF_SLIPS:
            return np.zeros(seen.elevation_rad.shape)
        where = ionosphere.pierce(self._place, seen)
        rows = np.arange(len(seen.elevation_rad))[:, None]
        index = self.scintillation_ratio(where, gpst_s, rows)
        likely: Floats = SLIPS_PER_MINUTE * np.maximum(index - LEAST_S4_OF_SLIPS, 0.0)
        return likely

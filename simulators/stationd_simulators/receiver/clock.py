"""The receiver's clock: offset, drift, wander, and jumps of a millisecond."""

from typing import Final

from stationd_simulators.propagation.randomness import key_of, wander
from stationd_simulators.scenario import Errors

_WANDER_RATIO: Final = 0.1  # of the drift: what a good quartz adds in minutes
_MILLISECOND_S: Final = 1e-3


class ReceiverClock:
    """What a receiver's clock shows too much; the nominal epochs stay on the grid nevertheless."""

    def __init__(self, errors: Errors, start_gpst_s: float, seed: int) -> None:
        self._errors = errors
        self._start_gpst_s = start_gpst_s
        self._key = key_of(seed, "clock")

    def offset_s(self, gpst_s: float) -> float:
        """Return receiver clock less GPS time."""
        errors = self._errors
        offset_s = errors.clock_s + errors.clock_drift_ratio * (gpst_s - self._start_gpst_s)
        if errors.clock_drift_ratio:
            wandering = float(wander(self._key, gpst_s, 300.0)[0])
            offset_s += 300.0 * _WANDER_RATIO * errors.clock_drift_ratio * wandering
        if errors.clock_jumps:
            offset_s -= round(offset_s / _MILLISECOND_S) * _MILLISECOND_S
        return offset_s

    def drift_ratio(self, gpst_s: float) -> float:
        """Return how fast it gains, between jumps."""
        change_s = self.offset_s(gpst_s + 0.5) - self.offset_s(gpst_s - 0.5)
        return change_s - round(change_s / _MILLISECOND_S) * _MILLISECOND_S

"""The receiver's clock: offset, drift, wander, and jumps of a millisecond."""

from typing import Final, NamedTuple

from stationd_simulators.propagation.randomness import key_of, wander
from stationd_simulators.scenario import Errors

MILLISECOND_S: Final = 1e-3
_WANDER_RATIO: Final = 0.1  # of the drift: what a good quartz adds in minutes
_JUMP_KNOWN_TO_S: Final = 1e-3


class Jumps(NamedTuple):
    """How many milliseconds jumps have taken off the clock, and when the last one was."""

    milliseconds: int
    last_gpst_s: float  # -inf where there was none


class ReceiverClock:
    """What a receiver's clock shows too much; the nominal epochs stay on the grid nevertheless."""

    def __init__(self, errors: Errors, start_gpst_s: float, seed: int) -> None:
        self._errors = errors
        self._start_gpst_s = start_gpst_s
        self._key = key_of(seed, "clock")
        self._jumps = Jumps(0, float("-inf"))

    def offset_s(self, gpst_s: float) -> float:
        """Return receiver clock less GPS time."""
        free_s = self._free_s(gpst_s)
        return free_s - self._milliseconds(free_s) * MILLISECOND_S

    def drift_ratio(self, gpst_s: float) -> float:
        """Return how fast it gains, between jumps."""
        change_s = self.offset_s(gpst_s + 0.5) - self.offset_s(gpst_s - 0.5)
        return change_s - round(change_s / MILLISECOND_S) * MILLISECOND_S

    def jumps(self, gpst_s: float) -> Jumps:
        """Return the jumps until then."""
        count = self._milliseconds(self._free_s(gpst_s))
        if count != self._jumps.milliseconds or gpst_s < self._jumps.last_gpst_s:
            self._jumps = Jumps(count, self._last_jump_gpst_s(count, gpst_s))
        return self._jumps

    def _free_s(self, gpst_s: float) -> float:
        """Return what the offset would be without jumps."""
        errors = self._errors
        free_s = errors.clock_s + errors.clock_drift_ratio * (gpst_s - self._start_gpst_s)
        if errors.clock_drift_ratio:
            wandering = float(wander(self._key, gpst_s, 300.0)[0])
            free_s += 300.0 * _WANDER_RATIO * errors.clock_drift_ratio * wandering
        return free_s

    def _milliseconds(self, free_s: float) -> int:
        return round(free_s / MILLISECOND_S) if self._errors.clock_jumps else 0

    def _last_jump_gpst_s(self, count: int, gpst_s: float) -> float:
        """Return when the count came to be, by halving: what wanders never turns the clock back."""
        before_s, after_s = self._start_gpst_s, gpst_s
        if self._milliseconds(self._free_s(before_s)) == count:
            return float("-inf")
        while after_s - before_s > _JUMP_KNOWN_TO_S:
            middle_s = 0.5 * (before_s + after_s)
            if self._milliseconds(self._free_s(middle_s)) == count:
                after_s = middle_s
            else:
                before_s = middle_s
        return after_s

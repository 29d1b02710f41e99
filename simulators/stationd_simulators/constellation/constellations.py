"""All satellites of a simulation: where they are, what their clocks show, what they broadcast.

The truth is the broadcast message after rounding, as a user computes it who follows RTKLIB's rule
for choosing a set: the nearest toe (Galileo: the last toe that is past).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.constellation import kepler_motion
from stationd_simulators.constellation.group_delays import group_delay_s
from stationd_simulators.constellation.kepler_motion import Elements, Floats, State
from stationd_simulators.constellation.kepler_sets import KeplerSets

_BURST_S: Final = 5.0  # after the start, in which everything is sent once
_KEPT: Final = 32  # choices of satellites whose places are remembered


class Constellations:
    """Satellites of the constellations that `letters` name, for all times.

    Orbits depend on letters' own seeds and on time alone; `start_gpst_s` only says when the
    receiver first sends ephemerides.
    """

    def __init__(
        self, letters: str, start_gpst_s: float, seed: int, repeat_s: float = 30.0
    ) -> None:
        self._start_gpst_s = start_gpst_s
        self._repeat_s = repeat_s
        self._kepler = tuple(KeplerSets(letter, seed) for letter in letters if letter in "GECJ")
        self._by_letter = {sets.letter: sets for sets in self._kepler}
        self._kepler_names = tuple(name for sets in self._kepler for name in sets.names)
        self.satellites: tuple[str, ...] = self._kepler_names
        self._block = lru_cache(4)(self._joined)
        self._rows = lru_cache(_KEPT)(self._places)

    @classmethod
    def make(cls, letters: str, gpst_s: float, seed: int, repeat_s: float = 30.0) -> Self:
        """Return the constellations of a scenario that starts at `gpst_s`.

        Every message is sent every `repeat_s`, and a new set so long before it is used.
        """
        return cls(letters, gpst_s, seed, repeat_s)

    def state(self, gpst_s: float, names: Sequence[str], earlier_s: Floats | float = 0.0) -> State:
        """Return the state of satellites at `gpst_s - earlier_s` (a number, or one for each).

        The set is the one that a user takes at `gpst_s`: let it be the epoch of reception, and
        `earlier_s` the time since the signal left.
        """
        block = self._block(tuple(sets.index_at(gpst_s) for sets in self._kepler))
        return kepler_motion.state(block.taken(self._rows(tuple(names))), gpst_s, earlier_s)

    def group_delay_s(self, name: str, code: str) -> float:
        """Return how much later than the broadcast clock says a signal leaves its satellite."""
        letter = name[0]
        return group_delay_s(letter, code, self._by_letter[letter].group_delays_s(name))

    def frames_due(self, gpst_s: float, step_s: float = 1.0) -> list[bytes]:
        """Return the ephemeris frames to be sent in the step of `step_s` that begins at `gpst_s`.

        Frames are spread evenly over `repeat_s`; all are sent in the first five seconds too.
        """
        send = [
            frame
            for sets in self._kepler
            for frame in sets.frames(sets.index_at(gpst_s + self._repeat_s))
        ]
        first = self._start_gpst_s <= gpst_s < self._start_gpst_s + _BURST_S
        origin_s, period_s = (self._start_gpst_s, _BURST_S) if first else (0.0, self._repeat_s)
        count = len(send)
        begin = int(np.ceil((gpst_s - origin_s) / period_s * count))
        end = int(np.ceil((gpst_s + step_s - origin_s) / period_s * count))
        return [send[place % count] for place in range(begin, min(end, begin + count))]

    def _joined(self, indices: tuple[int, ...]) -> Elements:
        return kepler_motion.joined(
            [sets.elements(index) for sets, index in zip(self._kepler, indices, strict=True)]
        )

    def _places(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        return np.array([self._kepler_names.index(name) for name in names], dtype=np.intp)

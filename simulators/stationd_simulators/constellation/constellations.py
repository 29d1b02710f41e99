"""All satellites of a simulation: where they are, what their clocks show, what they broadcast.

The truth is the broadcast message after rounding, as a user computes it who follows RTKLIB's rule
for choosing a set: the nearest toe (Galileo: the last toe that is past).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.constellation import kepler_motion
from stationd_simulators.constellation.glonass_sets import GlonassSets
from stationd_simulators.constellation.group_delays import group_delay_s
from stationd_simulators.constellation.kepler_motion import Elements, Floats, State
from stationd_simulators.constellation.kepler_sets import KeplerSets

KNOWN_LETTERS: Final = "GRECJ"
_BURST_S: Final = 5.0  # after the start, in which everything is sent once
_KEPT: Final = 64  # choices of satellites whose places are remembered

Rows = NDArray[np.intp]


class _Places(NamedTuple):
    """Where chosen satellites are: in the choice, and in the tables of the two kinds of orbit."""

    kepler: Rows
    of_kepler: Rows
    glonass: Rows
    of_glonass: Rows


class Constellations:
    """Satellites of the constellations that `letters` name, for all times.

    Every satellite depends on the seed and on time alone, except that GLONASS's trajectory begins
    anew in the week of `start_gpst_s`, and that this is when ephemerides are sent first.
    """

    def __init__(
        self, letters: str, start_gpst_s: float, seed: int, repeat_s: float = 30.0
    ) -> None:
        if not letters or set(letters) - set(KNOWN_LETTERS):
            raise ValueError(
                f"constellations {letters!r}: write one or more letters of {KNOWN_LETTERS}"
            )
        self._start_gpst_s = start_gpst_s
        self._repeat_s = repeat_s
        self._kepler = tuple(
            KeplerSets(letter, seed)
            for letter in KNOWN_LETTERS
            if letter in letters.replace("R", "")
        )
        self._glonass = GlonassSets(seed, start_gpst_s) if "R" in letters else None
        self._by_letter = {sets.letter: sets for sets in self._kepler}
        self._kepler_rows = _rows([name for sets in self._kepler for name in sets.names])
        self._glonass_rows = _rows(self._glonass.names if self._glonass else ())
        self.satellites = tuple(
            sorted(
                (*self._kepler_rows, *self._glonass_rows),
                key=lambda name: (KNOWN_LETTERS.index(name[0]), name),
            )
        )
        self._elements = lru_cache(4)(self._joined)
        self._places = lru_cache(_KEPT)(self._found)

    @classmethod
    def make(cls, letters: str, gpst_s: float, seed: int, repeat_s: float = 30.0) -> Self:
        """Return the constellations of a scenario that starts at `gpst_s`.

        Every message is sent every `repeat_s`, and a new set so long before it is used.
        Raises ValueError where a letter is none of G, R, E, C, J.
        """
        return cls(letters, gpst_s, seed, repeat_s)

    def state(self, gpst_s: float, names: Sequence[str], earlier_s: Floats | float = 0.0) -> State:
        """Return the state of satellites at `gpst_s - earlier_s` (a number, or one for each).

        The set is the one that a user takes at `gpst_s`: let it be the epoch of reception, and
        `earlier_s` the time since the signal left. Raises KeyError for an unknown satellite.
        """
        places = self._places(tuple(names))
        count = len(names)
        earlier = np.broadcast_to(earlier_s, (count,))
        parts = []
        if len(places.kepler):
            of = self._elements(tuple(sets.index_at(gpst_s) for sets in self._kepler))
            parts.append(
                kepler_motion.state(of.taken(places.of_kepler), gpst_s, earlier[places.kepler])
            )
        if self._glonass and len(places.glonass):
            parts.append(self._glonass.state(places.of_glonass, gpst_s, earlier[places.glonass]))
        if len(parts) == 1:
            return parts[0]
        back = np.argsort(np.concatenate([places.kepler, places.glonass]))
        return State(*(np.concatenate(columns)[back] for columns in zip(*parts, strict=True)))

    def group_delay_s(self, name: str, code: str) -> float:
        """Return how much later than the broadcast clock says a signal leaves its satellite."""
        sets = self._by_letter.get(name[0])
        return group_delay_s(name[0], code, sets.group_delays_s(name) if sets else {})

    def glonass_channel(self, name: str) -> int | None:
        """Return the frequency channel of a GLONASS satellite, None for any other."""
        return self._glonass.channel(name) if self._glonass and name[0] == "R" else None

    def frames_due(self, gpst_s: float, step_s: float = 1.0) -> list[bytes]:
        """Return the ephemeris frames to be sent in the step of `step_s` that begins at `gpst_s`.

        Frames are spread evenly over `repeat_s`. In the first five seconds all that are needed
        until `repeat_s` from then are sent: sets in use, and those that succeed them.
        """
        first = self._start_gpst_s <= gpst_s < self._start_gpst_s + _BURST_S
        origin_s, period_s = (self._start_gpst_s, _BURST_S) if first else (0.0, self._repeat_s)
        send = self._first_frames() if first else self.frames_in_force(gpst_s)
        count = len(send)
        begin = int(np.ceil((gpst_s - origin_s) / period_s * count))
        end = int(np.ceil((gpst_s + step_s - origin_s) / period_s * count))
        if end - begin >= count:
            return send  # in their own order: Galileo's I/NAV ahead of F/NAV, for RTKLIB's sake
        return [send[place % count] for place in range(begin, end)]

    def frames_in_force(self, gpst_s: float) -> list[bytes]:
        """Return all frames that are being sent at an instant, one constellation after the other.

        A set that is used within `repeat_s` has already taken its predecessor's place.
        """
        return self._frames(gpst_s + self._repeat_s)

    def _first_frames(self) -> list[bytes]:
        both = (
            *self._frames(self._start_gpst_s),
            *self.frames_in_force(self._start_gpst_s + _BURST_S),
        )
        return list(dict.fromkeys(both))

    def _frames(self, used_gpst_s: float) -> list[bytes]:
        """Return the frames of the sets that a user takes at an instant."""
        tables: list[KeplerSets | GlonassSets] = [*self._kepler]
        if self._glonass:
            tables.append(self._glonass)
        return [frame for sets in tables for frame in sets.frames(sets.index_at(used_gpst_s))]

    def _joined(self, indices: tuple[int, ...]) -> Elements:
        return kepler_motion.joined(
            [sets.elements(index) for sets, index in zip(self._kepler, indices, strict=True)]
        )

    def _found(self, names: tuple[str, ...]) -> _Places:
        kepler = [place for place, name in enumerate(names) if name[0] != "R"]
        glonass = [place for place, name in enumerate(names) if name[0] == "R"]
        return _Places(
            np.array(kepler, dtype=np.intp),
            np.array([self._kepler_rows[names[place]] for place in kepler], dtype=np.intp),
            np.array(glonass, dtype=np.intp),
            np.array([self._glonass_rows[names[place]] for place in glonass], dtype=np.intp),
        )


def _rows(names: Sequence[str]) -> dict[str, int]:
    return {name: row for row, name in enumerate(names)}

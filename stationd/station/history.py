"""What a station's running counts were, every 10 s of the last 10 min: rates over windows.

Counting an event is then one addition wherever it happens, and a window is a difference: now less
then. A window reaches back to a sample, so its length is known exactly and is what a rate divides
by; it lies between the span asked for and 10 s less.
"""

from array import array
from collections.abc import Iterable
from typing import Final, NamedTuple

STEP_S: Final = 10.0
SAMPLES: Final = 61  # the longest span is 600 s

# "bytes", "frames" and "crc" of the stream, a letter for a constellation's epochs, a number for
# a message type.
Key = str | int


class Window(NamedTuple):
    """What was counted, and over how long."""

    counted: int
    covered_s: float


class CountHistory:
    """Samples of running counts in rings. Nothing is known before `begin`."""

    __slots__ = ("_newest", "_next_s", "_rings", "_times_s")

    def __init__(self) -> None:
        self._times_s = array("d", bytes(8 * SAMPLES))
        self._rings: dict[Key, array[int]] = {}
        self._newest = -1
        self._next_s = 0.0

    def begin(self, at_s: float) -> None:
        """Begin to count, from zero, at a monotonic reading."""
        self._newest = 0
        self._times_s[0] = at_s
        self._next_s = at_s + STEP_S

    def due(self, now_s: float) -> bool:
        """Whether it is time for a sample."""
        return self._newest >= 0 and now_s >= self._next_s

    def sample(self, now_s: float, counts: Iterable[tuple[Key, int]]) -> None:
        """Take the running counts as they are now."""
        self._newest += 1
        place = self._newest % SAMPLES
        self._times_s[place] = now_s
        for key, count in counts:
            ring = self._rings.get(key)
            if ring is None:
                ring = self._rings[key] = array("Q", bytes(8 * SAMPLES))
            ring[place] = count
        self._next_s += STEP_S
        if self._next_s <= now_s:  # a standstill: there is nothing to be made up for
            self._next_s = now_s + STEP_S

    def window(self, key: Key, count: int, now_s: float, span_s: float) -> Window:
        """Return how far a running count has come since up to `span_s` ago."""
        newest = self._newest
        if newest < 0:
            return Window(0, 0.0)
        back = min(int(span_s / STEP_S) - 1, newest)
        place = (newest - back) % SAMPLES
        ring = self._rings.get(key)
        then = 0 if ring is None else ring[place]
        return Window(count - then, now_s - self._times_s[place])

"""Judges every station once a second, a slice of them at a time.

A slice is what one call decodes and stacks; slices follow each other over the second, so that the
loop is never held up for longer than one of them takes.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from stationd.facts import StationFacts
from stationd.inputs import Instant
from stationd.pipeline import TICK_S, StationLine, decode, judge
from stationd.supervise import isolated
from stationd.watching.station import WatchedStation

MOST_SLICES: Final = 10
SLICE_STATIONS: Final = 25  # fewer stations than this are not divided further


class Rounds:
    """The rounds over all stations. `finished` counts slices: whoever watches sees progress."""

    def __init__(
        self,
        stations: Mapping[str, WatchedStation],
        publish: Callable[[StationFacts], None],
        now: Callable[[], Instant],
        clock_synchronised: Callable[[], bool | None],
    ) -> None:
        self._stations = stations
        self._publish = publish
        self._now = now
        self._clock_synchronised = clock_synchronised
        self.clock: bool | None = None
        self.finished = 0
        self.begun = asyncio.Event()  # every station has been judged once

    async def run(self) -> None:
        """Go round once a second until cancelled."""
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        while True:
            slices = max(1, min(MOST_SLICES, len(self._stations) // SLICE_STATIONS))
            for number in range(slices):
                begin_s += TICK_S / slices
                await asyncio.sleep(begin_s - loop.time())
                self.judge_slice(number, slices)
            self.begun.set()
            # After a standstill (a suspended machine) the missed rounds are not made up for.
            begin_s = max(begin_s, loop.time() - TICK_S)

    def judge_slice(self, number: int, slices: int) -> None:
        """Judge each `slices`-th station from `number` on, and publish what was found."""
        if number == 0:
            self.clock = self._clock_synchronised()
        now = self._now()
        watched: dict[StationLine, WatchedStation] = {}
        found: list[StationFacts] = []
        for station in list(self._stations.values())[number::slices]:
            facts = station.out_of_service(now)
            if facts is None:
                watched[station.line] = station
            else:
                found.append(facts)

        def broken(line: StationLine, error: Exception) -> None:
            watched.pop(line).broke(error)

        def judged(lines: Sequence[StationLine]) -> Sequence[None]:
            found.extend(judge(lines, now, clock_synchronised=self.clock))
            return ()

        isolated(_decoded, list(watched), broken)
        isolated(judged, list(watched), broken)
        for facts in found:
            self._publish(facts)
        self.finished += 1


def _decoded(lines: Sequence[StationLine]) -> Sequence[None]:
    decode(lines)
    return ()

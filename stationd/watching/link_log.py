"""Connections in the log: one line per change, and one line where many stations fail together.

A change waits for a moment; what else changes the same way at the same peer (a caster, a port)
goes into the same line. Trying again and failing again is no change.
"""

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Final, NamedTuple

from stationd.host.log import note
from stationd.inputs import LinkChange, LinkState

GATHER_S: Final = 1.0
TOGETHER: Final = 4  # so many stations of one peer make one line

_NUMBERS: Final = re.compile(r"\d+")
_LEVELS: Final = dict.fromkeys(
    (LinkState.CONNECTING, LinkState.CONNECTED, LinkState.ENDED), logging.INFO
)


class _Told(NamedTuple):
    state: LinkState
    reason: str  # numbers left out: "silent for 21 s" and "silent for 22 s" are one reason

    @classmethod
    def of(cls, change: LinkChange) -> "_Told":
        return cls(change.state, _NUMBERS.sub("#", change.reason))


class LinkLog:
    """Gathers link changes of all stations and writes them."""

    def __init__(self, write: Callable[..., None] = note) -> None:
        self._write = write
        self._told: dict[str, _Told] = {}
        self._waiting: dict[str, tuple[str, LinkChange]] = {}

    def note(self, station: str, peer: str, change: LinkChange) -> None:
        """Take a change of one station's link; the newest of a moment counts."""
        self._waiting[station] = (peer, change)

    def forget(self, station: str) -> None:
        self._told.pop(station, None)
        self._waiting.pop(station, None)

    def flush(self) -> None:
        """Write what has changed since it was last written."""
        waiting, self._waiting = self._waiting, {}
        groups: dict[tuple[str, LinkState], list[tuple[str, LinkChange]]] = defaultdict(list)
        for station, (peer, change) in waiting.items():
            told = _Told.of(change)
            if self._told.get(station) != told:
                self._told[station] = told
                groups[peer, change.state].append((station, change))
        for (peer, state), changes in groups.items():
            level = _LEVELS.get(state, logging.WARNING)
            if len(changes) >= TOGETHER:
                station, change = changes[0]
                self._write(
                    level, peer=peer, stations=len(changes), link=state, reason=change.reason,
                    such_as=station,
                )  # fmt: skip
                continue
            for station, change in changes:
                self._write(level, station=station, link=state, peer=peer, reason=change.reason)

    async def run(self) -> None:
        """Write once a moment until cancelled."""
        while True:
            await asyncio.sleep(GATHER_S)
            self.flush()

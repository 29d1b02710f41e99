"""Which stations' states are to be sent now: those that changed, and each once an interval.

A station's turn within the interval comes from its name, so that a thousand stations are spread
over the interval and stay so. Nothing is serialised here: most calls find nothing to do.
"""

import hashlib
from collections.abc import Iterable

from stationd.facts import Health, StationFacts


class Rota:
    """Turns that come once an interval, spread by name."""

    __slots__ = ("_interval_s",)

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s

    def next_s(self, name: str, now_s: float) -> float:
        """Return the first turn of `name` after `now_s`."""
        digest = hashlib.blake2b(name.encode(), digest_size=4).digest()
        turn_s = int.from_bytes(digest, "big") / 2**32 * self._interval_s
        return now_s + self._interval_s - (now_s - turn_s) % self._interval_s


class _Station:
    __slots__ = ("due_s", "facts", "metrics_due_s", "verdicts")

    def __init__(self, facts: StationFacts, metrics_due_s: float) -> None:
        self.facts = facts
        # What a change is told by; a station that was restarted counts its revisions anew.
        self.verdicts: tuple[int, Health] | None = None
        self.due_s = 0.0
        self.metrics_due_s = metrics_due_s


class StationStates:
    """The newest facts of every station, and what of them is due."""

    def __init__(self, interval_s: float, metrics_interval_s: float | None) -> None:
        self._stations: dict[str, _Station] = {}
        # Ordered sets: a station waits once, however often it changed meanwhile.
        self._states_due: dict[str, None] = {}
        self._metrics_due: dict[str, None] = {}
        self._rota = Rota(interval_s)
        self._metrics_rota = Rota(metrics_interval_s) if metrics_interval_s else None

    def names(self) -> Iterable[str]:
        """Return the stations that have facts."""
        return self._stations.keys()

    def facts(self, station: str) -> StationFacts | None:
        """Return the newest facts; None for a station that was forgotten."""
        kept = self._stations.get(station)
        return kept.facts if kept else None

    def take(self, facts: StationFacts) -> bool:
        """Keep the facts; say whether something of them is due now."""
        name, now_s = facts.station, facts.at.monotonic_s
        station = self._stations.get(name)
        if station is None:
            station = self._begin(facts)
        station.facts = facts
        due = False
        verdicts = (facts.revision, facts.health)
        if verdicts != station.verdicts or now_s >= station.due_s:
            station.verdicts = verdicts
            station.due_s = self._rota.next_s(name, now_s)
            self._states_due[name] = None
            due = True
        if now_s >= station.metrics_due_s and self._metrics_rota is not None:
            station.metrics_due_s = self._metrics_rota.next_s(name, now_s)
            self._metrics_due[name] = None
            due = True
        return due

    def _begin(self, facts: StationFacts) -> _Station:
        first_s = float("inf")
        if self._metrics_rota is not None:
            first_s = self._metrics_rota.next_s(facts.station, facts.at.monotonic_s)
        station = self._stations[facts.station] = _Station(facts, first_s)
        return station

    def forget(self, station: str) -> None:
        self._stations.pop(station, None)
        self._states_due.pop(station, None)
        self._metrics_due.pop(station, None)

    def all_due(self) -> None:
        """Have every state sent: a broker that we meet anew may know none of them."""
        self._states_due = dict.fromkeys(self._stations)

    def take_due(self) -> list[str]:
        """Return the stations whose state is due, and consider it sent."""
        due, self._states_due = self._states_due, {}
        return list(due)

    def take_metrics_due(self) -> list[str]:
        """Return the stations whose measurements are due, and consider them sent."""
        due, self._metrics_due = self._metrics_due, {}
        return list(due)

"""Prometheus: `/metrics` over the newest facts, `/-/healthy`, `/-/ready` and a landing page."""

import asyncio
from collections import Counter

from stationd.facts import StationFacts
from stationd.sinks.daemon_facts import SinkCounters
from stationd.sinks.prometheus.settings import Patience, Settings
from stationd.sinks.sink import Surroundings


class PrometheusSink:
    """Keeps the newest facts of every station and serves them."""

    def __init__(
        self, settings: Settings, surroundings: Surroundings, patience: Patience | None = None
    ) -> None:
        self._settings = settings
        self._around = surroundings
        self._patience = patience or Patience()
        self._newest: dict[str, StationFacts] = {}
        self._pages = 0
        self._failures: Counter[str] = Counter()
        self.port: int | None = None  # where it listens
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled."""
        # The web server costs 0.1 s and 9 MB: only who serves pays for it.
        from stationd.sinks.prometheus.exporter import exporting  # noqa: PLC0415 - see above

        async with exporting(
            self._settings,
            self._around,
            self._newest,
            self._patience,
            delivered=self._delivered,
            failed=self._failed,
        ) as self.port:
            self.listening.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.listening.clear()

    def publish(self, facts: StationFacts) -> None:
        """Take a station's newest facts."""
        self._newest[facts.station] = facts

    def forget(self, station: str) -> None:
        """Drop a station's series."""
        self._newest.pop(station, None)

    def counters(self) -> SinkCounters:
        """Return pages served, and what failed with clients."""
        return SinkCounters(delivered=self._pages, failures=dict(self._failures))

    def _delivered(self) -> None:
        self._pages += 1

    def _failed(self, step: str) -> None:
        self._failures[step] += 1

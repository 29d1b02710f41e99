"""What a sink is, and what the daemon hands to each of them.

A sink is a task (`run`, until cancelled) with a mailbox (`publish`, `forget`) that never blocks:
the daemon calls it once a second for every station, from the loop's own thread.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from stationd.facts import StationFacts
from stationd.sinks.daemon_facts import DaemonFacts, SinkCounters


class SinkSettings(BaseModel):
    """What the settings of all sinks have in common: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def not_told() -> DaemonFacts:
    """Return what is known of the daemon when nobody says anything."""
    return DaemonFacts()


def always_ready() -> str | None:
    """Return None: nothing stands in the way."""
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sink needs of the daemon around it; everything after `version` is for tests to turn.

    `name`: the sink's own name in the configuration, unique among sinks (names its files).
    `node`: this stationd among others (MQTT topics).  `session`: unique for this run.
    `state_folder`: where files that must survive a restart belong; made when missing.
    `daemon_facts`: called when metrics are asked for.  `ready`: None, or a sentence that says
    what is still missing.
    """

    name: str
    node: str
    session: str
    state_folder: Path
    version: str
    daemon_facts: Callable[[], DaemonFacts] = not_told
    ready: Callable[[], str | None] = always_ready
    monotonic: Callable[[], float] = time.monotonic
    utc: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = field(default=random.random)  # in [0, 1)


class Sink(Protocol):
    """Where facts leave the daemon."""

    async def run(self) -> None:
        """Serve or deliver until cancelled; `UnavailableError` where the outside world says no."""

    def publish(self, facts: StationFacts) -> None:
        """Take one station's newest facts: bounded, never blocks, microseconds."""

    def forget(self, station: str) -> None:
        """Take back whatever still speaks of a station that is no longer configured."""

    def counters(self) -> SinkCounters:
        """Return what this sink says of itself."""


@dataclass(frozen=True, slots=True)
class SinkKind:
    """One row of `SINKS`: how a kind of sink is configured, and how it is made."""

    settings: type[SinkSettings]
    make: Callable[..., Sink]  # make(settings, surroundings)

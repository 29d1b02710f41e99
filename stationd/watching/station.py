"""One station being watched: its source is kept running, its line takes what the source brings."""

import logging
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from stationd.config.settings import StationConfig
from stationd.facts import CheckResult, Event, Health, StationFacts
from stationd.host.log import note
from stationd.inputs import Chunk, Instant, LinkChange, LinkState
from stationd.pipeline import StationLine, StationSettings
from stationd.sources import SOURCES
from stationd.sources.source import Surroundings, host_clocks
from stationd.supervise import (
    HEALTHY_AFTER_S,
    Backoff,
    LoginRefusedError,
    RefusedError,
    UnavailableError,
    keep_running,
)
from stationd.watching.link_log import LinkLog

DAEMON_CHECK: Final = "daemon"  # the name under which a bug of ours is told


@dataclass(frozen=True, slots=True)
class Around:
    """What the stations share. `restarts` and `bugs` count by task."""

    jitter: Callable[[], float]
    source: Surroundings = field(default_factory=lambda: Surroundings(station=""))
    links: LinkLog = field(default_factory=LinkLog)
    restarts: Counter[str] = field(default_factory=Counter)
    bugs: Counter[str] = field(default_factory=Counter)
    now: Callable[[], Instant] = host_clocks


class WatchedStation:
    """Destination of the source's bytes, witness of its failures, keeper of the line."""

    def __init__(self, config: StationConfig, around: Around) -> None:
        self.config = config
        self._around = around
        self._kind = SOURCES[config.source_kind]
        self._source = self._kind.make(config.source, replace(around.source, station=config.id))
        self._bugs = Backoff(around.jitter)
        self._whole_from_s = -math.inf  # monotonic: until then a bug keeps the line out of service
        self._bug = ""
        self._bug_at: Instant | None = None
        self._bug_events: tuple[Event, ...] = ()
        self._connected = False
        self._ended = False
        self.line = self._new_line(Health.UNKNOWN)

    def _new_line(self, health: Health) -> StationLine:
        return StationLine(
            self.config.line,
            self._around.now(),
            live=self._kind.live,
            health=health,
            peer=self.config.source.peer,
        )

    @property
    def task_name(self) -> str:
        return f"station:{self.config.id}"

    async def run(self) -> None:
        """Keep the source running until it ends."""
        await keep_running(
            lambda: self._source.run(self),
            self,
            monotonic=lambda: self._around.now().monotonic_s,
            jitter=self._around.jitter,
        )
        if not self._ended:  # a recording says so itself, with its own reason
            self.link(LinkChange(LinkState.ENDED, "everything has been read", self._around.now()))

    def configure(self, line: StationSettings) -> None:
        """Judge by new settings; the source and what is known stay."""
        self.config = StationConfig(line, self.config.source_kind, self.config.source)
        self.line.configure(line)

    # What the source tells.

    def receive(self, chunk: Chunk) -> None:
        if self._bug_at is None:
            self.line.receive(chunk)

    def link(self, change: LinkChange) -> None:
        self._connected = change.state is LinkState.CONNECTED
        self._ended = change.state is LinkState.ENDED
        self.line.link(change)
        self._around.links.note(self.config.id, self.config.source.peer, change)

    # What the supervisor tells.

    def unavailable(self, error: UnavailableError, wait_s: float) -> None:
        self._around.restarts[self.task_name] += 1
        match error:
            case LoginRefusedError() | RefusedError():
                state = LinkState.REFUSED
            case _:
                state = LinkState.LOST if self._connected else LinkState.UNAVAILABLE
        self.link(LinkChange(state, f"{error}; next try in {wait_s:.0f} s", self._around.now()))

    def bug(self, error: Exception, wait_s: float) -> None:
        self._break(error, wait_s)
        self._connected = False

    def broke(self, error: Exception) -> None:
        """Take that this station's line met a bug: out of service for a while, then anew."""
        if self._around.now().monotonic_s - self._whole_from_s >= HEALTHY_AFTER_S:
            self._bugs.reset()
        self._break(error, self._bugs.next_s(error))

    def _break(self, error: Exception, wait_s: float) -> None:
        now, before = self._around.now(), self.line.health
        self._around.bugs[self.task_name] += 1
        note(logging.ERROR, error, station=self.config.id, bug=type(error).__name__, wait_s=wait_s)
        self._bug = f"a bug in stationd ({type(error).__name__}); its log has the traceback"
        self._bug_at = now
        self._whole_from_s = now.monotonic_s + wait_s
        self._bug_events = (*self._bug_events, *self.line.intake.take_events())
        if before is not Health.CRITICAL:
            reason = f"{DAEMON_CHECK}: {self._bug}"
            critical = Event(
                self.config.id, now, "station", "health", before, Health.CRITICAL, reason
            )
            self._bug_events = (*self._bug_events, critical)
        self.line = self._new_line(Health.CRITICAL)

    def out_of_service(self, now: Instant) -> StationFacts | None:
        """Return the facts of a station that a bug keeps from being watched; None where none does.

        When its time is over, a new line begins without evidence.
        """
        if self._bug_at is None:
            return None
        if now.monotonic_s >= self._whole_from_s and not self._bug_events:
            self._bug_at = None
            return None
        result = CheckResult(DAEMON_CHECK, Health.CRITICAL, self._bug, {}, {}, self._bug_at)
        events, self._bug_events = self._bug_events, ()
        return StationFacts(
            self.config.id, now, Health.CRITICAL, (result,), {}, events, self.line.labels()
        )

"""JSON lines: events and state changes, one object a line, to a file or to standard output."""

import asyncio
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from stationd.facts import Event, Health, StationFacts, event_json, state_json
from stationd.sinks.daemon_facts import SinkCounters
from stationd.sinks.json_text import json_line
from stationd.sinks.line_file import LineFile
from stationd.sinks.sink import SinkSettings, Surroundings
from stationd.supervise import UnavailableError

STANDARD_OUTPUT: Final = Path("-")
LINES_AT_ONCE: Final = 500
FAREWELL_S: Final = 2.0


class Settings(SinkSettings):
    """Where lines go, which, and how large a file grows."""

    path: Path = Field(STANDARD_OUTPUT, description='A file, or "-" for standard output')
    states: Literal["never", "on_change", "always"] = Field(
        "on_change", description="Whole station states: never, when a health changes, each second"
    )
    max_bytes: int = Field(
        64 * 2**20, ge=4096, description="A file that would grow beyond this is turned over"
    )
    keep_files: int = Field(
        3, ge=0, le=1000, description="Turned-over files kept: path.1, path.2 …"
    )
    queue_max_rows: int = Field(
        5_000, ge=1, description="Lines that wait in memory at most; the oldest are dropped"
    )


class JsonlSink:
    """Appends lines from a thread of its own, which also makes them.

    Facts wait in a bounded queue; while the file refuses them, the oldest are dropped.
    """

    def __init__(
        self,
        settings: Settings,
        surroundings: Surroundings,
        standard_output: int = 1,
        farewell_s: float = FAREWELL_S,
    ) -> None:
        self._settings = settings
        self._around = surroundings
        self._standard_output = standard_output
        self._farewell_s = farewell_s
        self._waiting: deque[Event | StationFacts] = deque()
        self._lines: deque[bytes] = deque()  # made of the oldest, being written
        self._lines_since_utc_s: float | None = None
        self._news = asyncio.Event()
        self._last_healths: dict[str, tuple[Health, ...]] = {}
        self._written = 0
        self._dropped: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()

    async def run(self) -> None:
        """Write until cancelled; then write what still waits, if that does not take long."""
        loop = asyncio.get_running_loop()
        settings = self._settings
        descriptor = self._standard_output if settings.path == STANDARD_OUTPUT else None
        file = LineFile(settings.path, settings.max_bytes, settings.keep_files, descriptor)
        thread = ThreadPoolExecutor(1, thread_name_prefix=f"sink-{self._around.name}")
        try:
            await loop.run_in_executor(thread, file.open)
            while True:
                await loop.run_in_executor(thread, self._write_waiting, file)
                await self._news.wait()
                self._news.clear()
        except UnavailableError:
            self._failures["write"] += 1
            raise
        except asyncio.CancelledError:
            last = loop.run_in_executor(thread, self._write_waiting, file)
            await asyncio.wait({last}, timeout=self._farewell_s)
            if not last.cancel() and last.exception() is not None:
                self._failures["write"] += 1
            raise
        finally:
            file.give_up()
            thread.submit(file.close)
            thread.shutdown(wait=False)

    def publish(self, facts: StationFacts) -> None:
        """Queue the lines that these facts make."""
        for event in facts.events:
            self._enqueue(event)
        if self._settings.states == "always" or self._is_news(facts):
            self._enqueue(facts)

    def forget(self, station: str) -> None:
        """Forget the last health of a station."""
        self._last_healths.pop(station, None)

    def counters(self) -> SinkCounters:
        """Return lines waiting, written and dropped; how long they will be is not known."""
        return SinkCounters(
            queued_rows=len(self._waiting) + len(self._lines),
            queued_bytes=None,
            oldest_utc_s=self._oldest_utc_s(),
            delivered=self._written,
            dropped=dict(self._dropped),
            failures=dict(self._failures),
        )

    def _is_news(self, facts: StationFacts) -> bool:
        if self._settings.states == "never":
            return False
        healths = (facts.health, *(result.health for result in facts.results))
        if self._last_healths.get(facts.station) == healths:
            return False
        self._last_healths[facts.station] = healths
        return True

    def _enqueue(self, item: Event | StationFacts) -> None:
        if len(self._waiting) >= self._settings.queue_max_rows:
            with suppress(IndexError):  # the thread may have taken them all meanwhile
                self._waiting.popleft()
                self._dropped["queue_full"] += 1
        self._waiting.append(item)
        self._news.set()

    def _oldest_utc_s(self) -> float | None:
        if self._lines:
            return self._lines_since_utc_s
        try:
            return self._waiting[0].at.utc_s
        except IndexError:
            return None

    def _write_waiting(self, file: LineFile) -> None:
        """Make lines of what waits and write them, until nothing waits. In the thread."""
        while self._lines or self._waiting:
            self._make_lines()
            before = file.written
            try:
                file.append(self._lines)
            finally:
                self._written += file.written - before

    def _make_lines(self) -> None:
        while len(self._lines) < LINES_AT_ONCE:
            try:
                item = self._waiting.popleft()
            except IndexError:  # all taken, or dropped by the loop
                return
            if not self._lines:
                self._lines_since_utc_s = item.at.utc_s
            content = event_json(item) if isinstance(item, Event) else state_json(item)
            self._lines.append(json_line(content) + b"\n")

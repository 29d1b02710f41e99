"""JSON lines: events and state changes, one object a line, to a file or to standard output."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from stationd.facts import StationFacts
from stationd.sinks.daemon_facts import SinkCounters
from stationd.sinks.sink import SinkSettings, Surroundings


class Settings(SinkSettings):
    """Where lines go, which, and how large a file grows."""

    path: Path = Field(Path("-"), description='A file, or "-" for standard output')
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
        20_000, ge=1, description="Lines that wait in memory at most; the oldest are dropped"
    )


class JsonlSink:
    """Appends lines from a thread of its own."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self) -> None:
        """Write until cancelled."""
        raise NotImplementedError

    def publish(self, facts: StationFacts) -> None:
        """Queue the lines that these facts make."""

    def forget(self, station: str) -> None:
        """Forget the last health of a station."""

    def counters(self) -> SinkCounters:
        """Return lines waiting, written and dropped."""
        return SinkCounters()

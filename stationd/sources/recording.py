"""Recorded file, played with its timing."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from stationd.inputs import Chunk
from stationd.sources.source import Destination, SourceSettings, Surroundings


class Settings(SourceSettings):
    """A recording and how it is played."""

    path: Path = Field(description="A recording of a receiver's bytes")
    speed: float = Field(1.0, gt=0, description="Times real time")
    repeat: bool = Field(default=False, description="Begin again at the end")

    @property
    def peer(self) -> str:
        return f"file:{self.path}"


def has_times(path: Path) -> bool:
    """Return whether a file with arrival times lies beside the recording."""
    raise NotImplementedError


def timed_chunks(path: Path) -> Iterator[Chunk]:
    """Yield a recording's bytes stamped with the times at which they arrived."""
    raise NotImplementedError


class RecordingSource:
    """Plays a recording into the line."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Deliver the recording at its pace, and return at its end."""
        raise NotImplementedError

"""Recorded file, played with its timing.

Its arrival times stand in a time-tag file beside it, as RTKLIB's str2str writes one; a recording
without is paced by the epochs in it, and then nothing is known of its latency.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import Field

from stationd.inputs import Chunk, Instant, LinkChange, LinkState
from stationd.sources.source import Destination, SourceSettings, Surroundings
from stationd.sources.time_tags import TimeTags
from stationd.station.pacing import Pacer
from stationd.supervise import UnavailableError

BLOCK_BYTES: Final = 64 * 1024
# Bytes behind the last time: str2str was stopped between a write and its time.
UNTIMED_BYTES: Final = BLOCK_BYTES
PAUSE_S: Final = 1.0  # before it begins again: as long as an epoch usually lasts


class Settings(SourceSettings):
    """A recording and how it is played."""

    path: Path = Field(
        description="A recording of a receiver's bytes; PATH.tag beside it, by RTKLIB's str2str, "
        "has its arrival times"
    )
    speed: float = Field(1.0, gt=0, allow_inf_nan=False, description="Times real time")
    repeat: bool = Field(default=False, description="Begin again at the end")

    @property
    def peer(self) -> str:
        return f"file:{self.path}"


def tag_path(path: Path) -> Path:
    """Return where a recording's arrival times are, if it has any."""
    return path.with_name(path.name + ".tag")


def has_times(path: Path) -> bool:
    """Return whether a file with arrival times lies beside the recording."""
    return tag_path(path).exists()


def timed_chunks(path: Path) -> Iterator[Chunk]:
    """Yield a recording's bytes stamped with the times at which they arrived.

    `monotonic_s` counts from the first bytes. Raises `UnavailableError` where the recording or
    its times cannot be read, or do not belong together.
    """
    try:
        size_bytes = path.stat().st_size
        tags = TimeTags(tag_path(path), size_bytes)
        with path.open("rb") as file:
            yield from _timed(file, size_bytes, tags)
    except OSError as error:
        raise UnavailableError(_unreadable(path, error)) from error


def _timed(file: BinaryIO, size_bytes: int, tags: TimeTags) -> Iterator[Chunk]:
    done_bytes = 0
    first_tick_ms: int | None = None
    at = Instant(None, 0.0)
    for tick_ms, position in tags.arrivals():
        if position == done_bytes:
            continue
        if first_tick_ms is None:
            first_tick_ms = tick_ms
        at = Instant(tags.utc_s(tick_ms), (tick_ms - first_tick_ms) / 1000)
        for block in _blocks(file, position - done_bytes):
            yield Chunk(block, at)
        done_bytes = position
    if size_bytes - done_bytes > UNTIMED_BYTES or first_tick_ms is None:
        raise UnavailableError(
            f"{tags.path} has times for {done_bytes} of {size_bytes} bytes: it is cut off, or of "
            "another recording; without it the recording is paced by its own epochs"
        )
    for block in _blocks(file, size_bytes - done_bytes):
        yield Chunk(block, at)


def _blocks(file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    left_bytes = size_bytes
    while left_bytes and (block := file.read(min(left_bytes, BLOCK_BYTES))):
        left_bytes -= len(block)
        yield block


def _paced_chunks(path: Path) -> Iterator[Chunk]:
    """Yield a recording's bytes in the rhythm of its epochs; when that was is not known."""
    try:
        with path.open("rb") as file:
            yield from Pacer(None).chunks(iter(lambda: file.read(BLOCK_BYTES), b""))
    except OSError as error:
        raise UnavailableError(_unreadable(path, error)) from error


def _unreadable(path: Path, error: OSError) -> str:
    return f"{error.filename or path} cannot be read: {error.strerror or error}"


class RecordingSource:
    """Plays a recording into the line."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Deliver the recording at its pace, and return at its end.

        The chunks' UTC is the recording's own, None without arrival times; their monotonic time is
        of now.
        """
        settings, around = self._settings, self._around
        await self._play(destination, is_first=True)
        while settings.repeat:
            await around.sleep(PAUSE_S / settings.speed)
            await self._play(destination, is_first=False)
        reason = f"{settings.path} is at its end"
        destination.link(LinkChange(LinkState.ENDED, reason, around.now()))

    async def _play(self, destination: Destination, *, is_first: bool) -> None:
        path, around = self._settings.path, self._around
        timed = has_times(path)
        began_s: float | None = None
        for chunk in timed_chunks(path) if timed else _paced_chunks(path):
            now = around.now()
            if began_s is None:
                began_s = now.monotonic_s
                if is_first:
                    how = "with its arrival times" if timed else "paced by its own epochs"
                    reason = f"playing {path} {how}"
                    destination.link(LinkChange(LinkState.CONNECTED, reason, now))
            due_s = began_s + chunk.at.monotonic_s / self._settings.speed
            await around.sleep(max(0.0, due_s - now.monotonic_s))
            at = Instant(chunk.at.utc_s, around.now().monotonic_s)
            destination.receive(Chunk(chunk.data, at))
        if began_s is None:
            raise UnavailableError(f"{path} is empty")

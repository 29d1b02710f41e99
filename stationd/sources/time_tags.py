"""Arrival times of a recording, as RTKLIB's str2str writes them beside it (`-out file://X::T`).

`X.tag` is little-endian:

    bytes 0-59   "TIMETAG RTKLIB <version>", zeros
    bytes 60-63  a clock's reading, by which several recordings are played together: not needed
    then         when the recording was begun, GPS time as seconds since 1970-01-01: whole, fraction
    then         records: tick_ms (4 bytes), position (4 bytes, or 8 with `::P=8`)

A record says that the recording was `position` bytes long `tick_ms` after it was begun; ticks, and
positions of 4 bytes, go round at 2^32. Versions differ in how wide the time of beginning is, and
nothing in the file says which it was: the layout is the first one under which it makes sense.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from stationd.gnss.time import GPS_EPOCH_UTC_S, utc_from_gpst
from stationd.supervise import UnavailableError

_MAGIC: Final = b"TIMETAG"
_TIME_AT: Final = 64
_TURN: Final = 1 << 32
_LONGEST_STEP_MS: Final = 1 << 31  # ticks only grow: a longer step is a step back
_RECORDS_AT_ONCE: Final = 4096
_EARLIEST_S: Final = GPS_EPOCH_UTC_S
_LATEST_S: Final = 4_102_444_800  # 2100-01-01


class _Layout(NamedTuple):
    """How wide the fields are that versions differ in."""

    begun: struct.Struct
    record: struct.Struct

    @property
    def records_at(self) -> int:
        return _TIME_AT + self.begun.size


_BEGUN: Final = (
    struct.Struct("<Id"),  # RTKLIB 2.4.3
    struct.Struct("<qd"),  # before: time_t and double as they lie in memory
)
_RECORDS: Final = (struct.Struct("<II"), struct.Struct("<IQ"))
_LAYOUTS: Final = tuple(_Layout(begun, record) for begun in _BEGUN for record in _RECORDS)


class Arrival(NamedTuple):
    """The recording was `position` bytes long, `tick_ms` after it was begun."""

    tick_ms: int
    position: int


class _OddRecordError(ValueError):
    """A record goes back, or beyond the recording."""


class TimeTags:
    """The time-tag file of a recording of `recording_bytes` bytes."""

    def __init__(self, path: Path, recording_bytes: int) -> None:
        """Find out the layout; `UnavailableError` where the file makes no sense."""
        self.path = path
        self._recording_bytes = recording_bytes
        with path.open("rb") as file:
            head = file.read(_TIME_AT + _BEGUN[-1].size + _RECORDS_AT_ONCE * _RECORDS[-1].size)
        if not head.startswith(_MAGIC):
            raise UnavailableError(self._sentence("is no time-tag file of RTKLIB"))
        for layout in _LAYOUTS:
            if self._makes_sense(layout, head):
                break
        else:
            raise UnavailableError(self._sentence("does not fit the recording, or is damaged"))
        self._layout = layout
        whole_s, fraction_s = layout.begun.unpack_from(head, _TIME_AT)
        self.begun_gpst_s: float = whole_s - GPS_EPOCH_UTC_S + fraction_s

    def arrivals(self) -> Iterator[Arrival]:
        """Yield what the file says, in order."""
        with self.path.open("rb") as file:
            file.seek(self._layout.records_at)
            try:
                yield from _arrivals(self._records(file), self._recording_bytes)
            except _OddRecordError as error:
                raise UnavailableError(self._sentence(f"is damaged: {error}")) from error

    def utc_s(self, tick_ms: int) -> float:
        return utc_from_gpst(self.begun_gpst_s + tick_ms / 1000)

    def _records(self, file: BinaryIO) -> Iterator[tuple[int, int]]:
        record = self._layout.record
        while block := file.read(record.size * _RECORDS_AT_ONCE):
            yield from record.iter_unpack(_whole(block, record))

    def _makes_sense(self, layout: _Layout, head: bytes) -> bool:
        records = _whole(head[layout.records_at :], layout.record)
        if not records:
            return False
        whole_s, fraction_s = layout.begun.unpack_from(head, _TIME_AT)
        if not (_EARLIEST_S <= whole_s < _LATEST_S and 0 <= fraction_s < 1):
            return False
        try:
            for _ in _arrivals(layout.record.iter_unpack(records), self._recording_bytes):
                pass
        except _OddRecordError:
            return False
        return True

    def _sentence(self, what: str) -> str:
        return f"{self.path} {what}; without it the recording is paced by its own epochs"


def _whole(data: bytes, record: struct.Struct) -> bytes:
    """Return the whole records; one that is cut off (the recorder was killed) says nothing."""
    return data[: len(data) - len(data) % record.size]


def _arrivals(records: Iterable[tuple[int, int]], recording_bytes: int) -> Iterator[Arrival]:
    """Yield arrivals with ticks and positions that no longer go round."""
    tick_ms = position = 0
    for number, (tick, at) in enumerate(records):
        step_ms = (tick - tick_ms) % _TURN
        if step_ms >= _LONGEST_STEP_MS:
            raise _OddRecordError(f"record {number} goes back in time")
        tick_ms += step_ms
        # A position of 8 bytes is taken as it is, unless it goes back; one of 4 bytes goes round.
        position += (at - position) if at >= position else (at - position) % _TURN
        if position > recording_bytes:
            raise _OddRecordError(f"record {number} lies beyond the recording's end")
        yield Arrival(tick_ms, position)

"""A file that a station's bytes are written to, with RTKLIB's time tags where they are wanted.

`X.tag` beside `X`, as str2str 2.4.3 writes it for `-out file://X::T`, little-endian:

    60 bytes   "TIMETAG RTKLIB 2.4.3", zeros
    4 bytes    a clock's reading; several recordings are played together by it
    4 + 8      when the recording was begun: GPS time since 1970-01-01, whole seconds and fraction
    4 + 4      for each piece: milliseconds since then, and the recording's length with it
"""

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from stationd.gnss.time import GPS_EPOCH_UTC_S
from stationd_simulators.timed_bytes import TimedBytes

_TITLE: Final = b"TIMETAG RTKLIB 2.4.3".ljust(60, b"\0")
_BEGUN: Final = struct.Struct("<IId")
_RECORD: Final = struct.Struct("<II")
_TURN: Final = 1 << 32  # ticks and lengths go round there
_DAY_MS: Final = 86_400_000


class Recording:
    """Writes timed bytes; `with Recording(path, time_tags=True) as recording: recording.write(…)`.

    What was there under that name is replaced.
    """

    def __init__(self, path: Path, *, time_tags: bool = False) -> None:
        self._path = path
        self.has_time_tags = time_tags
        self._file: BinaryIO | None = None
        self._tags: BinaryIO | None = None
        self._begun_gpst_s: float | None = None
        self.written_bytes = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        if self.has_time_tags:
            self._tags = tag_path(self._path).open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in (self._file, self._tags):
            if file is not None:
                file.close()

    def write(self, piece: TimedBytes) -> None:
        """Append; the first piece says when the recording was begun."""
        assert self._file is not None
        self._file.write(piece.data)
        self.written_bytes += len(piece.data)
        if self._tags is None:
            return
        if self._begun_gpst_s is None:
            self._begun_gpst_s = piece.due_gpst_s
            self._tags.write(_head(piece.due_gpst_s))
        tick_ms = round((piece.due_gpst_s - self._begun_gpst_s) * 1000)
        self._tags.write(_RECORD.pack(tick_ms % _TURN, self.written_bytes % _TURN))


def tag_path(path: Path) -> Path:
    """Return where the time tags of a recording lie."""
    return path.with_name(path.name + ".tag")


def _head(begun_gpst_s: float) -> bytes:
    whole_s = int(begun_gpst_s // 1)
    reading_ms = int(begun_gpst_s * 1000) % _DAY_MS
    return _TITLE + _BEGUN.pack(reading_ms, whole_s + GPS_EPOCH_UTC_S, begun_gpst_s - whole_s)

"""A file, pipe or terminal that takes whole lines: turned over by size, repaired after a crash.

Everything here blocks, and belongs into one thread; only `give_up` may be called from another.
Errors leave as `UnavailableError` with a sentence; a line counts as written when the kernel has
all of it, so it survives the end of the process, not a power cut.
"""

import errno
import fcntl
import os
import select
import stat
import threading
from collections import deque
from pathlib import Path
from typing import Final

from stationd.supervise import UnavailableError

_TAIL_BYTES: Final = 64 * 1024
_LOOK_UP_S: Final = 0.2  # how often a writer that waits for its reader looks whether to go on


class LineFile:
    """Lines are appended; `path.1` is the newest of the files that are full."""

    def __init__(self, path: Path, max_bytes: int, keep_files: int, descriptor: int | None) -> None:
        """Write to `path`, or to an open `descriptor` that is not ours to close."""
        self._path = path
        self._name = str(path) if descriptor is None else "standard output"
        self._max_bytes = max_bytes
        self._keep_files = keep_files
        self._lent = descriptor
        self._fd = -1
        self._regular = False
        self._size_bytes = 0
        self._given_up = threading.Event()
        self.written = 0  # lines

    def open(self) -> None:
        """Open, lock, and move aside what a crash left of a last line."""
        try:
            self._open()
        except OSError as error:
            self.close()
            raise self._unavailable(error) from error

    def append(self, lines: deque[bytes]) -> None:
        """Write the lines, each ending in a line feed, and take from `lines` what is written."""
        try:
            while lines:
                if self._regular and self._is_moved():
                    self.close()
                    self._open()  # someone else's rotation took the file away
                count = self._fitting(lines)
                if count == 0:
                    self._turn_over()
                    continue
                self._write(b"".join(lines[index] for index in range(count)))
                for _ in range(count):
                    lines.popleft()
                self.written += count
        except OSError as error:
            raise self._unavailable(error) from error

    def give_up(self) -> None:
        """Let a write end that waits for a reader."""
        self._given_up.set()

    def close(self) -> None:
        if self._fd >= 0 and self._lent is None:
            os.close(self._fd)
        self._fd = -1

    def _open(self) -> None:
        if self._lent is not None:
            self._fd = self._lent
        else:
            # O_NONBLOCK: a named pipe without a reader is an error instead of a wait for ever.
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY
            self._fd = os.open(self._path, flags, 0o640)
        status = os.fstat(self._fd)
        # Standard output is never turned over, even where it is a file.
        self._regular = stat.S_ISREG(status.st_mode) and self._lent is None
        if self._regular:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._size_bytes = self._repaired(status.st_size)

    def _repaired(self, size_bytes: int) -> int:
        """Move an unfinished last line to `path.partial`; return the size without it."""
        with self._path.open("rb") as file:
            whole_bytes = size_bytes
            while whole_bytes:
                start = max(0, whole_bytes - _TAIL_BYTES)
                file.seek(start)
                end = file.read(whole_bytes - start).rfind(b"\n")
                whole_bytes = start + end + 1
                if end >= 0:
                    break
            if whole_bytes < size_bytes:
                file.seek(whole_bytes)
                self._numbered("partial").write_bytes(file.read())
                os.ftruncate(self._fd, whole_bytes)
        return whole_bytes

    def _is_moved(self) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        ours = os.fstat(self._fd)
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)

    def _fitting(self, lines: deque[bytes]) -> int:
        """Return how many lines fit; a line larger than a file has one for itself."""
        if not self._regular:
            return len(lines)
        total_bytes = self._size_bytes
        for count, line in enumerate(lines):
            total_bytes += len(line)
            if total_bytes > self._max_bytes and (count or self._size_bytes):
                return count
        return len(lines)

    def _turn_over(self) -> None:
        self.close()
        for number in range(self._keep_files - 1, 0, -1):
            if self._numbered(number).exists():
                self._numbered(number).replace(self._numbered(number + 1))
        if self._keep_files:
            self._path.replace(self._numbered(1))
        else:
            self._path.unlink()
        self._open()

    def _numbered(self, suffix: int | str) -> Path:
        return self._path.with_name(f"{self._path.name}.{suffix}")

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._write_some(rest) :]
        except OSError:
            if self._regular:  # no half line before the next one; works on a full disk too
                os.ftruncate(self._fd, self._size_bytes)
            raise
        self._size_bytes += len(data)

    def _write_some(self, rest: memoryview) -> int:
        if self._regular:
            return os.write(self._fd, rest)
        while not select.select((), (self._fd,), (), _LOOK_UP_S)[1]:
            if self._given_up.is_set():
                raise OSError(errno.ETIMEDOUT, "its reader does not read")
        try:
            # What select promises: so much is taken without waiting.
            return os.write(self._fd, rest[: select.PIPE_BUF])
        except BlockingIOError:
            return 0  # another writer was faster

    def _unavailable(self, error: OSError) -> UnavailableError:
        folder = self._path.parent
        match error.errno:
            case errno.ENOENT:
                reason = f"folder {folder} does not exist: make it"
            case errno.EACCES | errno.EPERM | errno.EROFS:
                reason = f"may not be written: let stationd's user write in {folder}"
            case errno.ENOSPC | errno.EDQUOT:
                reason = "disk is full: make room; lines wait in memory"
            case errno.EAGAIN:
                reason = "another process writes to it: give each its own path"
            case errno.EPIPE | errno.ENXIO:
                reason = "nobody reads it any more: start the reader again"
            case _:
                reason = f"cannot be written: {error.strerror}"
        return UnavailableError(f"{self._name}: {reason}")

"""One daemon to a state folder: a lock that the kernel drops when the process ends, however."""

import fcntl
import os
from pathlib import Path
from typing import Self

from stationd.store.errors import InUseError, StoreError

_FILE_NAME = "stationd.lock"


class Claim:
    """The lock on a folder, held until `release`. The file stays: removing it would race."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def claim_folder(folder: Path) -> Claim:
    """Make `folder` where it is missing and lock it; `InUseError` where another daemon has it."""
    path = folder / _FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Not inheritable (Python's default): a child that outlives us must not keep the lock.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"cannot use the state folder {folder}: {error.strerror}; make it a folder that this "
            "user may write to, or name another one"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise InUseError(
            f"the state folder {folder} is in use by another stationd (process {holder}): stop "
            "that one, or give this one a state folder of its own"
        ) from None
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"cannot lock {path}: {error.strerror}; use a local disk") from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError:
        pass  # a full disk: the lock holds all the same, only the number is missing
    return Claim(descriptor)

"""One SQLite file behind one thread of its own, opened when needed and closed when nobody needs it.

A file that is damaged is set aside under another name, said in a sentence, and a new one begun.
Every job is one transaction; `synchronous=FULL`: what a job wrote is on disk when it returns.
"""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeVar

from stationd.store.errors import StoreError

Result = TypeVar("Result")
Job = Callable[[sqlite3.Connection], Result]

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# What the world does to a file; every other error is a bug and stays one.
_ADVICE: Final = {
    sqlite3.SQLITE_FULL: "free some space on its file system",
    sqlite3.SQLITE_READONLY: "let this user write to it and to its folder",
    sqlite3.SQLITE_PERM: "let this user write to it and to its folder",
    sqlite3.SQLITE_CANTOPEN: "see that its folder exists and that this user may write to it",
    sqlite3.SQLITE_BUSY: "end the other program that has it open",
    sqlite3.SQLITE_LOCKED: "end the other program that has it open",
    sqlite3.SQLITE_IOERR: "look at the disk, its quota and the kernel's log",
    sqlite3.SQLITE_CORRUPT: "it is damaged and could not be set aside: move it away",
    sqlite3.SQLITE_NOTADB: "it is damaged and could not be set aside: move it away",
}
_BUSY_S: Final = 5.0
_WAL_LIMIT_BYTES: Final = 4 * 2**20  # what the write-ahead log keeps of its size after a burst


class Database:
    """One file, its schema, and its thread.

    `schema`: the first part of the names of its migrations.  `tell` takes sentences, in the
    database's own thread.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        *,
        utc: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self.path = path
        self.utc = utc
        self.set_aside = 0  # damaged files
        self._schema = schema
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"store-{path.stem}")
        self._connection: sqlite3.Connection | None = None
        self._kept_open = False
        self._examined = False

    def submit(self, work: Callable[[], Result]) -> "Future[Result]":
        """Have `work` done in the thread, after everything submitted before it."""
        return self._thread.submit(work)

    async def run(self, job: Job[Result]) -> Result:
        """Return what `job` makes of the database, in a transaction; `StoreError`."""
        return await asyncio.wrap_future(self._thread.submit(self.execute, job))

    def execute(self, job: Job[Result]) -> Result:
        """Do `job` in a transaction, in the thread; `StoreError` when the disk says no."""
        try:
            try:
                return self._transaction(job)
            except sqlite3.DatabaseError as error:
                if _code(error) not in _DAMAGED:
                    raise
                self._put_aside(error)
                return self._transaction(job)
        except sqlite3.Error as error:
            # A connection that met a full or vanished disk may hold stale state: begin anew.
            self._disconnect()
            if _code(error) not in _ADVICE:
                raise
            advice = _ADVICE[_code(error)]
            raise StoreError(f"cannot use {self.path}: {error}; {advice}") from error
        except OSError as error:
            raise StoreError(
                f"cannot use {self.path}: {error.strerror}; make its folder one that this user "
                "may write to"
            ) from error
        finally:
            if not self._kept_open:
                self._disconnect()

    def keep_open(self) -> None:
        """Keep the file open between jobs until `close`: cheaper for whoever has many."""
        self._kept_open = True

    async def close(self) -> None:
        """Close the file once everything submitted before is done; a later job opens it again."""
        self._kept_open = False
        await asyncio.wrap_future(self._thread.submit(self._disconnect))

    def _transaction(self, job: Job[Result]) -> Result:
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = job(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
                if not self._examined:
                    _examine(connection)
                self._migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._examined = True
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        steps = _migrations(self._schema)
        if version > len(steps):
            raise StoreError(
                f"{self.path} was written by a newer stationd (version {version} of its schema, "
                f"this one knows {len(steps)}): run that one, or move the file away"
            )
        for number, script in enumerate(steps[version:], version + 1):
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )

    def _put_aside(self, error: sqlite3.Error) -> None:
        """Rename the damaged file and its companions; nothing of it is deleted."""
        self._disconnect()
        self._examined = False
        aside = _free_name(self.path, int(self.utc()))
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self.set_aside += 1
        self._tell(
            f"{self.path} is damaged ({error}); it was set aside as {aside} and a new one begun: "
            "nothing in it is used or sent any more, look at the disk"
        )


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary code: SQLITE_IOERR_WRITE is a SQLITE_IOERR. Errors that the
    # Python module raises by itself have no code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _examine(connection: sqlite3.Connection) -> None:
    """Read every page once: damage shows now, not when an alarm is due."""
    with closing(connection.execute("PRAGMA quick_check(1)")) as rows:
        (verdict,) = rows.fetchone()
    if verdict != "ok":
        error = sqlite3.DatabaseError(verdict)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrations(schema: str) -> list[str]:
    """Return the scripts of a schema in order; they are numbered from 0001 without a gap."""
    folder = files("stationd.store") / "migrations"
    numbered = sorted(
        (int(match[1]), entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if (match := re.fullmatch(rf"{re.escape(schema)}_(\d{{4}})\.sql", entry.name))
    )
    if [number for number, _ in numbered] != list(range(1, len(numbered) + 1)):
        raise AssertionError(f"migrations of {schema} are not numbered 0001, 0002 …")
    return [script for _, script in numbered]


def _free_name(path: Path, utc_s: int) -> Path:
    candidate = path.with_name(f"{path.name}.damaged-{utc_s}")
    number = 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}.damaged-{utc_s}-{number}")
    return candidate

"""Messages that must arrive: on disk from the moment they are accepted until someone has them.

`put` costs microseconds and leaves the writing to the database's thread, which takes all that
waits in one transaction. While the disk refuses, messages wait in memory, and may be delivered
from there. Rows, bytes and age are bounded, and so is the memory; what is dropped is counted.
"""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from stationd.store.database import Database
from stationd.store.errors import StoreError

RETRY_S: Final = 5.0  # between tries to write while the disk refuses
# A host without a battery-backed clock begins in 1970: an age told by such a time is unknown.
_FIRST_BELIEVABLE_UTC_S: Final = 1.5e9
_DROP_REASONS: Final = ("age", "bytes", "memory", "rows")


class Rank(IntEnum):
    """What is dropped first when room is short."""

    TELEMETRY = 0
    EVENT = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One message. The same `id` is the same message: it is kept once."""

    id: str
    topic: str
    payload: bytes
    created_utc_s: float
    rank: Rank = Rank.EVENT

    @property
    def size_bytes(self) -> int:
        return len(self.id) + len(self.topic) + len(self.payload)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept: on disk, and in memory while the disk refuses."""

    rows: int
    bytes: int
    age_s: float
    memory_rows: int


class Backlog(NamedTuple):
    """What is on disk."""

    rows: int = 0
    bytes: int = 0
    oldest_utc_s: float | None = None


class Outbox:
    """A bounded queue on disk. `put` and `nudge` from any one thread, the rest from the loop."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self.on_disk = Backlog()
        self.dropped = dict.fromkeys(_DROP_REASONS, 0)
        self.write_failures = 0
        self.refusal: StoreError | None = None  # why the disk takes nothing; None while it does
        self._database = database
        self._limits = limits
        # Guards what the two threads share: the four attributes below.
        self._lock = threading.Lock()
        self._waiting: dict[Rank, dict[str, Message]] = {rank: {} for rank in Rank}
        self._waiting_bytes = 0
        self._write_queued = False
        # Delivered, still on disk until they are struck off: not to be handed out again.
        self._struck: set[str] = set()
        self._bug: BaseException | None = None
        self._nudged_s = 0.0

    def put(self, message: Message) -> None:
        """Accept a message; it is on disk as soon as the thread comes to it."""
        with self._lock:
            same_rank = self._waiting[message.rank]
            if message.id in same_rank:
                return
            same_rank[message.id] = message
            self._waiting_bytes += message.size_bytes
            if sum(map(len, self._waiting.values())) > self._limits.memory_rows:
                self._drop_from_memory()
        self._queue_write()

    def nudge(self, monotonic_s: float) -> bool:
        """Try again to write where the disk refused, at most each `RETRY_S`; say if it was time."""
        if self.refusal is None or monotonic_s - self._nudged_s < RETRY_S:
            return False
        self._nudged_s = monotonic_s
        self._queue_write()
        return True

    def backlog(self) -> Backlog:
        """Return what is accepted and not delivered, on disk and in memory."""
        disk = self.on_disk
        with self._lock:
            rows = disk.rows + sum(map(len, self._waiting.values()))
            oldest = [m.created_utc_s for m in self._first_of_each_rank()]
        if disk.oldest_utc_s is not None:
            oldest.append(disk.oldest_utc_s)
        return Backlog(rows, disk.bytes + self._waiting_bytes, min(oldest, default=None))

    def waiting_rows(self) -> int:
        """Return how many messages are in memory only."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    async def oldest(self, most: int) -> list[Message]:
        """Return the oldest messages of the highest rank, those in memory after those on disk."""
        self._raise_bug()
        try:
            messages = await self._database.run(lambda db: self._read(db, most))
        except StoreError as error:
            self._refused(error)
            messages = []
        with self._lock:
            known = {message.id for message in messages}
            for rank in reversed(Rank):
                messages += [m for id_, m in self._waiting[rank].items() if id_ not in known]
        return messages[:most]

    async def delivered(self, ids: Iterable[str]) -> None:
        """Strike messages off."""
        with self._lock:
            self._struck.update([id_ for id_ in ids if not self._forget_waiting(id_)])
        await asyncio.wrap_future(self._database.submit(self._strike))

    async def written(self) -> bool:
        """Wait until the thread has done what was accepted; return whether all of it is on disk."""
        self._queue_write()
        await asyncio.wrap_future(self._database.submit(self._strike))
        self._raise_bug()
        with self._lock:
            return not any(self._waiting.values())

    def _queue_write(self) -> None:
        with self._lock:
            if self._write_queued:
                return
            self._write_queued = True
        self._database.submit(self._write).add_done_callback(self._note_bug)

    def _note_bug(self, future: "Future[None]") -> None:
        if not future.cancelled():
            self._bug = future.exception() or self._bug

    def _raise_bug(self) -> None:
        """Raise here what went wrong in the thread, where nobody would hear of it."""
        bug, self._bug = self._bug, None
        if bug is not None:
            raise bug

    def _refused(self, error: StoreError) -> None:
        self.refusal = error
        self.write_failures += 1

    # In the database's thread from here on.

    def _write(self) -> None:
        with self._lock:
            self._write_queued = False
            batch = [m for rank in Rank for m in self._waiting[rank].values()]
        try:
            dropped, backlog = self._database.execute(lambda db: self._insert(db, batch))
        except StoreError as error:
            self._refused(error)
            return
        self.refusal, self.on_disk = None, backlog
        for reason, count in dropped.items():
            self.dropped[reason] += count
        with self._lock:
            # What was delivered from memory meanwhile is on disk now for nothing.
            self._struck.update([m.id for m in batch if not self._forget_waiting(m.id)])

    def _insert(
        self, db: sqlite3.Connection, batch: list[Message]
    ) -> tuple[Mapping[str, int], Backlog]:
        db.executemany(
            "INSERT OR IGNORE INTO message (id, topic, payload, created_utc_s, rank, size_bytes) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(m.id, m.topic, m.payload, m.created_utc_s, m.rank, m.size_bytes) for m in batch],
        )
        return self._make_room(db), _backlog(db)

    def _make_room(self, db: sqlite3.Connection) -> Mapping[str, int]:
        """Delete what is too old or too much, lowest rank first; return how many, by reason."""
        dropped = Counter[str]()
        dropped["age"] = db.execute(
            "DELETE FROM message WHERE created_utc_s BETWEEN ? AND ?",
            (_FIRST_BELIEVABLE_UTC_S, self._database.utc() - self._limits.age_s),
        ).rowcount
        rows, size_bytes, _ = _backlog(db)
        last = None
        by_rank = db.execute("SELECT rank, sequence, size_bytes FROM message ORDER BY 1, 2")
        with closing(by_rank):
            for rank, sequence, message_bytes in by_rank:
                if rows > self._limits.rows:
                    dropped["rows"] += 1
                elif size_bytes > self._limits.bytes:
                    dropped["bytes"] += 1
                else:
                    break
                rows, size_bytes, last = rows - 1, size_bytes - message_bytes, (rank, sequence)
        if last is not None:
            db.execute("DELETE FROM message WHERE (rank, sequence) <= (?, ?)", last)
        return dropped

    def _read(self, db: sqlite3.Connection, most: int) -> list[Message]:
        with self._lock:
            struck = set(self._struck)
        rows = db.execute(
            "SELECT id, topic, payload, created_utc_s, rank FROM message "
            "ORDER BY rank DESC, sequence LIMIT ?",
            (most + len(struck),),
        )
        return [
            Message(id_, topic, payload, created_utc_s, Rank(rank))
            for id_, topic, payload, created_utc_s, rank in rows
            if id_ not in struck
        ]

    def _strike(self) -> None:
        with self._lock:
            struck = list(self._struck)
        try:
            self.on_disk = self._database.execute(lambda db: _delete(db, struck))
        except StoreError as error:
            self._refused(error)
            return
        with self._lock:
            self._struck.difference_update(struck)

    # Under the lock.

    def _first_of_each_rank(self) -> Iterator[Message]:
        return (next(iter(kept.values())) for kept in self._waiting.values() if kept)

    def _drop_from_memory(self) -> None:
        victim = next(self._first_of_each_rank())
        self._forget_waiting(victim.id)
        self.dropped["memory"] += 1

    def _forget_waiting(self, id_: str) -> bool:
        """Return whether the message was waiting."""
        for kept in self._waiting.values():
            message = kept.pop(id_, None)
            if message is not None:
                self._waiting_bytes -= message.size_bytes
                return True
        return False


def _delete(db: sqlite3.Connection, ids: list[str]) -> Backlog:
    db.executemany("DELETE FROM message WHERE id = ?", [(id_,) for id_ in ids])
    return _backlog(db)


def _backlog(db: sqlite3.Connection) -> Backlog:
    rows, size_bytes = db.execute("SELECT rows, bytes FROM total").fetchone()
    (oldest_utc_s,) = db.execute("SELECT min(created_utc_s) FROM message").fetchone()
    return Backlog(rows, size_bytes, oldest_utc_s)

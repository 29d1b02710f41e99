"""Topics under which a broker keeps something of ours, remembered across restarts.

A topic is noted before it is published for the first time and struck off after it was cleared, so
that nothing stays behind of a station that was removed while the daemon was off.
"""

import sqlite3
from collections.abc import Iterable

from stationd.store.database import Database


class RetainedTopics:
    """A set of topics on disk; every call may raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> set[str]:
        return await self._database.run(
            lambda db: {topic for (topic,) in db.execute("SELECT topic FROM retained")}
        )

    async def note(self, topics: Iterable[str]) -> None:
        await self._for_each("INSERT OR IGNORE INTO retained VALUES (?)", topics)

    async def strike(self, topics: Iterable[str]) -> None:
        await self._for_each("DELETE FROM retained WHERE topic = ?", topics)

    async def _for_each(self, statement: str, topics: Iterable[str]) -> None:
        rows = [(topic,) for topic in topics]

        def job(db: sqlite3.Connection) -> None:
            db.executemany(statement, rows)

        await self._database.run(job)

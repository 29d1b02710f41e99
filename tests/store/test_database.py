"""The database file: damage, versions, and who may use the folder."""

import sqlite3
import subprocess
import sys

import pytest

from stationd.store.claim import claim_folder
from stationd.store.database import Database
from stationd.store.errors import InUseError, StoreError
from stationd.store.retained import RetainedTopics

NOW_UTC_S = 1_700_000_000.0


def database(path, told):
    return Database(path, "outbox", utc=lambda: NOW_UTC_S, tell=told.append)


def count(db):
    return db.execute("SELECT count(*) FROM message").fetchone()[0]


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"\xff" * 4096])
async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path, content):
    path, told = tmp_path / "a.sqlite", []
    path.write_bytes(content)
    opened = database(path, told)
    assert await opened.run(count) == 0
    aside = tmp_path / "a.sqlite.damaged-1700000000"
    assert aside.read_bytes() == content
    assert opened.set_aside == 1
    (sentence,) = told
    assert str(path) in sentence
    assert str(aside) in sentence


async def test_damage_inside_a_page_is_found_when_the_file_is_opened(tmp_path):
    path, told = tmp_path / "a.sqlite", []
    topics = RetainedTopics(database(path, told))
    await topics.note(f"topic/{number}" for number in range(2000))
    content = bytearray(path.read_bytes())
    content[-3 * 4096 :] = b"\xa5" * (3 * 4096)
    path.write_bytes(content)
    assert await RetainedTopics(database(path, told)).load() == set()
    assert len(told) == 1
    assert (tmp_path / "a.sqlite.damaged-1700000000").read_bytes() == content


async def test_a_second_damaged_file_does_not_replace_the_first(tmp_path):
    path, told = tmp_path / "a.sqlite", []
    for content in (b"first" * 1000, b"second" * 1000):
        path.write_bytes(content)
        await database(path, told).run(count)
    kept = sorted(tmp_path.glob("a.sqlite.damaged-*"))
    assert [part.read_bytes()[:5] for part in kept] == [b"first", b"secon"]


async def test_a_file_of_a_newer_version_is_left_as_it_is(tmp_path):
    path, told = tmp_path / "a.sqlite", []
    await database(path, told).run(lambda db: db.execute("PRAGMA user_version = 99") and None)
    opened = database(path, told)
    for _ in range(2):
        with pytest.raises(StoreError, match="newer stationd"):
            await opened.run(count)
    assert told == []


async def test_a_wrong_statement_is_a_bug_and_not_the_disk(tmp_path):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database(tmp_path / "a.sqlite", []).run(lambda db: db.execute("SELECT * FROM absent"))


async def test_a_job_that_fails_leaves_nothing_behind(tmp_path):
    opened = database(tmp_path / "a.sqlite", [])
    opened.keep_open()

    def half(db):
        db.execute("INSERT INTO retained VALUES ('a')")
        raise LookupError

    with pytest.raises(LookupError):
        await opened.run(half)
    assert await RetainedTopics(opened).load() == set()
    await opened.close()


async def test_what_is_written_is_synchronised_with_the_disk(tmp_path):
    opened = database(tmp_path / "a.sqlite", [])
    full, wal = await opened.run(
        lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS]
    )
    assert (full, wal) == (2, "wal")


_PRAGMAS = ("synchronous", "journal_mode")


async def test_retained_topics_are_remembered_and_struck_off(tmp_path):
    topics = RetainedTopics(database(tmp_path / "a.sqlite", []))
    await topics.note(["a", "b"])
    await topics.note(["b", "c"])
    await topics.strike(["a"])
    assert await RetainedTopics(database(tmp_path / "a.sqlite", [])).load() == {"b", "c"}


_HOLD = """
import os, sys
from pathlib import Path
from stationd.store.claim import claim_folder
claim = claim_folder(Path(sys.argv[1]))
print(os.getpid(), flush=True)
sys.stdin.read()
"""


def test_a_second_daemon_on_the_same_folder_is_refused_until_the_first_is_dead(tmp_path):
    folder = tmp_path / "new" / "state"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        pid = int(first.stdout.readline())
        with pytest.raises(InUseError, match=rf"in use by another stationd \(process {pid}\)"):
            claim_folder(folder)
        first.kill()
    with claim_folder(folder):
        pass
    claim_folder(folder).release()


def test_a_folder_that_cannot_be_made_is_told_with_its_name(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot use the state folder"):
        claim_folder(tmp_path / "file" / "state")

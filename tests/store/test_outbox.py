"""The outbox: on disk when accepted, bounded, and never silent about what it lost."""

import resource
from contextlib import contextmanager

import pytest

from stationd.store.database import Database
from stationd.store.outbox import RETRY_S, Limits, Message, Outbox, Rank

AMPLE = Limits(rows=1000, bytes=10**6, age_s=3600.0, memory_rows=100)
NOW_UTC_S = 1_700_000_000.0


class Box:
    """An outbox with its database and a clock that stands still."""

    def __init__(self, path, limits=AMPLE):
        self.now_utc_s = NOW_UTC_S
        self.told: list[str] = []
        self.database = Database(path, "outbox", utc=lambda: self.now_utc_s, tell=self.told.append)
        self.outbox = Outbox(self.database, limits)

    def put(self, number, **changes):
        given = {
            "id": f"m{number:04}",
            "topic": "a/topic",
            "created_utc_s": NOW_UTC_S + number,
            "payload": b"x" * 10,
            **changes,
        }
        self.outbox.put(Message(**given))

    async def ids(self, most=1000):
        return [message.id for message in await self.outbox.oldest(most)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "a.outbox.sqlite"


@contextmanager
def files_no_larger_than(size_bytes):
    """Have the kernel refuse writes beyond a size: a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_was_written_is_found_by_the_next_process(path):
    box = Box(path)
    message = Message("id1", "a/b", b"\x00payload", NOW_UTC_S, Rank.EVENT)
    box.outbox.put(message)
    assert await box.outbox.written()
    assert await Box(path).outbox.oldest(10) == [message]


async def test_messages_come_in_the_order_in_which_they_were_accepted(path):
    box = Box(path)
    for number in (3, 1, 2):
        box.put(number)
    assert await box.ids() == ["m0003", "m0001", "m0002"]
    assert await box.ids(most=2) == ["m0003", "m0001"]


async def test_the_same_message_is_kept_once(path):
    box = Box(path)
    box.put(1)
    await box.outbox.written()
    box.put(1)
    box.put(1)
    assert await box.outbox.written()
    assert box.outbox.backlog().rows == 1


async def test_a_delivered_message_is_struck_off_for_good(path):
    box = Box(path)
    for number in range(5):
        box.put(number)
    assert await box.outbox.written()
    await box.outbox.delivered(["m0000", "m0003"])
    assert await Box(path).ids() == ["m0001", "m0002", "m0004"]


async def test_the_backlog_counts_rows_bytes_and_the_oldest(path):
    box = Box(path)
    assert box.outbox.backlog() == (0, 0, None)
    box.put(7)
    box.put(8)
    waiting = box.outbox.backlog()
    assert await box.outbox.written()
    assert waiting == box.outbox.backlog() == (2, 2 * (5 + 7 + 10), NOW_UTC_S + 7)
    await box.outbox.delivered(["m0007"])
    assert box.outbox.backlog() == (1, 22, NOW_UTC_S + 8)


async def test_too_many_rows_drop_the_oldest_and_count_them(path):
    box = Box(path, Limits(rows=3, bytes=10**6, age_s=3600.0, memory_rows=100))
    for number in range(5):
        box.put(number)
    assert await box.ids() == ["m0002", "m0003", "m0004"]
    assert box.outbox.dropped == {"age": 0, "bytes": 0, "memory": 0, "rows": 2}


async def test_too_many_bytes_drop_the_oldest_and_count_them(path):
    box = Box(path, Limits(rows=1000, bytes=100, age_s=3600.0, memory_rows=100))
    for number in range(6):
        box.put(number)  # 22 bytes each
    assert await box.ids() == ["m0002", "m0003", "m0004", "m0005"]
    assert box.outbox.dropped["bytes"] == 2


async def test_telemetry_is_dropped_before_older_events(path):
    box = Box(path, Limits(rows=2, bytes=10**6, age_s=3600.0, memory_rows=100))
    box.put(0)
    box.put(1, rank=Rank.TELEMETRY)
    box.put(2)
    assert await box.ids() == ["m0000", "m0002"]
    box.put(3, rank=Rank.TELEMETRY)
    assert await box.ids() == ["m0000", "m0002"]
    assert box.outbox.dropped["rows"] == 2


async def test_events_are_handed_out_before_telemetry(path):
    box = Box(path)
    box.put(0, rank=Rank.TELEMETRY)
    box.put(1)
    assert await box.ids() == ["m0001", "m0000"]


async def test_old_messages_are_dropped_by_their_age(path):
    box = Box(path)
    box.put(0)
    box.put(1)
    assert await box.outbox.written()
    box.now_utc_s = NOW_UTC_S + 0.5 + AMPLE.age_s
    box.put(2)
    assert await box.ids() == ["m0001", "m0002"]
    assert box.outbox.dropped["age"] == 1


async def test_a_message_from_before_the_clock_was_set_is_not_taken_for_old(path):
    box = Box(path)
    box.put(0, created_utc_s=12.0)
    box.put(1)
    assert await box.ids() == ["m0000", "m0001"]


async def test_a_full_disk_makes_messages_wait_in_memory_until_there_is_room(path):
    box = Box(path)
    box.put(0)
    assert await box.outbox.written()
    with files_no_larger_than(64 * 1024):
        for number in range(1, 5):
            box.put(number, payload=b"y" * 30_000)
        assert not await box.outbox.written()
        assert str(path) in str(box.outbox.refusal)
        assert box.outbox.write_failures > 0
        # They can be delivered all the same, from memory.
        assert await box.ids() == ["m0000", "m0001", "m0002", "m0003", "m0004"]
        await box.outbox.delivered(["m0000", "m0001"])
        assert await box.ids() == ["m0002", "m0003", "m0004"]
    assert not box.outbox.nudge(RETRY_S / 2)
    assert box.outbox.nudge(1000.0)
    assert await box.outbox.written()
    assert box.outbox.refusal is None
    assert await Box(path).ids() == ["m0002", "m0003", "m0004"]


async def test_memory_is_bounded_while_the_disk_refuses(tmp_path):
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file where the folder should be")
    limits = Limits(rows=1000, bytes=10**6, age_s=3600.0, memory_rows=3)
    box = Box(in_the_way / "a.outbox.sqlite", limits)
    box.put(0)
    box.put(1, rank=Rank.TELEMETRY)
    for number in range(2, 6):
        box.put(number)
    assert not await box.outbox.written()
    assert box.outbox.backlog().rows == 3
    assert await box.ids() == ["m0003", "m0004", "m0005"]
    assert box.outbox.dropped["memory"] == 3
    assert "state" in str(box.outbox.refusal)
    in_the_way.unlink()
    box.outbox.nudge(1000.0)
    assert await box.outbox.written()
    assert await Box(box.database.path).ids() == ["m0003", "m0004", "m0005"]


async def test_what_was_delivered_from_memory_does_not_come_back_from_disk(tmp_path):
    in_the_way = tmp_path / "state"
    in_the_way.write_text("")
    box = Box(in_the_way / "a.outbox.sqlite")
    box.put(0)
    box.put(1)
    assert not await box.outbox.written()
    await box.outbox.delivered(["m0000"])
    in_the_way.unlink()
    assert await box.outbox.written()
    assert await box.ids() == ["m0001"]


async def test_a_bug_in_the_thread_is_raised_where_the_outbox_is_used(path):
    box = Box(path)
    box.put(0, topic=("a",))  # no column takes it
    with pytest.raises(Exception, match="type 'tuple' is not supported"):
        await box.outbox.written()

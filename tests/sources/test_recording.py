"""Recordings: arrival times as str2str writes them, pace, repetition, and damaged time tags."""

import asyncio
import struct
import time
from pathlib import Path

import pytest

from stationd.gnss.time import GPS_EPOCH_UTC_S, gpst_from_utc
from stationd.inputs import Instant
from stationd.sources.recording import (
    BLOCK_BYTES,
    RecordingSource,
    Settings,
    has_times,
    tag_path,
    timed_chunks,
)
from stationd.sources.source import Surroundings
from stationd.supervise import UnavailableError

UTC_S = 1_795_552_626.25  # 2026-11-24 20:37:06.25
HEADER = b"TIMETAG RTKLIB 2.4.3".ljust(60, b"\0") + struct.pack("<I", 509_493)


def tag_file(records, begun="<Id", record="<II", utc_s=UTC_S):
    gpst_s = gpst_from_utc(utc_s) + GPS_EPOCH_UTC_S
    time_of_begin = struct.pack(begun, int(gpst_s), gpst_s % 1)
    return HEADER + time_of_begin + b"".join(struct.pack(record, *one) for one in records)


@pytest.fixture
def recorded(tmp_path):
    """Return a function that writes a recording and its time tags."""

    def write(data, tags):
        path = tmp_path / "x.rtcm3"
        path.write_bytes(data)
        tag_path(path).write_bytes(tags)
        return path

    return write


# What str2str of RTKLIB 2.4.3 b34 wrote of 20 times 1000 bytes; the first records of its tag file.
STR2STR_HEADER = bytes.fromhex("35c60700 84f5056b 807c5ef1d423d33f".replace(" ", ""))
STR2STR_RECORDS = [(101, 0), (302, 3000), (312, 4000), (403, 5000)]


def test_a_tag_file_of_str2str_is_understood(recorded):
    tags = HEADER[:60] + STR2STR_HEADER
    tags += b"".join(struct.pack("<II", *one) for one in STR2STR_RECORDS)
    chunks = list(timed_chunks(recorded(bytes(5000), tags)))
    assert [len(chunk.data) for chunk in chunks] == [3000, 1000, 1000]
    assert [chunk.at.monotonic_s for chunk in chunks] == pytest.approx([0.0, 0.010, 0.101])
    # The machine's clock said 2026-11-24 20:37:06.3 UTC when str2str began.
    assert chunks[0].at.utc_s == pytest.approx(1_795_552_626.299 + 0.302, abs=0.001)


@pytest.mark.parametrize("options", ["::T", "::T::P=8"])
async def test_what_str2str_records_now_has_the_times_of_now(peer, tmp_path, options):
    path = tmp_path / "live.rtcm3"
    sent = [bytes([65 + number]) * 700 for number in range(6)]
    times = []

    async def written(last):
        while True:
            if path.exists() and path.read_bytes().endswith(last):
                return
            await asyncio.sleep(0.01)  # str2str cannot tell us

    async def feed(reader, writer):
        for block in sent:
            times.append(time.time())
            writer.write(block)
            await written(block)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(feed, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    recorder = await asyncio.create_subprocess_exec(
        peer("str2str"), "-in", f"tcpcli://127.0.0.1:{port}", "-out", f"file://{path}{options}",
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            await written(sent[-1])
    finally:
        recorder.terminate()
        await recorder.wait()
        server.close()
    assert has_times(path)
    chunks = list(timed_chunks(path))
    assert b"".join(chunk.data for chunk in chunks) == path.read_bytes()
    arrivals = {chunk.data[-1]: chunk.at for chunk in chunks}
    for block, sent_s in zip(sent, times, strict=True):
        # str2str looks every 10 ms at most; a loaded machine is slower.
        assert sent_s - 0.05 <= arrivals[block[0]].utc_s <= sent_s + 2.0
    steps = [arrivals[block[0]].monotonic_s for block in sent]
    assert steps == sorted(steps)


@pytest.mark.parametrize("begun", ["<Id", "<qd"])
@pytest.mark.parametrize("record", ["<II", "<IQ"])
def test_each_layout_that_rtklib_has_written_is_understood(recorded, begun, record):
    tags = tag_file([(100, 0), (300, 10), (1300, 30)], begun, record)
    chunks = list(timed_chunks(recorded(bytes(30), tags)))
    assert [(len(data), at.monotonic_s) for data, at in chunks] == [(10, 0.0), (20, 1.0)]
    assert [at.utc_s for _, at in chunks] == pytest.approx([UTC_S + 0.3, UTC_S + 1.3])


def test_ticks_that_go_round_go_on(recorded):
    tags = tag_file([(2**31 - 1, 1), (2**32 - 500, 2), (500, 3)])
    chunks = list(timed_chunks(recorded(b"abc", tags)))
    assert chunks[2].at.monotonic_s - chunks[1].at.monotonic_s == pytest.approx(1.0)


def test_a_long_piece_comes_in_blocks_of_one_time(recorded):
    size_bytes = 2 * BLOCK_BYTES + 5
    chunks = list(timed_chunks(recorded(bytes(size_bytes), tag_file([(5, size_bytes)]))))
    assert [len(data) for data, _ in chunks] == [BLOCK_BYTES, BLOCK_BYTES, 5]
    assert len({at for _, at in chunks}) == 1


def test_a_record_that_was_cut_off_costs_nothing(recorded):
    tags = tag_file([(100, 10), (1100, 20)])[:-3]
    chunks = list(timed_chunks(recorded(bytes(20), tags)))
    assert [(len(data), at.monotonic_s) for data, at in chunks] == [(10, 0.0), (10, 0.0)]


@pytest.mark.parametrize(
    ("data", "tags", "said"),
    [
        (b"abc", b"", "is no time-tag file of RTKLIB"),
        (b"abc", b"#!/bin/sh", "is no time-tag file of RTKLIB"),
        (b"abc", HEADER[:30], "does not fit the recording, or is damaged"),
        (b"abc", tag_file([]), "does not fit the recording, or is damaged"),
        (b"abc", tag_file([(1, 4)]), "does not fit the recording, or is damaged"),
        (b"abc", tag_file([(9, 1), (8, 2)]), "does not fit the recording, or is damaged"),
        (bytes(BLOCK_BYTES + 2), tag_file([(1, 1)]), "has times for 1 of 65538 bytes: it is cut"),
        (b"abc", tag_file([(1, 0)]), "has times for 0 of 3 bytes"),
    ],
)
def test_odd_times_are_told_in_a_sentence(recorded, data, tags, said):
    with pytest.raises(UnavailableError, match=said) as caught:
        list(timed_chunks(recorded(data, tags)))
    assert "x.rtcm3.tag" in str(caught.value)


def test_damage_far_behind_is_told_where_it_is(recorded):
    records = [(number, number) for number in range(1, 20_001)]
    records[9000] = (3, 9001)
    chunks = timed_chunks(recorded(bytes(20_000), tag_file(records)))
    with pytest.raises(UnavailableError, match="is damaged: record 9000 goes back in time"):
        list(chunks)


def test_a_recording_that_is_not_there_says_so(tmp_path):
    path = tmp_path / "none.rtcm3"
    assert not has_times(path)
    with pytest.raises(UnavailableError, match=r"none\.rtcm3 cannot be read: No such file"):
        list(timed_chunks(path))


class Clock:
    """Clocks that stand still, but for the sleeps; each sleep lets other tasks run."""

    def __init__(self):
        self.monotonic_s = 1000.0
        self.sleeps = 0

    def now(self):
        return Instant(UTC_S, self.monotonic_s)

    async def sleep(self, wait_s):
        self.monotonic_s += wait_s
        self.sleeps += 1
        await asyncio.sleep(0)


def playing(path, clock, **settings):
    surroundings = Surroundings("T", now=clock.now, sleep=clock.sleep)
    return RecordingSource(Settings(path=path, **settings), surroundings)


async def test_a_timed_recording_keeps_its_own_utc_and_the_monotonic_time_of_now(
    recorded, gathered
):
    path = recorded(b"aab", tag_file([(200, 2), (1700, 3)], utc_s=1.6e9))
    clock = Clock()
    await playing(path, clock).run(gathered)
    assert [chunk.data for chunk in gathered.chunks] == [b"aa", b"b"]
    assert [chunk.at.utc_s for chunk in gathered.chunks] == pytest.approx(
        [1.6e9 + 0.2, 1.6e9 + 1.7]
    )
    assert [chunk.at.monotonic_s for chunk in gathered.chunks] == pytest.approx([1000.0, 1001.5])
    assert gathered.states == ["connected", "ended"]
    assert gathered.links[0].reason == f"playing {path} with its arrival times"


async def test_speed_divides_the_waits(recorded, gathered):
    clock = Clock()
    await playing(recorded(b"ab", tag_file([(0, 1), (8000, 2)])), clock, speed=4.0).run(gathered)
    assert gathered.chunks[1].at.monotonic_s == pytest.approx(1002.0)


async def test_a_recording_without_times_takes_as_long_as_its_epochs(real_data, gathered):
    path = real_data / "rtcm" / "asv_imu.rtcm3"  # 134 epochs at 1 Hz
    clock = Clock()
    await playing(path, clock).run(gathered)
    assert gathered.data == path.read_bytes()
    assert clock.monotonic_s - 1000.0 == pytest.approx(133.0)
    assert {chunk.at.utc_s for chunk in gathered.chunks} == {None}
    assert gathered.links[0].reason == f"playing {path} paced by its own epochs"
    assert clock.sleeps >= len(gathered.chunks)  # the loop turned between all of them


async def test_a_repeated_recording_begins_again(recorded, gathered, begin):
    path = recorded(b"ab", tag_file([(0, 1), (3000, 2)]))
    task = begin(playing(path, Clock(), repeat=True), gathered)
    await gathered.until(lambda: len(gathered.data) >= 6)
    task.cancel()
    assert gathered.data[:6] == b"ababab"
    starts = [chunk.at.monotonic_s for chunk in gathered.chunks if chunk.data == b"a"]
    assert starts[:3] == pytest.approx([1000.0, 1004.0, 1008.0])
    assert gathered.states == ["connected"]


async def test_an_empty_recording_says_so(tmp_path, gathered):
    path = tmp_path / "empty"
    path.touch()
    with pytest.raises(UnavailableError, match="empty is empty"):
        await playing(path, Clock(), repeat=True).run(gathered)
    assert gathered.links == []


async def test_a_folder_is_no_recording(tmp_path, gathered):
    with pytest.raises(UnavailableError, match="cannot be read: Is a directory"):
        await playing(tmp_path, Clock()).run(gathered)


def test_the_tag_file_lies_beside_the_recording():
    assert tag_path(Path("/a/b.rtcm3")) == Path("/a/b.rtcm3.tag")

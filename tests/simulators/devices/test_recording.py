"""Files: bytes and, beside them, arrival times as RTKLIB writes and replays them."""

import asyncio
import time

import pytest

from stationd.gnss.time import gpst_from_utc
from stationd.sources.recording import has_times, timed_chunks
from stationd_simulators.devices.recording import Recording, tag_path
from stationd_simulators.timed_bytes import TimedBytes

UTC_S = 1_795_552_626.25  # 2026-11-24


def pieces():
    gpst_s = gpst_from_utc(UTC_S)
    return [TimedBytes(gpst_s + n * 0.5, bytes([65 + n]) * 100) for n in range(5)]


def write(path, *, time_tags=False):
    with Recording(path, time_tags=time_tags) as recording:
        for piece in pieces():
            recording.write(piece)
    return recording


def test_a_recording_is_the_bytes_and_nothing_else(tmp_path):
    path = tmp_path / "ABCD.rtcm3"
    recording = write(path)
    assert path.read_bytes() == b"".join(piece.data for piece in pieces())
    assert recording.written_bytes == 500
    assert not has_times(path)


def test_stationd_reads_the_times_that_were_written(tmp_path):
    path = tmp_path / "ABCD.rtcm3"
    write(path, time_tags=True)
    chunks = list(timed_chunks(path))
    assert [chunk.data for chunk in chunks] == [piece.data for piece in pieces()]
    expected = [UTC_S + n * 0.5 for n in range(5)]
    assert [chunk.at.utc_s for chunk in chunks] == pytest.approx(expected, abs=1e-3)


async def test_str2str_replays_it_at_the_pace_of_its_tags(peer, tmp_path):
    path, out = tmp_path / "in.rtcm3", tmp_path / "out"
    write(path, time_tags=True)
    seen = {}
    process = await asyncio.create_subprocess_exec(
        peer("str2str"), "-in", f"{path}::T", "-out", f"file://{out}",
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            while 500 not in seen:
                length = out.stat().st_size if out.exists() else 0
                if length:
                    seen.setdefault(length, time.monotonic())
                await asyncio.sleep(0.01)  # it cannot tell us
    finally:
        process.kill()
        await process.wait()
    assert out.read_bytes() == path.read_bytes()
    # Two seconds of recording, of which str2str sends the first ones together. Unpaced it would be
    # over at once; a loaded machine is slower.
    assert 0.9 < seen[500] - min(seen.values()) < 10.0


def test_lengths_and_ticks_beyond_four_bytes_go_round(tmp_path):
    path = tmp_path / "x"
    begun_gpst_s = gpst_from_utc(UTC_S)
    with Recording(path, time_tags=True) as recording:
        recording.write(TimedBytes(begun_gpst_s, b"a"))
        recording.written_bytes = 2**32 - 1
        recording.write(TimedBytes(begun_gpst_s + 2**32 / 1000 + 1.0, b"bc"))
    assert tag_path(path).read_bytes()[-8:] == bytes.fromhex("e8030000 01000000")

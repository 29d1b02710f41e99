"""A scenario at a caster: what happens to links happens to connections, when it is due."""

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.frame_bits import is_frame, pieces
from stationd_simulators.faults.seam import Link
from stationd_simulators.on_air import (
    MISBEHAVIOUR,
    at_caster,
    at_serial_port,
    link_changes,
    starting_now,
)
from stationd_simulators.scenario import Fault, Scenario
from stationd_simulators.scenario_files import load

REQUEST = b"GET /FLT1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n"
WITHIN_S = 30.0


def scenario(*faults: tuple[str, float, float], duration_s: float = 60.0) -> Scenario:
    made = tuple(
        Fault(kind, start_s, length_s, ("FLT1",), FAULTS[kind].parameters())
        for kind, start_s, length_s in faults
    )
    return replace(
        load("drop-out"),
        constellations=("G",), stations=load("drop-out").stations[:1], faults=made,
        duration_s=duration_s, expectations=(),
    )  # fmt: skip


@asynccontextmanager
async def connected(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(REQUEST)
        yield reader
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def test_every_state_of_a_link_is_something_that_a_caster_does():
    assert set(MISBEHAVIOUR) == set(Link)
    assert MISBEHAVIOUR[Link.UP] is Misbehaviour.NONE
    assert len(set(MISBEHAVIOUR.values())) == len(Link)


def test_changes_of_a_link_are_told_at_both_ends_of_each_fault():
    one = scenario(("drop-out", 10.0, 5.0), ("silent", 30.0, 100.0), ("late", 20.0, 5.0))
    changes = [(at - one.start_gpst_s, link) for at, link in link_changes(one, "FLT1")]
    assert changes == [(10.0, Link.CLOSED), (15.0, Link.UP), (30.0, Link.SILENT)]
    assert list(link_changes(one, "REF1")) == []


def test_a_scenario_that_starts_now_begins_at_a_full_second_soon():
    one = starting_now(scenario(), 1_800_000_000.4)
    ahead_s = one.start_gpst_s - gpst_from_utc(1_800_000_000.4)
    assert one.start_gpst_s % 1.0 == 0.0
    assert 1.0 <= ahead_s < 5.0


async def test_a_client_hears_the_station_and_is_thrown_out_in_a_drop_out():
    one = scenario(("drop-out", 20.0, 20.0))
    async with asyncio.timeout(WITHIN_S), at_caster(one, speed=20.0) as air:
        async with connected(air.port) as reader:
            heard = b""
            with suppress(ConnectionResetError):
                while data := await reader.read(4096):
                    heard += data
        assert heard.startswith(b"ICY 200 OK")
        frames = [piece for piece in pieces(heard) if is_frame(piece)]
        assert 15 <= sum(frame[3:5] == b"\x43\x50" for frame in frames) <= 20  # type 1077
        refused = 0
        while True:
            async with connected(air.port) as reader:
                head = await reader.read(4096)
            if head:
                break
            refused += 1
        assert refused > 0
        await air.finished()


async def test_a_lying_caster_answers_with_a_sourcetable_while_it_lies():
    one = scenario(("lying-sourcetable", 1.0, 1000.0))
    async with asyncio.timeout(WITHIN_S), at_caster(one, speed=20.0) as air:
        while True:
            async with connected(air.port) as reader:
                head = await reader.readline()
            if head.startswith(b"SOURCETABLE 200 OK"):
                break
        await air.finished()


async def test_a_serial_port_is_pulled_out_and_put_back(tmp_path):
    link = tmp_path / "port"
    one = scenario(("drop-out", 20.0, 20.0))
    task = asyncio.create_task(at_serial_port(one, "FLT1", link, speed=20.0))
    seen = []
    while not task.done():
        there = link.is_symlink()
        if not seen or seen[-1] != there:
            seen.append(there)
        await asyncio.sleep(0)
    await task
    assert seen[-3:] == [True, False, True]
    assert not link.is_symlink()


async def test_a_serial_port_carries_frames_and_sentences_where_both_are_asked_for(tmp_path):
    link = tmp_path / "port"
    one = scenario(duration_s=20.0)
    one = replace(one, stations=(replace(one.stations[0], nmea=True),))
    task = asyncio.create_task(at_serial_port(one, "FLT1", link, speed=20.0))
    port, heard = -1, b""
    while not task.done():
        if port < 0 and link.is_symlink():
            port = os.open(link, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with suppress(OSError):  # nothing there yet, or pulled out at the end
            heard += os.read(port, 65536) if port >= 0 else b""
        await asyncio.sleep(0)
    os.close(port)
    await task
    assert sum(map(is_frame, pieces(heard))) >= 15
    assert heard.count(b"GGA,") >= 15

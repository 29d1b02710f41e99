"""A scenario at a caster: what happens to links happens to connections, when it is due."""

import asyncio
import json
import os
import tomllib
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.frame_bits import is_frame, pieces
from stationd_simulators.faults.seam import Link
from stationd_simulators.on_air import at_caster, starting_now
from stationd_simulators.on_air.line import StationOnLine, at_serial_port
from stationd_simulators.on_air.links import link_changes
from stationd_simulators.on_air.mountpoints import MISBEHAVIOUR, mountpoint, treatments
from stationd_simulators.playing import truth_json
from stationd_simulators.scenario import Fault, Scenario
from stationd_simulators.scenario_files import ScenarioError, load, parsed

REQUEST = b"GET /FLT1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n"
WITHIN_S = 30.0
LIE = "STR;FLT1;Elsewhere;RTCM 2.3;;1;GPS;SIM;CHN;0.00;0.00;0;0;x;none;N;N;0;"
CASTER_FAULT = """
name = "x"
title = "x"
seed = 1
start = 2026-03-01T00:00:00Z
duration_s = 100

[[station]]
id = "A"
latitude_deg = 23.1
longitude_deg = 113.3
height_m = 30.0

[[fault]]
kind = "caster"
misbehaviour = "web-page"
start_s = 10.0
"""


def scenario(*faults: tuple, duration_s: float = 60.0) -> Scenario:
    """Return a scenario with faults: kind, start, length, and parameters where they have some."""
    made = tuple(
        Fault(kind, start_s, length_s, ("FLT1",), FAULTS[kind].parameters(**dict(*more)))
        for kind, start_s, length_s, *more in faults
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


async def ask(port: int, name: str) -> bytes:
    """Return what a caster answers first, of a sourcetable all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /%b HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n" % name.encode())
        with suppress(ConnectionResetError):
            return await (reader.read(65536) if name else reader.read())
        return b""
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def test_every_state_of_a_link_is_something_that_a_caster_does():
    of_parameters = {Link.LYING, Link.MISBEHAVING}
    assert set(MISBEHAVIOUR) == set(Link) - of_parameters
    assert MISBEHAVIOUR[Link.UP] is Misbehaviour.NONE
    assert len(set(MISBEHAVIOUR.values())) == len(MISBEHAVIOUR)


def test_a_mountpoint_says_what_the_station_sends():
    one = scenario()
    station = replace(
        one.stations[0], msm=4, interval_s=0.5, nmea=True, messages={1005: 10.0, 1230: 5.0},
        signals={"G": ("1C", "1L"), "R": ("1C",), "E": (), "C": ("2I",)},
    )  # fmt: skip
    one = replace(one, constellations=("G", "R", "E"), ephemeris_repeat_s=20.0)
    shown = mountpoint(one, station)
    assert shown.format_details == (
        "1005(10),1019(20),1020(20),1045(20),1046(20),1074(0.5),1084(0.5),1230(5),NMEA(0.5)"
    )
    assert (shown.carrier, shown.nav_system) == (1, "GPS+GLO")
    assert not shown.nmea  # it need not be told a position
    two = replace(station, signals={"G": ("1C", "5Q")})
    assert mountpoint(one, two).carrier == 2


async def test_the_sourcetable_says_where_the_caster_is_and_what_stations_send():
    async with asyncio.timeout(WITHIN_S), at_caster(scenario(), speed=20.0) as air:
        table = (await ask(air.port, "")).decode()
    rows = [row.split(";") for row in table.splitlines()]
    assert [row[1:3] for row in rows if row[0] == "CAS"] == [["127.0.0.1", str(air.port)]]
    (told,) = (row for row in rows if row[0] == "STR")
    assert told[1:7] == [
        "FLT1", "The one with the fault", "RTCM 3.3",
        "1006(10),1019(30),1033(10),1077(1),1230(10)", "2", "GPS",
    ]  # fmt: skip


def treated(one: Scenario) -> list[tuple[float, Misbehaviour, str | None, bool]]:
    changes = treatments(one, mountpoint(one, one.stations[0]))
    return [
        (at - one.start_gpst_s, how.mountpoint.misbehaviour, how.mountpoint.row, how.at_once)
        for at, how in changes
    ]


def test_a_caster_does_what_faults_say_for_as_long_as_they_say():
    one = scenario(
        ("drop-out", 5.0, 5.0, {}),
        ("lying-sourcetable", 20.0, 5.0, {"row": LIE}),
        ("lying-sourcetable", 30.0, 5.0, {"row": LIE, "instead_of_stream": False}),
        ("caster", 40.0, 5.0, {"misbehaviour": Misbehaviour.GZIP}),
    )
    none = Misbehaviour.NONE
    assert treated(one) == [
        (5.0, Misbehaviour.CLOSES_AT_ONCE, None, True), (10.0, none, None, False),
        (20.0, Misbehaviour.SOURCETABLE, LIE, True), (25.0, none, None, False),
        (30.0, none, LIE, False), (35.0, none, None, False),
        (40.0, Misbehaviour.GZIP, None, True), (45.0, none, None, False),
    ]  # fmt: skip


def test_changes_of_a_link_are_told_at_both_ends_of_each_fault():
    one = scenario(("drop-out", 10.0, 5.0), ("silent", 30.0, 100.0), ("late", 20.0, 5.0))
    changes = [(at - one.start_gpst_s, link) for at, link in link_changes(one, "FLT1")]
    assert changes == [(10.0, Link.CLOSED), (15.0, Link.UP), (30.0, Link.SILENT)]
    assert list(link_changes(one, "REF1")) == []


def test_a_fault_of_the_caster_is_read_and_a_name_that_it_has_not_is_refused():
    table = tomllib.loads(CASTER_FAULT)
    one = parsed(table, "x.toml")
    assert one.faults[0].parameters.misbehaviour is Misbehaviour.WEB_PAGE
    truth = json.loads(json.dumps(truth_json(one)))
    assert truth["stations"]["A"]["faults"][0]["parameters"] == {"misbehaviour": "web-page"}
    table["fault"][0]["misbehaviour"] = "web-pages"
    with pytest.raises(ScenarioError, match=r"x\.toml: fault 1 .*misbehaviour.*'web-page'"):
        parsed(table, "x.toml")


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


@pytest.mark.parametrize(
    ("misbehaviour", "answer"),
    [
        (Misbehaviour.WEB_PAGE, b"text/html"),
        (Misbehaviour.UNAUTHORIZED, b"401 Unauthorized"),
        (Misbehaviour.ICY_WITH_HEADERS, b"ICY 200 OK\r\nServer"),
    ],
)
async def test_a_caster_misbehaves_as_the_scenario_says(misbehaviour, answer):
    one = scenario(("caster", 1.0, 1000.0, {"misbehaviour": misbehaviour}))
    async with asyncio.timeout(WITHIN_S), at_caster(one, speed=20.0) as air:
        while answer not in await ask(air.port, "FLT1"):
            pass


async def test_a_sourcetable_can_contradict_a_stream_that_goes_on():
    lie = {"row": LIE, "instead_of_stream": False}
    one = scenario(("lying-sourcetable", 1.0, 1000.0, lie))
    async with asyncio.timeout(WITHIN_S), at_caster(one, speed=20.0) as air:
        while LIE.encode() not in await ask(air.port, ""):
            pass
        async with connected(air.port) as reader:
            heard = await reader.readuntil(b"\xd3")
        assert heard.startswith(b"ICY 200 OK")


async def played(one: Scenario, link) -> None:
    async with at_serial_port(StationOnLine(one, "FLT1", 20.0), link) as play:
        await play()


async def test_a_serial_port_is_pulled_out_and_put_back(tmp_path):
    link = tmp_path / "port"
    one = scenario(("drop-out", 20.0, 20.0))
    task = asyncio.create_task(played(one, link))
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
    task = asyncio.create_task(played(one, link))
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

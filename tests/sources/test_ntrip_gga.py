"""Positions told to casters: where the sourcetable wants one, and never the true one unasked."""

import asyncio

import pytest
from pynmeagps import NMEAReader
from sources.scripted_caster import CLOSE, ScriptedCaster, says

from stationd.inputs import Instant
from stationd.sources.ntrip import MOST_UNSENT_BYTES, NtripSource, Settings, _Body
from stationd.sources.source import Surroundings
from stationd.sources.stream import Stream
from stationd.supervise import RefusedError, UnavailableError
from stationd.wire.ntrip.gga import Position
from stationd.wire.ntrip.head import Head

DATA = b"\xd3\x00\x00\x47\xea\x4b"
NOON = 1_700_049_600.0  # 2023-11-15 12:00:00 UTC
STREAM = says(b"ICY 200 OK\r\n" + DATA)
STREAM_2 = says(b"HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\n\r\n" + DATA)


def table(*rows, head=b"HTTP/1.1 200 OK\r\nContent-Type: gnss/sourcetable\r\n\r\n"):
    lines = [
        f"STR;{name};;RTCM 3.2;;2;GPS;NET;DEU;{latitude};{longitude};{nmea};1;gen;none;B;N;0;"
        for name, latitude, longitude, nmea in rows
    ]
    return says(head + "\r\n".join([*lines, "ENDSOURCETABLE", ""]).encode())


TABLE = table(("VRS", "52.123456", "-13.987654", "1"), ("ONE", "10.5", "20.5", "0"))


def surroundings(casters=None, at_s=0.0):
    more = {} if casters is None else {"casters": casters}
    return Surroundings("T", now=lambda: Instant(NOON, at_s), **more)


def source(port, mountpoint="VRS", around=None, **keys):
    settings = Settings(host="127.0.0.1", port=port, mountpoint=mountpoint, **keys)
    return NtripSource(settings, around or surroundings())


def header(request):
    lines = [line for line in request.split("\r\n") if line.startswith("Ntrip-GGA: ")]
    return lines[0].removeprefix("Ntrip-GGA: ") if lines else None


def read(sentence):
    """Return what a reader that no one here wrote makes of a sentence, its checksum checked."""
    return NMEAReader.parse(sentence, validate=1)


async def test_where_the_sourcetable_wants_a_position_its_own_is_told_rounded(gathered, begin):
    async with ScriptedCaster(TABLE, STREAM_2) as caster:
        begin(source(caster.port), gathered)
        await caster.until(lambda: caster.said_later.count(b"\r\n") == 1)
        assert [request.split()[1] for request in caster.requests] == ["/", "/VRS"]
        for sentence in (header(caster.requests[1]), caster.said_later):
            message = read(sentence)
            assert message.identity == "GPGGA"
            assert (message.lat, message.lon) == (52.12, -13.99)
            assert (message.NS, message.EW, message.alt, message.quality) == ("N", "W", 0, 1)
            assert str(message.time) == "12:00:00"


async def test_where_the_sourcetable_wants_none_none_is_told(gathered, begin):
    async with ScriptedCaster(TABLE, STREAM_2) as caster:
        configured = {"gga_latitude_deg": 1.0, "gga_longitude_deg": 2.0, "gga_interval_s": 0.01}
        begin(source(caster.port, "ONE", **configured), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert [request.split()[1] for request in caster.requests] == ["/", "/ONE"]
        assert header(caster.requests[1]) is None
    assert caster.said_later == b""


async def test_a_configured_position_is_told_as_it_is(gathered, begin):
    async with ScriptedCaster(TABLE, STREAM_2) as caster:
        keys = {"gga_latitude_deg": -33.999_999_99, "gga_longitude_deg": 151.25, "gga_height_m": 45}
        begin(source(caster.port, **keys), gathered)
        await caster.until(lambda: caster.said_later.count(b"\r\n") == 1)
        message = read(caster.said_later)
        assert (message.lat, message.lon, message.alt) == (-34.0, 151.25, 45)
        assert b",3400.0000,S,15115.0000,E," in caster.said_later


async def test_a_version_1_caster_is_told_in_the_stream_again_and_again(gathered, begin):
    async with ScriptedCaster(STREAM) as caster:
        keys = {"gga_latitude_deg": 1.0, "gga_longitude_deg": 2.0, "gga_interval_s": 0.01}
        begin(source(caster.port, gga="always", version="1", **keys), gathered)
        await caster.until(lambda: caster.said_later.count(b"$GPGGA") >= 3)
        assert [request.split()[1] for request in caster.requests] == ["/VRS"]
        assert header(caster.requests[0]) is None


async def test_never_is_never(gathered, begin):
    async with ScriptedCaster(STREAM_2) as caster:
        keys = {"gga_latitude_deg": 1.0, "gga_longitude_deg": 2.0, "gga_interval_s": 0.01}
        begin(source(caster.port, gga="never", **keys), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert [request.split()[1] for request in caster.requests] == ["/VRS"]
        assert header(caster.requests[0]) is None
    assert caster.said_later == b""


async def test_always_without_any_position_says_what_to_set(gathered):
    async with ScriptedCaster(table(("VRS", "", "", "1"))) as caster:
        for gga in ("always", "auto"):
            with pytest.raises(RefusedError, match="set gga_latitude_deg and gga_longitude_deg"):
                await source(caster.port, gga=gga).run(gathered)


async def test_stations_of_a_caster_ask_for_its_sourcetable_once(gathered, begin):
    around = surroundings()
    async with ScriptedCaster(TABLE, STREAM_2) as caster:
        for _ in range(5):
            begin(source(caster.port, around=surroundings(around.casters)), gathered)
        await gathered.until(lambda: gathered.data == DATA * 5)
        assert [request.split()[1] for request in caster.requests].count("/") == 1


async def test_an_hour_later_it_is_asked_for_again(gathered):
    around = surroundings()
    end = says(b"ICY 200 OK\r\n" + DATA, then=CLOSE)
    async with ScriptedCaster(TABLE, end, end, TABLE, end) as caster:
        for at_s in (0.0, 3599.0, 3600.0):
            with pytest.raises(UnavailableError):
                await source(caster.port, around=surroundings(around.casters, at_s)).run(gathered)
        asked = [request.split()[1] for request in caster.requests]
    assert asked == ["/", "/VRS", "/VRS", "/", "/VRS"]


@pytest.mark.parametrize(
    "answer",
    [says(b"HTTP/1.1 404 Not Found\r\n\r\n"), says(b"ICY 200 OK\r\n"), says(b"SOURCETABLE 200 OK")],
    ids=["404", "a-stream", "stops"],
)
async def test_a_caster_without_a_sourcetable_still_gives_its_stream(answer, gathered, begin):
    async with ScriptedCaster(answer, STREAM_2) as caster:
        begin(source(caster.port, answer_within_s=1.0, version="2"), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert header(caster.requests[-1]) is None


async def test_a_version_1_sourcetable_without_a_blank_line_is_read(gathered, begin):
    rows = table(("VRS", "1.239", "2.0", "1"), head=b"SOURCETABLE 200 OK\r\n")
    async with ScriptedCaster(rows, STREAM) as caster:
        begin(source(caster.port), gathered)
        await caster.until(lambda: b"\r\n" in caster.said_later)
        assert read(caster.said_later).lat == pytest.approx(1.24, abs=1e-6)
        # It answered in version 1, so the mountpoint is asked for in that.
        assert [request.split()[2] for request in caster.requests] == ["HTTP/1.1", "HTTP/1.0"]


class Deaf(asyncio.Transport):
    """A transport whose peer reads only when it is told to."""

    def __init__(self):
        super().__init__()
        self.unsent = b""
        self.closed = False

    def is_closing(self):
        return self.closed

    def get_write_buffer_size(self):
        return len(self.unsent)

    def write(self, data):
        self.unsent += data

    def abort(self):
        self.closed = True


async def test_a_caster_that_does_not_read_is_not_written_to_without_end(gathered):
    around = surroundings()
    settings = Settings(host="h", mountpoint="M", gga_interval_s=1000)
    body = _Body(settings, around, gathered, Position(1.0, 2.0))
    stream = Stream(lambda data: None, 20.0, around.buffer)
    transport = Deaf()
    stream.connection_made(transport)
    stream.take = body.begin(Head("ICY", 200, "OK"), stream)
    for _ in range(1000):
        body.stop()
        body._tell(Position(1.0, 2.0))
    assert MOST_UNSENT_BYTES < len(transport.unsent) < MOST_UNSENT_BYTES + 100
    transport.unsent = b""
    body.stop()
    body._tell(Position(1.0, 2.0))
    assert transport.unsent.startswith(b"$GPGGA")
    body.stop()
    stream.close()

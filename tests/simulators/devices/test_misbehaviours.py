"""Each misbehaviour of the caster against stationd's client: it gets by, or says what is wrong."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import (
    LoginRefusedError,
    RefusedError,
    SilentError,
    UnavailableError,
)
from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.misdeeds import MISDEEDS
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.timed_bytes import TimedBytes

FRAME = bytes.fromhex("d300133ed7d30202980edeef34b4bd62ac0941986f33360b98")  # a 1005
FIRST, SECOND = FRAME * 40, FRAME * 3
HASTE = {"answer_within_s": 0.3, "first_data_within_s": 0.3, "silent_after_s": 0.3}

# What stationd's client makes of it, in version 2 and in version 1: an error, or None where all
# that the station sends arrives.
VERDICTS = {
    Misbehaviour.NONE: (None, None),
    Misbehaviour.NEVER_ANSWERS: ((SilentError, "gave no answer within"),) * 2,
    Misbehaviour.STOPS_IN_HEADER: ((SilentError, "in the header of its answer"),) * 2,
    Misbehaviour.NEVER_SENDS: ((SilentError, "it answers, and sends no data within"),) * 2,
    Misbehaviour.FALLS_SILENT: ((SilentError, "connected, and silent"),) * 2,
    Misbehaviour.CLOSES_AT_ONCE: ((UnavailableError, "the peer closed the connection"),) * 2,
    Misbehaviour.ENDS_STREAM: (
        (UnavailableError, "the caster ended the stream"),
        (UnavailableError, "the peer closed the connection"),
    ),
    Misbehaviour.RESETS: ((UnavailableError, "the connection broke|closed"),) * 2,
    Misbehaviour.DATA_WITH_HEAD: (None, None),
    Misbehaviour.HEAD_IN_PIECES: (None, None),
    Misbehaviour.ICY_WITH_HEADERS: (None, None),
    Misbehaviour.ICY_TO_VERSION_2: (None, None),
    Misbehaviour.BAD_REQUEST_TO_VERSION_2: ((RefusedError, "400"), None),
    Misbehaviour.CLOSES_ON_VERSION_2: ((UnavailableError, "the peer closed the connection"), None),
    Misbehaviour.PLAIN_BODY: (None, None),
    Misbehaviour.CHUNKED_IN_CAPITALS: (None, None),
    Misbehaviour.CHUNK_EXTENSIONS: (None, None),
    Misbehaviour.CHUNKS_SPLIT_FRAMES: (None, None),
    Misbehaviour.GZIP: (None, None),
    Misbehaviour.UNSOUND_CHUNKS: ((UnavailableError, "the body that it sends is unsound"), None),
    Misbehaviour.UNAUTHORIZED: ((LoginRefusedError, "the login is refused"),) * 2,
    Misbehaviour.BAD_PASSWORD: ((LoginRefusedError, "Bad Password"),) * 2,
    Misbehaviour.FORBIDDEN: ((LoginRefusedError, "the account may not use it"),) * 2,
    Misbehaviour.NOT_FOUND: ((RefusedError, "no such mountpoint"),) * 2,
    Misbehaviour.SOURCETABLE: ((RefusedError, "no such mountpoint"),) * 2,
    Misbehaviour.GNSS_SOURCETABLE: ((RefusedError, "no such mountpoint"),) * 2,
    Misbehaviour.CONTENT_LENGTH: ((RefusedError, "a document of 5 bytes and no stream"),) * 2,
    Misbehaviour.WEB_PAGE: ((RefusedError, "is this an NTRIP caster"),) * 2,
    Misbehaviour.REDIRECT: ((RefusedError, r"to http://other\.example:2101/OTHER"),) * 2,
    Misbehaviour.BUSY: ((RefusedError, "the caster is busy"),) * 2,
    Misbehaviour.BROKEN: ((UnavailableError, "an error of its own"),) * 2,
    Misbehaviour.FOREIGN_PROTOCOL: ((RefusedError, "does not speak NTRIP"),) * 2,
}
# What of the station arrives all the same; a reset may overtake the bytes before it.
ARRIVES = {
    Misbehaviour.FALLS_SILENT: (FIRST,),
    Misbehaviour.ENDS_STREAM: (FIRST,),
    Misbehaviour.RESETS: (FIRST, b""),
}
OLD = [
    Misbehaviour.ICY_TO_VERSION_2,
    Misbehaviour.BAD_REQUEST_TO_VERSION_2,
    Misbehaviour.CLOSES_ON_VERSION_2,
]
ON_THE_WIRE = {
    Misbehaviour.CHUNKED_IN_CAPITALS: b"TRANSFER-ENCODING: CHUNKED\r\n\r\n0000004B\r\n" + SECOND,
    Misbehaviour.CHUNK_EXTENSIONS: b'\r\n\r\n4b;kind=rtcm;note="a;b"\r\n' + SECOND,
    Misbehaviour.CHUNKS_SPLIT_FRAMES: b"7\r\n" + SECOND[:7] + b"\r\n7\r\n" + SECOND[7:14],
    Misbehaviour.GZIP: b"Content-Encoding: gzip\r\n",
    Misbehaviour.PLAIN_BODY: b"gnss/data\r\n\r\n" + SECOND,
    Misbehaviour.DATA_WITH_HEAD: b"chunked\r\n\r\n4b\r\n" + SECOND,
    Misbehaviour.ICY_WITH_HEADERS: b"ICY 200 OK\r\nServer: NTRIP stationd-sim\r\n",
    Misbehaviour.ICY_TO_VERSION_2: b"ICY 200 OK\r\n" + SECOND,
    Misbehaviour.UNSOUND_CHUNKS: b"\r\n\r\nzz\r\n",
}
CASES = [
    pytest.param(how, version, verdict, id=f"{how.value}-{version}")
    for how, verdicts in VERDICTS.items()
    for version, verdict in zip("21", verdicts, strict=True)
]


def test_each_misbehaviour_is_done_and_has_its_verdict():
    assert set(MISDEEDS) == set(Misbehaviour) == set(VERDICTS)


def client(caster, **keys):
    keys = {"gga": "never", "silent_after_s": 30.0} | keys
    settings = Settings(host="127.0.0.1", port=caster.port, mountpoint="ABCD", **keys)
    return NtripSource(settings, Surroundings("T"))


def station():
    """Return two pieces, which a caster that reads along must keep apart."""
    return [TimedBytes(0.0, FIRST), TimedBytes(0.0, SECOND)]


@pytest.mark.parametrize(("how", "version", "verdict"), CASES)
async def test_the_client_meets_it(how, version, verdict, gathered, begin):
    async with Caster([Mountpoint("ABCD", misbehaviour=how)]) as caster:
        caster.play("ABCD", station(), Pacer(0.0, None))
        if verdict is None:
            begin(client(caster, version=version), gathered)
            await gathered.until(lambda: gathered.data == FIRST + SECOND)
            assert gathered.states == ["connected"]
        else:
            kind, sentence = verdict
            haste = HASTE if kind is SilentError else {}
            with pytest.raises(UnavailableError, match=sentence) as raised:
                async with asyncio.timeout(20):
                    await client(caster, version=version, **haste).run(gathered)
            assert type(raised.value) is kind
            assert gathered.data in ARRIVES.get(how, (b"",))


@pytest.mark.parametrize("how", OLD)
async def test_a_caster_of_old_is_found_out_by_a_client_that_may_choose(how, gathered, begin):
    async with Caster([Mountpoint("ABCD", misbehaviour=how)]) as caster:
        caster.play("ABCD", station(), Pacer(0.0, None))
        begin(client(caster), gathered)
        await gathered.until(lambda: gathered.data == FIRST + SECOND)
        asked = [request.version for request in caster.requests]
        assert asked == (["2"] if how is Misbehaviour.ICY_TO_VERSION_2 else ["2", "1"])


@pytest.mark.parametrize(("how", "on_the_wire"), ON_THE_WIRE.items())
async def test_what_goes_over_the_wire_is_what_its_name_says(how, on_the_wire):
    async with Caster([Mountpoint("ABCD", misbehaviour=how)]) as caster:
        reader, writer = await asyncio.open_connection("127.0.0.1", caster.port)
        writer.write(b"GET /ABCD HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n")
        caster.play("ABCD", [TimedBytes(0.0, SECOND)], Pacer(0.0, None))
        heard = b""
        async with asyncio.timeout(20):
            while on_the_wire not in heard:
                heard += await reader.read(4096)
                assert heard
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_a_mountpoint_may_begin_to_misbehave_and_stop(gathered, begin):
    async with Caster([Mountpoint("ABCD")]) as caster:
        feed = caster.feed("ABCD")
        task = begin(client(caster), gathered)
        await feed.until(lambda: feed.listeners == 1)
        caster.misbehave("ABCD", Misbehaviour.BUSY)
        with pytest.raises(UnavailableError):
            await task
        with pytest.raises(RefusedError, match="the caster is busy"):
            await client(caster).run(gathered)
        caster.misbehave("ABCD", Misbehaviour.NONE)
        begin(client(caster), gathered)
        await feed.until(lambda: feed.listeners == 1)


async def test_a_mountpoint_that_is_not_there_cannot_be_changed():
    caster = Caster([Mountpoint("ABCD")])
    with pytest.raises(KeyError):
        caster.change(replace(Mountpoint("ABCD"), name="NOPE"))


async def test_a_client_that_hears_nothing_is_let_go_when_the_mountpoint_is_well_again(gathered):
    mute = Mountpoint("ABCD", misbehaviour=Misbehaviour.NEVER_SENDS)
    async with Caster([mute]) as caster:
        task = asyncio.create_task(client(caster).run(gathered))
        await gathered.until(lambda: gathered.states == ["connected"])
        caster.misbehave("ABCD", Misbehaviour.NONE, at_once=False)
        assert not task.done()
        caster.misbehave("ABCD", Misbehaviour.NONE)
        with pytest.raises(UnavailableError):
            await task


async def test_a_head_in_pieces_leaves_in_segments_of_its_own():
    heard, waits = [], []

    async def sleep(seconds_s):
        waits.append(seconds_s)
        heard.append(await reader.read(4096))  # each piece is read before the next is written

    pieces = Mountpoint("ABCD", misbehaviour=Misbehaviour.HEAD_IN_PIECES)
    async with Caster([pieces], sleep=sleep) as caster:
        reader, writer = await asyncio.open_connection("127.0.0.1", caster.port)
        writer.write(b"GET /ABCD HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n")
        async with asyncio.timeout(20):
            await caster.feed("ABCD").room()
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    assert b"".join(heard).endswith(b"Transfer-Encoding: chunked\r\n\r\n")
    assert {len(piece) for piece in heard[:-1]} == {11}
    assert len(heard) == len(waits) > 10

"""NTRIP bodies from casters that say exactly these bytes, over real sockets."""

import asyncio
import gzip
import http.client
import io
import random
import zlib

import pytest
from sources.ntrip_scene import CHUNKED, DATA, V2, error_of, settings, source
from sources.scripted_caster import CLOSE, ScriptedCaster, chunks, says

from stationd.sources.ntrip import _Body
from stationd.sources.source import Surroundings
from stationd.sources.stream import Stream
from stationd.supervise import (
    SilentError,
    UnavailableError,
)
from stationd.wire.ntrip.head import Head

PACKED = gzip.compress(DATA)


# A buffer of one byte makes every segment one byte long, whatever the network does.
@pytest.fixture(params=[1, 7, 65_536], ids=lambda size: f"segments-of-{size}")
def around(request):
    return Surroundings("T", buffer=memoryview(bytearray(request.param)))


async def received(answer, around, gathered, data=DATA, **keys):
    """Assert that exactly `data` arrives, and nothing else does until the caster closes."""
    async with ScriptedCaster(says(answer, then=CLOSE)) as caster:
        with pytest.raises(UnavailableError, match=r"ended the stream|peer closed"):
            await source(caster.port, around, **keys).run(gathered)
    assert gathered.data == data
    assert gathered.states == ["connected"]


# What comes behind the answer's first lines


@pytest.mark.parametrize(
    "head",
    [
        b"ICY 200 OK\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"ICY 200 OK\n",
        b"ICY 200 OK\r\nServer: NTRIP Caster 1.5\r\nDate: 01/Jan/2026:00:00:00 UTC\r\n\r\n",
        b"ICY 200 OK\r\nServer: NTRIP Caster 1.5\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        V2 + b"\r\n",
        V2.replace(b"\r\n", b"\n") + b"\n",
    ],
    ids=["icy", "blank", "bare-lf", "headers", "headers-no-blank", "http10", "http11", "http-lf"],
)
async def test_data_right_behind_the_head_is_whole(head, around, gathered):
    await received(head + DATA, around, gathered)


async def test_a_version_1_caster_that_answers_and_waits_is_connected_before_data_comes(
    gathered, begin
):
    more = asyncio.Event()

    async def script(caster, reader, writer):
        writer.write(b"ICY 200 OK\r\n")
        await more.wait()
        writer.write(DATA)
        await caster.hears(reader)

    async with ScriptedCaster(script) as caster:
        begin(source(caster.port), gathered)
        await gathered.until(lambda: gathered.states == ["connected"])
        assert gathered.data == b""
        more.set()
        await gathered.until(lambda: gathered.data == DATA)


@pytest.mark.parametrize("name", ["Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING"])
@pytest.mark.parametrize("value", ["chunked", "Chunked", "CHUNKED"])
async def test_chunked_bodies_in_any_case(name, value, gathered):
    head = V2 + f"{name}: {value}\r\n\r\n".encode()
    await received(head + chunks(DATA), Surroundings("T"), gathered)


async def test_chunks_that_split_frames_with_extensions_capitals_and_trailers(around, gathered):
    body = b"".join(
        b'%02X;ext=1;q="a;b"\r\n%s\r\n' % (len(piece), piece)
        for piece in (DATA[:10], DATA[10:11], DATA[11:200], DATA[200:])
    )
    trailer = b"000;last\r\nChecksum: none\r\nOther: x\r\n\r\n"
    await received(CHUNKED + body + trailer, around, gathered)


async def test_what_follows_the_last_chunk_is_not_taken(gathered):
    await received(CHUNKED + chunks(DATA) + b"more", Surroundings("T"), gathered)


async def test_recorded_chunked_bodies_come_out_as_pythons_own_client_reads_them(
    real_data, around, gathered
):
    body = (real_data / "rtcm" / "ntrip_encode_chunked.bin").read_bytes() + b"\r\n"

    class Sock:
        def makefile(self, _):
            return io.BytesIO(CHUNKED + body)

    response = http.client.HTTPResponse(Sock())
    response.begin()
    expected = response.read()
    assert len(expected) > 60_000
    await received(CHUNKED + body, around, gathered, expected)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Encoding: gzip\r\n", gzip.compress(DATA)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(DATA)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(DATA, wbits=-15)),
        (b"Transfer-Encoding: gzip, chunked\r\n", chunks(gzip.compress(DATA))),
        (
            b"Content-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n",
            chunks(*(PACKED[i : i + 5] for i in range(0, len(PACKED), 5))),
        ),
        (
            b"Content-Encoding: x-gzip\r\nTransfer-Encoding: chunked\r\n",
            chunks(gzip.compress(DATA[:99]), gzip.compress(DATA[99:])),
        ),
    ],
    ids=["content", "zlib", "bare-deflate", "transfer", "both", "members"],
)
async def test_compressed_bodies(headers, body, around, gathered):
    await received(V2 + headers + b"\r\n" + body, around, gathered)


# Bodies that harm


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"5" * 2000, "a line between chunks is longer than 1024"),
        (b"5;" + b"x" * 2000, "a line between chunks is longer than 1024"),
        (b"zz\r\n", 'not the size of a chunk: "zz"'),
        (b"-5\r\n", 'not the size of a chunk: "-5"'),
        (b"0x5\r\n", "not the size of a chunk"),
        (b"\r\n", "not the size of a chunk"),
        (b"F" * 30 + b"\r\n", "not the size of a chunk"),
        (b"3\r\nabcdef\r\n", "a chunk is longer than it says"),
        (b"0\r\n" + b"A: b\r\n" * 3000, "bytes of trailers"),
    ],
)
async def test_unsound_chunks_end_the_connection(body, sentence, gathered):
    async with ScriptedCaster(says(CHUNKED + body)) as caster:
        error = await error_of(caster, gathered)
    assert type(error) is UnavailableError
    assert "the body that it sends is unsound" in str(error)
    assert sentence in str(error)


async def test_a_gzip_bomb_is_refused_before_it_unfolds(gathered):
    bomb = gzip.compress(bytes(40_000_000))
    assert len(bomb) < 65_536
    async with ScriptedCaster(says(V2 + b"Content-Encoding: gzip\r\n\r\n" + bomb)) as caster:
        error = await error_of(caster, gathered)
    assert "inflates to more than 2097152 bytes" in str(error)
    assert len(gathered.data) <= 2_097_152


async def test_a_damaged_compressed_body_ends_the_connection(gathered):
    whole = gzip.compress(random.Random(1).randbytes(500))
    broken = whole[:50] + bytes(50) + whole[100:]
    async with ScriptedCaster(says(V2 + b"Content-Encoding: gzip\r\n\r\n" + broken)) as caster:
        error = await error_of(caster, gathered)
    assert "the compressed body is damaged" in str(error)


# Limits of time


async def test_a_caster_that_accepts_and_never_answers(gathered):
    async with ScriptedCaster(says()) as caster:
        error = await error_of(caster, gathered, version="2", answer_within_s=0.1)
    assert type(error) is SilentError
    assert "accepted the connection and gave no answer within 0.1 s" in str(error)


async def test_a_caster_that_stops_in_its_header(gathered):
    async with ScriptedCaster(says(b"HTTP/1.1 200 OK\r\nServer: slow")) as caster:
        error = await error_of(caster, gathered, answer_within_s=0.5)
        assert len(caster.requests) == 1
    assert "gave no answer within 0.5 s, in the header" in str(error)


@pytest.mark.parametrize("answer", [b"ICY 200 OK\r\n", V2 + b"\r\n", CHUNKED, CHUNKED + b"4\r\n"])
async def test_a_mountpoint_that_answers_and_never_sends(answer, gathered):
    async with ScriptedCaster(says(answer)) as caster:
        error = await error_of(
            caster, gathered, first_data_within_s=0.1, silent_after_s=1000, answer_within_s=1000
        )
    assert type(error) is SilentError
    assert "it answers, and sends no data within 0.1 s" in str(error)
    assert gathered.states == ["connected"]


@pytest.mark.parametrize(
    "answer",
    [b"ICY 200 OK\r\n" + DATA, V2 + b"\r\n" + DATA, CHUNKED + chunks(DATA, end=b"")],
    ids=["v1", "plain", "chunked"],
)
async def test_a_mountpoint_that_falls_silent(answer, gathered):
    async with ScriptedCaster(says(answer)) as caster:
        error = await error_of(caster, gathered, silent_after_s=0.1, first_data_within_s=1000)
    assert type(error) is SilentError
    assert "connected, and silent" in str(error)
    assert gathered.data == DATA


async def test_the_last_chunk_ends_the_stream_though_the_connection_stays(gathered):
    async with ScriptedCaster(says(CHUNKED + chunks(DATA))) as caster:
        error = await error_of(caster, gathered)
    assert "the caster ended the stream" in str(error)
    assert gathered.data == DATA


@pytest.mark.parametrize("head", [Head("ICY", 200, "OK"), Head("HTTP", 200, "OK")])
async def test_a_plain_body_is_handed_on_without_being_looked_at(head, gathered):
    around = Surroundings("T")
    stream = Stream(gathered.chunks.append, 20.0, around.buffer)
    body = _Body(settings(2101), around, gathered, None)
    stream.take = body.begin(head, stream)
    stream.take(DATA)
    assert stream.take == body._deliver
    assert gathered.data == DATA
    stream.close()

"""NTRIP client against casters that say exactly these bytes, over real sockets."""

import asyncio
import contextlib
import gzip
import http.client
import io
import logging
import random
import traceback
import zlib
from pathlib import Path

import pytest
from pydantic import ValidationError
from sources.scripted_caster import CLOSE, RESET, ScriptedCaster, chunks, says

from stationd import __version__
from stationd.sources.casters import CasterAddress, CasterMemory
from stationd.sources.ntrip import NtripSource, Settings, _Body
from stationd.sources.source import Surroundings
from stationd.sources.stream import Stream
from stationd.supervise import (
    LoginRefusedError,
    RefusedError,
    SilentError,
    UnavailableError,
)
from stationd.wire.ntrip.head import Head

FRAME = bytes.fromhex("d300133ed7d30202980edeef34b4bd62ac0941986f33360b98")  # a 1005
DATA = FRAME * 40
PACKED = gzip.compress(DATA)
V2 = b"HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\n"
CHUNKED = V2 + b"Transfer-Encoding: chunked\r\n\r\n"
NO_MOUNTPOINT = (
    b"SOURCETABLE 200 OK\r\nContent-Type: text/plain\r\n\r\nSTR;X;\r\nENDSOURCETABLE\r\n"
)


def settings(port, **keys):
    keys = {"host": "127.0.0.1", "mountpoint": "ABCD", "gga": "never"} | keys
    return Settings(port=port, **keys)


def source(port, around=None, **keys):
    return NtripSource(settings(port, **keys), around or Surroundings("T"))


async def error_of(caster, gathered, **keys):
    with pytest.raises(UnavailableError) as raised:
        async with asyncio.timeout(20):
            await source(caster.port, **keys).run(gathered)
    return raised.value


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


# Answers that mean no


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (b"HTTP/1.0 401 Unauthorized\r\n\r\n", LoginRefusedError, "the login is refused"),
        (b"HTTP/1.0 401 Unauthorized\r\n", LoginRefusedError, "the login is refused"),
        (b"ICY 401 Unauthorized\r\n", LoginRefusedError, "the login is refused"),
        (b"ERROR - Bad Password\r\n", LoginRefusedError, "Bad Password.*check username"),
        (b"ERROR - Bad Password", LoginRefusedError, "Bad Password.*check username"),
        (b"ERROR - Mount Point Taken or Invalid\r\n", RefusedError, "Mount Point Taken"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", LoginRefusedError, "the account may not use it"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", RefusedError, "no such mountpoint.*sourcetable"),
        (b"HTTP/1.1 409 Conflict\r\n\r\n", RefusedError, "one session for an account"),
        (b"HTTP/1.1 503 Busy\r\n\r\n", RefusedError, "one session for an account"),
        (b"HTTP/1.1 429 Slow\r\n\r\n", RefusedError, "busy"),
        (b"HTTP/1.1 500 Oops\r\n\r\n", UnavailableError, 'an error of its own .500 "Oops"'),
        (b"HTTP/1.1 502\r\n\r\n", UnavailableError, "an error of its own .502."),
        (b"HTTP/1.1 418 Teapot\r\n\r\n", RefusedError, "refuses .418"),
        (b"HTTP/1.1 204 Nothing\r\n\r\n", RefusedError, "answers 204, without data"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://me:pw@b.example:80/ABCD\r\n\r\n",
            RefusedError,
            "elsewhere .302.*to http://b.example:80/ABCD.*not taken there",
        ),
        (b"HTTP/1.1 301 Moved\r\n\r\n", RefusedError, "elsewhere .301"),
        (NO_MOUNTPOINT, RefusedError, "no such mountpoint.*answers with its sourcetable"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: gnss/sourcetable\r\n\r\nENDSOURCETABLE\r\n",
            RefusedError,
            "no such mountpoint",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: GNSS/Sourcetable; charset=x\r\n\r\n",
            RefusedError,
            "no such mountpoint",
        ),
        (V2 + b"Content-Length: 22\r\n\r\n" + DATA, RefusedError, "document of 22 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", RefusedError, "text/html"),
        (V2 + b"Content-Encoding: br\r\n\r\n", RefusedError, 'encoded as "br"'),
        (DATA, RefusedError, "does not speak NTRIP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", RefusedError, 'begins with "SS'),
        (b"HTTP/1.1 OK\r\n\r\n", RefusedError, "a status line that is none"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 4000, RefusedError, "16384 bytes of header"),
        (b"HTTP/1.1 " + b"2" * 20_000, RefusedError, "16384 bytes of header"),
        (b"ICY " + b"2" * 20_000, RefusedError, "16384 bytes of header"),
    ],
)
async def test_an_answer_that_means_no(answer, kind, sentence, around, gathered):
    async with ScriptedCaster(says(answer, then=CLOSE)) as caster:
        with pytest.raises(UnavailableError, match=sentence) as raised:
            await source(caster.port, around).run(gathered)
    assert type(raised.value) is kind
    assert str(raised.value).startswith(f"ntrip://127.0.0.1:{caster.port}/ABCD: ")
    assert gathered.states == []
    assert gathered.data == b""


async def test_a_no_without_an_end_of_header_is_understood_when_no_more_comes(gathered):
    async with ScriptedCaster(says(b"HTTP/1.0 401 Unauthorized\r\n")) as caster:
        error = await error_of(caster, gathered, answer_within_s=0.5)
    assert type(error) is LoginRefusedError


async def test_a_connection_reset_in_the_header_says_where_it_broke(gathered):
    async with ScriptedCaster(says(b"HTTP/1.1 200 OK\r\nSer", then=RESET)) as caster:
        error = await error_of(caster, gathered)
        assert len(caster.requests) == 1
    assert "in the header of its answer" in str(error)
    assert gathered.states == []


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


# What is asked


async def test_a_version_2_request(gathered, begin):
    async with ScriptedCaster(says(V2 + b"\r\n" + DATA)) as caster:
        begin(source(caster.port, username="me", password="secret"), gathered)
        await gathered.until(lambda: gathered.data)
        lines = caster.requests[0].split("\r\n")
    assert lines == [
        "GET /ABCD HTTP/1.1",
        f"Host: 127.0.0.1:{caster.port}",
        "Ntrip-Version: Ntrip/2.0",
        f"User-Agent: NTRIP stationd/{__version__}",
        "Accept: */*",
        "Authorization: Basic bWU6c2VjcmV0",
        "Connection: close",
        "",
        "",
    ]


async def test_a_version_1_request(gathered, begin):
    async with ScriptedCaster(says(b"ICY 200 OK\r\n" + DATA)) as caster:
        begin(source(caster.port, version="1"), gathered)
        await gathered.until(lambda: gathered.data)
        lines = caster.requests[0].split("\r\n")
    assert lines[0] == "GET /ABCD HTTP/1.0"
    assert f"User-Agent: NTRIP stationd/{__version__}" in lines
    assert not [line for line in lines if line.startswith(("Ntrip-Version", "Authorization"))]


async def test_an_ipv6_address_is_written_in_brackets(gathered, begin):
    try:
        caster = await ScriptedCaster(says(V2 + b"\r\n" + DATA), address="::1").__aenter__()
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine: {error}")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(caster.__aexit__)
        begin(source(caster.port, host="[::1]"), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert f"\r\nHost: [::1]:{caster.port}\r\n" in caster.requests[0]
    assert settings(2101, host="::1").peer == "ntrip://[::1]:2101"


# From version 2 to version 1

TOO_NEW = {
    "closes without an answer": says(then=CLOSE),
    "resets without an answer": says(then=RESET),
    "bad request": says(b"HTTP/1.0 400 Bad Request\r\n\r\n", then=CLOSE),
    "not implemented": says(b"HTTP/1.1 501 Not Implemented\r\n\r\n", then=CLOSE),
    "unknown version": says(b"HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n", then=CLOSE),
    "sourcetable": says(NO_MOUNTPOINT, then=CLOSE),
    "never answers": says(),
}


def versions(caster):
    return [request.split("\r\n")[0].rpartition("/")[2] for request in caster.requests]


@pytest.mark.parametrize("answer", TOO_NEW.values(), ids=TOO_NEW)
async def test_a_caster_that_does_not_know_version_2_is_asked_in_version_1(answer, gathered, begin):
    async with ScriptedCaster(answer, says(b"ICY 200 OK\r\n" + DATA)) as caster:
        begin(source(caster.port, answer_within_s=1.0), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert versions(caster) == ["1.1", "1.0"]


@pytest.mark.parametrize("answer", TOO_NEW.values(), ids=TOO_NEW)
async def test_version_2_alone_is_not_given_up_where_it_is_configured(answer, gathered):
    async with ScriptedCaster(answer) as caster:
        await error_of(caster, gathered, version="2", answer_within_s=0.1)
        assert versions(caster) == ["1.1"]


async def test_the_version_is_remembered_for_the_caster_not_for_the_station(gathered, begin):
    around = Surroundings("A")
    old = says(b"ICY 200 OK\r\n" + DATA)
    async with ScriptedCaster(says(then=CLOSE), old) as caster:
        begin(source(caster.port, around), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        begin(source(caster.port, Surroundings("B", casters=around.casters)), gathered)
        await gathered.until(lambda: gathered.data == DATA * 2)
        assert versions(caster) == ["1.1", "1.0", "1.0"]
        async with ScriptedCaster(says(V2 + b"\r\n" + DATA)) as another:
            begin(source(another.port, around), gathered)
            await gathered.until(lambda: gathered.data == DATA * 3)
            assert versions(another) == ["1.1"]


async def test_a_caster_known_to_speak_version_2_is_not_asked_in_version_1(gathered):
    around = Surroundings("T")
    async with ScriptedCaster(says(V2 + b"\r\n" + DATA, then=CLOSE), says(then=CLOSE)) as caster:
        for _ in range(2):
            with pytest.raises(UnavailableError):
                await source(caster.port, around).run(gathered)
        assert versions(caster) == ["1.1", "1.1"]
        # It answers no more: another program may serve there now, so both are tried again.
        with pytest.raises(UnavailableError):
            await source(caster.port, around).run(gathered)
        assert versions(caster) == ["1.1", "1.1", "1.1", "1.0"]


async def test_a_refused_login_is_not_tried_in_the_other_version(gathered):
    for answer in (b"ERROR - Bad Password\r\n", b"HTTP/1.0 401 Unauthorized\r\n\r\n"):
        async with ScriptedCaster(says(answer, then=CLOSE)) as caster:
            error = await error_of(caster, gathered, username="me", password="secret")
            assert type(error) is LoginRefusedError
            assert len(caster.requests) == 1


# Nothing stays behind


def left_over():
    """Return how many descriptors and tasks there are."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir()), len(asyncio.all_tasks())


@pytest.mark.parametrize(
    "script",
    [
        says(b"ICY 200 OK\r\n" + DATA, then=CLOSE),
        says(b"ICY 200 OK\r\n" + DATA, then=RESET),
        says(b"ICY 200 OK\r\n" + DATA),
        says(b"HTTP/1.1 200 OK\r\nServ", then=RESET),
        says(),
        says(NO_MOUNTPOINT),
        says(CHUNKED + b"zz\r\n"),
    ],
)
async def test_a_lost_connection_leaves_no_socket_no_task_and_no_timer(script, gathered):
    async with ScriptedCaster(script) as caster:
        before = left_over()
        for _ in range(3):
            with pytest.raises(UnavailableError):
                await source(
                    caster.port,
                    gga="always",
                    gga_latitude_deg=1.0,
                    gga_longitude_deg=2.0,
                    gga_interval_s=1000,
                    silent_after_s=0.1,
                    answer_within_s=0.1,
                ).run(gathered)
        await caster.until(lambda: caster.open == 0)
        async with asyncio.timeout(5):
            # The loop closes the server's own ends some turns later, and tells nobody.
            while left_over() != before:  # noqa: ASYNC110
                await asyncio.sleep(0)
        timers = [t for t in asyncio.get_running_loop()._scheduled if not t.cancelled()]
        assert not [t for t in timers if "_tell" in repr(t) or "Stream" in repr(t)]


async def test_a_cancelled_source_lets_go_at_once(gathered, begin):
    async with ScriptedCaster(says(b"ICY 200 OK\r\n" + DATA)) as caster:
        task = begin(source(caster.port), gathered)
        await gathered.until(lambda: gathered.data)
        task.cancel()
        await caster.until(lambda: caster.open == 0)


async def test_what_is_remembered_of_casters_is_bounded():
    memory = CasterMemory(most=3)
    first = memory.of(CasterAddress("a", 1))
    for host in "bcd":
        memory.of(CasterAddress("a", 1))
        memory.of(CasterAddress(host, 1))
    assert len(memory) == 3
    assert memory.of(CasterAddress("a", 1)) is first


# Secrets


async def test_no_error_and_no_repr_tells_the_login(gathered, caplog):
    caplog.set_level(logging.DEBUG)
    keys = {"username": "station-7", "password": "s3cr3t-w0rd"}
    told = b"HTTP/1.1 418 Authorization: Basic c3RhdGlvbi03OnMzY3IzdC13MHJk s3cr3t-w0rd\r\n\r\n"
    async with ScriptedCaster(says(told, then=CLOSE)) as caster:
        error = await error_of(caster, gathered, **keys)
        config = settings(caster.port, **keys)
    text = f"{error} {error!r} {config!r} {config.peer} {NtripSource(config, Surroundings('T'))!r}"
    text += caplog.text + "".join(traceback.format_exception(error))
    for secret in ("s3cr3t-w0rd", "c3RhdGlvbi03OnMzY3IzdC13MHJk"):
        assert secret not in text
    assert "…" in str(error)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"host": "http://caster"}, "write the name alone"),
        ({"host": "caster:2101"}, "the port in `port`"),
        ({"mountpoint": "/ABCD"}, "write it as the sourcetable does"),
        ({"mountpoint": "A B\r\nX: y"}, "write it as the sourcetable does"),
        ({"username": "me"}, "give both or neither"),
        ({"username": "a:b", "password": "x"}, "has no colon"),
        ({"username": "a\r\nb", "password": "x"}, "no control characters"),
        ({"gga_latitude_deg": 1.0}, "give both or neither"),
        ({"tls_server_name": "x"}, "mean nothing without tls = true"),
    ],
)
def test_settings_that_cannot_be_right_say_why(keys, sentence):
    with pytest.raises(ValidationError, match=sentence):
        settings(2101, **keys)


def test_the_usual_ports_are_2101_and_with_tls_443():
    assert settings(None).peer == "ntrip://127.0.0.1:2101"
    assert settings(None, tls=True).peer == "ntrip://127.0.0.1:443"

"""What is asked of a caster, and answers that mean no, or: in the other version."""

import contextlib

import pytest
from sources.ntrip_scene import DATA, NO_MOUNTPOINT, V2, error_of, settings, source
from sources.scripted_caster import CLOSE, RESET, ScriptedCaster, says

from stationd import __version__
from stationd.sources.source import Surroundings
from stationd.supervise import (
    LoginRefusedError,
    RefusedError,
    UnavailableError,
)


# A buffer of one byte makes every segment one byte long, whatever the network does.
@pytest.fixture(params=[1, 7, 65_536], ids=lambda size: f"segments-of-{size}")
def around(request):
    return Surroundings("T", buffer=memoryview(bytearray(request.param)))


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

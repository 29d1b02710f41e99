"""The sourcetable of a caster, fetched over real sockets in every form in which it comes."""

import gzip
import json

import pytest
from sources.scripted_caster import CLOSE, RESET, ScriptedCaster, chunks, says

from stationd.sources.sourcetable import (
    NotAnAddressError,
    address_of,
    fetch_sourcetable,
    sourcetable_json,
    sourcetable_text,
)
from stationd.supervise import LoginRefusedError, RefusedError, SilentError, UnavailableError
from stationd.wire.ntrip.login import Login
from stationd.wire.ntrip.sourcetable import MOST_SOURCETABLE_BYTES

ROWS = b"STR;A;Town;RTCM 3.2;1077(1);2;GPS+GLO;N;DEU;50.00;8.00;1;0;gen;none;B;N;9600;\r\n"
V2 = b"HTTP/1.1 200 OK\r\nContent-Type: gnss/sourcetable\r\n"
END = b"ENDSOURCETABLE\r\n"


def table(rows):
    """Return a table of many rows, as of a network centre, in latin-1."""
    lines = [
        f"STR;M{n:04d};Zürich {n};RTCM 3.2;1077(1);2;GPS;N;CHE;47.4;8.5;0;0;g;none;B;N;9600;"
        for n in range(rows)
    ]
    return "\r\n".join([*lines, "ENDSOURCETABLE", ""]).encode("latin-1")


BIG = table(2000)


@pytest.mark.parametrize("then", [CLOSE, "hold"])
@pytest.mark.parametrize(
    "answer",
    [
        V2 + b"\r\n" + BIG,
        V2 + b"Content-Length: %d\r\n\r\n" % len(BIG) + BIG,
        V2 + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(BIG[:77_777], BIG[77_777:]),
        V2 + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(BIG),
        b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + BIG,
        b"SOURCETABLE 200 OK\r\nContent-Length: 1\r\n\r\n" + BIG,
        b"SOURCETABLE 200 OK\r\n" + BIG,
    ],
    ids=["v2", "length", "chunked", "gzip", "http10", "v1", "v1-no-blank"],
)
async def test_two_thousand_rows_in_latin_1(answer, then):
    async with ScriptedCaster(says(answer, then=then)) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
        assert len(caster.requests) == 1
        assert caster.requests[0].startswith("GET / HTTP/1.1\r\n")
        await caster.until(lambda: caster.open == 0)
    assert len(found.streams) == 2000
    assert found.streams[1999].identifier == "Zürich 1999"
    assert found.complete


async def test_a_recorded_answer_is_read_as_it_came(real_data):
    log = (real_data / "sourcetable" / "ntrip_sourcetable.log").read_bytes()
    answer = log[log.index(b"SOURCETABLE 200 OK") :]
    async with ScriptedCaster(says(answer)) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
    assert [row.mountpoint for row in found.streams] == ["VRS_3_2G", "MAC_3_2G", "FKP_3_2G", "EPS"]
    assert (len(found.casters), len(found.networks), found.odd_lines) == (15, 1, 0)


async def test_an_empty_table_is_a_table():
    async with ScriptedCaster(says(V2 + b"\r\n" + END)) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
    assert (found.streams, found.complete) == ((), True)


async def test_a_table_that_breaks_off_says_so():
    for then in (CLOSE, RESET):
        async with ScriptedCaster(says(V2 + b"\r\n" + ROWS, then=then)) as caster:
            try:
                found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
            except UnavailableError:
                assert then == RESET  # a reset may overtake the bytes before it
                continue
        assert not found.complete
        assert "broke off before its end" in sourcetable_text(found)


async def test_the_last_chunk_ends_a_table_without_an_end_line():
    answer = V2 + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(ROWS)
    async with ScriptedCaster(says(answer)) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
    assert len(found.streams) == 1


async def test_the_length_that_is_said_ends_a_table_without_an_end_line():
    answer = V2 + b"Content-Length: %d\r\n\r\n" % len(ROWS) + ROWS
    async with ScriptedCaster(says(answer)) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
    assert len(found.streams) == 1


async def test_version_1_is_asked_where_version_2_is_not_known():
    old = says(b"SOURCETABLE 200 OK\r\n\r\n" + ROWS + END)
    async with ScriptedCaster(says(b"HTTP/1.0 400 Bad\r\n\r\n", then=CLOSE), old) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
        assert caster.requests[1].startswith("GET / HTTP/1.0\r\n")
    assert len(found.streams) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", LoginRefusedError, "the login is refused"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", RefusedError, "404"),
        (b"HTTP/1.1 500 Oops\r\n\r\n", UnavailableError, "an error of its own"),
        (b"ICY 200 OK\r\n\xd3\x00", RefusedError, "no sourcetable"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\n\r\n", RefusedError, "no sourcetable"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", RefusedError, "no sourcetable"),
        (b"ERROR - Bad Password\r\n", RefusedError, "Bad Password"),
        (V2 + b"\r\n" + ROWS * (MOST_SOURCETABLE_BYTES // len(ROWS) + 9), RefusedError, "larger"),
        (
            V2 + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(30_000_000)),
            RefusedError,
            "unsound: a piece inflates to more than",
        ),
        (V2 + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", RefusedError, "unsound: not the size"),
        (V2 + b"\r\n", UnavailableError, "the peer closed the connection"),
    ],
)
async def test_what_is_no_sourcetable_says_why(answer, kind, sentence):
    async with ScriptedCaster(says(answer, then=CLOSE)) as caster:
        url = f"127.0.0.1:{caster.port}"
        with pytest.raises(UnavailableError, match=sentence) as raised:
            await fetch_sourcetable(url, Login("me", "s3cret"))
    assert type(raised.value) is kind
    assert str(raised.value).startswith(url)
    assert "s3cret" not in str(raised.value)


async def test_a_caster_that_never_answers_is_given_up():
    async with ScriptedCaster(says()) as caster:
        with pytest.raises(SilentError, match=r"no answer within 0\.1 s"):
            await fetch_sourcetable(f"127.0.0.1:{caster.port}", within_s=0.1)


async def test_the_login_goes_along_where_one_is_given():
    async with ScriptedCaster(says(V2 + b"\r\n" + END)) as caster:
        await fetch_sourcetable(f"127.0.0.1:{caster.port}", Login("me", "secret"))
        await fetch_sourcetable(f"127.0.0.1:{caster.port}")
    assert "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n" in caster.requests[0]
    assert "Authorization" not in caster.requests[1]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("caster.example", ("caster.example", 2101, False)),
        ("caster.example:80", ("caster.example", 80, False)),
        ("ntrip://caster.example", ("caster.example", 2101, False)),
        ("http://caster.example:2101/", ("caster.example", 2101, False)),
        ("https://caster.example", ("caster.example", 443, True)),
        ("ntrips://caster.example:2102", ("caster.example", 2102, True)),
        ("[::1]:2101", ("::1", 2101, False)),
        ("ntrip://[2001:db8::1]", ("2001:db8::1", 2101, False)),
    ],
)
def test_an_address_in_every_way_it_is_written(url, address):
    assert address_of(url)[:3] == address


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ntrip://me:s3cret@caster", "use --user, and --password-file"),
        ("me:s3cret@caster:2101", "use --user, and --password-file"),
        ("ftp://caster", "no address of a caster: write ntrip://"),
        ("", "no address of a caster"),
        ("caster:port", "cannot be read"),
        ("caster:99999", "cannot be read"),
        ("[::1", "cannot be read"),
    ],
)
def test_what_is_no_address_says_what_to_write(url, sentence):
    with pytest.raises(NotAnAddressError, match=sentence) as raised:
        address_of(url)
    assert "s3cret" not in str(raised.value)


async def test_the_table_is_told_as_text_and_as_json():
    answer = V2 + b"\r\n" + ROWS + b"STR;B;\x1b[31mred\r\nNET;N;op;B;N;w;s;r;\r\nodd\r\n" + END
    async with ScriptedCaster(says(answer)) as caster:
        found = await fetch_sourcetable(f"127.0.0.1:{caster.port}")
    text = sourcetable_text(found)
    header, a, b, foot = text.split("\n")
    assert header.split() == [
        "mountpoint", "format", "systems", "country", "place", "position", "login", "from",
    ]  # fmt: skip
    assert a.split() == [
        "A", "RTCM", "3.2", "GPS+GLO", "DEU", "50.00", "8.00", "wanted", "basic", "Town",
    ]  # fmt: skip
    assert "?[31mred" in b  # nothing of a caster's moves the reader's cursor
    assert foot == "2 streams, 1 networks, 0 casters; 1 lines that are no rows"
    parsed = json.loads(sourcetable_json(found))
    assert parsed["streams"][0]["latitude_deg"] == 50.0
    assert parsed["streams"][0]["nmea"] is True
    assert parsed["streams"][1]["latitude_deg"] is None
    assert parsed["complete"] is True

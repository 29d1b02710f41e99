"""The caster against clients of others (str2str, curl) and stationd's, in both versions."""

import asyncio
import contextlib

import pytest

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.sources.sourcetable import fetch_sourcetable
from stationd.supervise import LoginRefusedError, RefusedError, UnavailableError
from stationd.wire.ntrip.login import Login
from stationd_simulators.devices.accounts import Accounts
from stationd_simulators.devices.caster import Caster, CasterKind
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.timed_bytes import TimedBytes

DATA = bytes(range(256)) * 20
LOGIN = {"username": "sim", "password": "Circle of Life"}


def accounts(**keys):
    return Accounts({"sim": "Circle of Life"}, **keys)


def client(caster, mountpoint="ABCD", around=None, **keys):
    keys = {"gga": "never"} | keys
    settings = Settings(host="127.0.0.1", port=caster.port, mountpoint=mountpoint, **keys)
    return NtripSource(settings, around or Surroundings("T"))


def at_once(*contents):
    return [TimedBytes(0.0, data) for data in contents], Pacer(0.0, None)


@pytest.mark.parametrize("version", ["1", "2", "auto"])
async def test_stationds_client_hears_the_station(version, gathered, begin):
    async with Caster([Mountpoint("ABCD")]) as caster:
        caster.play("ABCD", *at_once(DATA, DATA))
        begin(client(caster, version=version), gathered)
        await gathered.until(lambda: gathered.data == DATA * 2)
        told = "version 1" if version == "1" else "version 2"
        assert told in gathered.links[0].reason


async def test_str2str_hears_the_station_in_version_1(peer, tmp_path, holds):
    path = tmp_path / "heard"
    mountpoint = Mountpoint("ABCD", authentication="B")
    async with Caster([mountpoint], accounts=Accounts({"sim": "pw"})) as caster:
        caster.play("ABCD", *at_once(DATA, DATA))
        process = await asyncio.create_subprocess_exec(
            peer("str2str"), "-in", f"ntrip://sim:pw@127.0.0.1:{caster.port}/ABCD",
            "-out", f"file://{path}", stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await holds(path, DATA * 2)
            assert [request.version for request in caster.requests] == ["1"]
        finally:
            process.kill()
            await process.wait()


async def curl(program, caster, *words):
    process = await asyncio.create_subprocess_exec(
        program, "-sS", "--max-time", "20", "-A", "NTRIP curl", *words,
        f"http://127.0.0.1:{caster.port}/ABCD",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    heard, said = await process.communicate()
    return process.returncode, heard, said.decode()


VERSION_2 = ("-H", "Ntrip-Version: Ntrip/2.0")
ENDS = Misbehaviour.ENDS_STREAM  # so that curl ends by itself


async def test_curl_undoes_the_chunks(peer):
    async with Caster([Mountpoint("ABCD", misbehaviour=ENDS)]) as caster:
        caster.play("ABCD", *at_once(DATA))
        assert await curl(peer("curl"), caster, *VERSION_2) == (0, DATA, "")


async def test_curl_undoes_gzip_in_chunks(peer):
    gzip = Mountpoint("ABCD", misbehaviour=Misbehaviour.GZIP)
    async with Caster([gzip]) as caster:
        caster.play("ABCD", *at_once(DATA))
        words = ("--compressed", "--no-buffer", "--max-time", "1")
        _, heard, _ = await curl(peer("curl"), caster, *VERSION_2, *words)
    assert heard == DATA


@pytest.mark.parametrize(
    ("kind", "option", "algorithm"),
    [("B", "--basic", "MD5"), ("D", "--digest", "MD5"), ("D", "--digest", "SHA-256")],
)
@pytest.mark.parametrize("more", [VERSION_2, ("--http1.0", "--http0.9")], ids=["v2", "v1"])
async def test_curl_proves_who_it_is(kind, option, algorithm, more, peer):
    mountpoint = Mountpoint("ABCD", authentication=kind, misbehaviour=ENDS)
    async with Caster([mountpoint], accounts=accounts(algorithm=algorithm)) as caster:
        caster.play("ABCD", *at_once(DATA))
        right = await curl(peer("curl"), caster, option, "-u", "sim:Circle of Life", *more)
        assert right[0] == 0
        assert right[1].endswith(DATA)
        wrong = await curl(peer("curl"), caster, option, "-fu", "sim:wrong", *more)
        assert wrong[0] == 22
        assert "401" in wrong[2]


@pytest.mark.parametrize(("kind", "algorithm"), [("B", "MD5"), ("D", "MD5"), ("D", "SHA-256")])
@pytest.mark.parametrize("version", ["1", "2"])
async def test_stationds_client_proves_who_it_is(kind, algorithm, version, gathered, begin):
    mountpoint = Mountpoint("ABCD", authentication=kind)
    async with Caster([mountpoint], accounts=accounts(algorithm=algorithm)) as caster:
        caster.play("ABCD", *at_once(DATA))
        with pytest.raises(LoginRefusedError):
            await client(caster, version=version).run(gathered)
        wrong = LOGIN | {"password": "wrong"}
        with pytest.raises(LoginRefusedError):
            await client(caster, version=version, **wrong).run(gathered)
        begin(client(caster, version=version, **LOGIN), gathered)
        await gathered.until(lambda: gathered.data == DATA)


async def test_a_nonce_that_is_used_up_is_called_stale_and_replaced(gathered):
    around = Surroundings("T")
    mountpoint = Mountpoint("ABCD", authentication="D", misbehaviour=ENDS)
    async with Caster([mountpoint], accounts=accounts(nonce_uses=1)) as caster:
        caster.play("ABCD", *at_once(DATA, DATA))
        for _ in range(2):
            with pytest.raises(UnavailableError, match="ended the stream"):
                await client(caster, around=around, version="2", **LOGIN).run(gathered)
        shown = [request.headers.get("authorization", "")[:6] for request in caster.requests]
    assert gathered.data == DATA * 2
    # Basic is refused, the first nonce taken; then it is too old, and the second is taken.
    assert shown == ["Basic ", "Digest", "Digest", "Digest"]


async def test_one_session_for_an_account_refuses_the_second_until_the_first_ended(gathered, begin):
    mountpoints = [Mountpoint("ABCD", authentication="B"), Mountpoint("EFGH", authentication="B")]
    async with Caster(mountpoints, accounts=accounts(one_session=True)) as caster:
        first = begin(client(caster, **LOGIN), gathered)
        await caster.feed("ABCD").room()
        for version in ("1", "2"):
            with pytest.raises(RefusedError, match="one session for an account"):
                await client(caster, "EFGH", version=version, **LOGIN).run(gathered)
        first.cancel()
        await caster.feed("ABCD").until(lambda: caster.feed("ABCD").listeners == 0)
        begin(client(caster, "EFGH", **LOGIN), gathered)
        async with asyncio.timeout(20):
            await caster.feed("EFGH").room()


async def test_the_password_is_in_no_text():
    mountpoint = Mountpoint("ABCD", authentication="B")
    assert "Circle" not in f"{accounts()!r} {Caster([mountpoint], accounts=accounts())!r}"


@pytest.mark.parametrize("version", ["1", "2"])
async def test_an_unknown_mountpoint_is_refused_as_each_version_does(version, gathered):
    async with Caster([Mountpoint("ABCD")]) as caster:
        sentence = "answers with its sourcetable" if version == "1" else "404"
        with pytest.raises(RefusedError, match=sentence):
            await client(caster, "NOPE", version=version).run(gathered)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("version", ["1", "2"])
async def test_the_sourcetable_tells_what_there_is_and_what_it_is_told_to_say(version, encoding):
    mountpoints = [
        Mountpoint("ABCD", identifier="Zürich", latitude_deg=47.4, nmea=True),
        Mountpoint("HIDDEN", listed=False),
        Mountpoint("LIES", row="STR;LIES;;RTCM 2.3;;0;GPS;;;;;0;;;;N;;;"),
    ]
    async with Caster(mountpoints, kind=CasterKind(encoding=encoding)) as caster:
        table = await fetch_sourcetable(f"127.0.0.1:{caster.port}", version=version)
    assert [row.mountpoint for row in table.streams] == ["ABCD", "LIES"]
    first, lie = table.streams
    assert (first.identifier, first.latitude_deg, first.nmea) == ("Zürich", 47.4, True)
    assert (lie.format, lie.nav_system) == ("RTCM 2.3", "GPS")
    assert table.complete
    assert (len(table.casters), len(table.networks), table.odd_lines) == (1, 1, 0)


async def test_str2str_is_satisfied_with_nothing_less_than_a_position(peer, tmp_path, holds):
    path = tmp_path / "heard"
    async with Caster([Mountpoint("VRS", nmea=True)]) as caster:
        caster.play("VRS", *at_once(DATA))
        process = await asyncio.create_subprocess_exec(
            peer("str2str"), "-in", f"ntrip://127.0.0.1:{caster.port}/VRS",
            "-out", f"file://{path}", "-n", "200", "-p", "23.1", "113.3", "20.0",
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await holds(path, DATA)
        finally:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_mountpoint_that_wants_a_position_sends_nothing_before_it(version, gathered, begin):
    async with Caster([Mountpoint("VRS", nmea=True)]) as caster:
        feed = caster.feed("VRS")
        silent = client(caster, "VRS", version=version, first_data_within_s=0.2)
        with pytest.raises(UnavailableError, match="sends no data within"):
            await silent.run(gathered)
        assert feed.listeners == 0
        begin(client(caster, "VRS", version=version, gga="auto"), gathered)
        async with asyncio.timeout(20):
            await feed.room()
        feed.deliver(DATA)
        await gathered.until(lambda: gathered.data == DATA)


@pytest.mark.parametrize(("known", "asked"), [("1", ["2"]), ("2", ["1"])])
async def test_a_caster_of_one_version_does_not_understand_the_other(known, asked, gathered, begin):
    async with Caster([Mountpoint("ABCD")], kind=CasterKind(versions=(known,))) as caster:
        caster.play("ABCD", *at_once(DATA))
        if known == "2":
            with pytest.raises(UnavailableError, match="505"):
                await client(caster, version="1").run(gathered)
        else:
            begin(client(caster, version="2"), gathered)
            await gathered.until(lambda: gathered.data == DATA)
            assert "version 1" in gathered.links[0].reason
        assert [request.version for request in caster.requests] == asked


@pytest.mark.parametrize(
    "said",
    [b"\x16\x03\x01" + b"\r\n\r\n", b"GET\r\n\r\n", b"GET /X HTTP/1.1\r\nno colon\r\n\r\n",
     b"GET /" + b"x" * 100_000],
    ids=["tls", "short", "colon", "endless"],
)  # fmt: skip
async def test_what_is_no_request_is_answered_and_closed(said):
    async with Caster([Mountpoint("ABCD")]) as caster:
        reader, writer = await asyncio.open_connection("127.0.0.1", caster.port)
        writer.write(said)
        with contextlib.suppress(ConnectionError):  # closing with bytes unread is a reset
            async with asyncio.timeout(20):
                assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        assert not caster.requests


async def test_a_client_that_asks_nothing_is_closed_after_a_while():
    async with Caster([], kind=CasterKind(request_within_s=0.05)) as caster:
        reader, writer = await asyncio.open_connection("127.0.0.1", caster.port)
        async with asyncio.timeout(20):
            assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.close()
        await writer.wait_closed()


async def test_a_post_is_not_allowed(peer):
    async with Caster([Mountpoint("ABCD")]) as caster:
        code, _, said = await curl(peer("curl"), caster, "-f", "-d", "x", *VERSION_2)
    assert (code, "405" in said) == (22, True)


async def test_two_casters_of_one_process_know_nothing_of_each_other(gathered, begin):
    before = asyncio.all_tasks()
    async with Caster([Mountpoint("A")]) as first, Caster([Mountpoint("B")]) as second:
        assert first.port != second.port
        begin(client(second, "B"), gathered)
        async with asyncio.timeout(20):
            await second.feed("B").room()
        assert (first.server.accepted, second.server.accepted) == (0, 1)
        with pytest.raises(RefusedError):
            await client(first, "B", version="2").run(gathered)
        mine = asyncio.all_tasks() - before
        assert any("connection" in task.get_name() for task in mine)
    assert not {task for task in asyncio.all_tasks() - before if "connection" in task.get_name()}


async def test_clients_in_every_state_are_gone_when_the_caster_ends():
    ways = [Mountpoint(how.name, misbehaviour=how) for how in Misbehaviour]
    async with Caster(ways) as caster:
        ends = [await asyncio.open_connection("127.0.0.1", caster.port) for _ in ways]
        for mountpoint, (_, writer) in zip(ways, ends, strict=True):
            writer.write(b"GET /%b HTTP/1.0\r\n\r\n" % mountpoint.name.encode())
        async with asyncio.timeout(20):
            await caster.feed("NONE").room()
    async with asyncio.timeout(20):
        for reader, writer in ends:
            with contextlib.suppress(OSError):
                await reader.read()
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    assert caster.server.connections == 0


async def test_what_clients_asked_is_remembered_within_bounds(gathered):
    async with Caster([Mountpoint("ABCD", misbehaviour=Misbehaviour.CLOSES_AT_ONCE)]) as caster:
        assert caster.requests.maxlen == 1000
        with pytest.raises(UnavailableError):
            await client(caster, version="2").run(gathered)
        (request,) = caster.requests
        assert request.headers["user-agent"].startswith("NTRIP stationd/")


@pytest.mark.parametrize("name", ["", "A B", "A;B", "A?B", "A#B"])
def test_a_name_that_is_no_mountpoint_is_refused(name):
    with pytest.raises(ValueError, match="is no mountpoint"):
        Mountpoint(name)


async def test_a_login_for_the_sourcetable_is_not_needed():
    async with Caster([Mountpoint("ABCD", authentication="D")], accounts=accounts()) as caster:
        table = await fetch_sourcetable(f"127.0.0.1:{caster.port}", Login("x", "y"))
    assert table.streams[0].authentication == "D"


async def test_a_client_that_does_not_read_is_broken_off_and_counted():
    kind = CasterKind(most_unsent_bytes=100_000)
    async with Caster([Mountpoint("ABCD")], kind=kind) as caster:
        feed = caster.feed("ABCD")
        _, deaf = await asyncio.open_connection("127.0.0.1", caster.port, limit=1)
        deaf.write(b"GET /ABCD HTTP/1.0\r\n\r\n")
        async with asyncio.timeout(20):
            await feed.room()
        for _ in range(1000):
            feed.deliver(bytes(50_000))
            await asyncio.sleep(0)
            if not feed.listeners:
                break
        assert caster.slow_clients == 1
        assert feed.unheard_bytes == 0
        deaf.transport.abort()
        with contextlib.suppress(OSError):
            await deaf.wait_closed()


async def test_a_caster_on_ipv6(gathered, begin):
    async with Caster([Mountpoint("ABCD")], host="::1") as caster:
        caster.play("ABCD", *at_once(DATA))
        settings = Settings(host="::1", port=caster.port, mountpoint="ABCD", gga="never")
        begin(NtripSource(settings, Surroundings("T")), gathered)
        await gathered.until(lambda: gathered.data == DATA)


async def test_a_station_that_is_still_playing_ends_with_its_caster():
    async with asyncio.timeout(20):
        async with Caster([Mountpoint("ABCD")]) as caster:
            playing = caster.play("ABCD", [TimedBytes(1e6, DATA)], Pacer(0.0))
            await asyncio.sleep(0)
        assert playing.cancelled()

"""Logins over real sockets: Basic, and Digest against a caster that checks as RFC 7616 says."""

import hashlib
import re

import pytest
from sources.scripted_caster import CLOSE, ScriptedCaster, says

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import LoginRefusedError, UnavailableError

DATA = b"\xd3\x00\x00\x47\xea\x4b"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\n\r\n" + DATA
USER, PASSWORD, REALM = "Mufasa", "Circle of Life", "/ABCD"


def source(port, around=None, password=PASSWORD, **keys):
    settings = Settings(
        host="127.0.0.1", port=port, mountpoint="ABCD", gga="never",
        username=USER, password=password, **keys,
    )  # fmt: skip
    return NtripSource(settings, around or Surroundings("T"))


def scheme(request):
    match = re.search(r"^Authorization: (\w+) ", request, re.MULTILINE)
    return match[1] if match else None


def fields(request):
    line = re.search(r"^Authorization: Digest (.*?)\r?$", request, re.MULTILINE)[1]
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]*))', line)
    return {key: quoted or bare for key, quoted, bare in pairs}


def is_right(request, kind):
    """Check a response as a caster does, straight from RFC 7616, 3.4.1."""

    def hashed(text):
        return hashlib.new(kind, text.encode()).hexdigest()

    said = fields(request)
    secret = hashed(f"{USER}:{REALM}:{PASSWORD}")
    what = hashed("GET:/ABCD")
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}"
    return said["uri"] == "/ABCD" and said["response"] == hashed(f"{secret}:{middle}:{what}")


def demands(nonce, algorithm="MD5", more=""):
    return (
        f'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="{REALM}"\r\n'
        f'www-authenticate: Digest realm="{REALM}", nonce="{nonce}", algorithm={algorithm}, '
        f'qop="auth,auth-int", opaque="xyz"{more}\r\n\r\n'
    ).encode()


@pytest.mark.parametrize(("algorithm", "kind"), [("MD5", "md5"), ("SHA-256", "sha256")])
async def test_a_caster_that_wants_digest_gets_it(algorithm, kind, gathered, begin):
    async with ScriptedCaster(says(demands("n1", algorithm), then=CLOSE), says(OK)) as caster:
        begin(source(caster.port), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert [scheme(request) for request in caster.requests] == ["Basic", "Digest"]
        said = fields(caster.requests[1])
        assert (said["nonce"], said["nc"], said["qop"]) == ("n1", "00000001", "auth")
        assert (said["opaque"], said["algorithm"]) == ("xyz", algorithm)
        assert is_right(caster.requests[1], kind)


async def test_the_nonce_is_used_again_and_counted_for_all_stations_of_the_caster(gathered):
    around = Surroundings("A")
    once = says(OK, then=CLOSE)
    async with ScriptedCaster(says(demands("n1"), then=CLOSE), once) as caster:
        for station in "ABC":
            own = Surroundings(station, casters=around.casters)
            with pytest.raises(UnavailableError):
                await source(caster.port, own).run(gathered)
        assert [scheme(r) for r in caster.requests] == ["Basic", "Digest", "Digest", "Digest"]
        counts = [fields(request)["nc"] for request in caster.requests[1:]]
        client_nonces = {fields(request)["cnonce"] for request in caster.requests[1:]}
        assert all(is_right(request, "md5") for request in caster.requests[1:])
    assert counts == ["00000001", "00000002", "00000003"]
    assert len(client_nonces) == 3


async def test_a_nonce_that_grew_old_is_replaced(gathered, begin):
    refuses = [
        says(demands("n1"), then=CLOSE),
        says(demands("n2", more=", stale=true"), then=CLOSE),
    ]
    async with ScriptedCaster(*refuses, says(OK)) as caster:
        begin(source(caster.port), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        said = [fields(request) for request in caster.requests[1:]]
    assert [(each["nonce"], each["nc"]) for each in said] == [
        ("n1", "00000001"),
        ("n2", "00000001"),
    ]


async def test_a_wrong_password_is_tried_once_by_basic_and_once_by_digest(gathered):
    async with ScriptedCaster(says(demands("n1"), then=CLOSE)) as caster:
        with pytest.raises(LoginRefusedError, match="check username and password") as raised:
            await source(caster.port, password="wrong-one").run(gathered)
        assert [scheme(request) for request in caster.requests] == ["Basic", "Digest"]
    assert "wrong-one" not in str(raised.value)


async def test_a_caster_that_calls_every_nonce_too_old_is_not_asked_for_ever(gathered):
    async with ScriptedCaster(says(demands("n", more=", stale=true"), then=CLOSE)) as caster:
        with pytest.raises(LoginRefusedError):
            await source(caster.port).run(gathered)
        assert len(caster.requests) == 3


async def test_with_digest_configured_the_password_itself_is_never_sent(gathered, begin):
    async with ScriptedCaster(says(demands("n1"), then=CLOSE), says(OK)) as caster:
        begin(source(caster.port, authentication="digest"), gathered)
        await gathered.until(lambda: gathered.data == DATA)
        assert [scheme(request) for request in caster.requests] == [None, "Digest"]


async def test_with_basic_configured_no_digest_is_computed(gathered):
    async with ScriptedCaster(says(demands("n1"), then=CLOSE)) as caster:
        with pytest.raises(LoginRefusedError):
            await source(caster.port, authentication="basic").run(gathered)
        assert [scheme(request) for request in caster.requests] == ["Basic"]

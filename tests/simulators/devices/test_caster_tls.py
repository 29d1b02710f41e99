"""The caster over TLS, with an authority of our own, for stationd's client and curl."""

import asyncio
import ssl
import subprocess
from types import SimpleNamespace

import pytest

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import UnavailableError
from stationd_simulators.devices.accounts import Accounts
from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.timed_bytes import TimedBytes

DATA = bytes(range(256)) * 2000


@pytest.fixture(scope="module")
def pki(tmp_path_factory, peer):
    """Return an authority of our own, and a certificate for 127.0.0.1 that it signed."""
    folder = tmp_path_factory.mktemp("pki")
    openssl = peer("openssl")

    def run(*words):
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    authority = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign")
    run("req", "-x509", *key, "-days", "2", "-subj", "/CN=Our authority", "-keyout", "ca.key",
        "-out", "ca.pem", *authority)  # fmt: skip
    run("req", *key, "-subj", "/CN=caster", "-keyout", "caster.key", "-out", "caster.csr")
    (folder / "names").write_text("subjectAltName=DNS:caster.example,IP:127.0.0.1\n")
    run("x509", "-req", "-in", "caster.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
        "-CAcreateserial", "-extfile", "names", "-out", "caster.pem")  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "caster.pem", folder / "caster.key")
    return SimpleNamespace(ca=folder / "ca.pem", server=server)


def client(caster, pki, **keys):
    keys = {"gga": "never", "tls_ca": pki.ca} | keys
    settings = Settings(host="127.0.0.1", port=caster.port, mountpoint="ABCD", tls=True, **keys)
    return NtripSource(settings, Surroundings("T"))


def station():
    return [TimedBytes(0.0, DATA)], Pacer(0.0, None)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("name", [None, "caster.example"])
async def test_stationds_client_hears_the_station(version, name, pki, gathered, begin):
    async with Caster([Mountpoint("ABCD")], tls=pki.server) as caster:
        caster.play("ABCD", *station())
        begin(client(caster, pki, version=version, tls_server_name=name), gathered)
        await gathered.until(lambda: gathered.data == DATA)


async def test_another_name_is_refused_and_the_caster_stays(pki, gathered, begin):
    async with Caster([Mountpoint("ABCD")], tls=pki.server) as caster:
        with pytest.raises(UnavailableError, match="its certificate is not accepted"):
            await client(caster, pki, tls_server_name="other.example").run(gathered)
        caster.play("ABCD", *station())
        begin(client(caster, pki), gathered)
        await gathered.until(lambda: gathered.data == DATA)


async def test_a_client_without_tls_learns_nothing_and_harms_nothing(pki, gathered, begin):
    async with Caster([Mountpoint("ABCD")], tls=pki.server) as caster:
        plain = Settings(host="127.0.0.1", port=caster.port, mountpoint="ABCD", gga="never")
        with pytest.raises(UnavailableError):
            await NtripSource(plain, Surroundings("T")).run(gathered)
        assert not caster.requests
        caster.play("ABCD", *station())
        begin(client(caster, pki), gathered)
        await gathered.until(lambda: gathered.data == DATA)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        (Misbehaviour.RESETS, "broke|closed|ended"),
        (Misbehaviour.ENDS_STREAM, "the caster ended the stream"),
        (Misbehaviour.NEVER_ANSWERS, "gave no answer"),
        (Misbehaviour.BUSY, "busy"),
    ],
)
async def test_it_misbehaves_alike(how, sentence, pki, gathered):
    async with Caster([Mountpoint("ABCD", misbehaviour=how)], tls=pki.server) as caster:
        caster.play("ABCD", *station())
        with pytest.raises(UnavailableError, match=sentence):
            await client(caster, pki, version="2", answer_within_s=1.0).run(gathered)


async def test_curl_checks_the_certificate_and_proves_who_it_is(pki, peer):
    mountpoint = Mountpoint("ABCD", authentication="D", misbehaviour=Misbehaviour.ENDS_STREAM)
    accounts = Accounts({"sim": "pw"})
    async with Caster([mountpoint], tls=pki.server, accounts=accounts) as caster:
        caster.play("ABCD", *station())
        process = await asyncio.create_subprocess_exec(
            peer("curl"), "-sS", "--max-time", "20", "--cacert", pki.ca, "--digest", "-u", "sim:pw",
            "-H", "Ntrip-Version: Ntrip/2.0", f"https://127.0.0.1:{caster.port}/ABCD",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        heard, _ = await process.communicate()
    assert process.returncode == 0
    assert heard == DATA

"""NTRIP over TLS: the caster's certificate is checked against the authority and the name."""

import asyncio
import os
import ssl
import subprocess
from types import SimpleNamespace

import pytest
from sources.scripted_caster import ScriptedCaster, says

from stationd.sources.casters import CasterMemory
from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import UnavailableError

DATA = b"\xd3\x00\x00\x47\xea\x4b" * 1000
STREAM = says(b"HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\n\r\n" + DATA)


@pytest.fixture(scope="module")
def pki(tmp_path_factory, peer):
    """Return an authority of our own, and a certificate for caster.example that it signed."""
    folder = tmp_path_factory.mktemp("pki")
    openssl = peer("openssl")

    def run(*words):
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    authority = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign")
    run("req", "-x509", *key, "-subj", "/CN=Our authority", "-keyout", "ca.key", "-out", "ca.pem",
        *authority)  # fmt: skip
    run("req", *key[:5], "-subj", "/CN=caster", "-keyout", "caster.key", "-out", "caster.csr")
    (folder / "names").write_text("subjectAltName=DNS:caster.example,IP:::1\n")
    run("x509", "-req", "-in", "caster.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
        "-CAcreateserial", "-extfile", "names", "-out", "caster.pem")  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "caster.pem", folder / "caster.key")
    return SimpleNamespace(ca=folder / "ca.pem", server=server, folder=folder)


def source(port, **keys):
    keys = {"host": "127.0.0.1", "mountpoint": "ABCD", "gga": "never", "tls": True} | keys
    return NtripSource(Settings(port=port, **keys), Surroundings("T"))


async def refused(source, gathered):
    with pytest.raises(UnavailableError) as raised:
        await source.run(gathered)
    assert gathered.states == []
    return str(raised.value)


async def test_an_authority_of_our_own_and_the_name_in_the_certificate(pki, gathered, begin):
    async with ScriptedCaster(STREAM, tls=pki.server) as caster:
        begin(source(caster.port, tls_ca=pki.ca, tls_server_name="caster.example"), gathered)
        await gathered.until(lambda: gathered.data == DATA)


async def test_another_name_in_the_certificate_is_refused(pki, gathered):
    async with ScriptedCaster(STREAM, tls=pki.server) as caster:
        error = await refused(
            source(caster.port, tls_ca=pki.ca, tls_server_name="other.example"), gathered
        )
        assert caster.requests == []  # the login was not shown to it
    assert "its certificate is not accepted" in error
    assert "tls_server_name the name in the certificate" in error


async def test_without_a_name_the_host_itself_must_be_in_the_certificate(pki, gathered):
    async with ScriptedCaster(STREAM, tls=pki.server) as caster:
        error = await refused(source(caster.port, tls_ca=pki.ca), gathered)
    assert "its certificate is not accepted" in error


async def test_an_unknown_authority_is_refused(pki, gathered):
    async with ScriptedCaster(STREAM, tls=pki.server) as caster:
        error = await refused(source(caster.port, tls_server_name="caster.example"), gathered)
        assert caster.requests == []
    assert "its certificate is not accepted" in error


async def test_a_port_without_tls_says_so(gathered, pki):
    async def serve(reader, writer):
        await reader.read(10)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await refused(source(port, tls_ca=pki.ca), gathered)
    assert "no TLS with it" in error
    assert "check that the port is one for TLS" in error


async def test_a_peer_that_never_shakes_hands_is_given_up(pki, gathered):
    async with ScriptedCaster(says()) as caster:  # plain: it waits for the end of a request
        error = await refused(source(caster.port, tls_ca=pki.ca, connect_within_s=1.0), gathered)
        await caster.until(lambda: caster.open == 0)
    assert "no TLS with it" in error


async def test_a_source_cancelled_while_it_shakes_hands_lets_go_of_its_socket(gathered, begin, pki):
    met, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader, writer):
        await reader.read(10)
        met.set()
        await reader.read()
        gone.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, asyncio.timeout(20):
        port = server.sockets[0].getsockname()[1]
        task = begin(source(port, tls_ca=pki.ca), gathered)
        await met.wait()
        task.cancel()
        await gone.wait()


async def test_an_authority_that_cannot_be_read_names_the_file(pki, gathered, tmp_path):
    (tmp_path / "empty.pem").write_text("nothing\n")
    for path in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        error = await refused(source(1, tls_ca=path), gathered)
        assert f"tls_ca {path} cannot be used" in error
        assert "name a PEM file with certificates" in error


def test_authorities_are_read_once_and_again_when_the_file_changes(pki, tmp_path):
    memory = CasterMemory()
    path = tmp_path / "ca.pem"
    path.write_bytes(pki.ca.read_bytes())
    first = memory.tls(path)
    assert memory.tls(path) is first
    os.utime(path, ns=(1, 1))
    assert memory.tls(path) is not first

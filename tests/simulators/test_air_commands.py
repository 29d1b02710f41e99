"""The commands that put stations on the air, in processes of their own, heard by clients."""

import asyncio
import base64
import contextlib
import os
import ssl
import subprocess
import sys

import pytest
import serial

from stationd_simulators.faults.frame_bits import is_frame, number_of, pieces

PATIENCE_S = 60
SHORT = """
name = "short"
title = "Twenty seconds of one constellation"
seed = 1
start = 2026-03-01T06:00:00Z
duration_s = 20
constellations = ["G"]
DATED

[[station]]
id = "A1"
station_id = 17
latitude_deg = 23.1
longitude_deg = 113.3
height_m = 30.0
"""
OWN_START = ("--start", "2026-03-01T06:00:00")


@pytest.fixture
def short(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT.replace("DATED", ""))
    return path


@contextlib.asynccontextmanager
async def on_air(*words, **environment):
    """Run a command of stationd-sim until the block is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stationd_simulators", *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def told(process) -> str:
    return (await process.stdout.readline()).decode().strip()


async def heard_from(port, request=b"", **how) -> bytes:
    """Return all that is heard at a port until the other end closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **how)
    writer.write(request)
    data = await reader.read()
    writer.close()
    return data


def frames_in(data: bytes) -> int:
    return sum(map(is_frame, pieces(data)))


def port_in(line: str) -> int:
    return int(line.split(": ", maxsplit=1)[0].rpartition(":")[2])


async def test_the_caster_serves_until_the_scenario_ends_and_says_when(short):
    async with on_air("caster", short, "--port", 0, *OWN_START, "--speed", 10) as process:
        line = await told(process)
        assert line.startswith("ntrip://127.0.0.1:")
        assert line.endswith(": A1")
        assert (await told(process)).endswith("UTC, after 2 s")
        request = b"GET /A1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n"
        heard = await heard_from(port_in(line), request)
        assert await process.wait() == 0
    assert heard.startswith(b"ICY 200 OK")
    assert frames_in(heard) >= 15


async def test_a_caster_at_full_speed_waits_for_who_listens_and_loses_nothing(short):
    words = ("caster", short, "--port", 0, *OWN_START, "--hours", 0.25, "--speed", "max")
    async with on_air(*words) as process:
        port = port_in(await told(process))
        assert await told(process) == "as fast as it is read; ends after 900 s of the scenario"
        heard = await heard_from(port, b"GET /A1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n")
        assert await process.wait() == 0
    numbers = [number_of(piece) for piece in pieces(heard) if is_frame(piece)]
    assert numbers.count(1077) == 900


async def test_a_caster_of_the_command_line_misbehaves_when_the_scenario_says_so(short):
    fault = '[[fault]]\nkind = "caster"\nmisbehaviour = "forbidden"\nstart_s = 2\n'
    short.write_text(SHORT.replace("DATED", "") + fault)
    words = ("caster", short, "--port", 0, *OWN_START, "--speed", 5)
    async with on_air(*words) as process:
        port = port_in(await told(process))
        table = await heard_from(port, b"GET / HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n")
        assert f"CAS;127.0.0.1;{port};".encode() in table
        request = b"GET /A1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n"
        heard = await heard_from(port, request)  # until the fault throws it out
        assert heard.startswith(b"ICY 200 OK")
        assert b"403" in await heard_from(port, request)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory, peer):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [peer("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=caster", "-keyout", "key.pem", "-out", "cert.pem",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=folder, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return folder


async def test_a_caster_speaks_tls_asks_who_it_is_and_knows_one_version(
    short, certificate, tmp_path
):
    (tmp_path / "password").write_text("secret\n")
    words = (
        "caster", short, "--port", 0, *OWN_START, "--ntrip-version", 2, "--user", "rover",
        "--password-file", tmp_path / "password", "--tls-certificate", certificate / "cert.pem",
        "--tls-key", certificate / "key.pem",
    )  # fmt: skip
    async with on_air(*words) as process:
        line = await told(process)
        assert line.startswith("ntrips://")
        tls = ssl.create_default_context(cafile=certificate / "cert.pem")
        asked = b"GET /A1 HTTP/1.1\r\nHost: x\r\nUser-Agent: NTRIP test\r\n"
        refused = await heard_from(port_in(line), asked + b"\r\n", ssl=tls)
        assert refused.startswith(b"HTTP/1.1 505")
        asked += b"Ntrip-Version: Ntrip/2.0\r\n"
        refused = await heard_from(port_in(line), asked + b"\r\n", ssl=tls)
        assert refused.startswith(b"HTTP/1.1 401")
        assert b'WWW-Authenticate: Basic realm="/A1"' in refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port_in(line), ssl=tls)
        login = base64.b64encode(b"rover:secret")
        writer.write(asked + b"Authorization: Basic " + login + b"\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.transport.abort()


async def test_the_password_comes_from_the_environment_and_digest_is_asked_for(short):
    words = ("caster", short, "--port", 0, *OWN_START, "--user", "rover", "--digest")
    async with on_air(*words, STATIOND_SIM_PASSWORD="secret") as process:
        request = b"GET /A1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n"
        refused = await heard_from(port_in(await told(process)), request)
        assert b"401" in refused
        assert b"WWW-Authenticate: Digest" in refused


async def test_one_station_is_served_on_a_port(short):
    words = ("tcp", short, "--station", "A1", "--port", 0, *OWN_START, "--speed", "max")
    async with on_air(*words) as process:
        line = await told(process)
        assert line.startswith("tcp://127.0.0.1:")
        heard = await heard_from(port_in(line))
        assert await process.wait() == 0
    assert frames_in(heard) == len(list(pieces(heard))) > 20


async def test_a_drop_out_closes_the_port_and_it_comes_back(short):
    fault = '[[fault]]\nkind = "drop-out"\nstart_s = 5\nduration_s = 10\n'
    short.write_text(SHORT.replace("DATED", "") + fault)
    words = ("tcp", short, "--station", "A1", "--port", 0, *OWN_START, "--speed", 5)
    async with on_air(*words) as process:
        port = port_in(await told(process))
        first = await heard_from(port)
        with pytest.raises(ConnectionRefusedError):
            await heard_from(port)
        second = b""
        while not second:
            with contextlib.suppress(ConnectionRefusedError):
                second = await heard_from(port)
        assert await process.wait() == 0
    epochs = [sum(number_of(piece) == 1077 for piece in pieces(data)) for data in (first, second)]
    assert all(0 < count <= 5 for count in epochs)


async def test_one_station_is_pushed_to_a_port(short):
    heard = bytearray()
    ended = asyncio.Event()

    async def attend(reader, writer):
        heard.extend(await reader.read(-1))
        writer.close()
        ended.set()

    async with await asyncio.start_server(attend, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        words = ("tcp", short, "--station", "A1", "--connect", f"127.0.0.1:{port}", *OWN_START)
        async with on_air(*words, "--speed", "max") as process:
            assert await told(process) == f"to tcp://127.0.0.1:{port}: A1"
            await ended.wait()
            assert await process.wait() == 0
    assert frames_in(bytes(heard)) > 20


async def test_a_serial_port_is_refused_to_a_second_simulator_and_removed_by_sigterm(
    short, tmp_path
):
    link = tmp_path / "receiver"
    words = ("serial", short, "--station", "A1", "--link", link, "--hours", 1)
    async with on_air(*words) as first:
        assert await told(first) == str(link)
        assert (await told(first)).endswith("after 3600 s")
        async with on_air(*words) as second:
            _, refused = await second.communicate()
            assert second.returncode == 1
            assert b"is the port of another simulator, which is running" in refused
        with serial.Serial(str(link), timeout=20) as reader:
            assert await asyncio.to_thread(reader.read, 1)
        first.terminate()
        assert await first.wait() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["short.toml"]


async def test_what_a_fault_keeps_silent_to_the_end_ends_when_it_was_said(short, tmp_path):
    fault = '[[fault]]\nkind = "silent"\nstart_s = 2\n'
    short.write_text(SHORT.replace("DATED", "") + fault)
    at_a_station = ("--station", "A1")
    for words in (
        ("caster", short, "--port", 0),
        ("tcp", short, *at_a_station, "--port", 0),
        ("serial", short, *at_a_station, "--link", tmp_path / "port"),
    ):
        async with on_air(*words, *OWN_START, "--speed", 10) as process:
            await told(process)
            assert (await told(process)).endswith("UTC, after 2 s")
            begun_s = asyncio.get_running_loop().time()
            assert await process.wait() == 0
            assert asyncio.get_running_loop().time() - begun_s > 1.5


async def test_a_scenario_about_its_date_warns_where_it_is_played_now(short):
    short.write_text(SHORT.replace("DATED", "dated = true"))
    async with on_air("caster", short, "--port", 0) as process:
        said = (await process.stderr.readline()).decode()
        assert "short is about its date" in said
        assert said.endswith("add --start 2026-03-01T06:00:00\n")
    async with on_air("caster", short, "--port", 0, *OWN_START, "--speed", 1000) as process:
        assert (await process.communicate())[1] == b""

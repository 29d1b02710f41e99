"""TCP server: who is the station, when it is replaced, who is turned away."""

import asyncio
import socket

import pytest
from pydantic import ValidationError

from stationd.sources.source import Surroundings
from stationd.sources.tcp_server import MOST_PENDING, Settings, TcpServerSource, _plain
from stationd.supervise import UnavailableError


@pytest.fixture
async def pushers():
    """Return a function that connects to a port, as a station does."""
    writers = []

    async def connect(port, data=b"", host="127.0.0.1"):
        reader, writer = await asyncio.open_connection(host, port)
        writers.append(writer)
        if data:
            writer.write(data)
            await writer.drain()
        return reader, writer

    yield connect
    for writer in writers:
        writer.transport.abort()


@pytest.fixture
async def server(gathered, begin, free_port):
    """Return a function that starts the source and waits until it listens."""

    async def start(**settings):
        source = TcpServerSource(Settings(port=free_port, **settings), Surroundings("T"))
        source.task = begin(source, gathered)
        source.port = free_port
        await gathered.until(lambda: gathered.states == ["connecting"])
        return source

    return start


async def closed(reader):
    """Wait until the other side has closed."""
    async with asyncio.timeout(10):
        try:
            return await reader.read() == b""
        except ConnectionError:
            return True


async def test_what_a_station_pushes_arrives(server, gathered, pushers):
    source = await server()
    await pushers(source.port, b"\xd3" * 300_000)
    await gathered.until(lambda: len(gathered.data) == 300_000)
    assert gathered.states == ["connecting", "connected"]
    assert gathered.links[0].reason == f"listening on port {source.port}"


async def test_the_newest_connection_that_brings_bytes_is_the_station(server, gathered, pushers):
    source = await server()
    old_reader, _ = await pushers(source.port, b"old")
    await gathered.until(lambda: gathered.data == b"old")
    await pushers(source.port, b"new")
    await gathered.until(lambda: gathered.data == b"oldnew")
    assert await closed(old_reader)
    assert gathered.states == ["connecting", "connected", "connected"]
    assert "in place of 127.0.0.1:" in gathered.links[-1].reason


async def test_a_scanner_that_says_nothing_replaces_nobody(server, gathered, pushers):
    source = await server()
    _, station = await pushers(source.port, b"1")
    await gathered.until(lambda: gathered.data == b"1")
    _, scanner = await pushers(source.port)
    scanner.close()
    await scanner.wait_closed()
    station.write(b"2")
    await gathered.until(lambda: gathered.data == b"12")
    assert gathered.states == ["connecting", "connected"]


async def test_a_station_that_goes_is_lost_and_may_come_back(server, gathered, pushers):
    source = await server()
    _, writer = await pushers(source.port, b"1")
    await gathered.until(lambda: gathered.data == b"1")
    writer.close()
    await gathered.until(lambda: gathered.states[-1] == "lost")
    assert "the peer closed the connection; listening on port" in gathered.links[-1].reason
    await pushers(source.port, b"2")
    await gathered.until(lambda: gathered.data == b"12")
    assert not source.task.done()


async def test_a_half_open_connection_dies_by_silence(server, gathered, pushers):
    source = await server(silent_after_s=0.05)
    reader, _ = await pushers(source.port, b"1")
    await gathered.until(lambda: gathered.states[-1] == "lost")
    assert "connected, and silent" in gathered.links[-1].reason
    assert await closed(reader)


async def test_a_station_that_connects_and_sends_nothing_is_told(server, gathered, pushers):
    source = await server(silent_after_s=0.05)
    reader, _ = await pushers(source.port)
    await gathered.until(lambda: gathered.states[-1] == "unavailable")
    assert "connected and sent nothing; listening" in gathered.links[-1].reason
    assert await closed(reader)


async def test_a_stranger_is_turned_away_counted_and_told_once(server, gathered, pushers, caplog):
    source = await server(allow=("192.0.2.0/24",))
    for _ in range(3):
        reader, _ = await pushers(source.port, b"let me in")
        assert await closed(reader)
    assert source.turned_away == 3
    assert gathered.data == b""
    [record] = caplog.records
    assert record.getMessage().startswith(f"station=T turned_away=127.0.0.1 port={source.port}: ")


async def test_an_allowed_network_may_connect(server, gathered, pushers):
    source = await server(allow=("192.0.2.0/24", "127.0.0.0/8"))
    await pushers(source.port, b"hello")
    await gathered.until(lambda: gathered.data == b"hello")


def test_an_ipv4_address_through_an_ipv6_socket_is_what_it_is():
    assert str(_plain("::ffff:192.0.2.7")) == "192.0.2.7"
    assert str(_plain("fe80::1%eth0")) == "fe80::1"


async def test_only_a_few_silent_connections_are_kept(server, pushers):
    source = await server()
    connections = [await pushers(source.port) for _ in range(MOST_PENDING + 2)]
    assert await closed(connections[0][0])
    assert await closed(connections[1][0])
    assert not connections[2][0].at_eof()


async def test_a_port_in_use_says_so(gathered):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        source = TcpServerSource(Settings(port=port), Surroundings("T"))
        with pytest.raises(UnavailableError, match="another program, or another station here"):
            await source.run(gathered)


async def test_an_address_that_is_not_ours_says_so(gathered, free_port):
    source = TcpServerSource(Settings(address="192.0.2.1", port=free_port), Surroundings("T"))
    with pytest.raises(UnavailableError, match="no such address on this machine"):
        await source.run(gathered)


async def test_every_address_means_both_families(server, gathered, pushers):
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    source = await server(address="::", allow=("127.0.0.1",))
    await pushers(source.port, b"4")
    await gathered.until(lambda: gathered.data == b"4")


async def test_a_cancelled_source_frees_its_port_and_drops_its_station(server, gathered, pushers):
    source = await server()
    reader, _ = await pushers(source.port, b"1")
    silent_reader, _ = await pushers(source.port)
    await gathered.until(lambda: gathered.data == b"1")
    source.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await source.task
    assert await closed(reader)
    assert await closed(silent_reader)
    with socket.create_server(("127.0.0.1", source.port)):
        pass


async def test_what_str2str_pushes_arrives(peer, real_data, server, gathered, fed):
    recording = (real_data / "rtcm" / "testglo.rtcm3").read_bytes()
    source = await server()
    port = await fed(recording, lambda: gathered.data)
    pusher = await asyncio.create_subprocess_exec(
        peer("str2str"), "-in", f"tcpcli://127.0.0.1:{port}",
        "-out", f"tcpcli://127.0.0.1:{source.port}", stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await gathered.until(lambda: gathered.data.endswith(recording))
    finally:
        pusher.terminate()
        await pusher.wait()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"address": "here"}, "write an address of this machine"),
        ({"allow": ("192.0.2.1/24",)}, "has host bits set; write a network such as"),
    ],
)
def test_a_wrong_address_or_network_is_refused_with_what_to_write(settings, said):
    with pytest.raises(ValidationError, match=said):
        Settings(port=5000, **settings)

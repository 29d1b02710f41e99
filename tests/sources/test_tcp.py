"""TCP client against real sockets: every way in which a receiver can be absent, or go."""

import asyncio
import socket

import pytest

from stationd.sources.connecting import Address, connected_socket, one_connected, place
from stationd.sources.source import Surroundings
from stationd.sources.tcp import Settings, TcpSource
from stationd.supervise import SilentError, UnavailableError


def source(port, **settings):
    return TcpSource(Settings(host="127.0.0.1", port=port, **settings), Surroundings("T"))


@pytest.fixture
async def receiver():
    """Return a function that starts a server whose connections `talk` serves."""
    servers, writers = [], []

    async def start(talk, address="127.0.0.1"):
        async def serve(reader, writer):
            writers.append(writer)
            await talk(reader, writer)

        servers.append(await asyncio.start_server(serve, address, 0))
        return servers[-1].sockets[0].getsockname()[1]

    yield start
    for server in servers:
        server.close()
    for writer in writers:
        writer.transport.abort()
    for server in servers:
        await server.wait_closed()


async def test_bytes_arrive_in_order_stamped_with_both_clocks(receiver, gathered, begin):
    async def talk(reader, writer):
        writer.write(b"\xd3\x00" * 100_000)

    begin(source(await receiver(talk)), gathered)
    await gathered.until(lambda: len(gathered.data) == 200_000)
    assert gathered.data == b"\xd3\x00" * 100_000
    assert gathered.states == ["connected"]
    assert gathered.links[0].reason.startswith("connected to 127.0.0.1:")
    times = [chunk.at for chunk in gathered.chunks]
    assert times == sorted(times)
    assert times[0].utc_s > 1.7e9


async def test_a_peer_that_closes_is_unavailable(receiver, gathered):
    async def talk(reader, writer):
        writer.write(b"last words")
        writer.close()

    with pytest.raises(UnavailableError, match="the peer closed the connection"):
        await source(await receiver(talk)).run(gathered)
    assert gathered.data == b"last words"


async def test_a_peer_that_resets_is_unavailable(receiver, gathered):
    async def talk(reader, writer):
        writer.write(b"one")
        await gathered.until(lambda: gathered.data)
        linger_for_nothing = b"\1\0\0\0\0\0\0\0"
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger_for_nothing
        )
        writer.transport.abort()

    with pytest.raises(UnavailableError, match="broke: Connection reset by peer"):
        await source(await receiver(talk)).run(gathered)


async def test_an_open_socket_that_says_nothing_is_dead(receiver, gathered):
    async def talk(reader, writer):
        writer.write(b"one")

    with pytest.raises(SilentError, match="connected, and silent"):
        await source(await receiver(talk), silent_after_s=0.05).run(gathered)
    assert gathered.data == b"one"


async def test_a_refusal_says_what_to_look_at(gathered, free_port):
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{free_port} refuses connections: is "):
        await source(free_port).run(gathered)
    assert gathered.links == []


async def test_an_unknown_name_says_so():
    with pytest.raises(UnavailableError, match=r'the name "no\.such\.host\.invalid" is not known'):
        await connected_socket("no.such.host.invalid", 2101, 10.0)


async def test_a_name_that_no_name_can_be_says_so():
    with pytest.raises(UnavailableError, match="cannot be a name of a host"):
        await connected_socket("a" * 64 + ".example", 2101, 10.0)


async def test_no_answer_within_the_limit_is_unavailable():
    # A listener whose queue is full answers no further connection: the kernel drops the request.
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        socket.create_connection(full.getsockname()),
        pytest.raises(UnavailableError, match=r"does not answer within 0\.1 s"),
    ):
        await connected_socket("127.0.0.1", full.getsockname()[1], 0.1)


def local(port):
    return Address(socket.AF_INET, ("127.0.0.1", port))


async def test_the_next_address_is_tried_where_one_refuses(receiver, free_port):
    async def talk(reader, writer):
        await reader.read()

    port = await receiver(talk)
    connection, reached = await one_connected([local(free_port), local(port)], 10.0)
    with connection:
        assert reached == local(port) == (socket.AF_INET, connection.getpeername())


async def test_an_address_that_leads_nowhere_leaves_time_for_the_next(receiver):
    async def talk(reader, writer):
        await reader.read()

    port = await receiver(talk)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        socket.create_connection(full.getsockname()),
    ):
        nowhere = local(full.getsockname()[1])
        connection, reached = await one_connected([nowhere, local(port)], 0.2)
        with connection:
            assert reached == local(port)


async def test_where_all_addresses_fail_each_has_its_reason(free_port):
    with pytest.raises(UnavailableError) as caught:
        await one_connected([local(free_port), local(free_port)], 1.0)
    assert str(caught.value).count("refuses connections") == 2


async def test_a_name_stands_before_the_reasons_of_its_addresses(free_port):
    with pytest.raises(UnavailableError, match=f"^localhost:{free_port}: .*refuses connections"):
        await connected_socket("localhost", free_port, 5.0)


async def test_keep_alive_is_on(receiver):
    async def talk(reader, writer):
        await reader.read()

    connection, _ = await connected_socket("127.0.0.1", await receiver(talk), 5.0)
    with connection:
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10


async def test_a_cancelled_source_lets_go_of_its_socket(receiver, gathered, begin):
    gone = asyncio.Event()

    async def talk(reader, writer):
        writer.write(b"x")
        await reader.read()
        gone.set()

    task = begin(source(await receiver(talk)), gathered)
    await gathered.until(lambda: gathered.data)
    task.cancel()
    async with asyncio.timeout(10):
        await gone.wait()


async def test_what_rtklib_serves_is_received_whole(
    peer, real_data, fed, gathered, begin, free_port, listening
):
    recording = (real_data / "rtcm" / "testglo.rtcm3").read_bytes()
    port = await fed(recording, lambda: gathered.data)
    server = await asyncio.create_subprocess_exec(
        peer("str2str"), "-in", f"tcpcli://127.0.0.1:{port}", "-out", f"tcpsvr://:{free_port}",
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await listening(free_port)
        begin(source(free_port), gathered)
        await gathered.until(lambda: gathered.data.endswith(recording))
    finally:
        server.terminate()
        await server.wait()


def test_a_place_with_an_ipv6_address_has_brackets():
    assert place("::1", 2101) == "[::1]:2101"
    assert Settings(host="2001:db8::1", port=5).peer == "tcp://[2001:db8::1]:5"

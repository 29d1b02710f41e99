"""TCP: a served stream and a pushed one, against stationd's own ends and str2str."""

import asyncio
import contextlib

import pytest

from stationd.sources.source import Surroundings
from stationd.sources.tcp import Settings as TcpSettings
from stationd.sources.tcp import TcpSource
from stationd.sources.tcp_server import Settings as TcpServerSettings
from stationd.sources.tcp_server import TcpServerSource
from stationd_simulators.devices.pacing import Pacer, play
from stationd_simulators.devices.tcp import TcpClient, TcpServer

BEGIN_GPST_S = 1_400_000_000.0


def source(port):
    return TcpSource(TcpSettings(host="127.0.0.1", port=port), Surroundings("T"))


async def test_everyone_who_connects_hears_the_station(gathered, begin):
    async with TcpServer() as server:
        for _ in range(3):
            begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 3)
        server.deliver(b"epoch")
        await gathered.until(lambda: gathered.data == b"epoch" * 3)


async def test_at_full_speed_nothing_is_lost_on_a_late_and_slow_reader(pieces):
    contents = [bytes([n % 256]) * 50_000 for n in range(100)]
    async with TcpServer(most_unsent_bytes=100_000) as server:
        playing = asyncio.create_task(play(pieces(*contents), Pacer(BEGIN_GPST_S, None), server))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await reader.readexactly(5_000_000) == b"".join(contents)
        await playing
        assert server.feed.slow_listeners == 0
        writer.close()
        await writer.wait_closed()


async def test_a_reader_that_does_not_read_is_broken_off_and_counted(gathered, begin):
    async with TcpServer(most_unsent_bytes=100_000) as server:
        # A small limit makes the stream reader stop to read from its socket.
        _, deaf = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        await server.feed.until(lambda: server.feed.listeners == 1)
        begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 2)
        sent_bytes = 0
        while server.feed.listeners == 2:
            server.deliver(bytes(50_000))
            sent_bytes += 50_000
            assert sent_bytes < 50_000_000
            await gathered.until(lambda: len(gathered.data) == sent_bytes)  # noqa: B023 - at once
        assert server.feed.slow_listeners == 1
        server.deliver(b"end")
        await gathered.until(lambda: gathered.data.endswith(b"end"))
        deaf.transport.abort()
        with contextlib.suppress(OSError):
            await deaf.wait_closed()


async def test_a_muted_feed_keeps_its_connections_and_sends_nothing(gathered, begin):
    async with TcpServer() as server:
        begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 1)
        server.feed.mute()
        server.deliver(b"unheard")
        server.feed.unmute()
        server.deliver(b"heard")
        await gathered.until(lambda: gathered.data)
        assert (gathered.data, server.feed.unheard_bytes) == (b"heard", 7)
        assert server.server.connections == 1


async def test_a_broken_off_reader_may_come_back(gathered, begin):
    async with TcpServer() as server:
        task = begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 1)
        server.feed.break_off()
        with pytest.raises(Exception, match=r"broke|closed"):
            await task
        begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 1)


async def test_a_server_that_went_deaf_refuses_and_listens_again_on_its_port(gathered, begin):
    async with TcpServer() as server:
        server.server.deafen()
        with pytest.raises(Exception, match="refuses connections"):
            await source(server.port).run(gathered)
        await server.server.listen()
        begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 1)


async def test_a_port_that_is_taken_says_so():
    async with TcpServer() as server:
        with pytest.raises(OSError, match="choose another port, or 0"):
            async with TcpServer(server.port):
                pass


async def test_a_bug_in_what_is_played_ends_the_block():
    def broken():
        yield from ()
        raise ZeroDivisionError

    async def serving():
        async with TcpServer() as server, asyncio.timeout(20):
            pacer = Pacer(BEGIN_GPST_S)
            server.server.start(lambda: play(broken(), pacer, server), "broken")
            await asyncio.get_running_loop().create_future()

    with pytest.raises(ExceptionGroup) as raised:
        await serving()
    assert isinstance(raised.value.exceptions[0], ZeroDivisionError)


async def test_an_error_of_the_block_itself_is_not_wrapped():
    with pytest.raises(ZeroDivisionError):
        async with TcpServer():
            raise ZeroDivisionError


async def test_a_station_pushes_and_comes_back_after_it_was_refused(gathered, begin, free_port):
    refused = asyncio.Event()
    may_go_on = asyncio.Event()

    async def sleep(_seconds_s):
        refused.set()
        await may_go_on.wait()

    told = []
    async with TcpClient("127.0.0.1", free_port, sleep=sleep, missing=told.append) as station:
        await refused.wait()
        assert station.failures == 1
        assert [type(error) for error in told] == [ConnectionRefusedError]
        begin(TcpServerSource(TcpServerSettings(port=free_port), Surroundings("T")), gathered)
        await gathered.until(lambda: gathered.states == ["connecting"])
        may_go_on.set()
        await station.room()
        station.deliver(b"pushed")
        await gathered.until(lambda: gathered.data == b"pushed")


async def test_a_server_that_hung_up_refuses_until_it_is_called_again(gathered, begin):
    async with TcpServer() as server:
        task = begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 1)
        server.hang_up()
        with pytest.raises(Exception, match=r"broke|closed"):
            await task
        with pytest.raises(Exception, match="refuses connections"):
            await source(server.port).run(gathered)
        await server.call_again()
        await server.call_again()  # twice is once
        begin(source(server.port), gathered)
        await server.feed.until(lambda: server.feed.listeners == 1)


async def test_a_station_that_hung_up_stays_away_until_it_is_called_again(
    gathered, begin, free_port
):
    async def sleep(_seconds_s):
        await asyncio.sleep(0)

    begin(TcpServerSource(TcpServerSettings(port=free_port), Surroundings("T")), gathered)
    async with TcpClient("127.0.0.1", free_port, sleep=sleep) as station:
        await station.room()
        station.hang_up()
        await station.feed.until(lambda: station.feed.listeners == 0)
        station.deliver(b"unheard")
        await station.call_again()
        await station.room()
        station.deliver(b"heard")
        await gathered.until(lambda: gathered.data == b"heard")


async def test_str2str_hears_a_server(peer, tmp_path, holds):
    path = tmp_path / "heard"
    async with TcpServer() as server:
        process = await asyncio.create_subprocess_exec(
            peer("str2str"), "-in", f"tcpcli://127.0.0.1:{server.port}", "-out", f"file://{path}",
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(20):
                await server.room()
            server.deliver(b"a station" * 100)
            await holds(path, b"a station" * 100)
        finally:
            process.kill()
            await process.wait()

"""One station of a scenario on the air without NTRIP: served on a port, or pushed to one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from stationd_simulators.caster_air import pacer_of
from stationd_simulators.devices.pacing import Pacer, play
from stationd_simulators.devices.tcp import TcpClient, TcpServer
from stationd_simulators.faults.seam import Link
from stationd_simulators.on_air import OnAir, link_changes
from stationd_simulators.playing import Broadcast
from stationd_simulators.scenario import Scenario


@asynccontextmanager
async def at_tcp_port(
    scenario: Scenario,
    station: str,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    speed: float | None = 1.0,
) -> AsyncIterator[OnAir]:
    """Have everyone who connects hear a station; while its link is closed, the port refuses."""
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    async with TcpServer(port, host=host) as server:
        pacer, line = pacer_of(scenario, speed), broadcast.line(station)
        tasks = (
            server.server.start(lambda: play(line, pacer, server), "line"),
            server.server.start(_minded(scenario, station, pacer, server), "link"),
        )
        yield OnAir(scenario, server.port, tasks)
        for task in tasks:
            task.cancel()


async def pushed_to(
    scenario: Scenario, station: str, host: str, port: int, *, speed: float | None = 1.0
) -> None:
    """Push a station to a port until its end; it comes again after it was refused or broken off.

    While its link is closed, it stays away.
    """
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    async with TcpClient(host, port) as client, asyncio.TaskGroup() as tasks:
        pacer = pacer_of(scenario, speed)
        tasks.create_task(play(broadcast.line(station), pacer, client), name="line")
        tasks.create_task(_minded(scenario, station, pacer, client)(), name="link")


def _minded(
    scenario: Scenario, station: str, pacer: Pacer, line: TcpServer | TcpClient
) -> Callable[[], Coroutine[None, None, None]]:
    """Return what closes and opens the line as the station's link is, when it is due."""

    async def mind() -> None:
        for due_gpst_s, link in link_changes(scenario, station):
            await pacer.until(due_gpst_s)
            if link is Link.CLOSED:
                line.hang_up()
            else:
                await line.call_again()

    return mind

"""One station of a scenario on the air without a caster: a serial port, a TCP port, pushed to one.

Each is a line that closes and opens again as the station's link does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from stationd_simulators.devices.pacing import Outlet, play
from stationd_simulators.devices.serial_port import SimulatedSerialPort
from stationd_simulators.devices.tcp import TcpClient, TcpServer
from stationd_simulators.faults.seam import Link
from stationd_simulators.on_air.links import link_changes
from stationd_simulators.on_air.timing import pacer_of
from stationd_simulators.playing import Broadcast
from stationd_simulators.scenario import Scenario


class Line(Outlet, Protocol):
    """An outlet whose other end can be left without a connection."""

    def hang_up(self) -> None:
        """Close the line, until `call_again`."""

    async def call_again(self) -> None:
        """Open it again where it is closed."""


class StationOnLine:
    """One station of a scenario, ready to be played on a line; to prepare it takes a while."""

    def __init__(self, scenario: Scenario, station: str, speed: float | None) -> None:
        self.scenario, self.station, self.speed = scenario, station, speed
        self._broadcast = Broadcast(scenario)
        self._broadcast.prepare()

    async def play(self, line: Line) -> None:
        """Play from the scenario's start to its end, also where nothing comes before the end."""
        pacer = pacer_of(self.scenario, self.speed)

        async def mind() -> None:
            for due_gpst_s, link in link_changes(self.scenario, self.station):
                await pacer.until(due_gpst_s)
                if link is Link.CLOSED:
                    line.hang_up()
                else:
                    await line.call_again()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(play(self._broadcast.line(self.station), pacer, line), name="line")
            tasks.create_task(mind(), name="link")
            tasks.create_task(pacer.until(self.scenario.end_gpst_s), name="end")


Played = Callable[[], Awaitable[None]]


@asynccontextmanager
async def at_serial_port(station: StationOnLine, link: Path) -> AsyncIterator[Played]:
    """Have a serial port; the function plays the station at it."""
    with SimulatedSerialPort(link) as port:
        yield lambda: station.play(port)


@asynccontextmanager
async def at_tcp_port(
    station: StationOnLine, port: int, host: str
) -> AsyncIterator[tuple[int, Played]]:
    """Have a TCP port, and everyone who connects hear the station that the function plays."""
    async with TcpServer(port, host=host) as server:
        yield server.port, lambda: station.play(server)


@asynccontextmanager
async def pushed_to(
    station: StationOnLine, host: str, port: int, missing: Callable[[OSError], None]
) -> AsyncIterator[Played]:
    """Push a station to a port; it comes again after it was refused or broken off.

    `missing` is told of the first of each row of refusals.
    """
    async with TcpClient(host, port, missing=missing) as client:
        yield lambda: station.play(client)

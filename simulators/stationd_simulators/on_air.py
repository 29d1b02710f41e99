"""A scenario on the air, at a caster or a serial port; faults of links happen to connections."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from stationd.gnss.time import gpst_from_utc, utc_from_gpst
from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer, play
from stationd_simulators.devices.serial_port import SimulatedSerialPort
from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Link
from stationd_simulators.playing import Broadcast
from stationd_simulators.propagation.geometry import geodetic
from stationd_simulators.scenario import Scenario, Station

_PREPARING_S: Final = 0.5  # for a station's first epoch, a day of elevations is computed
_PROMPT: Final = (Link.CLOSED, Link.LYING)  # those that end connections, too

# What a caster does to a mountpoint whose link is in such a state. Bytes do not come in any.
MISBEHAVIOUR: Final[Mapping[Link, Misbehaviour]] = {
    Link.UP: Misbehaviour.NONE,
    Link.CLOSED: Misbehaviour.CLOSES_AT_ONCE,
    Link.HALF_OPEN: Misbehaviour.NEVER_ANSWERS,
    Link.SILENT: Misbehaviour.NEVER_SENDS,
    Link.LYING: Misbehaviour.SOURCETABLE,
}


@dataclass(frozen=True, slots=True)
class OnAir:
    """A scenario while it is on the air. `scenario` is the one that is played, with its start."""

    scenario: Scenario
    port: int
    tasks: tuple[asyncio.Task[None], ...]

    async def finished(self) -> None:
        """Wait for the scenario's end."""
        await asyncio.gather(*self.tasks)


def starting_now(scenario: Scenario, now_utc_s: float | None = None) -> Scenario:
    """Return the scenario as it begins soon: at a full second, with time to prepare for it."""
    now_s = gpst_from_utc(time.time() if now_utc_s is None else now_utc_s)
    begin_s = np.ceil(now_s + 1.0 + _PREPARING_S * len(scenario.stations))
    return scenario.starting(utc_from_gpst(float(begin_s)))


def link_changes(scenario: Scenario, station: str) -> Iterator[tuple[float, Link]]:
    """Yield when a station's link changes, in GPS time, and to what."""
    faults = StationFaults(scenario, station)
    edges = {
        scenario.start_gpst_s + edge_s
        for fault in scenario.faults
        if FAULTS[fault.kind].link is not Link.UP and fault.concerns(station)
        for edge_s in (fault.start_s, fault.start_s + fault.duration_s)
        if edge_s < scenario.duration_s
    }
    return ((edge_s, faults.link(edge_s)) for edge_s in sorted(edges))


@asynccontextmanager
async def at_caster(
    scenario: Scenario, port: int = 0, *, host: str = "127.0.0.1", speed: float = 1.0
) -> AsyncIterator[OnAir]:
    """Have every station of the scenario at a mountpoint of its name.

    The scenario's own start is kept; for one that is dated now: `at_caster(starting_now(…))`.
    """
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    async with Caster(map(_mountpoint, scenario.stations), port, host=host) as caster:
        pacer = _pacer(scenario, speed)

        def told(station: str) -> Callable[[Link], None]:
            return lambda link: caster.misbehave(
                station, MISBEHAVIOUR[link], at_once=link in _PROMPT
            )

        tasks = []
        for station in scenario.stations:
            tasks.append(caster.play(station.id, broadcast.line(station.id), pacer))
            changes, tell = link_changes(scenario, station.id), told(station.id)
            tasks.append(caster.server.start(_minded(changes, pacer, tell), f"link {station.id}"))
        yield OnAir(scenario, caster.port, tuple(tasks))
        for task in tasks:
            task.cancel()


async def at_serial_port(
    scenario: Scenario, station: str, link: Path, *, speed: float = 1.0
) -> None:
    """Play one station, RTCM 3 and sentences where it has them, at a serial port until its end."""
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    with SimulatedSerialPort(link) as port:
        pacer = _pacer(scenario, speed)

        def tell(state: Link) -> None:
            if state in _PROMPT:
                port.unplug()
            else:
                port.plug()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(play(broadcast.line(station), pacer, port), name="line")
            changes = link_changes(scenario, station)
            tasks.create_task(_minded(changes, pacer, tell)(), name="link")


def _minded(
    changes: Iterator[tuple[float, Link]], pacer: Pacer, tell: Callable[[Link], None]
) -> Callable[[], Coroutine[None, None, None]]:
    """Return what tells of each change of a link when it is due."""

    async def mind() -> None:
        for due_gpst_s, link in changes:
            await pacer.until(due_gpst_s)
            tell(link)

    return mind


def _pacer(scenario: Scenario, speed: float) -> Pacer:
    """Return a pacer; a scenario that begins soon waits for its own time, another begins now."""
    now_gpst_s = gpst_from_utc(time.time())
    ahead_s = scenario.start_gpst_s - now_gpst_s
    soon = 0.0 <= ahead_s <= 1.0 + 2.0 * _PREPARING_S * len(scenario.stations)
    late = -60.0 < ahead_s < 0.0  # preparing took longer
    return Pacer(now_gpst_s if soon or late else scenario.start_gpst_s, speed)


def _mountpoint(station: Station) -> Mountpoint:
    place = geodetic(np.array(station.position_m))
    return Mountpoint(
        station.id,
        identifier=station.name or station.id,
        latitude_deg=round(float(np.degrees(place.latitude_rad)), 2),
        longitude_deg=round(float(np.degrees(place.longitude_rad)), 2),
    )

"""A scenario on the air, at a caster or a serial port; faults of links happen to connections."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

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
from stationd_simulators.faults.way import Lie, Treatment
from stationd_simulators.playing import Broadcast
from stationd_simulators.propagation.geometry import geodetic
from stationd_simulators.scenario import Fault, Scenario, Station
from stationd_simulators.schedule import observed, schedule

Told = TypeVar("Told")

_PREPARING_S: Final = 0.5  # for a station's first epoch, a day of elevations is computed

# What a caster does to a mountpoint whose link is in such a state; of the others, a fault's
# parameters say it.
MISBEHAVIOUR: Final[Mapping[Link, Misbehaviour]] = {
    Link.UP: Misbehaviour.NONE,
    Link.CLOSED: Misbehaviour.CLOSES_AT_ONCE,
    Link.HALF_OPEN: Misbehaviour.NEVER_ANSWERS,
    Link.SILENT: Misbehaviour.NEVER_SENDS,
}
# As a sourcetable calls them.
_NAMES: Final[Mapping[str, str]] = {
    "G": "GPS", "R": "GLO", "E": "GAL", "J": "QZS", "C": "BDS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OnAir:
    """A scenario while it is on the air. `scenario` is the one that is played, with its start."""

    scenario: Scenario
    port: int
    tasks: tuple[asyncio.Task[None], ...]

    async def finished(self) -> None:
        """Wait for the scenario's end."""
        await asyncio.gather(*self.tasks)


@dataclass(frozen=True, slots=True)
class Treated:
    """How a mountpoint is, and whether those who listen are thrown out, so that they meet it."""

    mountpoint: Mountpoint
    at_once: bool


def starting_now(scenario: Scenario, now_utc_s: float | None = None) -> Scenario:
    """Return the scenario as it begins soon: at a full second, with time to prepare for it."""
    now_s = gpst_from_utc(time.time() if now_utc_s is None else now_utc_s)
    begin_s = np.ceil(now_s + 1.0 + _PREPARING_S * len(scenario.stations))
    return scenario.starting(utc_from_gpst(float(begin_s)))


def link_changes(scenario: Scenario, station: str) -> Iterator[tuple[float, Link]]:
    """Yield when a station's link changes, in GPS time, and to what."""
    faults = StationFaults(scenario, station)
    return ((edge_s, faults.link(edge_s)) for edge_s in _edges(scenario, station))


def treatments(scenario: Scenario, mountpoint: Mountpoint) -> Iterator[tuple[float, Treated]]:
    """Yield when a station's mountpoint is treated otherwise, in GPS time, and how."""
    faults = StationFaults(scenario, mountpoint.name)
    for edge_s in _edges(scenario, mountpoint.name):
        yield edge_s, _treated(mountpoint, faults.link_fault(edge_s))


def _treated(mountpoint: Mountpoint, fault: Fault | None) -> Treated:
    match fault.parameters if fault is not None else None:
        case Lie(row, instead_of_stream):
            told = replace(mountpoint, row=row or None)
            if instead_of_stream:
                told = replace(told, misbehaviour=Misbehaviour.SOURCETABLE)
            return Treated(told, instead_of_stream)
        case Treatment(misbehaviour):
            return Treated(replace(mountpoint, misbehaviour=misbehaviour), at_once=True)
    link = FAULTS[fault.kind].link if fault is not None else Link.UP
    changed = replace(mountpoint, misbehaviour=MISBEHAVIOUR[link])
    return Treated(changed, at_once=link is Link.CLOSED)


def _edges(scenario: Scenario, station: str) -> list[float]:
    """Return when faults of a station's link begin and end, in GPS time."""
    edges = {
        scenario.start_gpst_s + edge_s
        for fault in scenario.faults
        if FAULTS[fault.kind].link is not Link.UP and fault.concerns(station)
        for edge_s in (fault.start_s, fault.start_s + fault.duration_s)
        if edge_s < scenario.duration_s
    }
    return sorted(edges)


@asynccontextmanager
async def at_caster(
    scenario: Scenario, port: int = 0, *, host: str = "127.0.0.1", speed: float = 1.0
) -> AsyncIterator[OnAir]:
    """Have every station of the scenario at a mountpoint of its name.

    The scenario's own start is kept; for one that is dated now: `at_caster(starting_now(…))`.
    """
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    mountpoints = [mountpoint(scenario, station) for station in scenario.stations]
    async with Caster(mountpoints, port, host=host) as caster:
        pacer = _pacer(scenario, speed)

        def tell(treated: Treated) -> None:
            caster.change(treated.mountpoint)
            if treated.at_once:
                caster.break_off(treated.mountpoint.name)

        tasks = []
        for unplaced in mountpoints:
            placed = replace(unplaced, served_at=(host, caster.port))
            caster.change(placed)
            name, changes = placed.name, treatments(scenario, placed)
            tasks.append(caster.play(name, broadcast.line(name), pacer))
            tasks.append(caster.server.start(_minded(changes, pacer, tell), f"link {name}"))
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
            if state is Link.CLOSED:
                port.unplug()
            else:
                port.plug()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(play(broadcast.line(station), pacer, port), name="line")
            changes = link_changes(scenario, station)
            tasks.create_task(_minded(changes, pacer, tell)(), name="link")


def _minded(
    changes: Iterable[tuple[float, Told]], pacer: Pacer, tell: Callable[[Told], None]
) -> Callable[[], Coroutine[None, None, None]]:
    """Return what tells of each change of a link when it is due."""

    async def mind() -> None:
        for due_gpst_s, change in changes:
            await pacer.until(due_gpst_s)
            tell(change)

    return mind


def _pacer(scenario: Scenario, speed: float) -> Pacer:
    """Return a pacer; a scenario that begins soon waits for its own time, another begins now."""
    now_gpst_s = gpst_from_utc(time.time())
    ahead_s = scenario.start_gpst_s - now_gpst_s
    soon = 0.0 <= ahead_s <= 1.0 + 2.0 * _PREPARING_S * len(scenario.stations)
    late = -60.0 < ahead_s < 0.0  # preparing took longer
    return Pacer(now_gpst_s if soon or late else scenario.start_gpst_s, speed)


def mountpoint(scenario: Scenario, station: Station) -> Mountpoint:
    """Return a station's mountpoint, and what a caster's sourcetable should say of it."""
    place = geodetic(np.array(station.position_m))
    sent = [f"{number}({every_s:g})" for number, every_s in schedule(scenario, station).items()]
    if station.nmea:
        sent.append(f"NMEA({station.interval_s:g})")
    letters = observed(scenario, station)
    bands = [len({code[0] for code in station.signals[letter]}) for letter in letters]
    return Mountpoint(
        station.id,
        identifier=station.name or station.id,
        format_details=",".join(sent),
        carrier=min(max(bands, default=0), 2),  # 2: two frequencies or more
        nav_system="+".join(_NAMES[letter] for letter in letters),
        latitude_deg=round(float(np.degrees(place.latitude_rad)), 2),
        longitude_deg=round(float(np.degrees(place.longitude_rad)), 2),
    )

"""A scenario at a caster with a door: over TLS, after a login, in one version of NTRIP."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.on_air import OnAir, Treated, _minded, _pacer, mountpoint, treatments
from stationd_simulators.playing import Broadcast
from stationd_simulators.scenario import Scenario

MakeCaster = Callable[[Iterable[Mountpoint]], Caster]


@asynccontextmanager
async def at_door(
    scenario: Scenario, make: MakeCaster, *, host: str, speed: float | None = 1.0
) -> AsyncIterator[OnAir]:
    """Have every station of the scenario at a mountpoint of its name, at the caster that is made.

    The same as `on_air.at_caster` behind a door. As fast as possible (`speed` None) each station
    waits until somebody listens, and for the slowest who does.
    """
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    mountpoints = [mountpoint(scenario, station) for station in scenario.stations]
    async with make(mountpoints) as caster:
        pacer = pacer_of(scenario, speed)

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
        # A station that a fault keeps silent to the end has nothing to wait for before it.
        end = partial(pacer.until, scenario.end_gpst_s)
        tasks.append(caster.server.start(end, "end"))
        yield OnAir(scenario, caster.port, tuple(tasks))
        for task in tasks:
            task.cancel()


def pacer_of(scenario: Scenario, speed: float | None) -> Pacer:
    """Return a pacer for a scenario that begins now; `speed` None: nothing waits for a time."""
    return Pacer(scenario.start_gpst_s, None) if speed is None else _pacer(scenario, speed)

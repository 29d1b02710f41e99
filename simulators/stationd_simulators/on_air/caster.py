"""Every station of a scenario at a caster; faults of links happen to its mountpoints."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.on_air.mountpoints import mountpoint, treatments
from stationd_simulators.on_air.timing import pacer_of
from stationd_simulators.playing import Broadcast
from stationd_simulators.scenario import Scenario

MakeCaster = Callable[[Iterable[Mountpoint]], Caster]


@dataclass(frozen=True, slots=True)
class OnAir:
    """A scenario while it is on the air. `scenario` is the one that is played, with its start."""

    scenario: Scenario
    port: int
    tasks: tuple[asyncio.Task[None], ...]

    async def finished(self) -> None:
        """Wait for the scenario's end."""
        await asyncio.gather(*self.tasks)


@asynccontextmanager
async def at_caster(
    scenario: Scenario,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    speed: float | None = 1.0,
    make: MakeCaster | None = None,
) -> AsyncIterator[OnAir]:
    """Have every station of the scenario at a mountpoint of its name.

    The scenario's own start is kept; for one that is dated now: `at_caster(starting_now(…))`.
    `make`: makes a caster with a door, at a port of its own. As fast as possible (`speed` None),
    each station waits until somebody listens, and for the slowest who does.
    """
    broadcast = Broadcast(scenario)
    broadcast.prepare()
    mountpoints = [mountpoint(scenario, station) for station in scenario.stations]
    async with (make or partial(Caster, port=port, host=host))(mountpoints) as caster:
        pacer = pacer_of(scenario, speed)
        # A station that a fault keeps silent to the end has nothing to wait for before it.
        tasks = [caster.server.start(partial(pacer.until, scenario.end_gpst_s), "end")]
        for unplaced in mountpoints:
            placed = replace(unplaced, served_at=(host, caster.port))
            caster.change(placed)
            tasks.append(caster.play(placed.name, broadcast.line(placed.name), pacer))
            minding = partial(_mind, caster, scenario, placed, pacer)
            tasks.append(caster.server.start(minding, f"link {placed.name}"))
        yield OnAir(scenario, caster.port, tuple(tasks))
        for task in tasks:
            task.cancel()


async def _mind(caster: Caster, scenario: Scenario, placed: Mountpoint, pacer: Pacer) -> None:
    """Treat a mountpoint as the scenario says, each time when it is due."""
    for due_gpst_s, treated in treatments(scenario, placed):
        await pacer.until(due_gpst_s)
        caster.change(treated.mountpoint)
        if treated.at_once:
            caster.break_off(treated.mountpoint.name)

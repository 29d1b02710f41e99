"""The composition root: settings to running stations, rounds and sinks, and their end.

stations (one task each) --> rounds (one task) --> sinks (one task each)
signals: SIGTERM and SIGINT end it, SIGHUP reads the configuration anew
"""

import asyncio
import contextlib
import logging
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from stationd import __version__, config
from stationd.config.changes import Changes, changed
from stationd.config.settings import Settings, SinkConfig, StationConfig
from stationd.facts import StationFacts, state_json
from stationd.host.clock import clock_synchronised
from stationd.host.log import BoundedQueueHandler, logging_to_stderr, note
from stationd.host.loop_lag import LoopLag
from stationd.host.memory import settle_memory
from stationd.host.service import ServiceManager
from stationd.sinks import SINKS
from stationd.sinks.daemon_facts import DaemonFacts
from stationd.sinks.mqtt.connection import quiet_paho
from stationd.sinks.sink import Sink, Surroundings
from stationd.sources import source
from stationd.store.claim import claim_folder
from stationd.supervise import UnavailableError, keep_running
from stationd.watching.rounds import Rounds
from stationd.watching.station import Around, WatchedStation

END_WITHIN_S: Final = 10.0  # sinks say goodbye and write what they hold
WATCHDOG_STEP_S: Final = 5.0


async def run_daemon(
    settings: Settings, configuration: Path, once_s: float | None
) -> list[dict[str, Any]]:
    """Watch until told to stop; or for `once_s`, and return every station's last state.

    Raises StoreError where the state folder cannot be used or another daemon uses it.
    """
    level = logging.INFO if once_s is None else logging.WARNING
    with claim_folder(settings.state_folder), logging_to_stderr(level=level) as log:
        daemon = Daemon(settings, configuration, ServiceManager.of_environment(), log)
        await daemon.run(once_s)
    return [] if once_s is None else [state_json(facts) for facts in daemon.newest.values()]


class _SinkWitness:
    """Tells the log of a sink's trouble, once per kind of trouble, and counts."""

    def __init__(self, name: str, restarts: Counter[str], bugs: Counter[str]) -> None:
        self._name = name
        self._restarts = restarts
        self._bugs = bugs
        self._told = ""

    def unavailable(self, error: UnavailableError, wait_s: float) -> None:
        self._restarts[f"sink:{self._name}"] += 1
        if str(error) != self._told:
            self._told = str(error)
            note(logging.WARNING, sink=self._name, unavailable=error, next_try_s=round(wait_s))

    def bug(self, error: Exception, wait_s: float) -> None:
        self._bugs[f"sink:{self._name}"] += 1
        note(logging.ERROR, error, sink=self._name, bug=type(error).__name__, wait_s=wait_s)


class Daemon:
    """Everything that runs, by name; made, changed and ended here and nowhere else."""

    def __init__(
        self,
        settings: Settings,
        configuration: Path,
        manager: ServiceManager,
        log: BoundedQueueHandler,
    ) -> None:
        self._settings = settings
        self._configuration = configuration
        self._manager = manager
        self._log = log
        self._session = uuid.uuid4().hex
        self._stations: dict[str, WatchedStation] = {}
        self._sinks: dict[str, Sink] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group = asyncio.TaskGroup()
        self._lag = LoopLag()
        self._around = Around(random.random)
        self._rounds = Rounds(self._stations, self._publish, source.host_clocks, clock_synchronised)
        self._reload_ok = True
        self._reload_utc_s = time.time()
        self._stopped = asyncio.Event()
        self.newest: dict[str, StationFacts] = {}

    async def run(self, once_s: float | None = None) -> None:
        """Watch until SIGTERM or SIGINT, or for `once_s`."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(quiet_paho)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopped.set)
        reloads = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, reloads.set)
        async with self._group:
            for name, sink in self._settings.sinks.items():
                self._begin_sink(name, sink)
            for station in self._settings.stations:
                self._begin_station(station)
            self._begin("rounds", self._rounds.run)
            self._begin("links", self._around.links.run)
            self._begin("loop-lag", self._lag.run)
            self._begin("watchdog", self._keep_alive)
            self._begin("reload", lambda: self._reload_when(reloads))
            settle_memory()
            note(logging.INFO, started=__version__, stations=len(self._stations),
                 sinks=",".join(self._sinks), session=self._session)  # fmt: skip
            self._warn()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), once_s)
            await self._end()

    def _warn(self) -> None:
        for problem in self._settings.warnings:
            note(logging.WARNING, configuration=str(problem))

    # Tasks.

    def _begin(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async def whole() -> None:
            await work()

        self._tasks[name] = self._group.create_task(whole(), name=name)

    async def _stop(self, names: list[str]) -> None:
        tasks = [task for name in names if (task := self._tasks.pop(name, None))]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=END_WITHIN_S)

    async def _end(self) -> None:
        """Stations first, then the sinks: they deliver what was last found."""
        self._manager.stopping()
        sinks = [name for name in self._tasks if name.startswith("sink:")]
        await self._stop([name for name in self._tasks if name not in sinks])
        self._around.links.flush()
        await self._stop(sinks)
        note(logging.INFO, stopped=__version__, session=self._session)

    def _begin_station(self, station: StationConfig) -> None:
        watched = WatchedStation(station, self._around)
        self._stations[station.id] = watched
        self._begin(watched.task_name, watched.run)

    async def _end_stations(self, names: list[str]) -> None:
        await self._stop([f"station:{name}" for name in names])
        for name in names:
            self._stations.pop(name, None)
            self._around.links.forget(name)

    def _begin_sink(self, name: str, of: SinkConfig) -> None:
        around = Surroundings(
            name=name, node=self._settings.node, session=self._session,
            state_folder=self._settings.state_folder, version=__version__,
            daemon_facts=self.facts, ready=self.missing,
        )  # fmt: skip
        sink = self._sinks[name] = SINKS[of.kind].make(of.settings, around)
        witness = _SinkWitness(name, self._around.restarts, self._around.bugs)
        self._begin(
            f"sink:{name}",
            lambda: keep_running(sink.run, witness, monotonic=time.monotonic, jitter=random.random),
        )

    # Facts.

    def _publish(self, facts: StationFacts) -> None:
        self.newest[facts.station] = facts
        for sink in self._sinks.values():
            sink.publish(facts)

    def facts(self) -> DaemonFacts:
        """Return what the daemon says of itself."""
        return DaemonFacts(
            loop_lag_s=self._lag.longest_s,
            loop_lag_p99_s=self._lag.quantile_s(0.99),
            clock_synchronised=self._rounds.clock,
            log_lines_dropped=self._log.dropped,
            restarts=dict(self._around.restarts),
            bugs=dict(self._around.bugs),
            config_reload_successful=self._reload_ok,
            config_reload_utc_s=self._reload_utc_s,
            sinks={name: sink.counters() for name, sink in self._sinks.items()},
        )

    def missing(self) -> str | None:
        """Return what is still missing before the daemon does its work; None when it does."""
        if not self._rounds.begun.is_set():
            return "the first round over all stations is not finished"
        return None

    async def _keep_alive(self) -> None:
        """Tell the service manager that all is well, as long as the rounds make progress."""
        await self._rounds.begun.wait()
        self._manager.ready(f"watching {len(self._stations)} stations")
        seen = -1
        while True:
            if self._rounds.finished != seen:
                seen = self._rounds.finished
                self._manager.alive()
            await asyncio.sleep(WATCHDOG_STEP_S)

    # Configuration.

    async def _reload_when(self, asked: asyncio.Event) -> None:
        while True:
            await asked.wait()
            asked.clear()
            self._manager.reloading()
            await self._reload()
            self._manager.ready(f"watching {len(self._stations)} stations")

    async def _reload(self) -> None:
        """Take over what changed in the configuration; keep the old one where the new is wrong."""
        try:
            new = await asyncio.to_thread(config.load, self._configuration)
        except config.ConfigError as error:
            self._reload_ok = False
            for line in str(error).splitlines():
                note(logging.ERROR, reload="refused", error=line)
            return
        changes = changed(self._settings, new)
        self._settings = new
        await self._apply(changes)
        self._reload_ok = True
        self._reload_utc_s = time.time()
        note(logging.INFO, reload="done", added=len(changes.added), removed=len(changes.removed),
             reconnected=len(changes.reconnected), rejudged=len(changes.rejudged),
             sinks=len(changes.sinks_added + changes.sinks_removed + changes.sinks_changed),
             )  # fmt: skip
        self._warn()
        for sentence in changes.needs_restart:
            note(logging.WARNING, reload=sentence)

    async def _apply(self, changes: Changes) -> None:
        """Touch what differs, and nothing else."""
        ended = (*changes.sinks_removed, *changes.sinks_changed)
        await self._stop([f"sink:{name}" for name in ended])
        for name in ended:
            del self._sinks[name]
        for name in (*changes.sinks_added, *changes.sinks_changed):
            self._begin_sink(name, self._settings.sinks[name])
        await self._end_stations([*changes.removed, *(one.id for one in changes.reconnected)])
        for name in changes.removed:
            self.newest.pop(name, None)
            for sink in self._sinks.values():
                sink.forget(name)
        for station in changes.rejudged:
            self._stations[station.id].configure(station.line)
        for station in (*changes.added, *changes.reconnected):
            self._begin_station(station)

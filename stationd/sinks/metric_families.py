"""Facts as prometheus-client metric families: which series exist, their names, types and labels.

The collector is the reference. It serves the daemon's own few families directly; for stations,
`exposition.py` writes the same text faster, and the tests hold one against the other.
"""

import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from stationd.facts import QUANTITIES, Health, StationFacts
from stationd.sinks.daemon_facts import DaemonFacts, SinkCounters


class Heading(NamedTuple):
    """The two comment lines above a family."""

    name: str
    kind: str
    meaning: str


STATION_HEALTH: Final = Heading(
    "stationd_station_health", "gauge", "1 for the health that the station has, 0 for the others"
)
CHECK_HEALTH: Final = Heading(
    "stationd_check_health", "gauge", "1 for the health that the check found, 0 for the others"
)
STATION_INFO: Final = Heading(
    "stationd_station_info", "gauge", "What is registered of the station; always 1"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one page is made of: stations with fresh facts, stations without, the daemon."""

    fresh: Mapping[str, StationFacts]
    stale: tuple[str, ...]
    daemon: DaemonFacts
    version: str


def take_snapshot(
    newest: Mapping[str, StationFacts],
    now_monotonic_s: float,
    stale_after_s: float,
    daemon: DaemonFacts,
    version: str,
) -> Snapshot:
    """Sort the stations by the age of their facts; the last value of a dead stream is no fact."""
    horizon_s = now_monotonic_s - stale_after_s
    fresh = {name: facts for name, facts in newest.items() if facts.at.monotonic_s >= horizon_s}
    stale = tuple(name for name in newest if name not in fresh)
    return Snapshot(fresh, stale, daemon, version)


def info_labels(facts: StationFacts) -> dict[str, str]:
    """Return the labels of `stationd_station_info`, their names made fit for Prometheus."""
    labels = {
        re.sub(r"^(?=[0-9])|[^a-zA-Z0-9_]", "_", name): value
        for name, value in facts.labels.items()
    }
    return {**labels, "station": facts.station}


@dataclass(frozen=True, slots=True)
class SnapshotCollector(Collector):
    """A snapshot as prometheus-client sees it."""

    snapshot: Snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield the families that have series, stations first."""
        yield from station_families(self.snapshot)
        yield from daemon_families(self.snapshot)


def station_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield every family of the stations, empty ones left out."""
    return (family for family in _station_families(snapshot) if family.samples)


def _station_families(snapshot: Snapshot) -> Iterator[Metric]:
    stations = snapshot.fresh.values()
    for name, quantity in QUANTITIES.items():
        family = _family(Heading(quantity.metric, quantity.kind, quantity.meaning))
        for facts in stations:
            for values, number in facts.measurements.get(name, {}).items():
                labels = dict(zip(quantity.labels, values, strict=True))
                family.add_sample(quantity.metric, {"station": facts.station, **labels}, number)
        yield family
    family = _family(STATION_HEALTH)
    for facts in stations:
        _add_states(family, {"station": facts.station}, facts.health)
    for station in snapshot.stale:
        _add_states(family, {"station": station}, Health.UNKNOWN)
    yield family
    family = _family(CHECK_HEALTH)
    for facts in stations:
        for result in facts.results:
            _add_states(family, {"station": facts.station, "check": result.check}, result.health)
    yield family
    family = _family(STATION_INFO)
    for facts in stations:
        family.add_sample(STATION_INFO.name, info_labels(facts), 1.0)
    yield family


def _family(heading: Heading) -> Metric:
    # prometheus-client keeps a counter's name without `_total`.
    return Metric(heading.name.removesuffix("_total"), heading.meaning, heading.kind)


def _add_states(family: Metric, labels: dict[str, str], actual: Health) -> None:
    for health in Health:
        family.add_sample(family.name, {**labels, "health": health.value}, float(health is actual))


def daemon_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the families of the daemon itself and of its process."""
    daemon = snapshot.daemon
    build = GaugeMetricFamily(
        "stationd_build_info", "The running version; always 1", labels=("python", "version")
    )
    build.add_metric((platform.python_version(), snapshot.version), 1.0)
    yield build
    gauges = (
        (
            "stationd_config_last_reload_successful",
            "1 when the newest configuration was taken over, 0 when it was refused",
            daemon.config_reload_successful,
        ),
        (
            "stationd_config_last_reload_success_timestamp_seconds",
            "When a configuration was last taken over",
            daemon.config_reload_utc_s,
        ),
        (
            "stationd_event_loop_lag_seconds",
            "Largest lateness of a timer in the last minute",
            daemon.loop_lag_s,
        ),
    )
    for name, meaning, value in gauges:
        if value is not None:
            yield GaugeMetricFamily(name, meaning, float(value))
    yield from (family for family in _task_families(daemon) if family.samples)
    yield from (family for family in _sink_families(daemon.sinks) if family.samples)
    # Its own reading of /proc/self: resident memory, CPU time, open files.
    yield from ProcessCollector(registry=None).collect()


def _task_families(daemon: DaemonFacts) -> Iterable[Metric]:
    restarts = CounterMetricFamily(
        "stationd_task_restarts_total", "Tasks begun again, the peer being away", labels=("task",)
    )
    bugs = CounterMetricFamily(
        "stationd_task_bugs_total", "Tasks begun again after a bug; see the log", labels=("task",)
    )
    for family, counts in ((restarts, daemon.restarts), (bugs, daemon.bugs)):
        for task, count in counts.items():
            family.add_metric((task,), count)
    return restarts, bugs


def _sink_families(sinks: Mapping[str, SinkCounters]) -> Iterator[Metric]:
    for heading, read in _SINK_VALUES:
        family = _family(heading)
        for sink, counters in sinks.items():
            value = read(counters)
            if value is not None:
                family.add_sample(heading.name, {"sink": sink}, float(value))
        yield family
    for heading, label, read_counts in _SINK_COUNTS:
        family = _family(heading)
        for sink, counters in sinks.items():
            for key, count in read_counts(counters).items():
                family.add_sample(heading.name, {"sink": sink, label: key}, count)
        yield family


_SINK_VALUES: Final[tuple[tuple[Heading, Callable[[SinkCounters], float | None]], ...]] = (
    (
        Heading("stationd_sink_connected", "gauge", "1 while the sink has its peer"),
        lambda counters: counters.connected,
    ),
    (
        Heading("stationd_sink_queued_rows", "gauge", "Messages accepted, not yet delivered"),
        lambda counters: counters.queued_rows,
    ),
    (
        Heading("stationd_sink_queued_bytes", "gauge", "Bytes accepted, not yet delivered"),
        lambda counters: counters.queued_bytes,
    ),
    (
        Heading(
            "stationd_sink_oldest_queued_timestamp_seconds",
            "gauge",
            "Since when the oldest message waits; absent when none does",
        ),
        lambda counters: counters.oldest_utc_s,
    ),
    (
        Heading("stationd_sink_delivered_total", "counter", "Messages, lines or pages delivered"),
        lambda counters: counters.delivered,
    ),
)
_SINK_COUNTS: Final[
    tuple[tuple[Heading, str, Callable[[SinkCounters], Mapping[str, int]]], ...]
] = (
    (
        Heading("stationd_sink_dropped_total", "counter", "Messages lost, and why"),
        "reason",
        lambda counters: counters.dropped,
    ),
    (
        Heading("stationd_sink_failures_total", "counter", "Attempts that failed, by what failed"),
        "step",
        lambda counters: counters.failures,
    ),
)

"""Facts as prometheus-client metric families: which series exist, their names, types and labels.

The collector is the reference: slow, and the library's own. `exposition.py` writes the stations'
part of the same text fast, and the tests hold one against the other.
"""

import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from stationd.facts import QUANTITIES, Health, StationFacts
from stationd.sinks.daemon_facts import DaemonFacts, SinkCounters


class Family(NamedTuple):
    """One metric: what it is called, "gauge" or "counter", its labels and what it means."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


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


# The labels of a quantity, in the order of its values, then the station.
QUANTITY_FAMILIES: Final[Mapping[str, Family]] = {
    name: Family(row.metric, row.kind, (*row.labels, "station"), row.meaning)
    for name, row in QUANTITIES.items()
}
STATION_HEALTH: Final = Family(
    "stationd_station_health",
    "gauge",
    ("health", "station"),
    "1 for the health that the station has, 0 for the others",
)
CHECK_HEALTH: Final = Family(
    "stationd_check_health",
    "gauge",
    ("check", "health", "station"),
    "1 for the health that the check found, 0 for the others",
)
STATION_INFO: Final = Family(
    "stationd_station_info",
    "gauge",
    ("antenna", "limits", "name", "receiver", "source", "station"),
    "What the station is; always 1",
)

# All control characters but the line feed, which has an escape; surrogates.
_UNWRITABLE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Series = Iterable[tuple[tuple[str, ...], float | None]]  # label values -> value; None: left out


def _sinks(
    read: Callable[[SinkCounters], float | None],
) -> Callable[[DaemonFacts], Series]:
    return lambda daemon: [((name,), read(sink)) for name, sink in daemon.sinks.items()]


def _sink_counts(
    read: Callable[[SinkCounters], Mapping[str, int]],
) -> Callable[[DaemonFacts], Series]:
    return lambda daemon: [
        ((name, key), count)
        for name, sink in daemon.sinks.items()
        for key, count in read(sink).items()
    ]


def _by_name(counts: Mapping[str, int]) -> Series:
    return [((name,), count) for name, count in counts.items()]


BUILD_INFO: Final = Family(
    "stationd_build_info", "gauge", ("python", "version"), "The running version; always 1"
)
DAEMON_FAMILIES: Final[tuple[tuple[Family, Callable[[DaemonFacts], Series]], ...]] = (
    (
        Family(
            "stationd_config_last_reload_successful",
            "gauge",
            (),
            "1 when the newest configuration was taken over, 0 when it was refused",
        ),
        lambda daemon: [((), daemon.config_reload_successful)],
    ),
    (
        Family(
            "stationd_config_last_reload_success_timestamp_seconds",
            "gauge",
            (),
            "When a configuration was last taken over",
        ),
        lambda daemon: [((), daemon.config_reload_utc_s)],
    ),
    (
        Family(
            "stationd_event_loop_lag_seconds",
            "gauge",
            (),
            "Largest lateness of a timer in the last minute",
        ),
        lambda daemon: [((), daemon.loop_lag_s)],
    ),
    (
        Family(
            "stationd_event_loop_lag_p99_seconds",
            "gauge",
            (),
            "Lateness that 99 of 100 timers of the last minute kept within",
        ),
        lambda daemon: [((), daemon.loop_lag_p99_s)],
    ),
    (
        Family(
            "stationd_host_clock_synchronised",
            "gauge",
            (),
            "1 when the host clock is known to be right, 0 when not; without it no latency",
        ),
        lambda daemon: [((), daemon.clock_synchronised)],
    ),
    (
        Family(
            "stationd_log_lines_dropped_total",
            "counter",
            (),
            "Lines that a full queue of the log could not take",
        ),
        lambda daemon: [((), daemon.log_lines_dropped)],
    ),
    (
        Family(
            "stationd_task_restarts_total",
            "counter",
            ("task",),
            "Tasks begun again, the peer being away",
        ),
        lambda daemon: _by_name(daemon.restarts),
    ),
    (
        Family(
            "stationd_task_bugs_total",
            "counter",
            ("task",),
            "Tasks begun again after a bug; see the log",
        ),
        lambda daemon: _by_name(daemon.bugs),
    ),
    (
        Family("stationd_sink_connected", "gauge", ("sink",), "1 while the sink has its peer"),
        _sinks(lambda sink: sink.connected),
    ),
    (
        Family(
            "stationd_sink_queued_rows", "gauge", ("sink",), "Messages accepted, not yet delivered"
        ),
        _sinks(lambda sink: sink.queued_rows),
    ),
    (
        Family(
            "stationd_sink_queued_bytes", "gauge", ("sink",), "Bytes accepted, not yet delivered"
        ),
        _sinks(lambda sink: sink.queued_bytes),
    ),
    (
        Family(
            "stationd_sink_oldest_queued_timestamp_seconds",
            "gauge",
            ("sink",),
            "Since when the oldest message waits; absent when none does",
        ),
        _sinks(lambda sink: sink.oldest_utc_s),
    ),
    (
        Family(
            "stationd_sink_delivered_total",
            "counter",
            ("sink",),
            "Messages, lines or pages delivered",
        ),
        _sinks(lambda sink: sink.delivered),
    ),
    (
        Family(
            "stationd_sink_dropped_total", "counter", ("sink", "reason"), "Messages lost, and why"
        ),
        _sink_counts(lambda sink: sink.dropped),
    ),
    (
        Family(
            "stationd_sink_failures_total",
            "counter",
            ("sink", "step"),
            "Attempts that failed, by what failed",
        ),
        _sink_counts(lambda sink: sink.failures),
    ),
)


def documented() -> tuple[Family, ...]:
    """Return every metric of ours; beside them the page has the library's `process_…`."""
    return (
        *QUANTITY_FAMILIES.values(),
        STATION_HEALTH,
        CHECK_HEALTH,
        STATION_INFO,
        BUILD_INFO,
        *(family for family, _ in DAEMON_FAMILIES),
    )


def label_text(value: str) -> str:
    """Return a label's value without what a page cannot carry or a reader chokes on.

    A receiver may put any byte into its descriptors: control characters, surrogates of
    undecodable bytes. One station's odd byte must not cost the whole page.
    """
    return _UNWRITABLE.sub("\ufffd", value)


def info_labels(facts: StationFacts) -> dict[str, str]:
    """Return the labels of `stationd_station_info`."""
    return {**facts.labels, "station": facts.station}


@dataclass(frozen=True, slots=True)
class DaemonCollector(Collector):
    """The daemon and its process as prometheus-client sees them."""

    snapshot: Snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield the families that have series."""
        yield _metric(BUILD_INFO, [((platform.python_version(), self.snapshot.version), 1.0)])
        for family, read in DAEMON_FAMILIES:
            metric = _metric(family, read(self.snapshot.daemon))
            if metric.samples:
                yield metric
        # Its own reading of /proc/self: resident memory, CPU time, open files.
        yield from ProcessCollector(registry=None).collect()


@dataclass(frozen=True, slots=True)
class SnapshotCollector(Collector):
    """A whole snapshot as prometheus-client sees it, stations first."""

    snapshot: Snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield the families that have series."""
        yield from (metric for metric in _station_metrics(self.snapshot) if metric.samples)
        yield from DaemonCollector(self.snapshot).collect()


def _station_metrics(snapshot: Snapshot) -> Iterator[Metric]:
    stations = snapshot.fresh.values()
    for name, family in QUANTITY_FAMILIES.items():
        yield _metric(
            family,
            (
                ((*values, facts.station), number)
                for facts in stations
                for values, number in facts.measurements.get(name, {}).items()
            ),
        )
    healths = {station: facts.health for station, facts in snapshot.fresh.items()}
    healths.update(dict.fromkeys(snapshot.stale, Health.UNKNOWN))
    yield _metric(
        STATION_HEALTH,
        (
            ((state, station), float(state is health))
            for station, health in healths.items()
            for state in Health
        ),
    )
    yield _metric(
        CHECK_HEALTH,
        (
            ((result.check, state, facts.station), float(state is result.health))
            for facts in stations
            for result in facts.results
            for state in Health
        ),
    )
    info = _metric(STATION_INFO, ())
    for facts in stations:
        labels = {name: label_text(value) for name, value in info_labels(facts).items()}
        info.add_sample(STATION_INFO.name, labels, 1.0)
    yield info


def _metric(family: Family, series: Series) -> Metric:
    # prometheus-client keeps a counter's name without `_total`.
    metric = Metric(family.name.removesuffix("_total"), family.meaning, family.kind)
    for values, number in series:
        if number is not None:
            labels = dict(zip(family.labels, map(label_text, values), strict=True))
            metric.add_sample(family.name, labels, float(number))
    return metric

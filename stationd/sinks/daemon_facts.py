"""What the daemon says of itself, set by the daemon and exported by the Prometheus sink."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SinkCounters:
    """One sink's state: what waits, what left, what was lost and why.

    `connected`: None where a sink has no peer.  `queued_rows`, `queued_bytes`, `oldest_utc_s`:
    what is accepted and not delivered, in memory and on disk, and since when (bytes None: not
    known).  `delivered`,
    `dropped` (by reason) and `failures` (by what failed: a write, a connection) only grow.
    """

    connected: bool | None = None
    queued_rows: int = 0
    queued_bytes: int | None = 0
    oldest_utc_s: float | None = None
    delivered: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """One reading of the daemon. A None is not exported: unknown is not zero.

    `loop_lag_s`, `loop_lag_p99_s`: the lateness of a timer in the last minute, the largest and
    what 99 of 100 kept within.  `clock_synchronised`: of the host.
    `log_lines_dropped`: what a full queue of the log could not take.  `restarts`, `bugs`: how
    often `supervise.py` restarted a task after an unavailable peer and after a bug, by task name.
    `config_reload_utc_s`: when a configuration was last taken over.
    """

    loop_lag_s: float | None = None
    loop_lag_p99_s: float | None = None
    clock_synchronised: bool | None = None
    log_lines_dropped: int | None = None
    restarts: Mapping[str, int] = field(default_factory=dict)
    bugs: Mapping[str, int] = field(default_factory=dict)
    config_reload_successful: bool | None = None
    config_reload_utc_s: float | None = None
    sinks: Mapping[str, SinkCounters] = field(default_factory=dict)  # by the sink's name

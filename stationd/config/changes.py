"""What differs between two configurations: what a reload must touch, and nothing else."""

from dataclasses import dataclass
from typing import Final

from stationd.config.settings import Settings, SinkConfig, StationConfig

RESTART: Final = "takes effect only when stationd is started anew"


@dataclass(frozen=True, slots=True)
class Changes:
    """Stations and sinks by what must be done about them.

    `reconnected`: the source is another one (and the registration may be, too).  `rejudged`: the
    source is the same, and what the station is held against is not.  `needs_restart`: sentences.
    """

    added: tuple[StationConfig, ...] = ()
    removed: tuple[str, ...] = ()
    reconnected: tuple[StationConfig, ...] = ()
    rejudged: tuple[StationConfig, ...] = ()
    sinks_added: tuple[str, ...] = ()
    sinks_removed: tuple[str, ...] = ()
    sinks_changed: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return self != Changes()


def changed(old: Settings, new: Settings) -> Changes:
    """Return what has to be done to get from `old` to `new`; order follows `new`."""
    before = {station.id: station for station in old.stations}
    after = {station.id: station for station in new.stations}
    kept = [(before[name], station) for name, station in after.items() if name in before]
    return Changes(
        added=tuple(station for name, station in after.items() if name not in before),
        removed=tuple(name for name in before if name not in after),
        reconnected=tuple(b for a, b in kept if not _same_source(a, b)),
        rejudged=tuple(b for a, b in kept if _same_source(a, b) and a.line != b.line),
        sinks_added=tuple(name for name in new.sinks if name not in old.sinks),
        sinks_removed=tuple(name for name in old.sinks if name not in new.sinks),
        sinks_changed=tuple(
            name
            for name, sink in new.sinks.items()
            if name in old.sinks and not _same_sink(old.sinks[name], sink)
        ),
        needs_restart=tuple(_needs_restart(old, new)),
    )


def _same_source(one: StationConfig, other: StationConfig) -> bool:
    return one.source_kind == other.source_kind and one.source == other.source


def _same_sink(one: SinkConfig, other: SinkConfig) -> bool:
    return one.kind == other.kind and one.settings == other.settings


def _needs_restart(old: Settings, new: Settings) -> list[str]:
    sentences = []
    if old.node != new.node:
        sentences.append(f'node = "{new.node}" {RESTART}')
    if old.state_folder != new.state_folder:
        sentences.append(f'state_folder = "{new.state_folder}" {RESTART}')
    return sentences

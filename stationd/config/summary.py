"""What a sound configuration would run, for people and for programs."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from stationd.checks.fingerprint import fingerprint
from stationd.config.settings import Settings

MOST_WARNINGS: Final = 20  # shown to people; programs get all


def summary(settings: Settings) -> dict[str, Any]:
    """Return what would run as a JSON object, without secrets and coordinates."""
    return {
        "ok": True,
        "node": settings.node,
        "state_folder": str(settings.state_folder),
        "stations": {
            station.id: {
                "source": station.source_kind,
                "peer": station.source.peer,
                "limits": fingerprint(station.line.limits),
            }
            for station in settings.stations
        },
        "sinks": {name: sink.kind for name, sink in settings.sinks.items()},
        "warnings": [str(warning) for warning in settings.warnings],
    }


def summary_lines(settings: Settings) -> Iterator[str]:
    """Yield the same in a few lines for people, however many stations there are."""
    kinds = Counter(station.source_kind for station in settings.stations)
    sources = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield f"node {settings.node}, state in {settings.state_folder}"
    yield f"{_counted(len(settings.stations), 'station')}: {sources}"
    shown = {id(s.line.limits): s.line.limits for s in settings.stations}
    sets = {key: fingerprint(limits) for key, limits in shown.items()}
    limits = Counter(sets[id(s.line.limits)] for s in settings.stations).most_common()
    yield (
        f"{_counted(len(limits), 'set')} of limits: "
        + ", ".join(f"{name} ({_counted(count, 'station')})" for name, count in limits[:5])
        + (", …" if limits[5:] else "")
    )
    sinks = ", ".join(f"{name} ({sink.kind})" for name, sink in settings.sinks.items())
    yield f"{_counted(len(settings.sinks), 'sink')}" + (f": {sinks}" if sinks else "")


def warning_lines(settings: Settings) -> Iterator[str]:
    """Yield what people should know of, and how much more there is."""
    for warning in settings.warnings[:MOST_WARNINGS]:
        yield f"warning: {warning}"
    more = len(settings.warnings) - MOST_WARNINGS
    if more > 0:
        yield f"warning: and {more} more; --json shows all"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

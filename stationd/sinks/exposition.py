"""Writes the stations' part of `/metrics` fast, in small steps, the same text as prometheus-client.

Strategy: everything of a line but its number stays the same from page to page, so it is kept
ready; the states of a check are four lines that are kept whole. 1,000 stations with 11 checks
are some 65,000 lines. The writer is a generator, so that whoever drives it can do other work
between two steps.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from stationd.facts import QUANTITIES, CheckResult, Health, StationFacts
from stationd.sinks.metric_families import (
    CHECK_HEALTH,
    STATION_HEALTH,
    STATION_INFO,
    Heading,
    Snapshot,
    daemon_families,
    info_labels,
)

# How prometheus-client writes a number: as Go does. It carries no types.
_number: Final[Callable[[float], str]] = floatToGoString

# Entries joined in one step. An entry is a line or the four lines of a check; a step of 250
# takes about 0.2 ms, well below what the loop's other work notices.
_STEP_ENTRIES: Final = 250


@dataclass(slots=True)
class _StationText:
    """The parts of one station's lines that do not change."""

    prefixes: dict[str, dict[tuple[str, ...], str]] = field(default_factory=dict)
    health: dict[Health, str] = field(default_factory=dict)
    checks: dict[tuple[str, Health], str] = field(default_factory=dict)
    info: tuple[Mapping[str, str], str] | None = None


class FastWriter:
    """Text of one page after another, with what they have in common kept between them.

    Not for two renderings at a time.
    """

    def __init__(self) -> None:
        self._texts: dict[str, _StationText] = {}

    def pieces(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Yield the page in pieces of bounded cost; joined they are the whole page."""
        present = {**snapshot.fresh, **dict.fromkeys(snapshot.stale)}
        self._texts = {name: self._texts.get(name) or _StationText() for name in present}
        step: list[str] = []
        for entry in self._entries(snapshot):
            step.append(entry)
            if len(step) >= _STEP_ENTRIES:
                yield _encoded(step)
                step.clear()
        yield _encoded(step)
        for family in daemon_families(snapshot):
            yield generate_latest(_OneFamily(family))

    def _entries(self, snapshot: Snapshot) -> Iterator[str]:
        for name in QUANTITIES:
            yield from self._quantity(name, snapshot)
        yield from self._healths(snapshot)
        yield from self._check_healths(snapshot)
        yield from self._infos(snapshot)

    def _quantity(self, name: str, snapshot: Snapshot) -> Iterator[str]:
        quantity = QUANTITIES[name]
        heading = _heading(Heading(quantity.metric, quantity.kind, quantity.meaning))
        for station, facts in snapshot.fresh.items():
            measured = facts.measurements.get(name)
            if not measured:
                continue
            yield heading
            heading = ""
            prefixes = self._texts[station].prefixes.setdefault(name, {})
            for values, number in measured.items():
                prefix = prefixes.get(values)
                if prefix is None:
                    labels = dict(zip(quantity.labels, values, strict=True))
                    prefix = f"{quantity.metric}{_labels({**labels, 'station': station})} "
                    prefixes[values] = prefix
                yield f"{prefix}{_number(number)}\n"

    def _healths(self, snapshot: Snapshot) -> Iterator[str]:
        if snapshot.fresh or snapshot.stale:
            yield _heading(STATION_HEALTH)
        for station, facts in snapshot.fresh.items():
            yield self._health(station, facts.health)
        for station in snapshot.stale:
            yield self._health(station, Health.UNKNOWN)

    def _health(self, station: str, health: Health) -> str:
        kept = self._texts[station].health
        text = kept.get(health)
        if text is None:
            text = kept[health] = _states(STATION_HEALTH.name, {"station": station}, health)
        return text

    def _check_healths(self, snapshot: Snapshot) -> Iterator[str]:
        heading = _heading(CHECK_HEALTH)
        for station, facts in snapshot.fresh.items():
            kept = self._texts[station].checks
            for result in facts.results:
                key = (result.check, result.health)
                text = kept.get(key)
                if text is None:
                    text = kept[key] = _check_states(station, result)
                yield heading + text
                heading = ""

    def _infos(self, snapshot: Snapshot) -> Iterator[str]:
        heading = _heading(STATION_INFO)
        for station, facts in snapshot.fresh.items():
            kept = self._texts[station]
            if kept.info is None or kept.info[0] != facts.labels:
                kept.info = (facts.labels, _info(facts))
            yield heading + kept.info[1]
            heading = ""


class _OneFamily(Collector):
    """prometheus-client's own text for one small family at a time."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        yield self._family


def _encoded(step: list[str]) -> bytes:
    # A label may hold a surrogate (undecodable bytes of a descriptor): one station's odd byte
    # must not cost the whole page.
    return "".join(step).encode("utf-8", "replace")


def _heading(heading: Heading) -> str:
    # Meanings are ours: no backslash, no line feed.
    return f"# HELP {heading.name} {heading.meaning}\n# TYPE {heading.name} {heading.kind}\n"


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(labels[name])}"' for name in sorted(labels)) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _states(metric: str, labels: dict[str, str], actual: Health) -> str:
    return "".join(
        f"{metric}{_labels({**labels, 'health': health.value})} {float(health is actual)}\n"
        for health in Health
    )


def _check_states(station: str, result: CheckResult) -> str:
    return _states(CHECK_HEALTH.name, {"station": station, "check": result.check}, result.health)


def _info(facts: StationFacts) -> str:
    return f"{STATION_INFO.name}{_labels(info_labels(facts))} 1.0\n"

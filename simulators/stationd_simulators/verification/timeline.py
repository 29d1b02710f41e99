"""What stationd said of each check of each station, and when: a timeline of healths."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NamedTuple

from stationd.gnss.time import gpst_from_utc

GONE: Final = "gone"  # instead of a health: the check was told, and is not any more


class Span(NamedTuple):
    """A check was of one health from `begin_s` until `end_s` of the scenario's clock."""

    check: str
    health: str
    begin_s: float
    end_s: float
    reason: str


@dataclass(slots=True)
class Timeline:
    """One station's states in the order in which they were told."""

    end_s: float = 0.0
    _changes: dict[str, list[tuple[float, str, str]]] = field(default_factory=dict)

    def state(self, elapsed_s: float, checks: dict[str, Any]) -> None:
        """Take the checks of one state. One that was withdrawn says nothing of the station."""
        self.end_s = max(self.end_s, elapsed_s)
        for name in self._changes.keys() - checks.keys():
            if self._changes[name][-1][1] != GONE:
                self._changes[name].append((elapsed_s, GONE, "it is no longer told"))
        for name, check in checks.items():
            if check.get("withdrawn"):
                continue
            changes = self._changes.setdefault(name, [])
            if not changes or changes[-1][1] != check["health"]:
                changes.append((elapsed_s, check["health"], check["reason"]))

    def spans(self, check: str) -> list[Span]:
        """Return a check's healths, one after the other; [] where it was never told."""
        changes = self._changes.get(check)
        if not changes:
            return []
        ends = [after[0] for _, after in pairwise(changes)] + [self.end_s]
        return [
            Span(check, health, begin_s, end_s, reason)
            for (begin_s, health, reason), end_s in zip(changes, ends, strict=True)
        ]

    @property
    def checks(self) -> list[str]:
        return sorted(self._changes)


def timelines(lines: Iterable[dict[str, Any]], start_gpst_s: float) -> dict[str, Timeline]:
    """Return each station's timeline from the JSON lines that stationd writes."""
    found: dict[str, Timeline] = {}
    for line in lines:
        if "checks" not in line or line.get("at_s") is None:
            continue  # an event, or a moment that has no date yet
        elapsed_s = gpst_from_utc(line["at_s"]) - start_gpst_s
        found.setdefault(line["station"], Timeline()).state(elapsed_s, line["checks"])
    return found

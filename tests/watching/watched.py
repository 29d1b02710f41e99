"""Stations to be watched in tests: no network, a clock that the test turns."""

from dataclasses import dataclass, field

from stationd.checks import CHECKS
from stationd.checks.verdict import Settling
from stationd.config.settings import StationConfig
from stationd.inputs import Instant
from stationd.pipeline import StationSettings
from stationd.sources.tcp import Settings
from stationd.station.registration import Registration
from stationd.watching.link_log import LinkLog
from stationd.watching.station import Around, WatchedStation


@dataclass
class Clock:
    at_s: float = 100.0

    def __call__(self) -> Instant:
        return Instant(1_800_000_000.0 + self.at_s, self.at_s)


@dataclass
class Written:
    """Takes log lines."""

    lines: list[dict[str, object]] = field(default_factory=list)

    def __call__(self, level: int, **fields: object) -> None:
        self.lines.append({"level": level, **fields})


LIMITS = {check.name: check.limits() for check in CHECKS}


class Unfit(Settling):
    """Limits that no check can judge by: the first look at them raises."""


def config(name: str, *, unfit: bool = False, port: int = 1) -> StationConfig:
    limits = {**LIMITS, "silence": Unfit()} if unfit else LIMITS
    return StationConfig(
        StationSettings(Registration(id=name), limits), "tcp", Settings(host="127.0.0.1", port=port)
    )


def station(name: str, clock: Clock, *, unfit: bool = False) -> WatchedStation:
    around = Around(jitter=lambda: 0.5, now=clock, links=LinkLog(Written()))
    return WatchedStation(config(name, unfit=unfit), around)

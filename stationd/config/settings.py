"""What a configuration comes to: frozen, comparable by value, complete with all defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stationd.config.problems import Problem
from stationd.pipeline import StationSettings
from stationd.sinks.sink import SinkSettings
from stationd.sources.source import SourceSettings


@dataclass(frozen=True, slots=True)
class StationConfig:
    """A station: what the line needs to know of it, and where its bytes come from."""

    line: StationSettings
    source_kind: str  # a key of `SOURCES`
    source: SourceSettings

    @property
    def id(self) -> str:
        return self.line.registration.id


@dataclass(frozen=True, slots=True)
class SinkConfig:
    """A sink: which kind, and its settings."""

    kind: str  # a key of `SINKS`
    settings: SinkSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `stationd run` needs. `node`: this stationd among others (MQTT topics).

    `state_folder`: where what must survive a restart is kept.  `sinks`: by their own names.
    `warnings`: what the operator should know; no part of what settings are compared by.
    """

    node: str
    state_folder: Path
    stations: tuple[StationConfig, ...]
    sinks: Mapping[str, SinkConfig]
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

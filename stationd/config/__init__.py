"""The only reader of configuration files: TOML to typed, frozen settings."""

from stationd.config.changes import Changes, changed
from stationd.config.loading import load, load_station
from stationd.config.problems import ConfigError, Problem
from stationd.config.settings import Settings, SinkConfig, StationConfig
from stationd.config.summary import summary, summary_lines, warning_lines

__all__ = [
    "Changes",
    "ConfigError",
    "Problem",
    "Settings",
    "SinkConfig",
    "StationConfig",
    "changed",
    "load",
    "load_station",
    "summary",
    "summary_lines",
    "warning_lines",
]

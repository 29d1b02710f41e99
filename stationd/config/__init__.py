"""The only reader of configuration files: TOML to typed, frozen settings."""

from stationd.config.settings import Settings, SinkConfig, StationConfig

__all__ = ["Settings", "SinkConfig", "StationConfig"]

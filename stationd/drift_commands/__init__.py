"""The commands of `stationd drift`; `app` is what the command line mounts."""

from stationd.drift_commands.commands import app

__all__ = ["app"]

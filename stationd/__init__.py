"""stationd watches GNSS reference stations: from a receiver's bytes to checks, metrics and messages."""

from importlib.metadata import version

__version__ = version("stationd")

"""stationd watches GNSS reference stations: from a receiver's bytes to checks and messages."""

__version__ = "0.1.0"

"""What a simulated station emits: bytes, and when they are due."""

from typing import NamedTuple


class TimedBytes(NamedTuple):
    """Bytes that leave the station at an instant of GPS time (seconds since 1980-01-06)."""

    due_gpst_s: float
    data: bytes

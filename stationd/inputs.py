"""What enters the line: stamped bytes, and what became of the link that brings them.

Time is data here. The source reads the clocks once, when bytes arrive; nothing behind it reads
one again, so a recording gives the same facts every time it is played.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Instant(NamedTuple):
    """One moment on both of the host's clocks.

    `utc_s`: seconds since 1970-01-01 UTC, for latency against the epoch inside a message; None
    where it cannot be known (a recording without times).
    `monotonic_s`: for silence and windows, so that a clock step raises no false alarm.
    """

    utc_s: float | None
    monotonic_s: float


class Chunk(NamedTuple):
    """Bytes as they came, in order; where one chunk ends and the next begins means nothing."""

    data: bytes
    at: Instant


class LinkState(StrEnum):
    """What a source says of its connection."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"  # was connected, is no longer
    REFUSED = "refused"  # the peer answered and said no: login, mountpoint
    UNAVAILABLE = "unavailable"  # nothing there: no route, no port, no answer
    ENDED = "ended"  # a recording is over


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A connection came, went or was refused. `reason` is a sentence without secrets."""

    state: LinkState
    reason: str
    at: Instant

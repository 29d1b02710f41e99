"""What a source is: one attempt at a time to bring a station's bytes, stamped as they arrive.

A source is made once for a station. `run` connects, delivers until the connection is over, and
raises `UnavailableError` (or a child) with a sentence that says what to do; `supervise.py` waits
and calls it again. `run` returns only where there is an end: of a recording, of standard input.
Nothing a source raises, logs or shows in its `repr` holds a password.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict, Field

from stationd.inputs import Chunk, Instant, LinkChange
from stationd.sources.casters import CasterMemory

RECEIVE_BUFFER_BYTES: Final = 64 * 1024


def host_clocks() -> Instant:
    """Return both of the host's clocks, now."""
    return Instant(time.time(), time.monotonic())


class Destination(Protocol):
    """Who takes what a source brings: the line of a station."""

    def receive(self, chunk: Chunk) -> None:
        """Take bytes, at once and in order."""

    def link(self, change: LinkChange) -> None:
        """Take that the connection is made, or over. `CONNECTED` is the source's to say; what
        follows from an error is said by whoever supervises the source.
        """


class SourceSettings(BaseModel):
    """What the settings of all sources have in common: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def peer(self) -> str:
        """Who is at the other end, without credentials: stations that share it fail together."""
        raise NotImplementedError


class LiveSettings(SourceSettings):
    """Settings of a source whose silence means something."""

    silent_after_s: float = Field(
        20.0, gt=0, description="A connection that brings nothing for so long is dead"
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a source needs of the daemon around it; all but `station` is for tests to turn.

    `buffer`: where received bytes land before they are copied out; shared by all connections,
    because asyncio fills and hands it over without anything running between.
    `casters`: what has been learnt of NTRIP casters; one for all stations, so that a caster's
    version and sourcetable are asked for once.
    """

    station: str
    now: Callable[[], Instant] = host_clocks
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = field(default=random.random)  # in [0, 1)
    buffer: memoryview = field(
        default_factory=lambda: memoryview(bytearray(RECEIVE_BUFFER_BYTES)), repr=False
    )
    casters: CasterMemory = field(default_factory=CasterMemory, repr=False)


class Source(Protocol):
    """Where bytes come from."""

    async def run(self, destination: Destination) -> None:
        """Deliver until it ends; raise `UnavailableError` where the outside world says no."""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One row of `SOURCES`. `live`: its bytes are of now, and the host's clock dates them."""

    settings: type[SourceSettings]
    make: Callable[..., Source]  # make(settings, surroundings)
    meaning: str
    live: bool = True

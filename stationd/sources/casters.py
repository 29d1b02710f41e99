"""What has been learnt of casters, shared by all stations that use them; bounded, never on disk."""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stationd.supervise import UnavailableError
from stationd.wire.ntrip.gga import Position
from stationd.wire.ntrip.login import Challenge
from stationd.wire.ntrip.request import Version

MOST_CASTERS: Final = 1024
MOST_AUTHORITIES: Final = 64


class CasterAddress(NamedTuple):
    """Where a caster listens, and how its certificate is checked."""

    host: str
    port: int
    tls: bool = False
    ca: Path | None = None  # None: the system's authorities
    server_name: str | None = None  # None: the host


class Offer(NamedTuple):
    """What the sourcetable says of a mountpoint, as far as a client must know it."""

    wants_position: bool
    position: Position | None  # about where its stations are


class Offers(NamedTuple):
    """All mountpoints of a caster, and when to ask again (monotonic)."""

    rows: Mapping[str, Offer]
    until_s: float


class Caster:
    """One caster: the version it speaks, what it wants hashed, what it offers."""

    __slots__ = ("_uses", "asking", "challenge", "offers", "version")

    def __init__(self) -> None:
        self.version: Version | None = None  # None: not known, or no longer sure
        self.challenge: Challenge | None = None
        self.offers: Offers | None = None
        self.asking = asyncio.Lock()  # one station asks for the sourcetable, the others wait
        self._uses: tuple[str, int] = ("", 0)

    def count_use(self, nonce: str) -> int:
        """Return how often this nonce has been used, this time included."""
        known, count = self._uses
        self._uses = (nonce, count + 1 if nonce == known else 1)
        return self._uses[1]


class CasterMemory:
    """Casters by where they listen; those not asked for longest are forgotten first."""

    def __init__(self, most: int = MOST_CASTERS) -> None:
        self._most = most
        self._casters: OrderedDict[CasterAddress, Caster] = OrderedDict()
        self._contexts: OrderedDict[tuple[Path | None, int], ssl.SSLContext] = OrderedDict()

    def __len__(self) -> int:
        return len(self._casters)

    def of(self, address: CasterAddress) -> Caster:
        """Return what is known of the caster there; forgetting it costs a few more questions."""
        caster = self._casters.setdefault(address, Caster())
        self._casters.move_to_end(address)
        if len(self._casters) > self._most:
            self._casters.popitem(last=False)
        return caster

    def tls(self, ca: Path | None) -> ssl.SSLContext:
        """Return what checks certificates. Reading the system's authorities takes 20 ms: kept,
        until the file changes.
        """
        try:
            key = (ca, ca.stat().st_mtime_ns if ca else 0)
            if key not in self._contexts:
                self._contexts[key] = ssl.create_default_context(cafile=ca)
        except OSError as error:  # SSLError is one
            reason = error.strerror or str(error)
            raise UnavailableError(
                f"tls_ca {ca} cannot be used ({reason}): name a PEM file with certificates"
            ) from error
        if len(self._contexts) > MOST_AUTHORITIES:
            self._contexts.popitem(last=False)
        return self._contexts[key]

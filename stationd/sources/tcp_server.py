"""TCP server: a station that pushes its stream to a port of ours.

A station on a mobile network comes back while its old connection still looks alive, so the newest
connection is the station. It becomes so with its first bytes: a port scanner that connects and
says nothing takes nobody's place.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from pydantic import Field, field_validator

from stationd.inputs import Chunk, LinkChange, LinkState
from stationd.sources.connecting import keep_alive, place
from stationd.sources.source import Destination, LiveSettings, Surroundings
from stationd.sources.stream import Stream
from stationd.supervise import SilentError, UnavailableError

MOST_PENDING: Final = 4  # connections that have said nothing yet; one more ends the oldest
REMEMBERED_STRANGERS: Final = 64  # addresses turned away that are told once each

_ADVICE: Final = {
    errno.EADDRINUSE: "another program, or another station here, has that port: choose a free one",
    errno.EADDRNOTAVAIL: "no such address on this machine: write one of its own, or 0.0.0.0",
    errno.EACCES: "ports below 1024 are for root: choose a higher one",
}

_log = logging.getLogger(__name__)


class Settings(LiveSettings):
    """Where we listen for the station."""

    address: str = Field(
        "127.0.0.1", description='Address of ours; "0.0.0.0" for all of IPv4, "::" for all'
    )
    port: int = Field(ge=1, le=65_535, description="Port to listen on, one for each station")
    allow: tuple[str, ...] = Field(
        (), description='Networks that may connect, such as "192.0.2.0/24"; none given: any'
    )

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        try:
            ip_address(text)
        except ValueError:
            raise ValueError('write an address of this machine, such as "0.0.0.0"') from None
        return text

    @field_validator("allow")
    @classmethod
    def _are_networks(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            try:
                ip_network(text)
            except ValueError as error:
                raise ValueError(f'{error}; write a network such as "192.0.2.0/24"') from None
        return texts

    @property
    def peer(self) -> str:
        return f"tcp-server://{place(self.address, self.port)}"


class _Incoming(Stream):
    """A connection that tells when it is made."""

    def __init__(
        self,
        arrived: Callable[["_Incoming"], None],
        brought: Callable[["_Incoming", bytes], None],
        silent_after_s: float,
        buffer: memoryview,
    ) -> None:
        super().__init__(lambda data: brought(self, data), silent_after_s, buffer)
        self._tell_arrival = arrived
        self.host = ""
        self.place = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # None where the peer has gone already.
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]
        self.host = host
        self.place = place(host, port)
        if (connection := transport.get_extra_info("socket")) is not None:
            keep_alive(connection)
        self._tell_arrival(self)


class TcpServerSource:
    """Listens; the newest connection that brings bytes is the station."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings
        self._allowed = tuple(map(ip_network, settings.allow))
        self._strangers: set[str] = set()
        self.turned_away = 0

    async def run(self, destination: Destination) -> None:
        """Listen until cancelled; `UnavailableError` where the port cannot be had."""
        with self._listener() as listener:
            async with asyncio.TaskGroup() as connections:
                station = _Station(self._settings.port, self._around, destination, connections)
                server = await asyncio.get_running_loop().create_server(
                    lambda: _Incoming(
                        lambda incoming: self._arrived(incoming, station),
                        station.brought,
                        self._settings.silent_after_s,
                        self._around.buffer,
                    ),
                    sock=listener,
                    backlog=MOST_PENDING,
                )
                station.tell(LinkState.CONNECTING, "listening")
                try:
                    await asyncio.get_running_loop().create_future()  # until cancelled
                finally:
                    station.is_watched = False
                    server.close()

    def _listener(self) -> socket.socket:
        address, port = self._settings.address, self._settings.port
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        both = address == "::" and socket.has_dualstack_ipv6()
        try:
            listener = socket.create_server((address, port), family=family, dualstack_ipv6=both)
        except OSError as error:
            advice = _ADVICE.get(error.errno or 0, error.strerror or str(error))
            raise UnavailableError(f"cannot listen on {place(address, port)}: {advice}") from error
        listener.setblocking(False)
        return listener

    def _arrived(self, incoming: _Incoming, station: "_Station") -> None:
        if self._is_allowed(incoming.host):
            station.arrived(incoming)
            return
        incoming.close()
        self.turned_away += 1
        if incoming.host in self._strangers or len(self._strangers) >= REMEMBERED_STRANGERS:
            return
        self._strangers.add(incoming.host)
        _log.warning(
            "station=%s turned_away=%s port=%d: its address is not in `allow`; told once",
            self._around.station,
            incoming.host or "unknown",
            self._settings.port,
        )

    def _is_allowed(self, host: str) -> bool:
        if not self._allowed:
            return True
        return bool(host) and any(_plain(host) in network for network in self._allowed)


def _plain(host: str) -> IPv4Address | IPv6Address:
    """Return the address; an IPv4 one that came through an IPv6 socket as what it is."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


class _Station:
    """Which of the connections is the station."""

    def __init__(
        self,
        port: int,
        around: Surroundings,
        destination: Destination,
        connections: asyncio.TaskGroup,
    ) -> None:
        self._port = port
        self._around = around
        self._destination = destination
        self._connections = connections
        self._current: _Incoming | None = None
        self._pending: dict[_Incoming, None] = {}  # a set that remembers who came first
        self.is_watched = True

    def tell(self, state: LinkState, what: str) -> None:
        """Say what became of the link."""
        reason = f"{what} on port {self._port}"
        self._destination.link(LinkChange(state, reason, self._around.now()))

    def arrived(self, incoming: _Incoming) -> None:
        """Take a connection that has said nothing yet."""
        if not self.is_watched:
            incoming.close()
            return
        if len(self._pending) >= MOST_PENDING:
            oldest = next(iter(self._pending))
            del self._pending[oldest]
            oldest.close()
        self._pending[incoming] = None
        self._connections.create_task(self._attend(incoming), name=incoming.place)

    def brought(self, incoming: _Incoming, data: bytes) -> None:
        """Take bytes; the first ones make their connection the station."""
        if incoming is not self._current:
            older, self._current = self._current, incoming
            self._pending.pop(incoming, None)
            what = f"{incoming.place} connected"
            if older is not None:
                older.close()
                what += f", in place of {older.place}"
            self.tell(LinkState.CONNECTED, what)
        self._destination.receive(Chunk(data, self._around.now()))

    async def _attend(self, incoming: _Incoming) -> None:
        reason = await incoming.over()
        was_pending = incoming in self._pending
        self._pending.pop(incoming, None)
        if incoming is self._current:
            self._current = None
            self.tell(LinkState.LOST, f"{incoming.place}: {reason}; listening")
        elif was_pending and self._current is None and isinstance(reason, SilentError):
            self.tell(
                LinkState.UNAVAILABLE, f"{incoming.place} connected and sent nothing; listening"
            )

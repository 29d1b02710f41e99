"""A connection to a host: every address of its name is tried, and a failure says what to do.

Addresses are tried in turn, each with its share of the time that is left, so that an IPv6 address
which leads nowhere does not use up the time of the IPv4 address behind it.
"""

import asyncio
import errno
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

from stationd.supervise import UnavailableError

# Keep-alive keeps the mappings of NAT routers open and finds dead peers; silence finds them too.
KEEPALIVE_IDLE_S: Final = 10
KEEPALIVE_INTERVAL_S: Final = 5
KEEPALIVE_PROBES: Final = 3

_ADVICE: Final = {
    errno.ECONNREFUSED: "refuses connections: is the program there running, and is the port right?",
    errno.EHOSTUNREACH: "cannot be reached: is it switched on, and is the address right?",
    errno.ENETUNREACH: "cannot be reached: this machine has no route there",
    errno.ECONNRESET: "broke the connection off while it was being made",
    errno.EACCES: "may not be connected to: this machine's firewall forbids it",
    errno.EPERM: "may not be connected to: this machine's firewall forbids it",
}


class Address(NamedTuple):
    """One address of a name, as the resolver gives it."""

    family: socket.AddressFamily
    socket_address: tuple[Any, ...]

    def __str__(self) -> str:
        return place(*self.socket_address[:2])


def place(host: str, port: int) -> str:
    """Return "host:port", with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def keep_alive(connection: socket.socket) -> None:
    """Have the kernel ask whether the peer is still there."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)


async def connected_socket(host: str, port: int, within_s: float) -> tuple[socket.socket, Address]:
    """Return a connected, non-blocking socket with keep-alive, and the address that it reached.

    Raises `UnavailableError` where no address gives a connection.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    addresses = await _addresses(host, port, within_s)
    try:
        return await one_connected(addresses, until_s - loop.time())
    except UnavailableError as error:
        if addresses[0].socket_address[0] == host:
            raise
        raise UnavailableError(f"{place(host, port)}: {error}") from error


async def one_connected(
    addresses: Sequence[Address], within_s: float
) -> tuple[socket.socket, Address]:
    """Return a socket connected to the first address that answers, and that address."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    reasons: list[str] = []
    for index, address in enumerate(addresses):
        share_s = max(0.0, until_s - loop.time()) / (len(addresses) - index)
        try:
            async with asyncio.timeout(share_s):
                return await _connected(address), address
        except TimeoutError:
            reasons.append(f"{address} does not answer within {share_s:.1f} s")
        except OSError as error:
            said = _ADVICE.get(error.errno or 0) or f"gives no connection: {_words(error)}"
            reasons.append(f"{address} {said}")
    raise UnavailableError("; ".join(reasons))


async def _addresses(host: str, port: int, within_s: float) -> list[Address]:
    try:
        async with asyncio.timeout(within_s):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except TimeoutError:
        raise UnavailableError(
            f'the name "{host}" was not resolved within {within_s:g} s: '
            "check this machine's DNS server"
        ) from None
    except OSError as error:
        raise UnavailableError(
            f'the name "{host}" is not known ({_words(error)}): '
            "check how it is written, and this machine's DNS server"
        ) from error
    except UnicodeError as error:  # from the IDNA codec: an empty label, or one of over 63 bytes
        raise UnavailableError(f'"{host}" cannot be a name of a host: {error}') from error
    return list(dict.fromkeys(Address(family, tuple(to)) for family, _, _, _, to in found))


async def _connected(address: Address) -> socket.socket:
    with ExitStack() as unless_connected:
        connection = socket.socket(address.family, socket.SOCK_STREAM)
        unless_connected.enter_context(connection)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, address.socket_address)
        if connection.getsockname() == connection.getpeername():
            # A port of ours that nobody listens on, met by chance from the same port.
            raise ConnectionRefusedError(errno.ECONNREFUSED, "connected to itself")
        keep_alive(connection)
        unless_connected.pop_all()
        return connection


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__

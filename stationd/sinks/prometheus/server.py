"""A web server inside our own loop: uvicorn's protocol, without its signals, logs and main loop.

What uvicorn leaves open is closed here: connections are bounded, and a client that does not
finish its request, or does not read its answer, is cut off.
"""

import asyncio
import errno
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from stationd.sinks.prometheus.settings import Patience
from stationd.supervise import UnavailableError

_MOST_HEADER_BYTES: Final = 16 * 1024
_FAREWELL_S: Final = 5.0  # an answer in the making ends by itself within this


class _GuardedProtocol(H11Protocol):
    """One connection with a limit of time."""

    def __init__(
        self, config: Config, state: ServerState, patience: Patience, failed: Callable[[str], None]
    ) -> None:
        super().__init__(config, state, {})
        self._patience = patience
        self._failed = failed
        self._limit: asyncio.TimerHandle | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        if len(self.connections) >= self._patience.connections:
            self._refused = True
            self._failed("too_many_connections")
            transport.abort()
            return
        super().connection_made(transport)
        self._allow(self._patience.request_s)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._refused:
            return
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._allow(self._patience.idle_s + self._patience.request_s)
        super().on_response_complete()

    def _allow(self, limit_s: float) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self._limit = self.loop.call_later(limit_s, self._cut_off)

    def _cut_off(self) -> None:
        self._failed("slow_client")
        self.transport.abort()


@asynccontextmanager
async def serving(
    app: ASGIApp,
    address: str,
    port: int,
    *,
    tls: ssl.SSLContext | None,
    patience: Patience,
    failed: Callable[[str], None],
) -> AsyncIterator[int]:
    """Serve `app` inside the block; yields the port. `failed` is told what went wrong with clients.

    Raises `UnavailableError` where the address cannot be listened on.
    """
    config = Config(
        app,
        log_config=None,
        log_level="error",  # garbage from a client is counted, not told; bugs are told
        access_log=False,
        interface="asgi3",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=patience.idle_s,
        h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
    )
    config.load()
    state = ServerState()
    server = await _listen(
        lambda: _GuardedProtocol(config, state, patience, failed), address, port, tls
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in [*state.connections]:
            connection.transport.abort()
        if state.tasks:
            await asyncio.wait([*state.tasks], timeout=_FAREWELL_S)
        await server.wait_closed()


async def _listen(
    protocol: Callable[[], asyncio.Protocol], address: str, port: int, tls: ssl.SSLContext | None
) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    # asyncio's "::" leaves IPv4 out.
    hosts = ["0.0.0.0", "::"] if address == "::" else [address]  # noqa: S104 - asked for
    try:
        return await loop.create_server(protocol, hosts, port, ssl=tls)
    except (OSError, OverflowError) as error:
        raise UnavailableError(_why(error, address, port)) from error


def _why(error: Exception, address: str, port: int) -> str:
    where = f"port {port} of {address}"
    match error:
        case OSError(errno=errno.EADDRINUSE):
            return (
                f"{where} is in use: stop the program that listens there "
                f"(ss -ltnp 'sport = :{port}'), or set another port"
            )
        case OSError(errno=errno.EACCES):
            return f"{where} may not be opened by this user: set a port above 1023"
        case OSError(errno=errno.EADDRNOTAVAIL):
            return f"{address} is not an address of this machine: set one that `ip address` shows"
    return f"{where} cannot be listened on: {error}"


def tls_context(certificate: Path, key: Path, failed: Callable[[str], None]) -> ssl.SSLContext:
    """Return the server's side of TLS; `UnavailableError` where the files are not fit for it.

    A renewed certificate is taken up with the next connection; while the new files do not fit
    together (one is written, the other not yet), the old ones stay and `failed` is told.
    """
    context = _loaded(certificate, key)
    newest = context, _modified(certificate, key)

    def hello(connection: ssl.SSLObject | ssl.SSLSocket, _: str | None, __: ssl.SSLContext) -> None:
        nonlocal newest
        modified = _modified(certificate, key)
        if modified != newest[1]:
            try:
                newest = _loaded(certificate, key), modified
            except UnavailableError:
                failed("tls_renewal")
        connection.context = newest[0]

    context.sni_callback = hello
    return context


def _modified(*files: Path) -> tuple[int, ...]:
    try:
        return tuple(file.stat().st_mtime_ns for file in files)
    except OSError:
        return ()  # being replaced


def _loaded(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        reason = f"tls_certificate {certificate} and tls_key {key} do not fit together: {error}"
        raise UnavailableError(reason) from error
    except OSError as error:
        reason = f"tls_certificate {certificate} or tls_key {key} cannot be read: {error.strerror}"
        raise UnavailableError(reason) from error
    return context

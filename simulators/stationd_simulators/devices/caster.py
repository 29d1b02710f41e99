"""An NTRIP caster of both versions for many stations, as well behaved as it is told to be.

async with Caster([Mountpoint("ABCD")]) as caster:
    await play(stream, pacer, caster.feed("ABCD"))    # who listens at caster.port hears it
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Literal, Self

from stationd_simulators.devices.accounts import Accounts
from stationd_simulators.devices.connections import Server
from stationd_simulators.devices.feed import MOST_UNSENT_BYTES, Feed
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.misdeeds import MISDEEDS
from stationd_simulators.devices.mountpoint import Mountpoint, sourcetable
from stationd_simulators.devices.ntrip_request import NotARequestError, Request, read_request
from stationd_simulators.devices.pacing import Pacer, Stream, play
from stationd_simulators.devices.session import Session

REQUEST_WITHIN_S: Final = 10.0
MOST_REMEMBERED: Final = 1000  # requests
Version = Literal["1", "2"]

_SERVER: Final = "Server: NTRIP stationd-sim"


@dataclass(frozen=True, slots=True)
class CasterKind:
    """What sort of caster it is.

    `versions`: one that is left out is not understood: a request of version 2 is then answered in
    version 1, as old casters do, one of version 1 with 505. `encoding` is the sourcetable's.
    """

    versions: tuple[Version, ...] = ("1", "2")
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    authentication: Literal["N", "B", "D"] | None = None  # of every mountpoint; None: their own
    most_unsent_bytes: int = MOST_UNSENT_BYTES  # for a client; one that leaves more is broken off
    request_within_s: float = REQUEST_WITHIN_S


class Caster:
    """Listens on loopback unless told otherwise; `port` 0 takes any that is free."""

    def __init__(
        self,
        mountpoints: Iterable[Mountpoint],
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        accounts: Accounts | None = None,
        kind: CasterKind = CasterKind(),
        tls: ssl.SSLContext | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._kind = kind
        self._mountpoints = {one.name: self._guarded(one) for one in mountpoints}
        self._feeds = {name: Feed(kind.most_unsent_bytes) for name in self._mountpoints}
        self._accounts = accounts or Accounts({})
        self._sessions: set[Session] = set()
        self._sleep = sleep
        self.server = Server(self._attend, port, host=host, tls=tls)
        self.requests: deque[Request] = deque(maxlen=MOST_REMEMBERED)  # the latest

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def slow_clients(self) -> int:
        """How many clients were broken off because they did not read."""
        return sum(feed.slow_listeners for feed in self._feeds.values())

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.server.__aexit__(kind, error, trace)

    def feed(self, name: str) -> Feed:
        """Return the outlet of a mountpoint. Raises `KeyError` where there is none."""
        return self._feeds[name]

    def play(self, name: str, stream: Stream, pacer: Pacer) -> asyncio.Task[None]:
        """Play a station at a mountpoint for as long as the caster is there."""
        feed = self._feeds[name]
        return self.server.start(lambda: play(stream, pacer, feed), f"play {name}")

    def change(self, mountpoint: Mountpoint) -> None:
        """Tell a mountpoint otherwise from now on: for the sourcetable, and whoever comes next."""
        if mountpoint.name not in self._mountpoints:
            raise KeyError(mountpoint.name)
        self._mountpoints[mountpoint.name] = self._guarded(mountpoint)

    def misbehave(self, name: str, how: Misbehaviour, *, at_once: bool = True) -> None:
        """Treat clients of a mountpoint so from now on; `at_once`: those it has must come again."""
        self.change(replace(self._mountpoints[name], misbehaviour=how))
        if at_once:
            self.break_off(name)

    def break_off(self, name: str) -> None:
        """End every session at a mountpoint, also those that hear nothing; all may come again."""
        for session in tuple(self._sessions):
            if session.mountpoint.name == name:
                session.end()

    def _guarded(self, mountpoint: Mountpoint) -> Mountpoint:
        """Return a mountpoint that asks for what the whole caster asks for."""
        if self._kind.authentication is None:
            return mountpoint
        return replace(mountpoint, authentication=self._kind.authentication)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._kind.request_within_s):
                request = await read_request(reader)
        except (NotARequestError, TimeoutError):
            writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            return
        self.requests.append(request)
        if request.version not in self._kind.versions:
            if request.version == "1":
                writer.write(b"HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n")
                return
            request = _as_version_1(request)
        mountpoint = self._mountpoints.get(request.mountpoint)
        if request.method != "GET":
            writer.write(_head(request, "405 Method Not Allowed"))
        elif mountpoint is None:
            writer.write(self._without_mountpoint(request))
        else:
            session = Session(
                request, mountpoint, self._feeds[mountpoint.name], (reader, writer), self._sleep
            )
            await self._admit(session)

    async def _admit(self, session: Session) -> None:
        """Let a client in that may come in."""
        request, kind = session.request, session.mountpoint.authentication
        behave = MISDEEDS[session.mountpoint.misbehaviour]
        realm = f"/{session.mountpoint.name}"
        verdict = self._accounts.verdict(request, kind, realm)
        if verdict.username is None and kind != "N":
            challenge = self._accounts.challenge(kind, realm, stale=verdict.stale)
            await session.send(_head(request, "401 Unauthorized", f"WWW-Authenticate: {challenge}"))
            return
        username = verdict.username or ""
        if not self._accounts.enter(username):
            await session.send(_head(request, "409 Conflict"))
            return
        self._sessions.add(session)
        try:
            await behave(session)
        finally:
            self._sessions.discard(session)
            self._accounts.leave(username)

    def _without_mountpoint(self, request: Request) -> bytes:
        """Return the sourcetable; in version 1 also for a mountpoint that there is not."""
        if request.version == "2" and request.mountpoint:
            return _head(request, "404 Not Found")
        table = sourcetable(self._mountpoints.values(), self._kind.encoding)
        length = f"Content-Length: {len(table)}"
        if request.version == "2":
            return _head(request, "200 OK", "Content-Type: gnss/sourcetable", length) + table
        lines = ["SOURCETABLE 200 OK", _SERVER, "Content-Type: text/plain", length, "", ""]
        return "\r\n".join(lines).encode() + table


def _as_version_1(request: Request) -> Request:
    headers = {key: value for key, value in request.headers.items() if key != "ntrip-version"}
    return replace(request, headers=headers)


def _head(request: Request, status: str, *lines: str) -> bytes:
    """Return an answer's head in the request's version, which nothing follows unless lines say."""
    opening = (
        [f"HTTP/1.1 {status}", "Ntrip-Version: Ntrip/2.0"]
        if request.version == "2"
        else [f"HTTP/1.0 {status}"]
    )
    return "\r\n".join([*opening, _SERVER, "Connection: close", *lines, "", ""]).encode("latin-1")

"""The pages of the Prometheus sink: `/metrics`, `/-/healthy`, `/-/ready` and where they are."""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from hashlib import blake2b
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stationd.sinks.prometheus.exposition import Dialect
from stationd.sinks.prometheus.landing import CONTENT_SECURITY_POLICY, landing_page
from stationd.sinks.prometheus.metric_families import Snapshot
from stationd.sinks.prometheus.rendering import Form, Renderer

_OPEN_PATHS: Final = frozenset({"/-/healthy", "/-/ready"})  # for probes, which have no password


def pages(
    renderer: Renderer,
    snapshot: Callable[[], Snapshot],
    ready: Callable[[], str | None],
    delivered: Callable[[], None],
) -> Starlette:
    """Return the application; `delivered` is told of each page of metrics."""

    async def metrics(request: Request) -> Response:
        form = wanted_form(request.headers)
        pieces = await renderer.page(form)
        delivered()
        headers = {"Content-Type": form.dialect.value, "Vary": "Accept, Accept-Encoding"}
        if form.gzip:
            headers["Content-Encoding"] = "gzip"
        return _InPieces(pieces, headers)

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def readiness(_: Request) -> Response:
        missing = ready()
        if missing is None:
            return PlainTextResponse("ready\n")
        return PlainTextResponse(f"not ready: {missing}\n", status_code=503)

    async def landing(_: Request) -> Response:
        return HTMLResponse(
            landing_page(snapshot(), ready()),
            headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
        )

    return Starlette(
        routes=[
            Route("/metrics", metrics),  # a Route answers GET and HEAD, and 405 to the rest
            Route("/-/healthy", healthy),
            Route("/-/ready", readiness),
            Route("/", landing),
        ]
    )


def wanted_form(headers: Mapping[str, str]) -> Form:
    """Return what the Accept headers ask for. Weights are not compared, only refusals heeded."""
    kinds = _accepted(headers.get("accept", ""))
    codings = _accepted(headers.get("accept-encoding", ""))
    openmetrics = "application/openmetrics-text" in kinds
    return Form(Dialect.OPENMETRICS if openmetrics else Dialect.TEXT, "gzip" in codings)


def _accepted(header: str) -> set[str]:
    names = set()
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if not any(part in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for part in parameters):
            names.add(name)
    return names


class _InPieces(Response):
    """A body that is sent as fast as the client reads it, and not copied whole for it."""

    def __init__(self, pieces: Sequence[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(headers={**headers, "Content-Length": str(sum(map(len, pieces)))})
        self._pieces = pieces

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        for piece in self._pieces if scope["method"] != "HEAD" else ():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)  # a fast reader would take the whole page in one turn
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Gate:
    """Lets in who may read, and says on every answer what holds for all of them."""

    def __init__(
        self,
        app: ASGIApp,
        users: Mapping[str, str],
        utc: Callable[[], float],
        failed: Callable[[str], None],
    ) -> None:
        self._app = app
        self._users = {name: _digest(password) for name, password in users.items()}
        self._utc = utc
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._utc(), usegmt=True).encode()
                common = [(b"date", date), (b"x-content-type-options", b"nosniff")]
                message = {**message, "headers": [*message["headers"], *common]}
            await send(message)

        app: ASGIApp = self._app
        if self._users and scope["path"] not in _OPEN_PATHS:
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not self._may_read(given):
                if given:
                    self._failed("login")
                app = _LOGIN_WANTED
        await app(scope, receive, completed)

    def _may_read(self, given: bytes) -> bool:
        scheme, _, encoded = given.partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            name, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
            user = name.decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        # Digests are of one length: the comparison tells nothing of the password's. An unknown
        # name takes the same way.
        expected = self._users.get(user, _NOBODY)
        same = hmac.compare_digest(expected, blake2b(password).digest())
        return same and user in self._users


def _digest(password: str) -> bytes:
    return blake2b(password.encode()).digest()


_NOBODY: Final = bytes(64)
_LOGIN_WANTED: Final = PlainTextResponse(
    "a name and a password are needed: see basic_auth_users in the configuration\n",
    status_code=401,
    headers={"WWW-Authenticate": 'Basic realm="stationd", charset="UTF-8"'},
)

"""Puts the Prometheus sink's parts together: newest facts, snapshots, renderer, pages, server."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from stationd.facts import StationFacts
from stationd.sinks.prometheus.metric_families import Snapshot, take_snapshot
from stationd.sinks.prometheus.pages import Gate, pages
from stationd.sinks.prometheus.rendering import Renderer
from stationd.sinks.prometheus.server import serving, tls_context
from stationd.sinks.prometheus.settings import Patience, Settings
from stationd.sinks.sink import Surroundings


@asynccontextmanager
async def exporting(
    settings: Settings,
    around: Surroundings,
    newest: Mapping[str, StationFacts],
    patience: Patience,
    *,
    delivered: Callable[[], None],
    failed: Callable[[str], None],
) -> AsyncIterator[int]:
    """Serve what `newest` holds at each request, inside the block; yields the port."""

    def snapshot() -> Snapshot:
        return take_snapshot(
            newest,
            around.monotonic(),
            settings.stale_after_s,
            around.daemon_facts(),
            around.version,
        )

    users = {name: secret.get_secret_value() for name, secret in settings.basic_auth_users.items()}
    renderer = Renderer(snapshot, around.monotonic)
    app = Gate(pages(renderer, snapshot, around.ready, delivered), users, around.utc, failed)
    tls = None
    if settings.tls_certificate and settings.tls_key:
        tls = tls_context(settings.tls_certificate, settings.tls_key, failed)
    async with serving(
        app, settings.address, settings.port, tls=tls, patience=patience, failed=failed
    ) as port:
        yield port

"""One page of metrics at a time, made in steps between the loop's other work, shared by scrapers.

A worker thread would hold the interpreter for 5 ms at a time, some ten times a page; a step on
the loop takes under 1 ms and the next one waits for its turn.
"""

import asyncio
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

from stationd.sinks.prometheus.exposition import Dialect, page_pieces
from stationd.sinks.prometheus.metric_families import Snapshot

SHARED_FOR_S: Final = 1.0  # facts come once a second: a younger page says nothing new

_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's way to ask for gzip's frame
_GZIP_LEVEL: Final = 1  # level 9 takes some 17 times the time for a third off the bytes


class Form(NamedTuple):
    """How a scraper wants its page."""

    dialect: Dialect
    gzip: bool


class _Page(NamedTuple):
    form: Form
    taken_s: float  # monotonic, when its snapshot was taken
    pieces: tuple[bytes, ...]


class Renderer:
    """Makes pages, one at a time, and keeps the newest."""

    def __init__(self, snapshot: Callable[[], Snapshot], monotonic: Callable[[], float]) -> None:
        self._snapshot = snapshot
        self._monotonic = monotonic
        self._one_at_a_time = asyncio.Lock()
        self._newest: _Page | None = None

    async def page(self, form: Form) -> tuple[bytes, ...]:
        """Return a page, in pieces, whose snapshot is at most `SHARED_FOR_S` older than this call.

        In pieces, because joining some megabytes would stall the loop longer than making them.
        """
        asked_s = self._monotonic()
        async with self._one_at_a_time:
            kept = self._newest
            if kept and kept.form == form and asked_s - kept.taken_s <= SHARED_FOR_S:
                return kept.pieces
            self._newest = kept = None  # before the next: two pages at once are memory for nothing
            taken_s = self._monotonic()
            pieces = await self._rendered(form)
            self._newest = _Page(form, taken_s, pieces)
            return pieces

    async def _rendered(self, form: Form) -> tuple[bytes, ...]:
        squeeze = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP) if form.gzip else None
        pieces: list[bytes] = []
        for piece in page_pieces(self._snapshot(), form.dialect):
            pieces.append(squeeze.compress(piece) if squeeze else piece)
            await asyncio.sleep(0)  # the loop's other work
        if squeeze:
            pieces.append(squeeze.flush())
        return tuple(filter(None, pieces))

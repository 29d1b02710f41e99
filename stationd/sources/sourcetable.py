"""The sourcetable of a caster: asked for by `stationd sourcetable`, and by stations for `gga`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from stationd.inputs import Instant
from stationd.sources.casters import CasterAddress, CasterMemory, Offer, Offers
from stationd.sources.connecting import place
from stationd.sources.conversation import Question, Take, ask, error_of
from stationd.sources.source import RECEIVE_BUFFER_BYTES
from stationd.sources.stream import Stream
from stationd.supervise import RefusedError, SilentError, UnavailableError
from stationd.wire.errors import DecodeError
from stationd.wire.ntrip.body import Decoder, decoder_of
from stationd.wire.ntrip.denial import denial_of_sourcetable
from stationd.wire.ntrip.gga import Position, rounded
from stationd.wire.ntrip.head import Head, LeadIn
from stationd.wire.ntrip.login import Login
from stationd.wire.ntrip.request import target
from stationd.wire.ntrip.sourcetable import (
    END,
    MOST_SOURCETABLE_BYTES,
    Sourcetable,
    StreamRow,
    sourcetable_of,
)

WHOLE_WITHIN_S: Final = 60.0
OFFERS_KEPT_S: Final = 3600.0
NO_OFFERS_KEPT_S: Final = 600.0  # a caster that shows no sourcetable is not asked at every try
_SCHEMES: Final[Mapping[str, tuple[bool, int]]] = {  # whether it means TLS, and the port
    "ntrip": (False, 2101),
    "http": (False, 2101),  # a caster's address is often written so, and seldom means port 80
    "ntrips": (True, 443),
    "https": (True, 443),
}


class NotAnAddressError(ValueError):
    """What was given is not where a caster could be."""


def address_of(url: str, ca: Path | None = None) -> CasterAddress:
    """Return where a caster is: `ntrip://host:2101`, `https://host`, `host:port` or `host`."""
    example = "write ntrip://caster.example:2101, or https://… for TLS"
    try:
        parts = urlsplit(url if "://" in url else f"ntrip://{url}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NotAnAddressError(f"the address cannot be read ({error}): {example}") from error
    if "@" in parts.netloc:
        raise NotAnAddressError(
            "a login in the address can be read by every user of this machine: "
            "use --user, and --password-file or STATIOND_PASSWORD"
        )
    if parts.scheme not in _SCHEMES or not host:
        raise NotAnAddressError(f'"{url}" is no address of a caster: {example}')
    tls, usual_port = _SCHEMES[parts.scheme]
    return CasterAddress(host, port or usual_port, tls, ca)


async def fetch_sourcetable(
    url: str,
    login: Login | None = None,
    *,
    ca: Path | None = None,
    version: Literal["auto", "1", "2"] = "auto",
    within_s: float = 10.0,
) -> Sourcetable:
    """Return the sourcetable of the caster at `url`; `within_s` is for connecting, and answering.

    Raises `NotAnAddressError`, and `UnavailableError` where the caster has no sourcetable for us.
    """
    address = address_of(url, ca)
    question = Question(
        address,
        target(""),
        login,
        version,
        connect_within_s=within_s,
        answer_within_s=within_s,
    )
    buffer = memoryview(bytearray(RECEIVE_BUFFER_BYTES))
    try:
        return await ask_for_sourcetable(question, CasterMemory(), buffer)
    except UnavailableError as error:
        where = place(address.host, address.port)
        sentence = str(error) if where in str(error) else f"{where}: {error}"
        # Not `from error`: what that says may hold what is hidden here.
        raise type(error)(login.hidden_in(sentence) if login else sentence) from None


async def ask_for_sourcetable(
    question: Question, casters: CasterMemory, buffer: memoryview
) -> Sourcetable:
    """Return the answer to `question`, which is for "/"."""
    gathering = _Gathering()
    error = await ask(question, gathering.begin, casters, buffer)
    if isinstance(error, RefusedError | SilentError) or not gathering.body:
        raise error
    return sourcetable_of(bytes(gathering.body))


async def offers_of(
    question: Question, casters: CasterMemory, buffer: memoryview, now: Callable[[], Instant]
) -> Offers:
    """Return what the caster offers, asked for once an hour for all its stations.

    Empty where it shows no sourcetable: then nothing is known, and the mountpoint is tried.
    """
    caster = casters.of(question.address)
    async with caster.asking:
        at_s = now().monotonic_s
        if caster.offers is None or at_s >= caster.offers.until_s:
            try:
                table = await ask_for_sourcetable(question, casters, buffer)
            except UnavailableError:
                caster.offers = Offers({}, at_s + NO_OFFERS_KEPT_S)
            else:
                rows = {row.mountpoint: _offer(row) for row in table.streams}
                caster.offers = Offers(rows, at_s + OFFERS_KEPT_S)
        return caster.offers


def _offer(row: StreamRow) -> Offer:
    if row.latitude_deg is None or row.longitude_deg is None:
        return Offer(bool(row.nmea), None)
    return Offer(bool(row.nmea), rounded(Position(row.latitude_deg, row.longitude_deg)))


class _Gathering:
    """Takes the body until the table says that it is whole."""

    def __init__(self) -> None:
        self.body = bytearray()
        self._decoder: Decoder | LeadIn | None = None
        self._stream: Stream | None = None
        self._length_bytes: int | None = None

    def begin(self, head: Head, stream: Stream) -> Take:
        if (no := denial_of_sourcetable(head)) is not None:
            raise error_of(no)
        try:
            self._decoder = decoder_of(head) if head.protocol == "HTTP" else LeadIn()
        except DecodeError as error:
            raise RefusedError(f"the caster sends {error}, which nobody asked for") from error
        length = head.value("content-length")
        plain = self._decoder is None and length.isascii() and length.isdigit()
        self._length_bytes = int(length) if plain and len(length) < 10 else None
        self._stream = stream
        late = SilentError(f"the sourcetable is not whole within {WHOLE_WITHIN_S:g} s")
        stream.expect(WHOLE_WITHIN_S, late)
        return self._take

    def _take(self, data: bytes) -> None:
        assert self._stream is not None
        try:
            content = self._decoder.feed(data) if self._decoder else data
        except DecodeError as error:
            raise RefusedError(f"the sourcetable is unsound: {error}") from error
        new_from = max(0, len(self.body) - len(END) - 1)
        self.body += content
        if len(self.body) > MOST_SOURCETABLE_BYTES:
            raise RefusedError(f"the sourcetable is larger than {MOST_SOURCETABLE_BYTES} bytes")
        said = self.body.startswith(END) or self.body.find(b"\n" + END, new_from) >= 0
        over = not isinstance(self._decoder, LeadIn | None) and self._decoder.ended
        long_enough = self._length_bytes is not None and len(self.body) >= self._length_bytes
        if said or over or long_enough:
            self._stream.end(UnavailableError("all of it came"))


def sourcetable_json(table: Sourcetable) -> str:
    """Return the table as one JSON object; what a row leaves out is null."""
    return json.dumps(asdict(table), ensure_ascii=False)


def sourcetable_text(table: Sourcetable) -> str:
    """Return the table for people: its streams, and how many of the rest there are."""
    header = ("mountpoint", "format", "systems", "country", "place", "position", "login", "from")
    lines = [header, *(_readable(row) for row in table.streams)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    cut = "" if table.complete else "; it broke off before its end"
    odd = f"; {table.odd_lines} lines that are no rows" if table.odd_lines else ""
    counts = f"{len(table.streams)} streams, {len(table.networks)} networks"
    return f"{text}\n{counts}, {len(table.casters)} casters{odd}{cut}"


def _readable(row: StreamRow) -> tuple[str, ...]:
    known = row.latitude_deg is not None and row.longitude_deg is not None
    return tuple(
        "".join(c if c.isprintable() else "?" for c in cell)
        for cell in (
            row.mountpoint,
            row.format,
            row.nav_system,
            row.country,
            f"{row.latitude_deg:.2f} {row.longitude_deg:.2f}" if known else "-",
            {True: "wanted", False: "-", None: "?"}[row.nmea],
            {"N": "none", "B": "basic", "D": "digest"}.get(row.authentication, "?"),
            row.identifier,
        )
    )

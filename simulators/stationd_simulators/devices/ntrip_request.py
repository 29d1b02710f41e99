"""What clients ask of a caster: a request of either version, read within bounds."""

import asyncio
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final, Literal
from urllib.parse import unquote

from stationd_simulators.devices.connections import MOST_UNREAD_BYTES

_GGA_LENGTH_BYTES: Final = 200  # NMEA 0183 allows 82; some receivers write more digits


class NotARequestError(ValueError):
    """What a client said is no request; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request's first line and headers (names in lower case)."""

    method: str
    target: str  # as it was written, for Digest
    http: str  # "HTTP/1.0"
    headers: dict[str, str]

    @property
    def version(self) -> Literal["1", "2"]:
        return "2" if self.headers.get("ntrip-version", "").lower() == "ntrip/2.0" else "1"

    @property
    def mountpoint(self) -> str:
        """Return what is asked for; "" is the sourcetable."""
        return unquote(self.target.partition("?")[0]).removeprefix("/")

    @property
    def takes_chunks(self) -> bool:
        return self.version == "2" and self.http == "HTTP/1.1"


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Return the next request. Raises `NotARequestError`, and `IncompleteReadError` at the end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise NotARequestError(f"its header is longer than {MOST_UNREAD_BYTES} bytes") from error
    return request_of(head)


def request_of(head: bytes) -> Request:
    """Return the request that these bytes are."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split()
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise NotARequestError("its first line is no request")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise NotARequestError("a line of its header has no colon")
        headers[name.strip().lower()] = value.strip()
    return Request(words[0], words[1], words[2], headers)


def is_gga(line: bytes) -> bool:
    """Return whether a line is a sound GGA sentence that tells a position."""
    body, star, checksum = line.strip().partition(b"*")
    if not star or len(line) > _GGA_LENGTH_BYTES or body[:1] != b"$" or body[3:6] != b"GGA":
        return False
    fields = body.split(b",")
    is_sound = checksum.upper() == b"%02X" % reduce(xor, body[1:])
    return is_sound and len(fields) > 6 and bool(fields[2]) and fields[6] not in {b"", b"0"}

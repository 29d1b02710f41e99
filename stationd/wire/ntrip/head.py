"""The head of a caster's answer, in every form that casters give it.

    HTTP/1.1 200 OK         and headers up to a blank line (version 2)
    ICY 200 OK              version 1: data may follow at once, or headers, or a blank line first
    SOURCETABLE 200 OK      version 1: the same; to a mountpoint it means "there is no such"
    ERROR - Bad Password    version 1: and perhaps no end of line

What is not HTTP is known by its first line alone, and so it must be: a virtual reference station
says `ICY 200 OK` and waits for a position before it says more. `LeadIn` takes away what may stand
between that line and the data.
"""

import re
from typing import Final, NamedTuple

from stationd.wire.errors import DecodeError

MOST_HEAD_BYTES: Final = 16 * 1024
MOST_LEAD_IN_LINE_BYTES: Final = 512
_OPENINGS: Final = (b"HTTP/", b"ICY ", b"SOURCETABLE ", b"ERROR")
_HTTP_END: Final = re.compile(rb"\n\r?\n")
_STATUS: Final = re.compile(rb"(HTTP/1\.\d|ICY|SOURCETABLE) +(\d{3})(?: +(.*))?$")
# A header, or bytes that may yet become one; data begins otherwise (0xD3, "$", "STR;").
_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,40}:[\t\x20-\x7e]*\r?\n")
_HEADER_BEGUN: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,40}(?::[\t\x20-\x7e]*\r?)?\Z")


class Head(NamedTuple):
    """`protocol`: "HTTP", "ICY", "SOURCETABLE" or "ERROR" (its `status` is 0)."""

    protocol: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()  # names in lower case

    def value(self, name: str) -> str:
        """Return a header's value, several of the same name joined; "" where there is none."""
        return ", ".join(value for key, value in self.headers if key == name)


def printable(raw: bytes, most: int = 80) -> str:
    """Return what a peer said as text that is fit for a log line."""
    text = raw[: 4 * most].decode("latin-1")
    return "".join(c if c.isprintable() else "?" for c in text).strip()[:most]


class HeadReader:
    """Gathers an answer's first bytes until its head is whole; `rest` is what came behind it."""

    __slots__ = ("_held", "rest")

    def __init__(self) -> None:
        self._held = b""
        self.rest = b""

    def feed(self, data: bytes) -> Head | None:
        """Return the head once it is whole. Raises `DecodeError`: this is no caster's answer."""
        self._held += data
        if not any(self._held[: len(o)] == o[: len(self._held)] for o in _OPENINGS):
            raise DecodeError(f'does not speak NTRIP: its answer begins with "{self._opening()}"')
        end = _HTTP_END.search(self._held) if self._held.startswith(b"HTTP/") else None
        line, newline, behind = self._held[:MOST_HEAD_BYTES].partition(b"\n")
        if newline and not line.startswith(b"HTTP/"):
            self.rest = behind + self._held[MOST_HEAD_BYTES:]
            return _status(line)
        if len(self._held if end is None else self._held[: end.end()]) > MOST_HEAD_BYTES:
            raise DecodeError(f"sent more than {MOST_HEAD_BYTES} bytes of header")
        if end is None:
            return None
        self.rest = self._held[end.end() :]
        return self._http(self._held[: end.start()])

    def so_far(self) -> Head | None:
        """Return the head as far as it came, for an answer that breaks off; None: no first line.

        str2str ends after `HTTP/1.0 401 Unauthorized` without a blank line.
        """
        whole_line = b"\n" in self._held or self._held.startswith(b"ERROR")
        return self._http(self._held) if whole_line else None

    @property
    def begun(self) -> bool:
        """Whether anything came at all."""
        return bool(self._held)

    def _opening(self) -> str:
        return printable(self._held.partition(b"\n")[0].rstrip(b"\r"), 40)

    def _http(self, raw: bytes) -> Head:
        first, _, lines = raw.partition(b"\n")
        head = _status(first)
        pairs = (line.partition(b":") for line in lines.split(b"\n"))
        headers = tuple(
            (
                name.strip().lower().decode("latin-1"),
                value.strip().replace(b"\r", b" ").decode("latin-1"),
            )
            for name, colon, value in pairs
            if colon
        )
        return head._replace(headers=headers)


def _status(line: bytes) -> Head:
    line = line.rstrip(b"\r")
    if line.startswith(b"ERROR"):
        return Head("ERROR", 0, printable(line))
    match = _STATUS.match(line)
    if match is None:
        raise DecodeError(f'answers with a status line that is none: "{printable(line)}"')
    protocol, status, reason = match.groups()
    return Head(protocol.decode().partition("/")[0], int(status), printable(reason or b""))


class LeadIn:
    """Passes a version 1 body on, without the headers and the blank line that may precede it."""

    __slots__ = ("_held", "passed")

    def __init__(self) -> None:
        self._held = b""
        self.passed = False  # what follows is body and needs no looking at

    def feed(self, data: bytes) -> bytes:
        """Return what of `data`, and of what was held back, is body."""
        if self.passed:
            return data
        held = self._held + data
        while match := _HEADER.match(held):
            held = held[match.end() :]
        for blank in (b"\r\n", b"\n"):
            if held.startswith(blank):
                return self._pass(held[len(blank) :])
        open_end = not held or held == b"\r" or _HEADER_BEGUN.match(held)
        if open_end and len(held) <= MOST_LEAD_IN_LINE_BYTES:
            self._held = held
            return b""
        return self._pass(held)

    def _pass(self, body: bytes) -> bytes:
        self._held = b""
        self.passed = True
        return body

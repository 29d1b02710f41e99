"""Bodies as HTTP wraps them: chunks (RFC 9112, 7.1), gzip and deflate; every length is bounded."""

import re
import zlib
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, Protocol

from stationd.wire.errors import DecodeError
from stationd.wire.ntrip.head import Head, printable

MOST_SIZE_LINE_BYTES: Final = 1024  # a chunk's size and its extensions
MOST_TRAILER_BYTES: Final = 8 * 1024
# A segment of 64 KiB can inflate to 64 MiB. A receiver's bytes hardly shrink, a sourcetable to a
# fifth: whatever grows beyond this at one feed is there to harm.
MOST_INFLATED_BYTES: Final = 2 * 1024 * 1024
_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?$", re.DOTALL)
_GZIP: Final = b"\x1f\x8b"
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_BARE_DEFLATE: Final = -zlib.MAX_WBITS


class Decoder(Protocol):
    """Takes a body's bytes as they come and returns what they stand for."""

    @property
    def ended(self) -> bool:
        """Whether the body said that it is over; what comes behind is not looked at."""

    def feed(self, data: bytes) -> bytes:
        """Return what `data` adds. Raises `DecodeError`: the rest of the body is lost."""


class _Stage(Enum):
    SIZE = auto()
    DATA = auto()
    AFTER_DATA = auto()
    TRAILER = auto()


class Chunked:
    """Undoes `Transfer-Encoding: chunked`; extensions and trailers are read over."""

    __slots__ = ("_left_bytes", "_line", "_stage", "_trailer_bytes", "ended")

    def __init__(self) -> None:
        self.ended = False
        self._stage = _Stage.SIZE
        self._left_bytes = 0
        self._line = b""
        self._trailer_bytes = 0

    def feed(self, data: bytes) -> bytes:
        out: list[bytes] = []
        at = 0
        while at < len(data) and not self.ended:
            if self._stage is not _Stage.DATA:
                at = self._read_line(data, at)
                continue
            piece = data[at : at + self._left_bytes]
            out.append(piece)
            at += len(piece)
            self._left_bytes -= len(piece)
            if not self._left_bytes:
                self._stage = _Stage.AFTER_DATA
        return b"".join(out)

    def _read_line(self, data: bytes, at: int) -> int:
        """Take the line that begins or goes on at `at`; return where what follows begins."""
        end = data.find(b"\n", at)
        stop = len(data) if end < 0 else end
        self._line += data[at : min(stop, at + MOST_SIZE_LINE_BYTES + 1)]
        if len(self._line) > MOST_SIZE_LINE_BYTES:
            raise DecodeError(f"a line between chunks is longer than {MOST_SIZE_LINE_BYTES} bytes")
        if end < 0:
            return stop
        line, self._line = self._line.rstrip(b"\r"), b""
        self._take_line(line)
        return end + 1

    def _take_line(self, line: bytes) -> None:
        match self._stage:
            case _Stage.SIZE:
                self._begin_chunk(line)
            case _Stage.AFTER_DATA if line:
                raise DecodeError(f'a chunk is longer than it says: "{printable(line, 20)}"')
            case _Stage.AFTER_DATA:
                self._stage = _Stage.SIZE
            case _:
                self._trailer_bytes += len(line)
                if self._trailer_bytes > MOST_TRAILER_BYTES:
                    raise DecodeError(f"more than {MOST_TRAILER_BYTES} bytes of trailers")
                self.ended = not line

    def _begin_chunk(self, line: bytes) -> None:
        match = _SIZE.match(line)
        if match is None:
            raise DecodeError(f'not the size of a chunk: "{printable(line, 20)}"')
        self._left_bytes = int(match[1], 16)
        self._stage = _Stage.DATA if self._left_bytes else _Stage.TRAILER


class Inflated:
    """Undoes gzip and deflate; one member may follow another (some casters zip each chunk)."""

    __slots__ = ("_head", "_inflate", "ended")

    def __init__(self) -> None:
        self.ended = False
        self._head = b""  # until its two bytes tell what it is
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> bytes:
        out: list[bytes] = []
        room_bytes = MOST_INFLATED_BYTES
        data, self._head = self._head + data, b""
        while data:
            if self._inflate is None:
                if len(data) < 2:
                    self._head = data
                    break
                self._inflate = zlib.decompressobj(_window_bits(data))
            try:
                piece = self._inflate.decompress(data, room_bytes + 1)
            except zlib.error as error:
                raise DecodeError(f"the compressed body is damaged: {error}") from error
            room_bytes -= len(piece)
            if room_bytes < 0:
                raise DecodeError(f"a piece inflates to more than {MOST_INFLATED_BYTES} bytes")
            out.append(piece)
            if not self._inflate.eof:
                break
            data = self._inflate.unused_data.lstrip(b"\0")  # padding between members
            self._inflate = None
        return b"".join(out)


def _window_bits(data: bytes) -> int:
    """Return what zlib must be told: "deflate" is sent with zlib's head, and without it."""
    is_zlib = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _GZIP_OR_ZLIB if is_zlib or data.startswith(_GZIP) else _BARE_DEFLATE


class Nested:
    """One encoding within another, the outermost first."""

    __slots__ = ("_decoders",)

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders

    @property
    def ended(self) -> bool:
        return any(decoder.ended for decoder in self._decoders)

    def feed(self, data: bytes) -> bytes:
        for decoder in self._decoders:
            data = decoder.feed(data)
        return data


def decoder_of(head: Head) -> Decoder | None:
    """Return what undoes the encodings that the head names; None where the body is plain.

    Raises `DecodeError` for an encoding that nobody asked for.
    """
    names = [*_names(head, "transfer-encoding"), *_names(head, "content-encoding")]
    decoders: list[Decoder] = []
    for name in names:
        match name:
            case "identity" | "none":
                pass
            case "chunked":
                decoders.append(Chunked())
            case "gzip" | "x-gzip" | "deflate":
                decoders.append(Inflated())
            case _:
                raise DecodeError(f'a body encoded as "{printable(name.encode("latin-1"), 20)}"')
    if len(decoders) > 3:
        raise DecodeError(f"a body encoded {len(decoders)} times over")
    return Nested(decoders) if len(decoders) > 1 else next(iter(decoders), None)


def _names(head: Head, header: str) -> list[str]:
    """Return the encodings of one header, the one applied last first."""
    names = (name.strip().lower() for name in head.value(header).split(","))
    return [name for name in reversed([*names]) if name]

"""What a mountpoint does for each `Misbehaviour`: one function, and one line in `MISDEEDS`."""

import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from stationd_simulators.devices.feed import Dress, as_it_is
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.mountpoint import sourcetable
from stationd_simulators.devices.session import Session

ICY: Final = b"ICY 200 OK\r\n"
_SERVER: Final = b"Server: NTRIP stationd-sim\r\n"
VERSION_2: Final = (
    b"HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n" + _SERVER + b"Cache-Control: no-store\r\n"
    b"Connection: close\r\nContent-Type: gnss/data\r\n"
)
CHUNKED: Final = VERSION_2 + b"Transfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK: Final = b"0\r\n\r\n"
_SPLIT_BYTES: Final = 7  # splits even a frame's header from its content
_PIECES_BYTES: Final = 11
_BETWEEN_PIECES_S: Final = 0.002  # so long that the kernel does not join them again


async def treat_well(session: Session) -> None:
    """Answer as the protocol says, in the version that was asked for."""
    head, dress = _answer(session)
    await session.send(head)
    await session.stream(dress)


def _answer(session: Session) -> tuple[bytes, Dress]:
    """Return the head and the dress of a good answer."""
    if session.request.takes_chunks:
        return CHUNKED, chunk
    return (VERSION_2 + b"\r\n", as_it_is) if session.request.version == "2" else (ICY, as_it_is)


def chunk(data: bytes) -> bytes:
    """Return the bytes as a chunk (RFC 9112, 7.1); none for no bytes: that would be the last."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


async def _never_answer(session: Session) -> None:
    await session.hold()


async def _stop_in_header(session: Session) -> None:
    await session.send(b"HTTP/1.1 200 OK\r\nServer: NTRIP stat")
    await session.hold()


async def _never_send(session: Session) -> None:
    await session.send(_answer(session)[0])
    await session.hold()


async def _fall_silent(session: Session) -> None:
    head, dress = _answer(session)
    await session.send(head)
    await session.stream(dress, most_pieces=1)
    await session.hold()


async def _close_at_once(session: Session) -> None:
    del session  # whoever calls closes the connection


async def _end_stream(session: Session) -> None:
    head, dress = _answer(session)
    await session.send(head)
    await session.stream(dress, most_pieces=1)
    if session.request.takes_chunks:  # otherwise only closing ends it
        await session.send(LAST_CHUNK)
        await session.hold()


async def _reset(session: Session) -> None:
    head, dress = _answer(session)
    await session.send(head)
    await session.stream(dress, most_pieces=1)
    session.reset()


async def _send_data_with_head(session: Session) -> None:
    head, dress = _answer(session)
    unsent = [head]

    def behind_the_head(data: bytes) -> bytes:
        return (unsent.pop() if unsent else b"") + dress(data)

    await session.stream(behind_the_head)


async def _send_head_in_pieces(session: Session) -> None:
    head, dress = _answer(session)
    for at in range(0, len(head), _PIECES_BYTES):
        await session.send(head[at : at + _PIECES_BYTES])
        await session.sleep(_BETWEEN_PIECES_S)
    await session.stream(dress)


async def _send_icy_with_headers(session: Session) -> None:
    await session.send(ICY + _SERVER + b"Date: 01/Jan/2026:00:00:00 UTC\r\n\r\n")
    await session.stream()


async def _answer_icy(session: Session) -> None:
    await session.send(ICY)
    await session.stream()


async def _call_version_2_bad(session: Session) -> None:
    if session.request.version == "2":
        await session.send(b"HTTP/1.0 400 Bad Request\r\n\r\n")
    else:
        await treat_well(session)


async def _close_on_version_2(session: Session) -> None:
    if session.request.version == "1":
        await treat_well(session)


def _body(headers: bytes, make_dress: Callable[[], Dress]) -> Callable[[Session], Awaitable[None]]:
    """Return a behaviour: version 2 with these headers behind its own, and a body dressed so."""

    async def behave(session: Session) -> None:
        if not session.request.takes_chunks:
            await treat_well(session)
            return
        await session.send(VERSION_2 + headers + b"\r\n")
        await session.stream(make_dress())

    return behave


def _in_capitals(data: bytes) -> bytes:
    return b"%08X\r\n%b\r\n" % (len(data), data) if data else b""


def _with_extensions(data: bytes) -> bytes:
    return b'%x;kind=rtcm;note="a;b"\r\n%b\r\n' % (len(data), data) if data else b""


def _split(data: bytes) -> bytes:
    starts = range(0, len(data), _SPLIT_BYTES)
    return b"".join(chunk(data[at : at + _SPLIT_BYTES]) for at in starts)


def _unsound(data: bytes) -> bytes:
    return b"zz\r\n%b\r\n" % data


def _zipped() -> Dress:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)

    def dress(data: bytes) -> bytes:
        return chunk(packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))

    return dress


def _say(answer: bytes) -> Callable[[Session], Awaitable[None]]:
    """Return a behaviour: these bytes, and the connection is closed."""

    async def behave(session: Session) -> None:
        await session.send(answer)

    return behave


def _status(status: str, more: bytes = b"") -> Callable[[Session], Awaitable[None]]:
    return _say(f"HTTP/1.1 {status}\r\n".encode() + _SERVER + more + b"Content-Length: 0\r\n\r\n")


async def _send_sourcetable(session: Session) -> None:
    table = sourcetable([session.mountpoint], "utf-8")
    await session.send(b"SOURCETABLE 200 OK\r\n" + _SERVER + _length(table, b"text/plain") + table)


async def _send_gnss_sourcetable(session: Session) -> None:
    table = sourcetable([session.mountpoint], "utf-8")
    head = b"HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n" + _SERVER
    await session.send(head + _length(table, b"gnss/sourcetable") + table)


def _length(content: bytes, kind: bytes) -> bytes:
    return b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(content))


_PAGE: Final = b"<html><body>Welcome to the router</body></html>\r\n"

MISDEEDS: Final[Mapping[Misbehaviour, Callable[[Session], Awaitable[None]]]] = {
    Misbehaviour.NONE: treat_well,
    Misbehaviour.NEVER_ANSWERS: _never_answer,
    Misbehaviour.STOPS_IN_HEADER: _stop_in_header,
    Misbehaviour.NEVER_SENDS: _never_send,
    Misbehaviour.FALLS_SILENT: _fall_silent,
    Misbehaviour.CLOSES_AT_ONCE: _close_at_once,
    Misbehaviour.ENDS_STREAM: _end_stream,
    Misbehaviour.RESETS: _reset,
    Misbehaviour.DATA_WITH_HEAD: _send_data_with_head,
    Misbehaviour.HEAD_IN_PIECES: _send_head_in_pieces,
    Misbehaviour.ICY_WITH_HEADERS: _send_icy_with_headers,
    Misbehaviour.ICY_TO_VERSION_2: _answer_icy,
    Misbehaviour.BAD_REQUEST_TO_VERSION_2: _call_version_2_bad,
    Misbehaviour.CLOSES_ON_VERSION_2: _close_on_version_2,
    Misbehaviour.PLAIN_BODY: _body(b"", lambda: as_it_is),
    Misbehaviour.CHUNKED_IN_CAPITALS: _body(
        b"TRANSFER-ENCODING: CHUNKED\r\n", lambda: _in_capitals
    ),
    Misbehaviour.CHUNK_EXTENSIONS: _body(
        b"Transfer-Encoding: chunked\r\n", lambda: _with_extensions
    ),
    Misbehaviour.CHUNKS_SPLIT_FRAMES: _body(b"Transfer-Encoding: chunked\r\n", lambda: _split),
    Misbehaviour.GZIP: _body(b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", _zipped),
    Misbehaviour.UNSOUND_CHUNKS: _body(b"Transfer-Encoding: chunked\r\n", lambda: _unsound),
    Misbehaviour.UNAUTHORIZED: _say(b"HTTP/1.0 401 Unauthorized\r\n"),
    Misbehaviour.BAD_PASSWORD: _say(b"ERROR - Bad Password\r\n"),
    Misbehaviour.FORBIDDEN: _status("403 Forbidden"),
    Misbehaviour.NOT_FOUND: _status("404 Not Found"),
    Misbehaviour.SOURCETABLE: _send_sourcetable,
    Misbehaviour.GNSS_SOURCETABLE: _send_gnss_sourcetable,
    Misbehaviour.CONTENT_LENGTH: _say(
        b"HTTP/1.1 200 OK\r\n" + _SERVER + _length(b"hello", b"application/octet-stream") + b"hello"
    ),
    Misbehaviour.WEB_PAGE: _say(b"HTTP/1.1 200 OK\r\n" + _length(_PAGE, b"text/html") + _PAGE),
    Misbehaviour.REDIRECT: _status("302 Found", b"Location: http://other.example:2101/OTHER\r\n"),
    Misbehaviour.BUSY: _status("503 Service Unavailable"),
    Misbehaviour.BROKEN: _status("500 Internal Server Error"),
    Misbehaviour.FOREIGN_PROTOCOL: _say(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
}

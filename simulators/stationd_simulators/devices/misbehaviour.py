"""What a caster can do wrong at a mountpoint, by name; `misdeeds.py` does it.

Some are sins against the protocol, some are legal and rare: clients stumble over both. Names are
what a scenario file says: `misbehaviour` of the fault `caster`.
"""

from enum import StrEnum
from typing import Final


class Misbehaviour(StrEnum):
    """One way in which a mountpoint treats its clients."""

    NONE = "none"

    # Silence: each needs a time limit of its own.
    NEVER_ANSWERS = "never-answers"
    STOPS_IN_HEADER = "stops-in-header"
    NEVER_SENDS = "never-sends"
    FALLS_SILENT = "falls-silent"  # after one piece

    # Endings.
    CLOSES_AT_ONCE = "closes-at-once"
    ENDS_STREAM = "ends-stream"  # after one piece, in due form; the connection stays
    RESETS = "resets"  # after one piece

    # Heads that are seldom seen.
    DATA_WITH_HEAD = "data-with-head"  # in the head's own segment, right behind its last line
    HEAD_IN_PIECES = "head-in-pieces"
    ICY_WITH_HEADERS = "icy-with-headers"

    # Versions.
    ICY_TO_VERSION_2 = "icy-to-version-2"  # as RTKLIB's caster answers
    BAD_REQUEST_TO_VERSION_2 = "bad-request-to-version-2"
    CLOSES_ON_VERSION_2 = "closes-on-version-2"

    # Bodies of version 2; clients of version 1 are treated well.
    PLAIN_BODY = "plain-body"
    CHUNKED_IN_CAPITALS = "chunked-in-capitals"
    CHUNK_EXTENSIONS = "chunk-extensions"
    CHUNKS_SPLIT_FRAMES = "chunks-split-frames"
    GZIP = "gzip"
    UNSOUND_CHUNKS = "unsound-chunks"

    # Answers that are a no.
    UNAUTHORIZED = "unauthorized"  # HTTP/1.0 401, and no end of header
    BAD_PASSWORD = "bad-password"  # noqa: S105 - the name of an answer
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    SOURCETABLE = "sourcetable"  # SOURCETABLE 200 OK instead of the stream
    GNSS_SOURCETABLE = "gnss-sourcetable"  # the same in version 2: 200, gnss/sourcetable
    CONTENT_LENGTH = "content-length"  # a document and no stream
    WEB_PAGE = "web-page"
    REDIRECT = "redirect"
    BUSY = "busy"
    BROKEN = "broken"
    FOREIGN_PROTOCOL = "foreign-protocol"

    @property
    def sends_stream(self) -> bool:
        """Whether any client gets any of the stream; of a few sins, only the first piece."""
        return self not in _WITHOUT_STREAM


_WITHOUT_STREAM: Final = frozenset(
    {
        Misbehaviour.NEVER_ANSWERS,
        Misbehaviour.STOPS_IN_HEADER,
        Misbehaviour.NEVER_SENDS,
        Misbehaviour.CLOSES_AT_ONCE,
        Misbehaviour.UNAUTHORIZED,
        Misbehaviour.BAD_PASSWORD,
        Misbehaviour.FORBIDDEN,
        Misbehaviour.NOT_FOUND,
        Misbehaviour.SOURCETABLE,
        Misbehaviour.GNSS_SOURCETABLE,
        Misbehaviour.CONTENT_LENGTH,
        Misbehaviour.WEB_PAGE,
        Misbehaviour.REDIRECT,
        Misbehaviour.BUSY,
        Misbehaviour.BROKEN,
        Misbehaviour.FOREIGN_PROTOCOL,
    }
)

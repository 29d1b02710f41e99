"""A recording's RTCM 3 messages as JSON objects, in order."""

from collections.abc import Iterable, Iterator
from typing import Any

from stationd.wire.errors import DecodeError
from stationd.wire.framing import Frame, Framer, Sentence
from stationd.wire.rtcm3.as_json import msm_json, plain
from stationd.wire.rtcm3.decoders import DECODERS, MESSAGE_NAMES
from stationd.wire.rtcm3.msm import decode_msm
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS
from stationd.wire.rtcm3.rare import decode_rare


def decoded(blocks: Iterable[bytes], wanted: frozenset[int]) -> Iterator[dict[str, Any]]:
    """Yield each message of the wanted types (all where none is named).

    A sound frame with unsound content becomes an object with `error`.
    """
    framer = Framer()

    def of(items: Iterable[Frame | Sentence]) -> Iterator[dict[str, Any]]:
        for item in items:
            if isinstance(item, Frame) and (not wanted or item.number in wanted):
                yield _object(item.number, item.data)

    for block in blocks:
        yield from of(framer.feed(block))
    yield from of(framer.finish())


def _object(number: int, frame: bytes) -> dict[str, Any]:
    try:
        if number in MSM_NUMBERS:
            return msm_json(decode_msm(frame))
        decode = DECODERS.get(number, decode_rare)
        return {"type": number, "name": MESSAGE_NAMES.get(number), **plain(decode(frame))}
    except DecodeError as error:
        return {"type": number, "error": str(error)}

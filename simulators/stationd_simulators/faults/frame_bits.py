"""Fields of a finished RTCM 3 frame, read and overwritten in place, its checksum made right.

Faults change what another module has encoded; they know where a field is, and nothing else.
"""

from collections.abc import Callable, Iterator
from typing import Final

from anycrc import Model

_PREAMBLE: Final = 0xD3
_HEAD_BYTES: Final = 3  # D3, 6 reserved bits and 10 of length
_CRC_BYTES: Final = 3
_crc24q: Callable[[bytes], int] = Model("CRC24-LTE-A").calc


def framed(payload: bytes) -> bytes:
    """Return a frame around a payload (RTCM 10403.3, 4.2)."""
    head = b"\xd3" + len(payload).to_bytes(2)
    return head + payload + _crc24q(head + payload).to_bytes(3)


def payload_of(frame: bytes) -> bytes:
    return frame[_HEAD_BYTES:-_CRC_BYTES]


def number_of(frame: bytes) -> int:
    """Return the message number, DF002."""
    return frame[3] << 4 | frame[4] >> 4


def bits_of(frame: bytes, at: int, width: int) -> int:
    """Return `width` bits from bit `at` of the payload, unsigned."""
    payload = payload_of(frame)
    return int.from_bytes(payload) >> (8 * len(payload) - at - width) & ((1 << width) - 1)


def with_bits(frame: bytes, at: int, width: int, value: int) -> bytes:
    """Return the frame with other bits there; a negative value as two's complement."""
    payload = payload_of(frame)
    shift = 8 * len(payload) - at - width
    mask = (1 << width) - 1
    whole = int.from_bytes(payload) & ~(mask << shift) | (value & mask) << shift
    return framed(whole.to_bytes(len(payload)))


def signed(value: int, width: int) -> int:
    """Return bits read as two's complement."""
    return value - (1 << width) if value >> (width - 1) else value


def pieces(data: bytes) -> Iterator[bytes]:
    """Yield sound frames, and what stands between them, in order; joined they are `data`."""
    begin = at = 0
    while (at := data.find(b"\xd3", at)) >= 0:
        frame = data[at : at + _HEAD_BYTES + _CRC_BYTES + _length(data, at)]
        if not is_frame(frame):
            at += 1
            continue
        if at > begin:
            yield data[begin:at]
        yield frame
        begin = at = at + len(frame)
    if begin < len(data):
        yield data[begin:]


def is_frame(piece: bytes) -> bool:
    """Return whether a piece is one sound frame."""
    return (
        len(piece) > _HEAD_BYTES + _CRC_BYTES
        and piece[0] == _PREAMBLE
        and len(piece) == _HEAD_BYTES + _CRC_BYTES + _length(piece, 0)
        and not _crc24q(piece)
    )


def _length(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 1 : at + 3]) & 0x3FF

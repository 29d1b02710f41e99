"""Writes what stands between RTCM frames on a receiver's port: NMEA, UBX, SBF."""

from functools import reduce
from operator import xor


def nmea(body: str, *, checksum: str | None = None, end: bytes = b"\r\n") -> bytes:
    """Return a sentence; `checksum` overrides the right one."""
    right = f"{reduce(xor, body.encode()):02X}"
    return f"${body}*{checksum or right}".encode() + end


def ubx(kind: tuple[int, int], payload: bytes) -> bytes:
    """Return a UBX message: Fletcher's sums over class, id, length and payload."""
    body = bytes(kind) + len(payload).to_bytes(2, "little") + payload
    first = second = 0
    for byte in body:
        first = (first + byte) & 0xFF
        second = (second + first) & 0xFF
    return b"\xb5\x62" + body + bytes((first, second))


def sbf(block: int, payload: bytes) -> bytes:
    """Return an SBF block: CRC-16-CCITT over id, length and payload, padded to four bytes."""
    payload += bytes(-len(payload) % 4)
    body = block.to_bytes(2, "little") + (len(payload) + 8).to_bytes(2, "little") + payload
    crc = 0
    for byte in body:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ (0x1021 if crc & 0x8000 else 0)
            crc &= 0xFFFF
    return b"$@" + crc.to_bytes(2, "little") + body

"""Finds RTCM 3 frames by trying every byte, with its own bitwise CRC: the truth for the framer."""

from typing import NamedTuple

_POLYNOMIAL = 0x1864CFB  # RTCM 10403.3, 4.2


class Found(NamedTuple):
    """A frame whose CRC is good, and the byte that it begins at."""

    start: int
    data: bytes

    @property
    def number(self) -> int:
        return int.from_bytes(self.data[3:5], "big") >> 4


def bitwise_crc24q(data: bytes) -> int:
    """Return the CRC by long division, bit by bit."""
    remainder = 0
    for byte in data:
        remainder ^= byte << 16
        for _ in range(8):
            remainder <<= 1
            if remainder > 0xFFFFFF:
                remainder ^= _POLYNOMIAL
    return remainder


def frames_at_every_byte(data: bytes) -> list[Found]:
    """Return every good frame, whatever came before it; frames inside frames included."""
    found = []
    start = data.find(b"\xd3")
    while start >= 0:
        length = int.from_bytes(data[start + 1 : start + 3], "big")
        frame = data[start : start + length + 6]
        if length < 1024 and len(frame) == length + 6:
            crc = int.from_bytes(frame[-3:], "big")
            if bitwise_crc24q(frame[:-3]) == crc:
                found.append(Found(start, frame))
        start = data.find(b"\xd3", start + 1)
    return found


def one_after_another(found: list[Found]) -> list[Found]:
    """Return what a reader takes that goes on behind each good frame."""
    taken: list[Found] = []
    end = 0
    for frame in found:
        if frame.start >= end:
            taken.append(frame)
            end = frame.start + len(frame.data)
    return taken

"""RTCM 3 frames: preamble, length, payload, CRC-24Q; and the writer of bits that fills payloads.

Own code, not stationd's: an encoder that shares the decoder's tables shares its mistakes.
"""

from typing import Final

from anycrc import Model

PREAMBLE: Final = 0xD3
LARGEST_PAYLOAD_BYTES: Final = 1023  # ten bits of length, RTCM 10403.3, 4.2

_CRC: Final = Model("CRC24-LTE-A")  # the catalogue's name of CRC-24Q


def frame(payload: bytes) -> bytes:
    """Return the frame of a payload; `ValueError` where it is longer than a frame can be."""
    if len(payload) > LARGEST_PAYLOAD_BYTES:
        raise ValueError(
            f"a payload of {len(payload)} bytes does not fit a frame: split it into messages of "
            f"at most {LARGEST_PAYLOAD_BYTES}"
        )
    head = bytes((PREAMBLE, len(payload) >> 8, len(payload) & 0xFF)) + payload
    return head + int(_CRC.calc(head)).to_bytes(3, "big")


class BitWriter:
    """Collects fields, most significant bit first, and pads the last byte with zeros."""

    __slots__ = ("_bits", "_value")

    def __init__(self) -> None:
        self._value = 0
        self._bits = 0

    def unsigned(self, value: int, bits: int) -> "BitWriter":
        """Append an unsigned field; `ValueError` where the value needs more bits."""
        if not 0 <= value < 1 << bits:
            raise ValueError(f"{value} does not fit an unsigned field of {bits} bits")
        self._value = self._value << bits | value
        self._bits += bits
        return self

    def signed(self, value: int, bits: int) -> "BitWriter":
        """Append a field in two's complement; `ValueError` where the value needs more bits."""
        if not -(1 << bits - 1) <= value < 1 << bits - 1:
            raise ValueError(f"{value} does not fit a signed field of {bits} bits")
        return self.unsigned(value & (1 << bits) - 1, bits)

    def text(self, text: str, length_bits: int = 8) -> "BitWriter":
        """Append a counted string of ISO 8859-1; what has no place in it becomes "?"."""
        octets = text.encode("latin-1", "replace")[: (1 << length_bits) - 1]
        return self.unsigned(len(octets), length_bits).octets(octets)

    def octets(self, octets: bytes) -> "BitWriter":
        """Append bytes as they are, wherever the next bit falls."""
        self._value = self._value << 8 * len(octets) | int.from_bytes(octets, "big")
        self._bits += 8 * len(octets)
        return self

    def payload(self) -> bytes:
        """Return the bytes so far."""
        length_bytes = -(-self._bits // 8)
        return (self._value << 8 * length_bytes - self._bits).to_bytes(length_bytes, "big")

    def frame(self) -> bytes:
        """Return the bytes so far as a frame."""
        return frame(self.payload())

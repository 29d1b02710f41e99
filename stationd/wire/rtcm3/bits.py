"""Reads the fields of one RTCM 3 message in wire order, bit by bit (RTCM 10403.3, 3.3)."""

from stationd.wire.errors import DecodeError

HEADER_BYTES = 3  # D3, length
CRC_BYTES = 3


class Bits:
    """A cursor over a whole frame's message. Every read raises DecodeError past its end."""

    __slots__ = ("_left_bits", "_value", "number")

    def __init__(self, frame: bytes) -> None:
        """`frame`: a whole RTCM 3 frame, from D3 to the CRC. The message number is read at once."""
        message = frame[HEADER_BYTES:-CRC_BYTES]
        self._value = int.from_bytes(message, "big")
        self._left_bits = 8 * len(message)
        self.number = 0
        self.number = self.unsigned(12)  # DF002

    @property
    def left_bits(self) -> int:
        """Bits not read yet, those that fill the last byte included."""
        return self._left_bits

    def unsigned(self, width: int) -> int:
        """Return the next `width` bits as a number of 0 or more."""
        left_bits = self._left_bits - width
        if left_bits < 0:
            raise DecodeError(
                f"message {self.number or 'without number'}: a field of {width} bits is due where "
                f"only {self._left_bits} are left"
            )
        self._left_bits = left_bits
        return self._value >> left_bits & (1 << width) - 1

    def signed(self, width: int) -> int:
        """Return the next `width` bits as two's complement (int)."""
        value = self.unsigned(width)
        return value - (1 << width) if value >> width - 1 else value

    def sign_magnitude(self, width: int) -> int:
        """Return the next `width` bits as a sign and a magnitude (intS), as GLONASS sends them."""
        value = self.unsigned(width)
        magnitude = value & (1 << width - 1) - 1
        return -magnitude if value >> width - 1 else magnitude

    def flag(self) -> bool:
        return self.unsigned(1) == 1

    def octets(self, count: int) -> bytes:
        """Return the next `count` bytes, wherever in a byte they begin."""
        return self.unsigned(8 * count).to_bytes(count, "big")

    def text(self) -> str:
        """Return a string that its length in one byte precedes (char8: ISO 8859-1)."""
        return self.octets(self.unsigned(8)).decode("latin-1")

"""Cuts a receiver's byte stream into RTCM 3 frames and NMEA sentences, with foreign bytes between.

Strategy: at every byte that could begin something, wait until enough bytes are there to decide by
checksum; accept the whole or advance by one byte, never by a length that nothing has proved. So
the result depends on the bytes alone and not on how they were chunked, and a good frame inside a
damaged one is found. UBX and SBF messages with a good checksum are stepped over whole: inside
them a byte D3 now and then looks like the head of a frame, and would count as a CRC failure that
the link never had.

Layouts: RTCM 10403.3, 4.1; NMEA 0183 4.11, 5.3; u-blox UBX frame structure; Septentrio SBF header.
"""

import re
from binascii import crc_hqx
from typing import Final, NamedTuple

import numpy as np

from stationd.wire.crc24q import crc24q

RTCM_OVERHEAD_BYTES: Final = 6  # D3, length, CRC
RTCM_LONGEST_BYTES: Final = 1023 + RTCM_OVERHEAD_BYTES
SENTENCE_LONGEST_BYTES: Final = 1024  # the standard says 82; proprietary sentences run to hundreds
FOREIGN_LONGEST_BYTES: Final = 8192  # a longer claim is not waited for: it would hold up the rest

_CANDIDATE = re.compile(rb"[\xd3\xb5$!]")
_PRINTABLE = re.compile(rb"[$!][\x20-\x7e]*")
_CHECKED_SENTENCE = re.compile(rb"[$!]([\x20-\x7e]*)\*([0-9A-Fa-f]{2})\Z")
_ADDRESS = re.compile(rb"[$!][A-Z][A-Z0-9]{2,}")


class Frame(NamedTuple):
    """An RTCM 3 frame that passed its CRC. `data` is the whole of it, from D3 to the CRC.

    `number` is the message number (DF002), 0 for a frame too short to have one.
    """

    number: int
    data: bytes


class Sentence(NamedTuple):
    """An NMEA sentence that passed its checksum, from $ to the digits, without the line end."""

    data: bytes


# What a candidate turned out to be: bytes to consume, or one of these.
_WAIT: Final = 0
_NOTHING: Final = -1


class Framer:
    """Sans-I/O framer of one stream. Holds back at most `FOREIGN_LONGEST_BYTES`."""

    __slots__ = (
        "_tail", "crc_failures", "foreign_bytes", "foreign_messages", "frame_bytes", "frames",
        "received_bytes", "sentence_bytes", "sentence_failures", "sentences",
    )  # fmt: skip

    def __init__(self) -> None:
        self._tail = b""
        self.received_bytes = 0
        self.frames = 0
        self.frame_bytes = 0
        self.crc_failures = 0
        self.sentences = 0
        self.sentence_bytes = 0
        self.sentence_failures = 0
        self.foreign_messages = 0
        self.foreign_bytes = 0

    @property
    def skipped_bytes(self) -> int:
        """Bytes that were decided to belong to no frame and no sentence; foreign ones included."""
        return self.received_bytes - self.frame_bytes - self.sentence_bytes - len(self._tail)

    def feed(self, data: bytes) -> list[Frame | Sentence]:
        """Return what `data` completes, in order."""
        self.received_bytes += len(data)
        return self._scan(self._tail + data if self._tail else data, last=False)

    def finish(self) -> list[Frame | Sentence]:
        """Return what the held-back bytes contain, now that nothing follows them."""
        return self._scan(self._tail, last=True)

    def _scan(self, buffer: bytes, *, last: bool) -> list[Frame | Sentence]:
        found: list[Frame | Sentence] = []
        position, end = 0, len(buffer)
        while position < end:
            if buffer[position] == 0xD3:  # the common case first: frames follow each other
                step = self._rtcm(buffer, position, end, found)
            else:
                candidate = _CANDIDATE.search(buffer, position)
                if candidate is None:
                    position = end
                    break
                position = candidate.start()
                match buffer[position]:
                    case 0xD3:
                        step = self._rtcm(buffer, position, end, found)
                    case 0xB5:
                        step = self._ubx(buffer, position, end)
                    case _:
                        step = self._dollar(buffer, position, end, found, last=last)
            if step == _WAIT and not last:
                break
            position += step if step > 0 else 1
        self._tail = buffer[position:]
        return found

    def _rtcm(self, buffer: bytes, start: int, end: int, found: list[Frame | Sentence]) -> int:
        if end - start < 3:
            # Only the six reserved bits (RTCM 10403.3, 4.1) can be judged so far.
            return _NOTHING if end - start == 2 and buffer[start + 1] & 0xFC else _WAIT
        if buffer[start + 1] & 0xFC:
            return _NOTHING
        length = (buffer[start + 1] << 8 | buffer[start + 2]) + RTCM_OVERHEAD_BYTES
        if end - start < length:
            return _WAIT
        data = buffer[start : start + length]
        if crc24q(data):  # over message and CRC together it is zero
            self.crc_failures += 1
            return _NOTHING
        self.frames += 1
        self.frame_bytes += length
        number = data[3] << 4 | data[4] >> 4 if length > RTCM_OVERHEAD_BYTES + 1 else 0
        found.append(Frame(number, data))
        return length

    def _ubx(self, buffer: bytes, start: int, end: int) -> int:
        if end - start < 6:
            return _WAIT if b"\xb5\x62".startswith(buffer[start : start + 2]) else _NOTHING
        length = int.from_bytes(buffer[start + 4 : start + 6], "little") + 8
        if buffer[start + 1] != 0x62 or length > FOREIGN_LONGEST_BYTES:
            return _NOTHING
        if end - start < length:
            return _WAIT
        body = np.frombuffer(buffer, np.uint8, length - 4, start + 2).astype(np.int64)
        # Fletcher's two sums: the second weighs each byte by how often it was added.
        first = int(body.sum()) & 0xFF
        second = int(body @ np.arange(len(body), 0, -1)) & 0xFF
        if (first, second) != (buffer[start + length - 2], buffer[start + length - 1]):
            return _NOTHING
        return self._foreign(length)

    def _sbf(self, buffer: bytes, start: int, end: int) -> int:
        if end - start < 8:
            return _WAIT
        length = int.from_bytes(buffer[start + 6 : start + 8], "little")
        if length % 4 or not 8 <= length <= FOREIGN_LONGEST_BYTES:
            return _NOTHING
        if end - start < length:
            return _WAIT
        crc = int.from_bytes(buffer[start + 2 : start + 4], "little")
        if crc != crc_hqx(buffer[start + 4 : start + length], 0):
            return _NOTHING
        return self._foreign(length)

    def _foreign(self, length: int) -> int:
        self.foreign_messages += 1
        self.foreign_bytes += length
        return length

    def _dollar(
        self, buffer: bytes, start: int, end: int, found: list[Frame | Sentence], *, last: bool
    ) -> int:
        if buffer.startswith(b"$@", start):
            return self._sbf(buffer, start, end)
        run = _PRINTABLE.match(buffer, start, start + SENTENCE_LONGEST_BYTES)
        stop = run.end() if run else start + 1
        if stop - start >= SENTENCE_LONGEST_BYTES:
            return _NOTHING
        if stop == end and not last:
            return _WAIT
        line_end = buffer[stop : stop + 2]
        if line_end == b"\r" and not last:
            return _WAIT
        text = buffer[start:stop]
        if not (line_end[:1] in {b"\r", b"\n"} or stop == end) or not _ADDRESS.match(text):
            return _NOTHING
        return self._sentence(text, line_end, found)

    def _sentence(self, text: bytes, line_end: bytes, found: list[Frame | Sentence]) -> int:
        checked = _CHECKED_SENTENCE.match(text)
        if checked is None or _xor(checked[1]) != int(checked[2], 16):
            self.sentence_failures += 1
            return _NOTHING
        if line_end == b"\r\n":
            length = len(text) + 2
        else:
            length = len(text) + (line_end[:1] in {b"\r", b"\n"})
        self.sentences += 1
        self.sentence_bytes += length
        found.append(Sentence(text))
        return length


def _xor(text: bytes) -> int:
    """Return the NMEA checksum: every character between $ and *, exclusive-or."""
    value = 0
    for byte in text:
        value ^= byte
    return value

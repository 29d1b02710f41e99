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
_COMMON_SENTENCE = re.compile(rb"[$!]([A-Z][A-Z0-9]{2}[\x20-\x7e]*)\*([0-9A-Fa-f]{2})\r\n")
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


# How many bytes a look at a candidate decided: the length of what it is, or one of these.
_WAIT: Final = 0
_NOTHING: Final = 1  # it begins nothing; the next byte may

_WEIGHTS: Final = np.arange(FOREIGN_LONGEST_BYTES, 0, -1)
_tuple: Final = tuple.__new__  # makes a named tuple in half the time that its class takes


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

    @property
    def held_bytes(self) -> int:
        """Bytes at the end of what was fed that are not decided yet."""
        return len(self._tail)

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
            match buffer[position]:
                case 0xD3:
                    step = self._rtcm(buffer, position, end, found)
                case 0x24 | 0x21:  # $ and !
                    step = self._dollar(buffer, position, end, found, last=last)
                case 0xB5:
                    step = self._ubx(buffer, position, end)
                case _:
                    candidate = _CANDIDATE.search(buffer, position)
                    position = end if candidate is None else candidate.start()
                    continue
            if step == _WAIT:
                if not last:
                    break
                step = _NOTHING
            position += step
        self._tail = buffer[position:]
        return found

    def _rtcm(self, buffer: bytes, start: int, end: int, found: list[Frame | Sentence]) -> int:
        """Take the frames that follow each other from `start`: most of a stream is such runs."""
        position, step, before = start, _WAIT, len(found)
        while position < end and buffer[position] == 0xD3:
            if end - position < 3:
                # Only the six reserved bits (RTCM 10403.3, 4.1) can be judged so far.
                if end - position == 2 and buffer[position + 1] & 0xFC:
                    step = _NOTHING
                break
            high = buffer[position + 1]
            if high & 0xFC:
                step = _NOTHING
                break
            stop = position + (high << 8 | buffer[position + 2]) + RTCM_OVERHEAD_BYTES
            if stop > end:
                break
            data = buffer[position:stop]
            if crc24q(data):  # over message and CRC together it is zero
                self.crc_failures += 1
                step = _NOTHING
                break
            number = data[3] << 4 | data[4] >> 4 if stop - position > 7 else 0
            found.append(_tuple(Frame, (number, data)))
            position = stop
        self.frames += len(found) - before
        self.frame_bytes += position - start
        return position - start + step

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
        second = int(body @ _WEIGHTS[-len(body) :]) & 0xFF
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
        position = start
        while common := _COMMON_SENTENCE.match(buffer, position, position + SENTENCE_LONGEST_BYTES):
            text, digits = common.groups()
            if _xor(text) != int(digits, 16):
                break
            found.append(_tuple(Sentence, (buffer[position : common.end() - 2],)))
            self.sentences += 1
            self.sentence_bytes += common.end() - position
            position = common.end()
        if position > start:
            return position - start
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
    """Return the NMEA checksum: every character between $ and *, exclusive-or.

    A sentence's bytes as one integer are folded in halves: a third of the time of a loop.
    """
    value = int.from_bytes(text, "big")
    if len(text) > 128:
        value ^= value >> 4096
        value ^= value >> 2048
        value ^= value >> 1024
    value ^= value >> 512
    value ^= value >> 256
    value ^= value >> 128
    value ^= value >> 64
    value ^= value >> 32
    value ^= value >> 16
    return (value ^ value >> 8) & 0xFF

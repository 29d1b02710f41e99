"""Gives a recording without arrival times the times of its own epochs.

Bytes up to an epoch's first message belong to the second before it; so a replay sees each epoch
when it was observed. Where the date is unknown the wall time is None, and only the steps count.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from stationd.gnss.time import (
    BDT_OFFSET_S,
    gpst_from_utc,
    gpst_of_epoch,
    nearest,
    utc_from_gpst,
)
from stationd.inputs import Chunk, Instant
from stationd.units import SECONDS_PER_DAY
from stationd.wire.framing import Frame, Framer, Sentence
from stationd.wire.rtcm3.epoch import epoch_of

# Any date serves to keep steps right where none is known; this one is a Sunday, 2020-01-05.
_SOME_GPST_S: Final = gpst_from_utc(1_578_182_400.0)
_TIMED_SENTENCES: Final = (b"GGA", b"RMC", b"ZDA")
HELD_BYTES: Final = 1 << 20  # bytes kept back at most while no epoch has been seen
LONGEST_STEP_S: Final = 86_400.0  # a longer one may be a damaged or foreign time …
LATE_S: Final = 60.0  # … and so may one further back; nearer ones are late
CONVINCED_AFTER: Final = 10  # epochs that go on from a longer step until it is followed


class _Time(NamedTuple):
    """What an item says of its time. `letter`: constellation, "" of a sentence."""

    letter: str
    gpst_s: float


class Pacer:
    """Cuts a recording's bytes at new epochs and stamps the pieces."""

    def __init__(self, start_gpst_s: float | None) -> None:
        """`start_gpst_s`: about when the recording begins; None where that is unknown."""
        self._dated = start_gpst_s is not None
        self._near_gpst_s = _SOME_GPST_S if start_gpst_s is None else start_gpst_s
        self._elapsed_s: float | None = None  # since the first epoch
        self._doubted_gpst_s = 0.0
        self._doubts = 0
        self._framer = Framer()
        self._held = b""

    def chunks(self, blocks: Iterable[bytes]) -> Iterator[Chunk]:
        """Yield the bytes of `blocks`, cut and stamped."""
        for block in blocks:
            self._held += block
            yield from self._cut(self._framer.feed(block))
        yield from self._cut(self._framer.finish())
        if self._held:
            yield Chunk(self._held, self._instant())

    def _cut(self, found: Iterable[Frame | Sentence]) -> Iterator[Chunk]:
        done = 0
        for item in found:
            # Frames come in order, and what was skipped holds none: the first match is the frame.
            start = self._held.index(item.data, done)
            time = self._time_of(item)
            step_s = None if time is None else self._step_s(time)
            if time is not None and step_s is not None:
                if start > 0 and self._elapsed_s is not None:
                    yield Chunk(self._held[:start], self._instant())
                    self._held = self._held[start:]
                    start = 0
                self._near_gpst_s = time.gpst_s
                self._elapsed_s = (self._elapsed_s or 0.0) + step_s
            done = start + len(item.data)
        decided = len(self._held) - self._framer.held_bytes
        if decided and (self._elapsed_s is not None or len(self._held) > HELD_BYTES):
            yield Chunk(self._held[:decided], self._instant())
            self._held = self._held[decided:]

    def _step_s(self, time: _Time) -> float | None:
        """Return by how much a new epoch is later than the newest, None where it is none."""
        if self._elapsed_s is None:
            return 0.0
        step_s = time.gpst_s - self._near_gpst_s
        if time.letter == "C" and step_s == BDT_OFFSET_S:
            return None  # some receivers send BeiDou's epochs in GPS time: it is the epoch of now
        if 0 < step_s <= LONGEST_STEP_S:
            self._doubts = 0
            return step_s
        if -LATE_S < step_s <= 0:
            return None
        if abs(time.gpst_s - self._doubted_gpst_s) > LONGEST_STEP_S:
            self._doubts = 0
        self._doubted_gpst_s = time.gpst_s
        self._doubts += 1
        if self._doubts < CONVINCED_AFTER:
            return None
        self._doubts = 0
        return max(0.0, step_s)  # a clock that was set back turns no recording back

    def _time_of(self, item: Frame | Sentence) -> _Time | None:
        match item:
            case Frame(number, data):
                epoch = epoch_of(number, data)
                if epoch is None:
                    return None
                return _Time(epoch.letter, gpst_of_epoch(*epoch, self._near_gpst_s))
            case Sentence(data):
                fields = data.split(b",", 2)
                if fields[0][-3:] not in _TIMED_SENTENCES or len(fields) < 2:
                    return None
                gpst_s = self._time_of_day(fields[1])
                return None if gpst_s is None else _Time("", gpst_s)

    def _time_of_day(self, text: bytes) -> float | None:
        """Return GPS time of an NMEA hhmmss.ss, None where it is none."""
        whole, _, fraction = text.partition(b".")
        if len(whole) != 6 or not whole.isdigit() or not (fraction or b"0").isdigit():
            return None
        hours, minutes = int(whole[:2]), int(whole[2:4])
        seconds_s = hours * 3600 + minutes * 60 + int(whole[4:]) + float(b"0." + (fraction or b"0"))
        utc_s = nearest(seconds_s, SECONDS_PER_DAY, utc_from_gpst(self._near_gpst_s))
        return gpst_from_utc(utc_s)

    def _instant(self) -> Instant:
        utc_s = utc_from_gpst(self._near_gpst_s) if self._dated else None
        return Instant(utc_s, self._elapsed_s or 0.0)

"""What becomes of a station's bytes on their way: late, twice, damaged, or not at all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.faults.draws import generator
from stationd_simulators.faults.frame_bits import is_frame, pieces
from stationd_simulators.faults.seam import Moment
from stationd_simulators.faults.signals import PowerCycle
from stationd_simulators.timed_bytes import TimedBytes

Items = Iterable[TimedBytes]
Out = Iterator[TimedBytes]
When = Callable[[float], Moment]
_SPREAD: Final = 10  # a trickle comes in so many drops a second


@dataclass(frozen=True, slots=True)
class Nothing:
    """No parameters."""


def lost(items: Items, parameters: object, when: When) -> Out:
    """Lose everything: pieces of nothing, so that whoever plays them does not stall."""
    del parameters
    for item in items:
        yield _nothing(item) if when(item.due_gpst_s).active else item


def unpowered(items: Items, parameters: PowerCycle, when: When) -> Out:
    """Lose everything until the receiver has started."""
    for item in items:
        moment = when(item.due_gpst_s)
        off = 0.0 <= moment.elapsed_s < moment.duration_s + parameters.starting_s
        yield _nothing(item) if off else item


@dataclass(frozen=True, slots=True)
class Lie:
    """What the sourcetable says.

    `row`: the station's row in it; without one it is true. `instead_of_stream`: who asks for the
    mountpoint gets the sourcetable; otherwise the stream goes on, and contradicts it.
    """

    row: str = ""
    instead_of_stream: bool = True

    def __post_init__(self) -> None:
        if self.row and not self.row.startswith("STR;"):
            raise ValueError(f'row: must begin with "STR;" as in a sourcetable, found "{self.row}"')
        if not self.row.isprintable():
            raise ValueError("row: must be one line without control characters")
        if not self.row and not self.instead_of_stream:
            raise ValueError("row: is missing: without it, and with the stream, nothing is a lie")


def lied(items: Items, parameters: Lie, when: When) -> Out:
    """Lose everything where the sourcetable comes instead."""
    return lost(items, parameters, when) if parameters.instead_of_stream else iter(items)


@dataclass(frozen=True, slots=True)
class Treatment:
    """How the caster treats clients: a name of `devices/misbehaviour.py`."""

    misbehaviour: Misbehaviour = Misbehaviour.WEB_PAGE


def treated(items: Items, parameters: Treatment, when: When) -> Out:
    """Lose everything where no client gets any of it: a recording cannot show more."""
    return iter(items) if parameters.misbehaviour.sends_stream else lost(items, parameters, when)


@dataclass(frozen=True, slots=True)
class Delay:
    """How late bytes are."""

    delay_s: float = 5.0


def late(items: Items, parameters: Delay, when: When) -> Out:
    """Deliver later, in order: what comes after the fault waits for what came in it."""
    last_s = float("-inf")
    for item in items:
        due_s = item.due_gpst_s
        if when(due_s).active:
            due_s += parameters.delay_s
        last_s = max(last_s, due_s)
        yield TimedBytes(last_s, item.data)


def burst(items: Items, parameters: Nothing, when: When) -> Out:
    """Hold everything back, and deliver it at once when the fault ends."""
    del parameters
    for item in items:
        moment = when(item.due_gpst_s)
        held_s = moment.duration_s - moment.elapsed_s if moment.active else 0.0
        yield TimedBytes(item.due_gpst_s + held_s, item.data)


@dataclass(frozen=True, slots=True)
class Trickle:
    """How much gets through; the rest of each second is lost."""

    bytes_per_s: int = 40


def trickle(items: Items, parameters: Trickle, when: When) -> Out:
    """Let drops through."""
    second, passed = -1, 0
    for item in items:
        if not when(item.due_gpst_s).active:
            yield item
            continue
        if int(item.due_gpst_s) != second:
            second, passed = int(item.due_gpst_s), 0
        data = item.data[: max(0, parameters.bytes_per_s - passed)]
        passed += len(data)
        drop = -(-len(data) // _SPREAD) or 1
        for number, at in enumerate(range(0, len(data), drop)):
            due_s = item.due_gpst_s + number / (2 * _SPREAD)
            yield TimedBytes(due_s, data[at : at + drop])


@dataclass(frozen=True, slots=True)
class Share:
    """Which share of the steps is hit."""

    share_ratio: float = 0.3


def duplicated(items: Items, parameters: Share, when: When) -> Out:
    """Send steps twice."""
    for item in items:
        yield item
        moment = when(item.due_gpst_s)
        if moment.active and _draw(moment) < parameters.share_ratio:
            yield item


def out_of_order(items: Items, parameters: Share, when: When) -> Out:
    """Send a step after the next one."""
    waiting: bytes | None = None
    last_s = 0.0
    for item in items:
        moment = when(item.due_gpst_s)
        last_s = item.due_gpst_s
        if waiting is not None:
            yield TimedBytes(last_s, item.data + waiting)
            waiting = None
        elif moment.active and _draw(moment) < parameters.share_ratio:
            waiting = item.data
        else:
            yield item
    if waiting is not None:
        yield TimedBytes(last_s, waiting)


@dataclass(frozen=True, slots=True)
class BitErrors:
    """Wrong bits among so many sent."""

    per_bit_ratio: float = 1e-4


def bit_errors(items: Items, parameters: BitErrors, when: When) -> Out:
    """Flip single bits, as a bad radio link does."""
    for item in items:
        moment = when(item.due_gpst_s)
        yield _flipped(item, parameters.per_bit_ratio, moment) if moment.active else item


def truncated(items: Items, parameters: Share, when: When) -> Out:
    """Cut off frames somewhere."""
    for item in items:
        moment = when(item.due_gpst_s)
        yield _damaged(item, parameters.share_ratio, moment, _cut) if moment.active else item


def crc_storm(items: Items, parameters: Share, when: When) -> Out:
    """Spoil the checksum of frames, every other bit of them right."""
    for item in items:
        moment = when(item.due_gpst_s)
        yield _damaged(item, parameters.share_ratio, moment, _spoilt) if moment.active else item


def _nothing(item: TimedBytes) -> TimedBytes:
    return TimedBytes(item.due_gpst_s, b"")


def _draw(moment: Moment) -> float:
    return float(_of_step(moment).random())


def _of_step(moment: Moment) -> np.random.Generator:
    return generator(moment.seed, round(moment.gpst_s * 1000.0))


def _flipped(item: TimedBytes, share: float, moment: Moment) -> TimedBytes:
    random = _of_step(moment)
    data = bytearray(item.data)
    wrong = random.binomial(8 * len(data), share)
    for bit in random.integers(0, 8 * len(data), wrong) if wrong else ():
        data[bit // 8] ^= 1 << (bit % 8)
    return TimedBytes(item.due_gpst_s, bytes(data))


def _damaged(
    item: TimedBytes,
    share: float,
    moment: Moment,
    damage: Callable[[bytes, float], bytes],
) -> TimedBytes:
    random = _of_step(moment)
    parts = [
        damage(piece, random.random()) if is_frame(piece) and random.random() < share else piece
        for piece in pieces(item.data)
    ]
    return TimedBytes(item.due_gpst_s, b"".join(parts))


def _cut(frame: bytes, where: float) -> bytes:
    return frame[: 1 + int(where * (len(frame) - 1))]


def _spoilt(frame: bytes, where: float) -> bytes:
    return frame[:-3] + bytes([frame[-3] ^ (1 << int(where * 8))]) + frame[-2:]

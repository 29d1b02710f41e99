"""Writes RTCM 3 frames for tests: its own bits and its own CRC, no table of stationd's.

What it writes is checked against pyrtcm (tests/test_rtcm_writer.py); it proves nothing by itself.
"""

import random
from collections.abc import Iterable

CRC_POLYNOMIAL = 0x1864CFB


def crc(data: bytes) -> int:
    """CRC-24Q bit by bit (RTCM 10403.3, 4.2)."""
    value = 0
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= CRC_POLYNOMIAL
    return value


class Bits:
    """A growing bit string."""

    def __init__(self) -> None:
        self.value = 0
        self.width = 0

    def put(self, width: int, number: int) -> None:
        assert -(1 << width - 1) <= number < 1 << width, (width, number)
        self.value = self.value << width | number & (1 << width) - 1
        self.width += width

    def payload(self) -> bytes:
        pad = -self.width % 8
        return (self.value << pad).to_bytes((self.width + pad) // 8, "big")


def frame(payload: bytes) -> bytes:
    """Wrap a message into a transport frame."""
    head = b"\xd3" + len(payload).to_bytes(2, "big") + payload
    return head + crc(head).to_bytes(3, "big")


def message(*fields: tuple[int, int]) -> bytes:
    """Return a frame of fields given as (width, number)."""
    bits = Bits()
    for width, number in fields:
        bits.put(width, number)
    return frame(bits.payload())


def msm7(
    number: int,
    station_id: int,
    epoch: int,
    satellites: Iterable[int],
    signals: Iterable[int],
    *,
    more: bool = False,
    cells: int | None = None,
    cn0_dbhz: float = 45.0,
    seed: int = 0,
) -> bytes:
    """Return an MSM7 with plausible values for `cells` cells (all where None).

    `satellites` and `signals`: bits of DF394 and DF395 counted from 1. `epoch`: the 30 bits.
    """
    draw = random.Random(seed)
    satellites, signals = sorted(satellites), sorted(signals)
    bits = Bits()
    for width, value in ((12, number), (12, station_id), (30, epoch), (1, more), (3, 0), (7, 0),
                         (2, 0), (2, 0), (1, 0), (3, 0)):  # fmt: skip
        bits.put(width, value)
    bits.put(64, sum(1 << 64 - s for s in satellites))
    bits.put(32, sum(1 << 32 - s for s in signals))
    most = len(satellites) * len(signals)
    cells = most if cells is None else cells
    present = sorted(draw.sample(range(most), cells))
    bits.put(most, sum(1 << most - 1 - place for place in present))
    count = len(satellites)
    for width, values in (
        (8, [draw.randrange(66, 90) for _ in range(count)]),
        (4, [draw.randrange(0, 14) for _ in range(count)]),
        (10, [draw.randrange(1024) for _ in range(count)]),
        (14, [draw.randrange(-800, 800) for _ in range(count)]),
        (20, [draw.randrange(-200_000, 200_000) for _ in range(cells)]),
        (24, [draw.randrange(-3_000_000, 3_000_000) for _ in range(cells)]),
        (10, [draw.randrange(300, 600) for _ in range(cells)]),
        (1, [0] * cells),
        (10, [round(16 * (cn0_dbhz + draw.uniform(-4, 4))) for _ in range(cells)]),
        (15, [draw.randrange(-9000, 9000) for _ in range(cells)]),
    ):
        for value in values:
            bits.put(width, value)
    return frame(bits.payload())


def arp_1006(station_id: int, x_m: float, y_m: float, z_m: float, height_m: float = 0.0) -> bytes:
    """Return a 1006: the ARP's coordinates and the antenna's height."""
    x, y, z = (round(value * 10_000) for value in (x_m, y_m, z_m))
    return message(
        (12, 1006), (12, station_id), (6, 0), (1, 1), (1, 1), (1, 1), (1, 0), (38, x), (1, 0),
        (1, 0), (38, y), (2, 0), (38, z), (16, round(height_m * 10_000)),
    )  # fmt: skip


def descriptors_1033(
    station_id: int,
    antenna: str,
    receiver: str,
    firmware: str,
    *,
    antenna_serial: str = "",
    receiver_serial: str = "",
) -> bytes:
    """Return a 1033: antenna and receiver descriptors."""
    fields = [(12, 1033), (12, station_id)]
    for text, number in (
        (antenna, None), (antenna_serial, 0), (receiver, None), (firmware, None),
        (receiver_serial, None),
    ):  # fmt: skip
        if number is not None:
            fields.append((8, number))  # DF031, the setup, stands before the antenna's serial
        fields.append((8, len(text)))
        fields += [(8, byte) for byte in text.encode("ascii")]
    return message(*fields)


# Five constellations as a modern receiver sends them: 9 satellites, 31 cells of four signals each,
# 383 bytes a message.
PROFILE = {
    1077: (2, 10, 16, 23),
    1087: (2, 3, 8, 9),
    1097: (2, 15, 19, 23),
    1117: (2, 16, 23, 31),
    1127: (2, 8, 14, 22),
}


def station_epoch(
    station_id: int, tow_ms: int, seed: int = 0, cn0_dbhz: float = 45.0
) -> list[bytes]:
    """Return the five MSM7 of one epoch; `tow_ms`: GPS time of week."""
    frames = []
    for place, (number, signals) in enumerate(PROFILE.items()):
        epoch = tow_ms
        if number == 1127:
            epoch = (tow_ms - 14_000) % 604_800_000
        if number == 1087:
            utc_su_ms = (tow_ms - 18_000 + 10_800_000) % 604_800_000
            day, of_day_ms = divmod(utc_su_ms, 86_400_000)
            epoch = day << 27 | of_day_ms
        frames.append(
            msm7(
                number, station_id, epoch, range(1, 10), signals, cells=31,
                more=place < len(PROFILE) - 1, seed=seed + place, cn0_dbhz=cn0_dbhz,
            )
        )  # fmt: skip
    return frames

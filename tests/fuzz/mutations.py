"""Makes hostile streams: frames whose content, CRC or length is damaged, with good ones between.

A frame whose CRC is made good again after its content was damaged reaches the decoders; one whose
CRC stays wrong reaches the framer only. Both are needed.
"""

import random
from collections.abc import Iterator
from typing import Final

from authorities.foreign import nmea, sbf, ubx
from authorities.msm_writer import random_msm
from rtcm_writer import arp_1006, descriptors_1033, station_epoch

from stationd.wire.crc24q import crc24q
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS

# Everything that a decoder may be there for, and some numbers that none is.
NUMBERS: Final = (
    *MSM_NUMBERS, *range(1001, 1014), 1019, 1020, 1029, 1030, 1031, 1032, 1033, *range(1041, 1047),
    *range(1057, 1069), 1230, *range(1240, 1265), 4072, 4076, 0, 4095,
)  # fmt: skip
SENTENCES: Final = (
    "GNGGA,120000.00,4717.11,N,00833.91,E,4,12,0.6,499.6,M,48.0,M,1.0,0000",
    "GNRMC,120000.00,A,4717.11,N,00833.91,E,0.0,0.0,140626,,,R,V",
    "GNZDA,120000.00,14,06,2026,00,00",
    "GNGSA,A,3,01,02,03,,,,,,,,,,1.2,0.6,1.0,1",
    "GNGST,120000.00,1.0,1.0,1.0,0.0,0.1,0.1,0.2",
    "GPGSV,3,1,11,01,45,120,44,02,60,200,47,03,10,020,38,04,05,300,30,1",
    "GNTXT,01,01,02,ANTSTATUS=OK",
)


def good_frames(rng: random.Random) -> list[bytes]:
    """Return frames of many kinds to start from."""
    msm = [
        random_msm(rng, number, sorted(rng.sample(range(1, 15), 5)), [2, 8, 22], void=0.1)
        for number in sorted(MSM_NUMBERS)
    ]
    epochs = [f for i in range(20) for f in station_epoch(1, 86_400_000 + 1000 * i, seed=i)]
    return [
        *msm, *epochs, arp_1006(1, 3_800_000.0, 600_000.0, 5_000_000.0, 1.5),
        descriptors_1033(1, "TRM59800.00     SCIS", "TRIMBLE NETR9", "5.37"),
    ]  # fmt: skip


def with_crc(payload: bytes) -> bytes:
    """Return a frame; the length field holds what it can."""
    head = b"\xd3" + (len(payload) & 0x3FF).to_bytes(2, "big") + payload
    return head + crc24q(head).to_bytes(3, "big")


def flipped(rng: random.Random, data: bytes) -> bytes:
    """Return data with one to eight bits flipped."""
    value = int.from_bytes(data, "big")
    for _ in range(rng.randint(1, 8)):
        value ^= 1 << rng.randrange(8 * len(data))
    return value.to_bytes(len(data), "big")


def mutation(rng: random.Random, seeds: list[bytes]) -> bytes:
    """Return one damaged thing."""
    frame = rng.choice(seeds)
    payload = frame[3:-3]
    match rng.randrange(12):
        case 0 | 1 | 2:  # sound frame, unsound content
            return with_crc(flipped(rng, payload))
        case 3:
            return with_crc(payload[: rng.randrange(len(payload))])
        case 4:
            return with_crc((payload + rng.randbytes(rng.randrange(1, 200)))[:1023])
        case 5:  # a number that a decoder is there for, and noise behind it
            number = rng.choice(NUMBERS)
            head = bytes((number >> 4, (number & 0xF) << 4 | rng.randrange(16)))
            return with_crc(head + rng.randbytes(rng.randrange(0, 250)))
        case 6:
            return flipped(rng, frame)
        case 7:
            return frame[: rng.randrange(1, len(frame))]
        case 8:
            return rng.randbytes(rng.randrange(1, 120)).replace(b"\xb5b", b"\0\0")
        case 9:
            return frame[: rng.randrange(1, 20)] + rng.choice(seeds)
        case 10:
            return _sentence(rng)
        case _:
            foreign = rng.choice((ubx((2, 21), bytes(50)), sbf(4027, bytes(60))))
            return foreign if rng.random() < 0.5 else flipped(rng, foreign)


def _sentence(rng: random.Random) -> bytes:
    """Return a sentence with damaged fields and a right or a wrong checksum."""
    fields = rng.choice(SENTENCES).split(",")
    for _ in range(rng.randint(0, 3)):
        fields[rng.randrange(1, len(fields))] = rng.choice(
            ("", "-1", "999999999999", "nan", "12:00", "\x20", "1e400", "A", "3.5.1", "٣"[:0])
        )
    if rng.random() < 0.2:
        fields = fields[: rng.randrange(1, len(fields))]
    return nmea(",".join(fields), checksum=None if rng.random() < 0.8 else "00")


def blocks(seed: int, count: int, block_size: int = 500) -> Iterator[bytes]:
    """Yield streams of `block_size` things each, `count` in all; one in five is a good frame.

    A block ends in bytes that nothing waits beyond, so that blocks can be judged one by one.
    """
    rng = random.Random(seed)
    seeds = good_frames(rng)
    for first in range(0, count, block_size):
        things = [
            rng.choice(seeds) if rng.random() < 0.2 else mutation(rng, seeds)
            for _ in range(min(block_size, count - first))
        ]
        yield b"".join(things) + bytes(9000)

"""Writes MSM with any content the layout allows, "no value" marks among it; pyrtcm reads them too.

Widths stand here a second time, from RTCM 10403.3 tables 3.5-79 to 3.5-91.
"""

import random

from authorities.independent_scan import bitwise_crc24q

SATELLITE_WIDTHS = {
    1: (10,), 2: (10,), 3: (10,), 4: (8, 10), 5: (8, 4, 10, 14), 6: (8, 10), 7: (8, 4, 10, 14),
}  # fmt: skip
CELL_WIDTHS = {
    1: (15,), 2: (22, 4, 1), 3: (15, 22, 4, 1), 4: (15, 22, 4, 1, 6), 5: (15, 22, 4, 1, 6, 15),
    6: (20, 24, 10, 1, 10), 7: (20, 24, 10, 1, 10, 15),
}  # fmt: skip
# The integer that says "no value" in the fields of such a width, and something to see elsewhere.
NO_VALUE = {
    8: 255, 14: 1 << 13, 15: 1 << 14, 20: 1 << 19, 22: 1 << 21, 24: 1 << 23, 6: 0, 10: 0, 4: 15,
    1: 1,
}  # fmt: skip


def framed(payload: bytes) -> bytes:
    """Return a payload with head and CRC."""
    head = b"\xd3" + len(payload).to_bytes(2, "big") + payload
    return head + bitwise_crc24q(head).to_bytes(3, "big")


def random_msm(
    rng: random.Random,
    number: int,
    satellites: list[int],
    signals: list[int],
    *,
    fill: float = 0.7,
    void: float = 0.2,
) -> bytes:
    """Return a frame with random content.

    `satellites`, `signals`: set bits of DF394 and DF395 counted from 1. `fill`: share of cells
    that exist; `void`: share of fields that say "no value".
    """
    kind = number % 10
    places = len(satellites) * len(signals)
    mask = [int(rng.random() < fill) for _ in range(places)]
    bits = f"{number:012b}{rng.getrandbits(12):012b}{rng.getrandbits(30):030b}"
    bits += f"{rng.getrandbits(19):019b}"
    bits += "".join(str(int(bit in satellites)) for bit in range(1, 65))
    bits += "".join(str(int(bit in signals)) for bit in range(1, 33))
    bits += "".join(map(str, mask))
    for widths, count in (
        (SATELLITE_WIDTHS[kind], len(satellites)),
        (CELL_WIDTHS[kind], sum(mask)),
    ):
        for width in widths:
            for _ in range(count):
                value = NO_VALUE[width] if rng.random() < void else rng.getrandbits(width)
                bits += f"{value:0{width}b}"
    bits += "0" * (-len(bits) % 8)
    return framed(int(bits, 2).to_bytes(len(bits) // 8, "big"))

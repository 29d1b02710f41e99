"""Where each field of an MSM stands, and what its integers mean (RTCM 10403.3, 3.5.16).

An MSM is a header, the satellites' fields column by column, then the cells' fields column by
column. Both decoders (one message at a time, and batches) read these tables.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import LIGHT_MILLISECOND_M

FRAME_HEADER_BITS: Final = 24  # D3, length
CELL_MASK_BIT: Final = FRAME_HEADER_BITS + 169  # of the frame: DF396 begins after the signal mask
MOST_CELLS: Final = 64  # DF396

# Message number without its last digit -> constellation letter (table 3.5-78 and amendments).
LETTERS: Final = {107: "G", 108: "R", 109: "E", 110: "S", 111: "J", 112: "C", 113: "I"}
MSM_NUMBERS: Final = frozenset(10 * tens + kind for tens in LETTERS for kind in range(1, 8))


class Field(NamedTuple):
    """One column of integers. `of_satellite`: one for each satellite, else one for each cell."""

    name: str
    width: int
    signed: bool
    invalid: int | None  # the integer that says "no value"
    of_satellite: bool = False


ROUGH: Final = Field("rough", 8, False, 255, True)  # DF397, ms
EXTENDED: Final = Field("extended", 4, False, None, True)  # DF419 in GLONASS
MODULO: Final = Field("modulo", 10, False, None, True)  # DF398, 2^-10 ms
ROUGH_RATE: Final = Field("rough_rate", 14, True, -(2**13), True)  # DF399, m/s
CODE_15: Final = Field("code", 15, True, -(2**14))  # DF400, 2^-24 ms
CODE_20: Final = Field("code", 20, True, -(2**19))  # DF405, 2^-29 ms
PHASE_22: Final = Field("phase", 22, True, -(2**21))  # DF401, 2^-29 ms
PHASE_24: Final = Field("phase", 24, True, -(2**23))  # DF406, 2^-31 ms
LOCK_4: Final = Field("lock", 4, False, None)  # DF402
LOCK_10: Final = Field("lock", 10, False, None)  # DF407
HALF: Final = Field("half", 1, False, None)  # DF420
CN0_6: Final = Field("cn0", 6, False, 0)  # DF403, dB-Hz
CN0_10: Final = Field("cn0", 10, False, 0)  # DF408, 2^-4 dB-Hz
RATE: Final = Field("rate", 15, True, -(2**14))  # DF404, 1e-4 m/s

# Fields in wire order.
FIELDS: Final[dict[int, tuple[Field, ...]]] = {
    1: (MODULO, CODE_15),
    2: (MODULO, PHASE_22, LOCK_4, HALF),
    3: (MODULO, CODE_15, PHASE_22, LOCK_4, HALF),
    4: (ROUGH, MODULO, CODE_15, PHASE_22, LOCK_4, HALF, CN0_6),
    5: (ROUGH, EXTENDED, MODULO, ROUGH_RATE, CODE_15, PHASE_22, LOCK_4, HALF, CN0_6, RATE),
    6: (ROUGH, MODULO, CODE_20, PHASE_24, LOCK_10, HALF, CN0_10),
    7: (ROUGH, EXTENDED, MODULO, ROUGH_RATE, CODE_20, PHASE_24, LOCK_10, HALF, CN0_10, RATE),
}

# Rows of the decoded values.
PSEUDORANGE, PHASE_RANGE, PHASE_RANGE_RATE, CN0 = range(4)

# Rows of the integers as both decoders read them, the same for every kind, so that the first four
# answer to the values: an integer that says "no value" there voids the value of its own row. From
# `ROUGH_ROW` on there is one for each satellite.
LOCK_ROW, HALF_ROW, ROUGH_ROW, ROUGH_RATE_ROW, MODULO_ROW, EXTENDED_ROW = range(4, 10)
ROW_NAMES: Final = (
    "code", "phase", "rate", "cn0", "lock", "half", "rough", "rough_rate", "modulo", "extended",
)  # fmt: skip
NEVER: Final = 1 << 30  # no field has this integer

# Ranges are summed as integers of 2^-31 ms and rates of 1e-4 m/s, so that every sum is exact
# (39 bits) and each value is rounded once, by its scale. Field -> its weight in each sum.
_RANGE_UNIT_M: Final = LIGHT_MILLISECOND_M * 2.0**-31
_WEIGHTS: Final[dict[Field | None, dict[int, float]]] = {
    ROUGH: {PSEUDORANGE: 2.0**31, PHASE_RANGE: 2.0**31},
    MODULO: {PSEUDORANGE: 2.0**21, PHASE_RANGE: 2.0**21},
    ROUGH_RATE: {PHASE_RANGE_RATE: 1e4},
    CODE_15: {PSEUDORANGE: 2.0**7},
    CODE_20: {PSEUDORANGE: 2.0**2},
    PHASE_22: {PHASE_RANGE: 2.0**2},
    PHASE_24: {PHASE_RANGE: 1.0},
    CN0_6: {CN0: 1.0},
    CN0_10: {CN0: 1.0},
    RATE: {PHASE_RANGE_RATE: 1.0},
}


def _lock_4_s() -> NDArray[np.float64]:
    """DF402: the least lock time, 0 or 2^(i+4) ms (table 3.5-74)."""
    return np.array([0.0] + [2.0 ** (i + 4) for i in range(1, 16)]) * 1e-3


def _lock_10_s() -> NDArray[np.float64]:
    """DF407: the least lock time, in steps that double every 32 indices (table 3.5-75).

    704 stands for 67,108,864 ms or more; above it is reserved (NaN).
    """
    index = np.arange(1024)
    power = np.maximum(0, index // 32 - 1)  # of two: the step within the index's block
    block_ms = 32 * (1 << power) + (index - 32 * (power + 1)) * (1 << power)
    lock_ms = np.where(index < 64, index, block_ms)
    return np.where(index <= 704, lock_ms, np.nan) * 1e-3


class Kind(NamedTuple):
    """What is the same for every MSM of one kind (the last digit of its number).

    `fields`: in wire order. `rows` (10,): the field of each row, None where this kind lacks it.
    `weights` (4, 10): add rows to values. `scales` (4,): units of the sums, NaN for values that
    this kind does not carry. `lock_time_s`: by lock indicator; None where the kind has none.
    """

    fields: tuple[Field, ...]
    rows: tuple[Field | None, ...]
    weights: NDArray[np.float64]
    scales: NDArray[np.float64]
    lock_time_s: NDArray[np.float64] | None
    half: bool
    extended: bool

    @property
    def of_satellites(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.of_satellite)

    @property
    def of_cells(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.of_satellite)


def _kind(kind: int) -> Kind:
    fields = FIELDS[kind]
    by_name = {field.name: field for field in fields}
    rows = tuple(by_name.get(name) for name in ROW_NAMES)
    weights = np.zeros((4, len(rows)))
    for column, field in enumerate(rows):
        for row, weight in _WEIGHTS.get(field, {}).items():
            weights[row, column] = weight
    cn0_unit = 2.0**-4 if CN0_10 in fields else 1.0
    units = np.array([_RANGE_UNIT_M, _RANGE_UNIT_M, 1e-4, cn0_unit])
    lock = by_name.get("lock")
    return Kind(
        fields=fields,
        rows=rows,
        weights=weights,
        scales=np.where([field is not None for field in rows[:4]], units, np.nan),
        lock_time_s=None if lock is None else _lock_4_s() if lock is LOCK_4 else _lock_10_s(),
        half="half" in by_name,
        extended="extended" in by_name,
    )


KINDS: Final = {kind: _kind(kind) for kind in FIELDS}

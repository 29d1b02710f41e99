"""Compares decoded MSM with expected ones, value by value and exactly."""

import math
from collections.abc import Sequence

from authorities.pyrtcm_msm import ExpectedCell, ExpectedMsm

from stationd.wire.rtcm3.msm import Msm

# Names that stationd has and pyrtcm has not: NavIC's S band (table 3.5-108.3), and BeiDou's B2b
# pilot and both parts (10403.3 amendment 2 as receivers send it and RTKLIB's descendants read it).
ADDED_NAMES = {"I": {8: "9A"}, "C": {26: "7P", 27: "7Z"}}


def cells_of(message: Msm) -> list[ExpectedCell]:
    """Return a decoded message's cells in the form of the expected ones."""
    columns = message.observations()
    size = len(columns)
    nothing = [None] * size
    added = ADDED_NAMES.get(message.constellation, {}).values()
    half, channel = columns.half_cycle, columns.glonass_channel
    return [
        ExpectedCell(*row)
        for row in zip(
            columns.satellite,
            ["" if code in added else code for code in columns.code],
            _values(columns.pseudorange_m),
            _values(columns.phase_range_m),
            _values(columns.phase_range_rate_m_per_s),
            _values(columns.cn0_dbhz),
            _values(columns.lock_time_s),
            nothing if half is None else half.tolist(),
            nothing if channel is None else _values(channel),
            strict=True,
        )
    ]


def _values(column) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]


def assert_agrees(message: Msm, expected: ExpectedMsm) -> int:
    """Fail unless every value is the same to the last bit; return how many were compared."""
    head = (message.number, message.station_id, message.epoch_ms, message.glonass_day)
    assert head == expected[:4]
    assert message.more_follows is expected.more_follows
    cells = cells_of(message)
    assert cells == expected.cells
    return sum(value is not None for cell in cells for value in cell)


def assert_all_agree(messages: Sequence[Msm], expected: Sequence[ExpectedMsm]) -> int:
    """Compare in order; return how many values were compared."""
    return sum(assert_agrees(*pair) for pair in zip(messages, expected, strict=True))

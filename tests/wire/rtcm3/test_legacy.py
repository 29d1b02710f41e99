"""1001-1012 give MSM-shaped cells: markers honoured, signals as mask bits, ranges whole."""

import math

import numpy as np
import pytest
from wire.rtcm3.stated_vectors import stated

from stationd.solutions.signal_quality import signal_quality
from stationd.station.epochs import Cells
from stationd.wire.rtcm3.as_json import legacy_json
from stationd.wire.rtcm3.legacy import decode_legacy

WIDTHS_1004 = {
    "satellite": 6, "code_1": 1, "range_1": 24, "phase_1": 20, "lock_1": 7, "whole_1": 8,
    "cn0_1": 8, "code_2": 2, "range_2": 14, "phase_2": 20, "lock_2": 7, "cn0_2": 8,
}  # fmt: skip
SOUND = {
    "satellite": 5, "code_1": 0, "range_1": 500_000, "phase_1": 4, "lock_1": 30, "whole_1": 70,
    "cn0_1": 180, "code_2": 3, "range_2": 100, "phase_2": 8, "lock_2": 40, "cn0_2": 140,
}  # fmt: skip


def message_1004(*satellites, epoch_ms=1000):
    """Write a 1004 bit by bit, after RTCM 10403.3 tables 3.5-1 and 3.5-5."""
    bits = f"{1004:012b}{42:012b}{epoch_ms:030b}0{len(satellites):05b}0000"
    for changes in satellites:
        record = {**SOUND, **changes}
        bits += "".join(f"{record[name] % (1 << w):0{w}b}" for name, w in WIDTHS_1004.items())
    bits += "0" * (-len(bits) % 8)
    message = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return b"\xd3" + len(message).to_bytes(2, "big") + message + b"CRC"


def test_a_range_is_made_whole_by_its_ambiguity():
    seen = decode_legacy(message_1004({})).observations("G")
    assert seen.satellite == ("G05", "G05")
    assert seen.code == ("1C", "2W")
    range_m = 500_000 * 0.02 + 70 * 299_792.458
    assert seen.pseudorange_m == pytest.approx([range_m, range_m + 2.0], abs=1e-6)
    assert seen.phase_range_m == pytest.approx([range_m + 0.002, range_m + 0.004], abs=1e-6)
    assert seen.cn0_dbhz.tolist() == [45.0, 35.0]
    assert seen.lock_time_s.tolist() == [36.0, 56.0]  # 2 i - 24


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"range_1": 1 << 19}, {("range", 0), ("phase", 0)}),  # but L2 stands on it
        ({"phase_1": -(1 << 19)}, {("phase", 0)}),
        ({"range_2": -(1 << 13)}, {("range", 1)}),
        ({"phase_2": -(1 << 19)}, {("phase", 1)}),
        ({"cn0_1": 0}, {("cn0", 0)}),
        ({"cn0_2": 0}, {("cn0", 1)}),
        (
            {"range_2": 0, "phase_2": 0, "lock_2": 0, "cn0_2": 0},
            {("range", 1), ("phase", 1), ("cn0", 1)},
        ),
    ],
)
def test_a_marker_of_no_value_leaves_none(changes, missing):
    seen = decode_legacy(message_1004(changes)).observations("G")
    columns = {"range": seen.pseudorange_m, "phase": seen.phase_range_m, "cn0": seen.cn0_dbhz}
    nothing = {(n, i) for n, values in columns.items() for i in (0, 1) if math.isnan(values[i])}
    assert nothing == missing


def test_sbas_among_gps_becomes_its_own_constellation_without_l2():
    message = decode_legacy(message_1004({}, {"satellite": 43}))
    assert message.observations("S").satellite == ("S23",)
    assert message.observations("S").code == ("1C",)
    satellites = [row["satellite"] for row in legacy_json(message)["observations"]]
    assert satellites == ["G05", "G05", "S23"]


def test_glonass_has_its_channel_and_twice_the_modulus():
    message = decode_legacy(stated(1012))
    seen = message.observations("R")
    assert set(np.unique(seen.glonass_channel)) <= set(range(-7, 14))
    # GLONASS satellites are 19,100 km up.
    ranges_m = seen.pseudorange_m[~np.isnan(seen.pseudorange_m)]
    assert 19_000_000 < ranges_m.min() < ranges_m.max() < 26_000_000
    assert message.range_modulo_m is None


def test_cells_serve_signal_quality_as_an_msms_do():
    columns = decode_legacy(message_1004({}, {"satellite": 9, "cn0_1": 160})).columns["G"]
    size = len(columns.satellite_index)
    cells = Cells(columns.satellite_index, columns.signal_index, columns.values, 0, size)
    quality = signal_quality([{"G": [cells]}])[0]
    assert quality.satellites == {"G": 2}
    assert quality.cn0_median_dbhz == {("G", "1C"): 42.5, ("G", "2W"): 35.0}


def test_a_message_without_satellites_is_an_epoch_without_cells():
    message = decode_legacy(message_1004())
    assert (message.epoch_s, len(message.observations("G"))) == (1.0, 0)


def test_a_time_outside_the_week_or_day_is_not_possible():
    assert decode_legacy(message_1004(epoch_ms=604_799_999)).epoch_is_possible
    assert not decode_legacy(message_1004(epoch_ms=604_800_000)).epoch_is_possible
    assert not decode_legacy(message_1004(epoch_ms=(1 << 30) - 14_000)).epoch_is_possible


def test_the_signals_of_a_reserved_indicator_have_no_name():
    frame = bytearray(stated(1012))
    message = decode_legacy(bytes(frame))
    assert set(message.observations("R").code) <= {"1C", "1P", "2C", "2P"}
    # DF046 begins 79 bits into the record, which begins after 61 bits of header.
    place = 24 + 61 + 6 + 1 + 5 + 25 + 20 + 7 + 7 + 8
    frame[place // 8] |= 0x80 >> place % 8
    assert "" in decode_legacy(bytes(frame)).observations("R").code

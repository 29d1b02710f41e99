"""Satellites and median C/N0 of stacked stations are those of each alone, and of pyrtcm."""

from statistics import median

import numpy as np
from authorities.comparison import ADDED_NAMES
from authorities.pyrtcm_msm import expected_msm
from rtcm_writer import station_epoch

from stationd.solutions.signal_quality import signal_quality
from stationd.station.epochs import Cells
from stationd.wire.framing import Framer
from stationd.wire.rtcm3.msm import decode_msm
from stationd.wire.rtcm3.msm_batch import decode_msm_batch
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS


def cells(message):
    c = message.columns
    return Cells(c.satellite_index, c.signal_index, c.values, message.start, message.stop)


def by_letter(messages):
    epoch = {}
    for message in messages:
        epoch.setdefault(message.constellation, []).append(cells(message))
    return epoch


def expected(frames):
    """Return satellites by letter and medians by (letter, code), from what pyrtcm reads."""
    satellites, cn0 = {}, {}
    for frame in frames:
        for cell in expected_msm(frame).cells:
            letter = cell.satellite[0]
            values = (cell.pseudorange_m, cell.phase_range_m, cell.cn0_dbhz)
            if any(value is not None for value in values):
                satellites.setdefault(letter, set()).add(cell.satellite)
            if cell.cn0_dbhz is not None and cell.code:
                cn0.setdefault((letter, cell.code), []).append(cell.cn0_dbhz)
    return {k: len(v) for k, v in satellites.items()}, {k: median(v) for k, v in cn0.items()}


def known_to_pyrtcm(medians):
    added = {(letter, code) for letter, names in ADDED_NAMES.items() for code in names.values()}
    return {key: value for key, value in medians.items() if key not in added}


def test_an_epoch_of_a_real_station_is_judged_as_pyrtcms_values_are(real_data):
    for name in ("GMSD7_20121014.rtcm3", "asv_fw206mrtk.rtcm3", "ntrip_encode_none.bin"):
        items = Framer().feed((real_data / "rtcm" / name).read_bytes())
        frames = [item.data for item in items if item.number in MSM_NUMBERS][:7]
        [quality] = signal_quality([by_letter(map(decode_msm, frames))])
        satellites, medians = expected(frames)
        assert quality.satellites == satellites
        assert known_to_pyrtcm(quality.cn0_median_dbhz) == medians


def test_stations_together_are_judged_as_each_alone():
    stations = [station_epoch(n, 1000 * n, seed=n, cn0_dbhz=30.0 + n) for n in range(12)]
    together = decode_msm_batch([frame for frames in stations for frame in frames])
    assert len({id(message.columns) for message in together}) < len(together)  # they share
    epochs = [by_letter(together[5 * n : 5 * n + 5]) for n in range(12)]
    alone = [signal_quality([epoch])[0] for epoch in epochs]
    assert signal_quality(epochs) == alone
    for frames, quality in zip(stations, alone, strict=True):
        satellites, medians = expected(frames)
        assert quality.satellites == satellites
        assert quality.cn0_median_dbhz == medians


def test_a_station_without_epochs_stands_among_others_without_numbers():
    epoch = by_letter(map(decode_msm, station_epoch(1, 0)))
    first, second, third = signal_quality([{}, epoch, {"G": []}])
    assert first == ({}, {})
    assert second.satellites["G"] == 9
    assert third == ({"G": 0}, {})


def test_cells_without_any_value_count_for_nothing():
    void = Cells(np.array([3]), np.array([1]), np.full((4, 1), np.nan), 0, 1)
    [quality] = signal_quality([{"G": [void]}])
    assert quality == ({"G": 0}, {})


def test_a_satellite_counts_by_any_of_its_signals_wherever_that_stands():
    for without in range(3):
        values = np.full((4, 3), 45.0)
        values[:, without] = np.nan
        part = Cells(np.zeros(3, np.uint8), np.array([1, 9, 22], np.uint8), values, 0, 3)
        [quality] = signal_quality([{"G": [part]}])
        assert quality.satellites == {"G": 1}
        assert len(quality.cn0_median_dbhz) == 2

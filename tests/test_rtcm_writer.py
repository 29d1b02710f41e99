"""The frames that tests are made of are sound by someone else's decoder."""

import pyrtcm
import pytest
import rtcm_writer


def test_pyrtcm_reads_what_the_writer_wrote():
    for raw in rtcm_writer.station_epoch(7, 345_600_000):
        parsed = pyrtcm.RTCMReader.parse(raw)
        assert parsed.DF003 == 7
        assert parsed.NSat == 9
        assert parsed.NCell == 31
        assert 66 <= parsed.DF397_01 < 90


def test_pyrtcm_reads_the_coordinates_that_were_written():
    raw = rtcm_writer.arp_1006(3, -2324156.7901, 5386277.7283, 2495068.3542, 0.0123)
    parsed = pyrtcm.RTCMReader.parse(raw)
    assert (parsed.identity, parsed.DF003) == ("1006", 3)
    expected = pytest.approx([-2324156.7901, 5386277.7283, 2495068.3542], abs=1e-7)
    assert expected == [parsed.DF025, parsed.DF026, parsed.DF027]
    assert parsed.DF028 == 0.0123


def test_pyrtcm_reads_the_descriptors_that_were_written():
    raw = rtcm_writer.descriptors_1033(3, "TRM59800.00     SCIS", "TRIMBLE ALLOY", "6.20")
    parsed = pyrtcm.RTCMReader.parse(raw)
    letters = {
        field: "".join(getattr(parsed, f"{field}_{n:02d}") for n in range(1, size + 1))
        for field, size in (
            ("DF030", parsed.DF029), ("DF228", parsed.DF227), ("DF230", parsed.DF229),
        )
    }  # fmt: skip
    assert letters == {
        "DF030": "TRM59800.00     SCIS",
        "DF228": "TRIMBLE ALLOY",
        "DF230": "6.20",
    }
    assert (parsed.DF031, parsed.DF032, parsed.DF231) == (0, 0, 0)

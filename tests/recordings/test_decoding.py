"""`stationd decode` prints what pyrtcm reads, null where nothing is given."""

import json

import pytest
from authorities.independent_scan import frames_at_every_byte
from authorities.msm_writer import framed
from authorities.pyrtcm_msm import ExpectedCell, expected_msm
from typer.testing import CliRunner

from stationd.cli import app
from stationd.recordings.decoding import decoded
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS

DIGITS = 0.000_000_51  # lengths are printed to the micrometre


@pytest.mark.parametrize("name", ["ntrip_encode_none.bin", "pyrtcm_pygpsdata-RTCMMSM3.log"])
def test_every_message_is_one_object_with_pyrtcms_values(real_data, name):
    data = (real_data / "rtcm" / name).read_bytes()
    frames = frames_at_every_byte(data)
    objects = list(decoded([data[:1000], data[1000:]], frozenset()))
    assert [o["type"] for o in objects] == [frame.number for frame in frames]
    for told, frame in zip(objects, frames, strict=True):
        assert "error" not in told
        if frame.number in MSM_NUMBERS:
            expected = expected_msm(frame.data)
            assert told["station_id"] == expected.station_id
            assert told["epoch_s"] == expected.epoch_ms / 1000
            assert told["constellation"] == expected.cells[0].satellite[0]
            for row, cell in zip(told["observations"], expected.cells, strict=True):
                assert row.keys() == set(ExpectedCell._fields)
                assert (row["satellite"], row["code"]) == (cell.satellite, cell.code)
                for field in ExpectedCell._fields[2:]:
                    assert row[field] == pytest.approx(getattr(cell, field), abs=DIGITS)


def test_only_the_types_that_were_named_are_printed(real_data):
    path = real_data / "rtcm" / "ntrip_encode_none.bin"
    ended = CliRunner().invoke(app, ["decode", str(path), "--type", "1006", "--type", "1077"])
    kinds = [json.loads(line)["type"] for line in ended.stdout.splitlines()]
    assert ended.exit_code == 0
    assert set(kinds) == {1006, 1077}
    assert kinds.count(1077) == 33


def test_an_unsound_message_in_a_sound_frame_is_an_object_with_an_error():
    [told] = decoded([framed(b"\x43\x50")], frozenset())
    assert told["type"] == 1077
    assert "need" in told["error"]

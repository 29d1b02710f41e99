"""Faults of what a station says; pyrtcm reads it."""

import pytest
from simulators.faults.faulty import FRAMES, NOW, parsed, text

from stationd_simulators.faults import frame_bits, messages


def test_the_arp_is_off_by_what_was_asked_for_and_the_rest_is_as_it_was():
    off = messages.arp_offset(FRAMES[:2], messages.Offset((0.005, -2.0, 0.0001)), NOW)
    for before, after in zip(parsed(FRAMES[:2]), parsed(off), strict=True):
        moved_m = [getattr(after, df) - getattr(before, df) for df in ("DF025", "DF026", "DF027")]
        assert moved_m == pytest.approx([0.005, -2.0, 0.0001], abs=1e-6)
        assert (after.DF003, after.DF022, after.DF142, after.DF364) == (
            before.DF003, before.DF022, before.DF142, before.DF364,
        )  # fmt: skip
    height_m = parsed(off)[1].DF028
    assert height_m == pytest.approx(0.1)


def test_the_arp_is_a_receivers_default():
    for message in parsed(messages.arp_default(FRAMES[:2], messages.Nothing(), NOW)):
        assert (message.DF025, message.DF026, message.DF027) == (0.0, 0.0, 0.0)


def test_the_antenna_height_is_another_one():
    height = messages.antenna_height(FRAMES, messages.Height(1.5), NOW)
    height_m = parsed(height)[1].DF028
    assert height_m == pytest.approx(1.5)
    assert height[0] == FRAMES[0]


def test_another_antenna_is_told_and_the_receiver_is_the_same():
    swapped = messages.antenna_swap(FRAMES, messages.Swap("LEIAR25.R3      LEIT", "77"), NOW)
    for message in parsed(swapped)[2:]:
        assert text(message, "DF030", "DF029") == "LEIAR25.R3      LEIT"
        assert message.DF031 == 3
    assert text(parsed(swapped)[3], "DF033", "DF032") == "77"
    last = parsed(swapped)[4]
    assert text(last, "DF033", "DF032") == "77"
    assert text(last, "DF228", "DF227") == "RX"
    assert text(last, "DF230", "DF229") == "1.2"
    assert text(last, "DF232", "DF231") == "99"


def test_another_stations_id_stands_in_real_frames_that_have_one(real_data):
    data = (real_data / "rtcm" / "pyrtcm_pygpsdata-NTRIP-USCL00CHL0.log").read_bytes()
    frames = [piece for piece in frame_bits.pieces(data) if frame_bits.is_frame(piece)]
    assert len(frames) > 20
    changed = messages.wrong_station_id(frames, messages.WrongId(4001), NOW)
    for before, after in zip(parsed(frames), parsed(changed), strict=True):
        assert after.identity == before.identity
        if hasattr(before, "DF003"):
            assert after.DF003 == 4001
        else:
            assert after.payload == before.payload


def test_message_types_are_left_out():
    left = messages.missing_types(FRAMES, messages.Types((1006, 1033)), NOW)
    assert [m.identity for m in parsed(left)] == ["1005", "1007", "1008"]


@pytest.mark.parametrize(("epoch_ms", "sent"), [(604_790_000, 2**30 - 10_000), (1000, 1000)])
def test_beidou_times_before_their_week_are_negative(epoch_ms, sent):
    msm = frame_bits.framed(bytes([1127 >> 4, (1127 & 15) << 4, 7]) + bytes(20))
    msm = frame_bits.with_bits(msm, 24, 30, epoch_ms)
    (after,) = messages.beidou_unwrapped([msm], messages.Nothing(), NOW)
    assert frame_bits.bits_of(after, 24, 30) == sent

"""The epoch at a message's head is pyrtcm's, and a time outside its week or day is none."""

import pytest
from pyrtcm import RTCMMessage
from rtcm_writer import message

from stationd.wire.rtcm3.epoch import OBSERVATION_NUMBERS, epoch_of

FIELDS = ("DF004", "DF034", "DF248", "DF428", "DF427")


def test_the_epochs_of_all_vectors_are_pyrtcms(real_data):
    seen = 0
    for path in sorted((real_data / "rtcm" / "vectors").iterdir()):
        number, frame = int(path.name[:4]), path.read_bytes()
        epoch = epoch_of(number, frame)
        assert (epoch is not None) == (number in OBSERVATION_NUMBERS)
        if epoch is None or (number % 10 == 2 and number > 1070):  # pyrtcm fails on MSM2
            continue
        theirs = RTCMMessage(payload=frame[3:-3])
        assert epoch.epoch_s == next(getattr(theirs, f) for f in FIELDS if hasattr(theirs, f)) / 1e3
        assert epoch.day_of_week == getattr(theirs, "DF416", None)
        seen += 1
    assert seen > 35


@pytest.mark.parametrize(
    ("number", "width", "last_ms"),
    [
        (1004, 30, 604799999),
        (1077, 30, 604799999),
        (1127, 30, 604799999),
        (1012, 27, 86400999),
        (1087, 27, 86400999),
    ],
)
def test_a_time_outside_its_week_or_day_is_none(number, width, last_ms):
    def made(time_ms):
        day = [(3, 2)] if number == 1087 else []
        return message((12, number), (12, 7), *day, (width, time_ms), (40, 0))

    assert epoch_of(number, made(last_ms)).epoch_s == last_ms / 1000
    assert epoch_of(number, made(last_ms + 1)) is None


def test_a_message_too_short_for_a_time_has_none():
    assert epoch_of(1077, message((12, 1077), (12, 7))) is None

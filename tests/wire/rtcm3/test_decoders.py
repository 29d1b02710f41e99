"""The tables name every type and every decoder, and no content breaks a decoder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire.rtcm3.stated_vectors import FRAMES, number_of, stated

from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.as_json import plain
from stationd.wire.rtcm3.decoders import DECODERS, MESSAGE_NAMES
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS


def frame_of(number: int, content: bytes) -> bytes:
    """Wrap content behind a message number; decoders do not look at the CRC."""
    message = bytes([number >> 4, (number & 15) << 4 | content[0] & 15]) + content[1:]
    return b"\xd3" + len(message).to_bytes(2, "big") + message + b"\0\0\0"


def test_every_type_that_is_decoded_or_in_the_standard_has_a_name():
    named = MESSAGE_NAMES.keys()
    assert named >= DECODERS.keys() | MSM_NUMBERS
    assert named >= set(range(1057, 1069)) | set(range(1240, 1271)) | set(range(4001, 4096))
    assert MESSAGE_NAMES[1077] == "GPS MSM7"
    assert MESSAGE_NAMES[1060] == "GPS SSR orbit and clock corrections"
    assert MESSAGE_NAMES[1243] == "Galileo SSR orbit and clock corrections"
    assert MESSAGE_NAMES[4094] == "Proprietary: Trimble"
    assert MESSAGE_NAMES[4001] == "Proprietary"
    assert 2000 not in named


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(number_of(frame)))
def test_a_message_cut_anywhere_is_an_error_that_names_its_type(frame):
    number = number_of(frame)
    message = frame[3:-3]
    for size in range(2, len(message)):
        short = b"\xd3" + size.to_bytes(2, "big") + message[:size] + b"\0\0\0"
        with pytest.raises(DecodeError, match=str(number)):
            DECODERS[number](short)


@given(number=st.sampled_from(sorted(DECODERS)), content=st.binary(min_size=2, max_size=1023))
def test_any_content_is_a_value_fit_for_json_or_a_decode_error(number, content):
    try:
        value = DECODERS[number](frame_of(number, content))
    except DecodeError:
        return
    assert isinstance(plain(value), dict)


def test_a_stated_1005_has_the_coordinate_that_was_sent_to_the_last_digit():
    message = DECODERS[1005](stated(1005))
    assert (message.x_m, message.y_m, message.z_m) == (-4472357.5368, 2670485.1794, -3669374.4263)
    assert "4472357" not in repr(message)


def test_1033_and_1029_give_their_texts():
    message = DECODERS[1033](stated(1033))
    assert (message.receiver, message.receiver_firmware) == ("SEPT POLARX5", "5.2.0")
    assert message.receiver_serial == "3025123"
    assert message.antenna_serial == "Unknown"
    assert DECODERS[1029](stated(1029)).text == "Unknown"


def test_a_text_that_is_no_utf_8_is_shown_as_far_as_it_goes():
    frame = bytearray(stated(1029))
    frame[-4] = 0xFF
    assert DECODERS[1029](bytes(frame)).text == "Unknow\ufffd"

"""Rare types are read by pyrtcm; what it cannot read is said, never raised as its own error."""

import json

import pytest

from stationd.wire.errors import DecodeError
from stationd.wire.framing import Framer
from stationd.wire.rtcm3.rare import decode_rare

# 1032 of go-gnss/rtcm's test vectors (Apache-2.0).
PHYSICAL_STATION = bytes.fromhex("d3001440838638603fb38f70b7d3d35e71749e428c79a074664e")


def test_a_network_message_has_its_fields_by_df_number():
    found = decode_rare(PHYSICAL_STATION)
    assert found["recognised"]
    assert found["decoded"]
    assert (found["DF003"], found["DF226"], found["DF025"]) == (902, 902, -128244.5129)


def test_an_unknown_number_says_so_with_its_length():
    frame = b"\xd3\x00\x04" + bytes([2000 >> 4, (2000 & 15) << 4, 1, 2]) + b"CRC"
    assert decode_rare(frame) == {"recognised": False, "length_bytes": 4, "decoded": False}


@pytest.mark.parametrize("message", [b"", b"\x40", b"\xfe\xc0"])
def test_a_frame_too_short_for_a_number_is_no_error(message):
    frame = b"\xd3" + len(message).to_bytes(2, "big") + message + b"CRC"
    assert decode_rare(frame)["decoded"] is False


def test_content_that_contradicts_its_type_is_a_decode_error():
    short = b"\xd3\x00\x08" + PHYSICAL_STATION[3:11] + b"CRC"
    with pytest.raises(DecodeError, match="1032"):
        decode_rare(short)


def test_ssr_and_igs_ssr_of_a_caster_are_read_and_fit_for_json(real_data):
    names = ("NTRIP-4076.log", "NTRIP-1300-1302.log", "1240-1264.log", "MT1023.log")
    decoded, refused = 0, set()
    for name in names:
        data = (real_data / "rtcm" / f"pyrtcm_pygpsdata-{name}").read_bytes()
        for frame in Framer().feed(data):
            try:
                decoded += decode_rare(frame.data)["decoded"]
                json.dumps(decode_rare(frame.data), allow_nan=False)
            except DecodeError:
                refused.add(frame.number)
    assert decoded > 70
    assert refused <= {1302}  # pyrtcm reads this proposal in another way than its sender

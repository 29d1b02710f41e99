"""Messages about the station, as pyrtcm and gpsd read them."""

import json
import subprocess

import pytest
from pyrtcm import RTCMReader

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.encoding import station_messages as made
from stationd_simulators.encoding.framing import BitWriter, frame

ARP_M = (-2324156.7901, 5386277.7283, 2495068.3542)
NOON_GPST_S = gpst_from_utc(1_772_366_400)  # 2026-03-01 12:00:00 UTC, MJD 61100


def text(message, field: str, length: int) -> str:
    return "".join(getattr(message, f"{field}_{n:02d}") for n in range(1, length + 1))


def test_a_position_has_a_tenth_of_a_millimetre_and_its_height():
    for frame_of, number in (
        (made.encode_1005(7, ARP_M), 1005),
        (made.encode_1006(7, ARP_M, 1.2345), 1006),
    ):
        message = RTCMReader.parse(frame_of)
        assert (number, 7) == (message.DF002, message.DF003)
        read = (message.DF025, message.DF026, message.DF027)
        assert read == pytest.approx(ARP_M, abs=1e-6)
        assert (message.DF022, message.DF023, message.DF024) == (1, 1, 1)
        assert (message.DF141, message.DF142, message.DF364) == (0, 1, 0)
    assert pytest.approx(1.2345) == message.DF028


def test_gpsd_reads_the_same_position_and_antenna(peer):
    frames = made.encode_1006(7, ARP_M, 1.5) + made.encode_1033(
        7, "TRM59800.00     SCIS", 3, "5225", ("TRIMBLE NETR9", "5.45", "5218K84")
    )
    read = subprocess.run(
        [peer("gpsdecode"), "-j"], input=frames, capture_output=True, check=True, timeout=30
    )
    position, antenna = map(json.loads, read.stdout.splitlines())
    assert (position["x"], position["y"], position["z"]) == pytest.approx(ARP_M, abs=1e-3)
    assert position["h"] == pytest.approx(1.5)
    assert antenna["desc"] == "TRM59800.00     SCIS"
    assert (antenna["setup_id"], antenna["serial"]) == (3, "5225")
    assert (antenna["receiver"], antenna["firmware"]) == ("TRIMBLE NETR9", "5.45")


def test_antenna_and_receiver_are_said_in_full():
    antenna = "TRM59800.00     SCIS"
    message = RTCMReader.parse(made.encode_1007(9, antenna, 2))
    assert (text(message, "DF030", 20), message.DF031) == (antenna, 2)
    message = RTCMReader.parse(made.encode_1008(9, antenna, 2, "1441031450"))
    assert (text(message, "DF030", 20), text(message, "DF033", 10)) == (antenna, "1441031450")
    message = RTCMReader.parse(made.encode_1033(9, antenna, 2, "77", ("SIMULATED", "1.0", "42")))
    assert text(message, "DF030", 20) == antenna
    assert text(message, "DF033", 2) == "77"
    assert text(message, "DF228", 9) == "SIMULATED"
    assert text(message, "DF230", 3) == "1.0"
    assert text(message, "DF232", 2) == "42"


def test_a_name_that_is_too_long_is_cut_to_what_a_message_holds():
    message = RTCMReader.parse(made.encode_1007(9, "A" * 40, 0))
    assert message.DF029 == 31


def test_the_schedule_has_a_date_and_leap_seconds():
    message = RTCMReader.parse(
        made.encode_1013(3, NOON_GPST_S, [(1006, False, 10.0), (1077, True, 0.1)])
    )
    assert (message.DF051, message.DF052, message.DF054) == (61_100, 43_200, 18)
    assert (message.DF055_01, message.DF056_01, message.DF057_01) == (1006, 0, 10.0)
    assert (message.DF055_02, message.DF056_02) == (1077, 1)
    assert pytest.approx(0.1) == message.DF057_02


def test_intervals_that_do_not_fit_are_the_nearest_that_do():
    message = RTCMReader.parse(
        made.encode_1013(3, NOON_GPST_S, [(1077, True, 0.05), (1006, True, 7200.0)])
    )
    assert pytest.approx(0.1) == message.DF057_01
    assert pytest.approx(6553.5) == message.DF057_02


@pytest.mark.parametrize(
    ("elapsed_s", "day", "second", "leap_seconds"),
    [(-2, 57_753, 86_399, 17), (-1, 57_753, 86_400, 17), (0, 57_754, 0, 18)],
)
def test_a_leap_second_is_the_last_of_its_day(elapsed_s, day, second, leap_seconds):
    gpst_s = gpst_from_utc(1_483_228_800) + elapsed_s  # 2017-01-01, MJD 57754
    message = RTCMReader.parse(made.encode_1013(3, gpst_s, []))
    assert (day, second, leap_seconds) == (message.DF051, message.DF052, message.DF054)
    message = RTCMReader.parse(made.encode_1029(3, gpst_s, "x"))
    assert (day, second) == (message.DF051, message.DF052)


def test_a_text_counts_characters_and_bytes():
    message = RTCMReader.parse(made.encode_1029(3, NOON_GPST_S, "广州 GZ01"))
    assert (message.DF138, message.DF139) == (7, 11)
    assert message.DF140.encode("latin-1").decode() == "广州 GZ01"
    assert (message.DF051, message.DF052) == (61_100, 43_200)
    longest = RTCMReader.parse(made.encode_1029(3, NOON_GPST_S, "广" * 200))
    assert longest.DF139 == 255  # 85 characters of three bytes


def test_biases_that_are_not_known_are_not_said():
    message = RTCMReader.parse(made.encode_1230(3, {"1C": -0.5, "2C": 1.0}))
    mask = (message.DF422_1, message.DF422_2, message.DF422_3, message.DF422_4)
    assert mask == (1, 0, 1, 0)
    assert (message.DF423, message.DF425) == (-0.5, 1.0)
    assert not hasattr(message, "DF424")


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit an unsigned field of 12 bits"):
        made.encode_1005(4096, ARP_M)
    with pytest.raises(ValueError, match="does not fit a signed field of 38 bits"):
        made.encode_1005(0, (2e7, 0.0, 0.0))
    with pytest.raises(ValueError, match="does not fit a frame"):
        frame(bytes(1024))
    with pytest.raises(ValueError, match="-1 does not fit"):
        BitWriter().unsigned(-1, 8)

"""The public fixture `scenario`, used as a stranger's test would."""

from pyrtcm import RTCMReader

from stationd_simulators.faults.frame_bits import is_frame, pieces

pytest_plugins = ["stationd_simulators.fixtures"]


def test_a_scenario_is_written_with_its_truth(scenario):
    closure = scenario("closure-galileo", duration_s=20.0, interval_s=5.0)
    data = closure.rtcm3("CLO1").read_bytes()
    messages = [RTCMReader.parse(piece) for piece in pieces(data) if is_frame(piece)]
    arp = next(message for message in messages if message.identity == "1006")
    x_m, y_m, z_m = closure.truth["stations"]["CLO1"]["position_m"]
    assert max(abs(arp.DF025 - x_m), abs(arp.DF026 - y_m), abs(arp.DF027 - z_m)) < 1e-3
    assert sum(message.identity == "1097" for message in messages) == 4
    assert closure.nmea("CLO1").read_bytes().count(b"GGA,") == 4


def test_two_scenarios_of_one_test_do_not_meet(scenario):
    one, other = (
        scenario(name, duration_s=2.0, interval_s=1.0) for name in ("closure-gps", "closure-qzss")
    )
    assert one.folder != other.folder
    assert one.rtcm3("CLO1").read_bytes() != other.rtcm3("CLO1").read_bytes()

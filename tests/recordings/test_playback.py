"""A replay is the same every time, loses no message, and comes at the pace that was asked for."""

import json

import pytest
from rtcm_writer import station_epoch

from stationd.checks import CHECKS
from stationd.pipeline import StationSettings
from stationd.recordings.inspection import Inspection
from stationd.recordings.playback import play
from stationd.station.registration import Expectation, Registration

NAMES = ("GMSD7_20121014.rtcm3", "ntrip_encode_none.bin", "pygpsdata-rtcm3.log", "testglo.rtcm3")


def settings(*letters):
    limits = {check.name: check.limits() for check in CHECKS}
    registration = Registration(id="P", expect=Expectation(constellations=letters))
    return StationSettings(registration, limits)


def lines(path, every_s=10.0, around_utc_s=None):
    return [json.dumps(line) for line in play(path, settings(), None, around_utc_s, every_s)]


@pytest.mark.parametrize("name", NAMES)
def test_a_replay_is_byte_for_byte_the_same_every_time(real_data, name):
    path = real_data / "rtcm" / name
    first = lines(path)
    assert len(first) > 3
    assert lines(path) == first


@pytest.mark.parametrize("name", NAMES)
def test_a_replay_counts_what_an_inspection_counts_and_lasts_as_long(real_data, name):
    path = real_data / "rtcm" / name
    inspection = Inspection()
    inspection.feed(path.read_bytes())
    inspection.finish()
    report = inspection.report()
    last = json.loads(lines(path)[-1])
    counted = {(m["name"], m.get("constellation")): m["value"] for m in last["measurements"]}
    assert counted["frames", None] == report["frames"]
    assert report["epochs"] == {letter: counted["epochs", letter] for letter in report["epochs"]}
    assert last["elapsed_s"] == pytest.approx(report["duration_s"] + 1.0, abs=1.1)
    assert last["at"][:16] == report["last_epoch"][:16]


def test_at_a_speed_a_replay_waits_between_its_seconds(tmp_path):
    path = tmp_path / "r.rtcm3"
    path.write_bytes(
        b"".join(f for s in range(20) for f in station_epoch(7, 345_600_000 + 1000 * s))
    )
    fast = [json.dumps(line) for line in play(path, settings(), 1e6, None, 1.0)]
    assert fast == lines(path, 1.0)

"""Commands as a newcomer runs them: what they print and how they end."""

import json
import subprocess
import sys

import pytest
import rtcm_writer


def stationd(*words, **how):
    return subprocess.run(
        [sys.executable, "-m", "stationd", *map(str, words)],
        capture_output=True, text=True, timeout=60, check=False, **how,
    )  # fmt: skip


def test_a_wrong_configuration_is_told_whole_and_ends_with_78(tmp_path):
    path = tmp_path / "stationd.toml"
    path.write_text(
        'stations = "none/*.toml"\n[[station]]\nid = "A"\nsource = { type = "tpc" }\n'
        '[[station]]\nid = "B"\nsource = { type = "tcp", host = "h", port = 99999 }\n'
    )
    for command in "run", "check-config":
        ended = stationd(command, path)
        assert ended.returncode == 78
        assert 'station "A"' in ended.stderr
        assert "did you mean" in ended.stderr
        assert 'station "B"' in ended.stderr
        assert ended.stdout == ""


def test_once_tells_every_station_and_that_not_all_is_well(tmp_path):
    path = tmp_path / "stationd.toml"
    path.write_text(
        'node = "n"\nstate_folder = "state"\n[[station]]\nid = "A"\n'
        'source = { type = "tcp", host = "127.0.0.1", port = 1 }\n'
    )
    ended = stationd("run", path, "--once", "1.5", "--json")
    assert ended.returncode == 1
    state = json.loads(ended.stdout)
    assert (state["station"], state["health"]) == ("A", "unknown")


def test_a_recording_is_told_for_people_and_machines(tmp_path):
    recording = tmp_path / "r.rtcm3"
    frames = [f for s in range(5) for f in rtcm_writer.station_epoch(7, 345_600_000 + 1000 * s)]
    recording.write_bytes(b"".join(frames) + rtcm_writer.arp_1006(7, *rtcm_writer_arp()))
    told = stationd("inspect", recording)
    assert told.returncode == 0
    assert "1077" in told.stdout
    report = json.loads(stationd("inspect", recording, "--json").stdout)
    assert report["frames"] == 26
    assert report["epochs"] == {"G": 5, "R": 5, "E": 5, "J": 5, "C": 5}
    assert report["first_epoch"] is None
    dated = json.loads(stationd("inspect", recording, "--json", "--around", "2026-11-24").stdout)
    assert dated["first_epoch"] == "2026-11-25T23:59:42.000Z"
    decoded = stationd("decode", recording, "--type", "1006").stdout
    assert [json.loads(line)["type"] for line in decoded.splitlines()] == [1006]


def rtcm_writer_arp():
    return (-2324156.7901, 5386277.7283, 2495068.3542)


def test_a_coordinate_is_taken_to_another_frame_and_epoch():
    # The closed formula: ITRF2020 to ITRF97 by -19.51, 11.60, -97.38 mm at 2025.5 (EPSG), then
    # 25.5 years back by a velocity in ITRF97.
    velocity = (-0.03303, -0.00973, -0.01228)
    shift_m = (-0.01951, 0.01160, -0.09738)
    point = rtcm_writer_arp()
    ended = stationd(
        "frame", "--from", "ITRF2020@2025.5", "--to", "CGCS2000@2000.0", "--json",
        f"--velocity={','.join(map(str, velocity))}@ITRF97", *point,
    )  # fmt: skip
    told = json.loads(ended.stdout)
    expected = [
        place + shift - 25.5 * rate
        for place, shift, rate in zip(point, shift_m, velocity, strict=True)
    ]
    assert [told["x_m"], told["y_m"], told["z_m"]] == pytest.approx(expected, abs=1e-4)
    assert (told["frame"], told["epoch"]) == ("CGCS2000", 2000.0)


def test_a_move_in_time_without_a_velocity_is_refused():
    ended = stationd(
        "frame", "--from", "ITRF2020@2025.5", "--to", "CGCS2000@2000.0", *rtcm_writer_arp()
    )
    assert ended.returncode == 1
    assert "give its velocity" in ended.stderr


def test_standard_input_is_a_recording(tmp_path):
    data = b"".join(rtcm_writer.station_epoch(7, 345_600_000))
    ended = subprocess.run(
        [sys.executable, "-m", "stationd", "inspect", "-", "--json"],
        input=data, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert json.loads(ended.stdout)["frames"] == 5


def test_a_file_that_is_not_there_is_one_sentence():
    ended = stationd("inspect", "/nowhere/at/all.rtcm3")
    assert ended.returncode == 1
    assert ended.stderr.startswith("stationd: /nowhere/at/all.rtcm3: ")
    assert "Traceback" not in ended.stderr


def test_replay_prints_the_same_bytes_twice(tmp_path):
    recording, station = tmp_path / "r.rtcm3", tmp_path / "station.toml"
    frames = [f for s in range(90) for f in rtcm_writer.station_epoch(7, 345_600_000 + 1000 * s)]
    recording.write_bytes(b"".join(frames))
    station.write_text('id = "A"\nexpect = { constellations = ["G", "E"] }\n')
    first, second = (
        stationd("replay", recording, "--station", station, "--json") for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    healths = [x["health"] for x in map(json.loads, first.stdout.splitlines()) if "checks" in x]
    assert healths[0] == "unknown"
    assert healths[-1] == "ok"

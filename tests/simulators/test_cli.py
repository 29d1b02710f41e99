"""The commands of stationd-sim, in processes of their own or in this one."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from pyrtcm import RTCMReader
from typer.testing import CliRunner

from stationd_simulators import scenario_files
from stationd_simulators.cli import app
from stationd_simulators.faults.frame_bits import is_frame, pieces
from stationd_simulators.scenario_files import names

SHORT = """
name = "short"
title = "Twenty seconds of one constellation"
seed = 1
start = 2026-03-01T06:00:00Z
duration_s = 20
constellations = ["G"]

[[station]]
id = "A1"
station_id = 17
latitude_deg = 23.1
longitude_deg = 113.3
height_m = 30.0
"""


@pytest.fixture
def short(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT)
    return path


def run(*arguments, code: int = 0):
    without = {"STATIOND_SIM_PASSWORD": None}
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env=without)
    assert result.exit_code == code, result.output
    return result


def test_the_list_names_every_scenario_with_its_title():
    listed = json.loads(run("list", "--json").stdout)
    assert sorted(listed) == names()
    assert all(listed.values())
    lines = run("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == names()


def listed_by_a_copy(folder, code):
    """Return what `list` says where the package lies elsewhere, and nothing of the project."""
    result = subprocess.run(
        [sys.executable, "-m", "stationd_simulators", "list"], cwd=folder, text=True,
        env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert result.returncode == code, result.stderr
    return result


def test_wherever_the_package_lies_its_scenarios_come_along(tmp_path):
    shutil.copytree(Path(scenario_files.__file__).parent, tmp_path / "stationd_simulators")
    lines = listed_by_a_copy(tmp_path, 0).stdout.splitlines()
    assert [line.split()[0] for line in lines] == names()
    shutil.rmtree(tmp_path / "stationd_simulators" / "scenarios")
    said = listed_by_a_copy(tmp_path, 1).stderr
    assert f"no scenario in {tmp_path}" in said
    assert "Traceback" not in said


def test_a_station_is_written_as_rtcm_and_nmea_that_others_read(short, tmp_path, peer):
    run("write", short, "--out", tmp_path / "out")
    data = (tmp_path / "out" / "A1.rtcm3").read_bytes()
    types = Counter(RTCMReader.parse(piece).identity for piece in pieces(data))
    assert types["1077"] == 20
    assert types["1006"] >= 2
    assert all(map(is_frame, pieces(data)))
    gpsd = subprocess.run(
        [peer("gpsdecode")], input=data, capture_output=True, check=True, timeout=60
    )
    decoded = [json.loads(line) for line in gpsd.stdout.splitlines()]
    arp = next(one for one in decoded if one["type"] == 1006)
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    said_m = [arp["x"], arp["y"], arp["z"]]
    assert said_m == pytest.approx(truth["stations"]["A1"]["position_m"], abs=1e-3)
    assert arp["station_id"] == 17
    sentences = (tmp_path / "out" / "A1.nmea").read_bytes()
    assert sentences.count(b"GGA,") == 20


def test_start_length_and_interval_are_those_of_the_command_line(short, tmp_path):
    run(
        "write", short, "--out", tmp_path, "--start", "2026-06-01T12:00:00",
        "--hours", "0.05", "--interval", "30", "--time-tags",
    )  # fmt: skip
    data = (tmp_path / "A1.rtcm3").read_bytes()
    types = Counter(RTCMReader.parse(p).identity for p in pieces(data) if is_frame(p))
    assert types["1077"] == 6
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["start"] == "2026-06-01T12:00:00+00:00"
    assert truth["duration_s"] == pytest.approx(180.0)
    assert (tmp_path / "A1.rtcm3.tag").read_bytes().startswith(b"TIMETAG RTKLIB")
    assert (tmp_path / "A1.nmea").read_bytes().endswith(b"\r\n")


def test_two_processes_write_the_same_bytes(short, tmp_path):
    storm = '[errors]\npreset = "full"\n[[fault]]\nkind = "scintillation"\nstart_s = 5\n'
    short.write_text(SHORT + storm + '[[fault]]\nkind = "bit-errors"\nstart_s = 5\n')
    for folder, hash_seed in (("a", "1"), ("b", "2")):
        command = [sys.executable, "-m", "stationd_simulators", "write", short]
        subprocess.run(
            [*command, "--out", tmp_path / folder],
            env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, timeout=120,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
    for name in ("A1.rtcm3", "A1.nmea", "truth.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_years_are_written_with_their_truth(tmp_path):
    run("years", "--stations", 3, "--years", 2, "--until", "2026-03-01", "--out", tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    made = [f"S00{n}.{suffix}" for n in (1, 2, 3) for suffix in ("tenv3", "truth.json")]
    assert files == [*made, "steps.txt"]
    steps = sum(
        len(json.loads((tmp_path / f"S00{n}.truth.json").read_text())["steps"]) for n in (1, 2, 3)
    )
    assert len((tmp_path / "steps.txt").read_text().splitlines()) == steps
    last = (tmp_path / "S001.tenv3").read_text().splitlines()[-1].split()
    assert last[1] in ("26MAR01", "26FEB28", "26FEB27")
    text = (tmp_path / "S002.tenv3").read_text()
    run("years", "--stations", 3, "--years", 2, "--until", "2026-03-01", "--out", tmp_path)
    assert (tmp_path / "S002.tenv3").read_text() == text


def test_verify_says_what_held_and_ends_with_0(tmp_path):
    path = tmp_path / "v.toml"
    path.write_text(
        SHORT.replace("duration_s = 20", "duration_s = 95")
        + '[[fault]]\nkind = "wrong-station-id"\nstart_s = 80\nstation_id = 5\n'
        + '[[expect]]\nstation = "A1"\ncheck = "schedule"\nhealth = "critical"\n'
        + "after_s = 80\nwithin_s = 10\n"
    )
    outcomes = json.loads(run("verify", path, "--json").stdout)
    assert [(one["mark"], one["check"]) for one in outcomes] == [
        ("held", "schedule"), ("held", ""),
    ]  # fmt: skip
    text = path.read_text().replace('health = "critical"', 'health = "warning"')
    path.write_text(text)
    failed = run("verify", path, code=1).stdout.splitlines()
    assert failed[0].startswith("failed   A1 schedule: warning between 80 and 90 s was expected")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["write", "no-such", "--out", "x"], 78, '"no-such": no such scenario'),
        (["write", "{short}", "--out", "x", "--start", "soon"], 2, '--start "soon"'),
        (["write", "{short}", "--out", "x", "--hours", "0"], 2, "--hours"),
        (["write", "{short}", "--out", "x", "--interval", "0.01"], 2, "--interval"),
        (["serial", "{short}", "--station", "B", "--link", "x"], 2, "the scenario has A1"),
        (["verify", "{short}", "--live", "--replay"], 2, "choose one"),
        (["years", "--out", "x", "--until", "soon"], 2, '--until "soon"'),
        (["years", "--out", "x", "--until", "1980-06-01"], 2, "--years 3 until 1980-06-01: lie"),
        (["years", "--out", "{short}"], 1, "short.toml: cannot be written to (File exists)"),
        (["write", "{short}", "--out", "{short}"], 1, "short.toml: cannot be written to (File exi"),
        (["write", "{short}", "--out", "{short}/x"], 1, "cannot be written to (Not a directory)"),
        (["write", "{short}", "--out", "x", "--start", "1970-01-01"], 2, "write a date of 1996 to"),
        (["write", "{short}", "--out", "x", "--hours", "nan"], 2, "--hours: write a number above"),
        (["write", "{short}", "--out", "x", "--hours", "1e-4"], 2, "hold no epoch of A1: write at"),
        (["write", "{short}", "--out", "x", "--interval", "30"], 2, "--interval: 20 s hold no epo"),
        (["caster", "{short}", "--port", "99999"], 2, "less than or equal to 65535"),
        (["caster", "{short}", "--host", "no.such.invalid"], 1, "of no.such.invalid: cannot list"),
        (["caster", "{short}", "--speed", "0"], 2, '--speed "0": write 0.001 to 1000'),
        (["caster", "{short}", "--speed=-1"], 2, '--speed "-1": write 0.001 to 1000'),
        (["caster", "{short}", "--speed", "fast"], 2, '--speed "fast": write 0.001 to 1000, 1 for'),
        (["caster", "drop-out", "--speed", "max"], 2, '"drop-out" happens to connections, at a'),
        (["caster", "{short}", "--tls-key", "x"], 2, "--tls-certificate and --tls-key: write both"),
        (["caster", "{short}", "--tls-key", "{short}", "--tls-certificate", "{short}"], 2,
         "write a certificate and its key, as PEM"),
        (["caster", "{short}", "--digest"], 2, "--password-file and --digest: write --user, too"),
        (["caster", "{short}", "--user", "a:b"], 2, '--user "a:b": write a name without a colon'),
        (["caster", "{short}", "--user", "a"], 2, "STATIOND_SIM_PASSWORD holds no password: write"),
        (["caster", "{short}", "--user", "a", "--password-file", "no/such"], 2, "No such file"),
        (["serial", "{short}", "--station", "A1", "--link", "no/such/x"], 2, "there is no folder"),
        (["serial", "{short}", "--station", "A1", "--link", "{short}"], 1, "is there and no link"),
        (["tcp", "{short}", "--station", "A1"], 2, "--connect HOST:PORT to push to: choose one"),
        (["tcp", "{short}", "--station", "A1", "--connect", "x:0"], 2, '"x:0": write HOST:PORT'),
        (["tcp", "{short}", "--station", "B", "--port", "0"], 2, "the scenario has A1"),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_in_a_sentence(short, arguments, code, sentence):
    result = run(*(a.format(short=short) for a in arguments), code=code)
    said = " ".join(result.stderr.replace("\u2502", " ").split())  # typer's own come in a frame
    assert sentence in said
    assert "Traceback" not in said

"""The command `frame`: its answers, its refusals with exit codes, and that it keeps secrets."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from geodesy.itrf_parameters import by_hand
from geodesy.test_local_system import WHOLE, geoid, nothing_of_it_in
from typer.testing import CliRunner

from stationd import frame_command

ROOT = Path(__file__).resolve().parents[2]
POINT = ["-2324156.7901", "5386277.7283", "2495068.3542"]
TO_CGCS2000 = ["--from", "ITRF2020@2025.5", "--to", "CGCS2000@2000.0"]
V97 = ["--velocity", "-0.03303,-0.00973,-0.01228@ITRF97"]
# By hand, from the ITRF2020 table at 2025.5 and 25.5 years of that velocity back.
AT_2000 = {"x_m": -2324155.96735, "y_m": 5386277.98802, "z_m": 2495068.56996}


def run(*arguments):
    app = typer.Typer()
    app.command("frame", context_settings=frame_command.CONTEXT_SETTINGS)(frame_command.frame)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(code, *arguments):
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    sentences = result.stderr.strip().splitlines()
    assert len(sentences) == 1
    assert sentences[0].startswith("stationd: ")
    return sentences[0]


def test_a_point_as_json():
    result = run(*TO_CGCS2000, *V97, *POINT, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert list(found) == ["x_m", "y_m", "z_m", "frame", "epoch"]
    assert (found["frame"], found["epoch"]) == ("CGCS2000", 2000.0)
    for axis, expected_m in AT_2000.items():
        assert found[axis] == pytest.approx(expected_m, abs=2e-5)


def test_options_may_stand_behind_the_point_and_negative_numbers_are_numbers():
    before = run("--json", *V97, *TO_CGCS2000, *POINT)
    behind = run(*POINT, *TO_CGCS2000, *V97, "--json")
    assert before.stdout == behind.stdout != ""
    south = ["4075580.3e0", "-931853.8", "-4801568.2"]
    result = run("--from", "ITRF2020@2025.5", "--to", "IGb14@2025.5", *south, "--json")
    assert json.loads(result.stdout)["z_m"] == pytest.approx(-4801568.2, abs=0.01)


def test_a_point_for_people():
    result = run(*TO_CGCS2000, *V97, "--plane", "4526", *POINT)
    assert result.exit_code == 0
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert float(lines["x_m"]) == pytest.approx(AT_2000["x_m"], abs=2e-5)
    assert lines["frame"] == "CGCS2000"
    assert float(lines["plane_east_m"]) == pytest.approx(38432423.2839, abs=2e-4)
    assert float(lines["plane_north_m"]) == pytest.approx(2564625.1692, abs=2e-4)


@pytest.mark.parametrize(
    ("plane", "east_m"),
    [("EPSG:4526", 38432423.284), ("EPSG:4547", 432423.284), ("114E", 432423.284)],
)
def test_a_plane_is_named_by_code_or_meridian(plane, east_m):
    result = run(*TO_CGCS2000, *V97, "--plane", plane, "--json", *POINT)
    assert json.loads(result.stdout)["plane"]["east_m"] == pytest.approx(east_m, abs=1e-3)


def test_the_models_give_the_velocity_and_its_source():
    models = ["--velocities", ROOT / "config" / "frames" / "velocities.toml"]
    found = json.loads(run(*TO_CGCS2000, *models, "--json", *POINT).stdout)
    assert "South China" in found["velocity_source"]
    assert found["x_m"] == pytest.approx(AT_2000["x_m"], abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "ITRF2020", "--to", "CGCS2000@2000.0", *V97, *POINT], "has no epoch"),
        (["--from", "ITRF2020@2025.5", "--to", "CGCS2000@2025.5", *V97, *POINT], "2000.0 only"),
        (["--from", "WGS84@2025.5", "--to", "CGCS2000@2000.0", *V97, *POINT], "which realisation"),
        ([*TO_CGCS2000, "--velocity", "-0.033,-0.009,-0.012", *POINT], "has no frame"),
        ([*TO_CGCS2000, *V97, *POINT[:2]], "three numbers"),
        ([*TO_CGCS2000, *V97, *POINT, "1"], "three numbers"),
        ([*TO_CGCS2000, *V97, "x", *POINT[1:]], "three numbers"),
        ([*TO_CGCS2000, "--velocty", "1", *POINT], "three numbers"),
        ([*TO_CGCS2000], "three numbers"),
        ([*TO_CGCS2000, *V97, *POINT, "--plane", "EPSG:3857"], "no Gauss-Krueger plane"),
        ([*TO_CGCS2000, *V97, *POINT, "--plane", "somewhere"], "central meridian"),
        ([*TO_CGCS2000, *V97, "--csv", "no.csv", *POINT], "are in the file"),
        ([*TO_CGCS2000, *V97, "--velocities", "no.toml", *POINT], "cannot be given together"),
    ],
)
def test_wrong_usage_ends_with_2(arguments, sentence):
    assert sentence in refused(2, *arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([*TO_CGCS2000, *POINT], "give its velocity"),
        (["--from", "ITRF2020@2025.5", "--to", "GDA2020@2020.0", *POINT], "region of GDA2020"),
        ([*TO_CGCS2000, *V97, "23.18", "113.34", "30"], "metres are wanted"),
        ([*TO_CGCS2000, *V97, *POINT, "--plane", "120E"], "more than 4 degrees"),
        (
            ["--from", "ITRF2020@2025.5", "--to", "ITRF97@2025.5", *POINT, "--plane", "114E"],
            "first",
        ),
        ([*TO_CGCS2000, "--velocity", "columns@ITRF97", *POINT], "no table"),
    ],
)
def test_what_cannot_be_done_ends_with_1(arguments, sentence):
    message = refused(1, *arguments)
    assert sentence in message
    for number in POINT:
        assert number not in message


def test_nothing_is_loaded_before_the_command_runs():
    import subprocess  # noqa: PLC0415 - a fresh interpreter is the point here
    import sys  # noqa: PLC0415 - as above

    code = (
        "import sys, stationd.frame_command; print('numpy' in sys.modules, 'pyproj' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["False", "False"]


TABLE = f"""\
station,x_m,y_m,z_m,epoch,vx_m_per_year,vy_m_per_year,vz_m_per_year,remark
GZ01,{",".join(POINT)},2025.5,-0.03303,-0.00973,-0.01228,"first, of all"

GZ02,{",".join(POINT)},2000.0,-0.03303,-0.00973,-0.01228,
"""


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_a_table_with_epochs_and_velocities_of_its_own(table):
    result = run(*TO_CGCS2000, "--velocity", "columns@ITRF97", "--csv", table)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["station"] for row in rows] == ["GZ01", "GZ02"]
    assert rows[0]["remark"] == "first, of all"
    assert {row["frame"] for row in rows} == {"CGCS2000"}
    assert {row["epoch"] for row in rows} == {"2000.0"}
    for axis, expected_m in AT_2000.items():
        assert float(rows[0][axis]) == pytest.approx(expected_m, abs=2e-5)
    expected_m = by_hand(np.array(POINT, dtype=float), 2000.0, ("ITRF2020", "ITRF97"))
    assert [float(rows[1][axis]) for axis in AT_2000] == pytest.approx(expected_m, abs=2e-5)


def test_a_table_as_json_and_with_one_velocity_for_all(table):
    result = run(*TO_CGCS2000, *V97, "--csv", table, "--json", "--plane", "114E")
    points = json.loads(result.stdout)["points"]
    assert points[0]["x_m"] == pytest.approx(AT_2000["x_m"], abs=2e-5)
    assert points[0]["plane"]["east_m"] == pytest.approx(432423.284, abs=1e-3)
    assert points[1]["station"] == "GZ02"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("x_m,", "x,", r": there is no column x_m"),
        ("vz_m_per_year", "vz", r": of vx_m_per_year"),
        ("remark", "station", r":1: a column is named twice"),
        ("GZ02,-2324156.7901", "GZ02,west", r":4: x_m is not a number"),
        ("2000.0,", "2000.0,,", r":4: has 10 cells instead of 9"),
        ("2000.0,", "nan,", r":4: epoch is not a number"),
        ("2000.0,", "20.0,", r":4: the epoch 20 is no decimal year"),
        ("GZ02,-2324156.7901", "GZ02,-2324.1567", r":4: a point is not near the surface"),
        ("-0.01228,\n", "-12.28,\n", r":4: a velocity is unknown or above"),
        (TABLE, "", r": is empty"),
        (TABLE, "x_m,y_m,z_m\n", r": has no row"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(table, old, new, sentence):
    table.write_text(TABLE.replace(old, new), encoding="utf-8")
    message = refused(1, *TO_CGCS2000, "--velocity", "columns@ITRF97", "--csv", table)
    assert f"{table}{sentence}" in message


def test_two_frames_in_one_table_are_noticed(table):
    rows = f"x_m,y_m,z_m,frame\n{','.join(POINT)},IGS20\n{','.join(POINT)},ITRF2014\n"
    table.write_text(rows, encoding="utf-8")
    message = refused(1, *TO_CGCS2000, *V97, "--csv", table)
    assert f"{table}:3: the row is in ITRF2014, --from says ITRF2020" in message


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    assert "no.csv: No such file" in refused(1, *TO_CGCS2000, "--csv", tmp_path / "no.csv")
    assert "no.toml: No such file" in refused(
        78, *TO_CGCS2000, "--velocities", tmp_path / "no.toml", *POINT
    )
    (tmp_path / "bytes.csv").write_bytes(b"x_m,y_m,z_m\n\xff\xfe\n")
    assert "not UTF-8" in refused(1, *TO_CGCS2000, "--csv", tmp_path / "bytes.csv")


@pytest.fixture
def local(tmp_path):
    file, grid = tmp_path / "local.toml", tmp_path / "geoid.csv"
    file.write_text(WHOLE, encoding="utf-8")
    grid.write_text(geoid(), encoding="utf-8")
    file.chmod(0o600)
    grid.chmod(0o600)
    return file


def test_local_coordinates_by_a_protected_file(local):
    result = run(*TO_CGCS2000, *V97, "--local", local, "--json", *POINT)
    found = json.loads(result.stdout)["local"]
    assert list(found["heights_m"]) == ["national", "local", "inclined"]
    assert found["heights_m"]["national"] - found["heights_m"]["local"] == pytest.approx(4.98765)
    people = run(*TO_CGCS2000, *V97, "--local", local, *POINT)
    assert "local_heights_m_national" in people.stdout


@pytest.mark.parametrize("name", ["local.toml", "geoid.csv"])
def test_a_file_that_others_may_read_is_refused_with_78(local, name):
    open_one = local.parent / name
    open_one.chmod(0o640)
    message = refused(78, *TO_CGCS2000, *V97, "--local", local, *POINT)
    assert f"chmod 600 {open_one}" in message
    nothing_of_it_in(message)


def test_a_local_file_that_is_wrong_ends_with_78_and_shows_nothing(local):
    local.write_text(WHOLE.replace("41234.567", "'41234.567'"), encoding="utf-8")
    message = refused(78, *TO_CGCS2000, *V97, "--local", local, *POINT)
    assert "plane.false_easting_m must be a number" in message
    nothing_of_it_in(message)
    local.write_bytes(WHOLE.encode() + b"\xff")
    nothing_of_it_in(refused(78, *TO_CGCS2000, *V97, "--local", local, *POINT))


def test_a_missing_geoid_grid_is_an_error(local):
    (local.parent / "geoid.csv").unlink()
    message = refused(78, *TO_CGCS2000, *V97, "--local", local, *POINT)
    assert "geoid.csv: No such file" in message

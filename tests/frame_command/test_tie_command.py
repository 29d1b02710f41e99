"""The command `tie`: common points in a table, the verdict, and that it keeps secrets."""

import json

import numpy as np
import pytest
import typer
from geodesy.test_local_system import WHOLE, geoid, nothing_of_it_in
from geodesy.test_planes import at
from geodesy.test_tie import turned
from typer.testing import CliRunner

from stationd import frame_command
from stationd.geodesy.local_system import read_local_system

RNG = np.random.default_rng(11)
SOURCE_M = RNG.uniform([20_000.0, 30_000.0], [80_000.0, 90_000.0], (8, 2))
NOISE_M = RNG.normal(0, 0.003, (8, 2))


def run(*arguments):
    app = typer.Typer()
    app.command("tie")(frame_command.tie)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def table(file, header, *blocks):
    rows = np.concatenate(blocks, axis=1)
    text = [f"station,{header}"]
    text += [
        f"P{number:02d}," + ",".join(f"{cell:.5f}" for cell in row)
        for number, row in enumerate(rows)
    ]
    file.write_text("\n".join(text), encoding="utf-8")
    return file


def plane_table(folder, target_m):
    header = "east_m,north_m,official_east_m,official_north_m"
    return table(folder / "common.csv", header, SOURCE_M, target_m)


def test_systems_that_agree_end_with_0(tmp_path):
    result = run(plane_table(tmp_path, turned(SOURCE_M) + NOISE_M), "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["verdict"], found["parameters"], found["outliers_sought"]) == ("within", 4, True)
    assert found["sigma_m"] == pytest.approx(0.003, rel=0.5)
    assert [point["station"] for point in found["points"]] == [f"P{n:02d}" for n in range(8)]
    assert not any(point["outlier"] for point in found["points"])


def test_a_point_that_moved_is_named_and_the_command_ends_with_1(tmp_path):
    target_m = turned(SOURCE_M) + NOISE_M
    target_m[5] += [0.05, -0.03]
    result = run(plane_table(tmp_path, target_m), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["verdict"] == "beyond"
    assert [point["station"] for point in found["points"] if point["outlier"]] == ["P05"]
    assert found["points"][5]["residual_m"] == pytest.approx([0.05, -0.03], abs=0.015)
    people = run(plane_table(tmp_path, target_m), "--limit", "0.1")
    assert people.exit_code == 0
    assert "7 of 8 points agree" in people.stdout
    assert next(line for line in people.stdout.splitlines() if "outlier" in line).startswith("P05")


def test_seven_parameters_in_space(tmp_path):
    source_m = at(RNG.uniform(22.8, 23.4, 7), RNG.uniform(113, 114, 7), RNG.uniform(0, 90, 7)).xyz_m
    header = "x_m,y_m,z_m,official_x_m,official_y_m,official_z_m"
    target_m = source_m * (1 + 2e-8) + [0.3, -0.2, 0.1] + RNG.normal(0, 0.003, (7, 3))
    result = run(table(tmp_path / "space.csv", header, source_m, target_m), "--json")
    found = json.loads(result.stdout)
    assert (found["verdict"], found["parameters"]) == ("within", 7)


def test_two_points_say_nothing(tmp_path):
    file = plane_table(tmp_path, turned(SOURCE_M))
    file.write_text("\n".join(file.read_text().splitlines()[:3]), encoding="utf-8")
    found = json.loads(run(file, "--json").stdout)
    assert (found["verdict"], found["sigma_m"]) == ("unknown", None)


@pytest.fixture
def local(tmp_path):
    file, grid = tmp_path / "local.toml", tmp_path / "geoid.csv"
    file.write_text(WHOLE, encoding="utf-8")
    grid.write_text(geoid(), encoding="utf-8")
    for one in (file, grid):
        one.chmod(0o600)
    return file


def local_table(folder, shift_m, height_shift_m=None):
    point = at(RNG.uniform(22.8, 23.4, 6), RNG.uniform(113.1, 113.7, 6), RNG.uniform(0, 90, 6))
    system = read_local_system(WHOLE, 0o600, "local.toml", geoid)
    here = system.of(point)
    official_m = np.stack((here.east_m, here.north_m), axis=-1) + shift_m
    header = "x_m,y_m,z_m,official_east_m,official_north_m"
    if height_shift_m is None:
        return table(folder / "official.csv", header, point.xyz_m, official_m)
    header += ",official_height_local_m"
    local_m = (here.heights_m["local"] + height_shift_m)[:, None]
    return table(folder / "official.csv", header, point.xyz_m, official_m, local_m)


def test_adopted_parameters_are_checked_at_common_points(tmp_path, local):
    good = run(local_table(tmp_path, [0.004, 0.0]), "--local", local, "--json")
    assert good.exit_code == 0, good.output
    found = json.loads(good.stdout)
    assert found["adopted_verdict"] == "within"
    assert found["points"][0]["adopted_residual_m"] == pytest.approx([0.004, 0.0], abs=2e-5)
    assert found["points"][0]["residual_m"] == pytest.approx([0.0, 0.0], abs=2e-5)

    # All points moved together: a fit takes it up, the adopted parameters do not.
    moved = run(local_table(tmp_path, [0.0, 0.05]), "--local", local, "--json")
    assert moved.exit_code == 1
    found = json.loads(moved.stdout)
    assert (found["verdict"], found["adopted_verdict"]) == ("within", "beyond")
    people = run(local_table(tmp_path, [0.0, 0.05]), "--local", local)
    assert "adopted parameters: beyond" in people.stdout
    for text in (good.output, moved.output, people.output):
        nothing_of_it_in(text)


def test_adopted_heights_are_checked_too(tmp_path, local):
    file = local_table(tmp_path, [0.0, 0.0], np.array([0, 0, -0.041, 0, 0, 0]))
    beyond = run(file, "--local", local, "--json")
    assert beyond.exit_code == 1
    found = json.loads(beyond.stdout)
    assert (found["verdict"], found["adopted_verdict"]) == ("within", "beyond")
    height_m = [point["adopted_height_residual_m"]["local"] for point in found["points"]]
    assert height_m == pytest.approx([0, 0, -0.041, 0, 0, 0], abs=2e-5)
    within = run(file, "--local", local, "--height-limit", "0.05")
    assert within.exit_code == 0
    assert "-41.0" in within.stdout
    nothing_of_it_in(beyond.output + within.output)

    unknown = file.read_text(encoding="utf-8").replace("height_local", "height_other")
    file.write_text(unknown, encoding="utf-8")
    refused = run(file, "--local", local)
    assert refused.exit_code == 1
    assert "no heights of that name" in refused.stderr


def test_an_open_local_file_is_refused_with_78(tmp_path, local):
    local.chmod(0o644)
    result = run(local_table(tmp_path, [0.0, 0.0]), "--local", local)
    assert result.exit_code == 78
    assert "chmod 600" in result.stderr


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        ("", 1, "common.csv: is empty"),
        ("east_m,north_m\n1,2\n", 1, "no column official_east_m, official_north_m"),
        ("x_m,y_m,z_m,official_x_m\n1,2,3,4\n", 1, "no column official_y_m"),
        ("east_m,north_m,official_east_m,official_north_m\n1,2,3,4\n", 1, "too few: 2 are needed"),
        (
            "east_m,north_m,official_east_m,official_north_m\n1,2,3,b\n",
            1,
            "csv:2: official_north_m",
        ),
    ],
)
def test_a_table_that_is_wrong_is_one_sentence(tmp_path, text, code, sentence):
    file = tmp_path / "common.csv"
    file.write_text(text, encoding="utf-8")
    result = run(file)
    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr


@pytest.mark.parametrize("limit", ["0", "-1", "nan"])
def test_a_limit_is_above_0(tmp_path, limit):
    result = run(plane_table(tmp_path, turned(SOURCE_M)), f"--limit={limit}")
    assert result.exit_code == 2

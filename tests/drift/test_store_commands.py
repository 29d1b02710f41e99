"""`drift import` and `drift list`, and every command that takes a store instead of files."""

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from stationd.drift_commands import app
from stationd_simulators.cli import app as simulators

STATIONS = 7  # enough for several processes


def run(*arguments) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="session")
def history(tmp_path_factory):
    """Three years of made-up stations, as files and in a store."""
    folder = tmp_path_factory.mktemp("history")
    arguments = ["years", "--out", folder, "--stations", STATIONS, "--until", "2026-03-01"]
    result = CliRunner().invoke(simulators, [*map(str, arguments), "--store", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def test_years_of_the_simulator_lie_in_the_store_as_in_the_files(history):
    code, out, _ = run("list", history, "--json")
    kept = json.loads(out)
    assert code == 0
    assert [one["station"] for one in kept] == [f"S{n:03d}" for n in range(1, STATIONS + 1)]
    for one in kept:
        truth = json.loads((history / f"{one['station']}.truth.json").read_text())
        assert one["sessions"] == truth["days"]
        assert one["frame"] == truth["frame"] == "IGS20"


def test_velocities_from_the_store_are_those_from_the_files(history):
    files = sorted(history.glob("*.tenv3"))
    from_files = json.loads(run("velocity", *files, "--frame", "IGS20", "--json")[1])
    from_store = json.loads(run("velocity", history, "--json")[1])
    assert len(from_store) == STATIONS
    assert from_store == from_files


def test_a_store_gives_the_velocity_that_is_the_truth(history):
    (path,) = history.glob("S002.truth.json")
    truth = json.loads(path.read_text())
    code, out, _ = run("velocity", history / "coordinates.sqlite", "--station", "S002",
                       "--steps", history / "steps.txt", "--json")  # fmt: skip
    found = json.loads(out)
    assert code == 0
    for axis, true in zip(("east", "north", "up"), truth["velocity_m_per_year"], strict=True):
        component = found["components"][axis]
        assert abs(component["velocity_m_per_year"] - true) < 4 * component["sigma_m_per_year"]


@pytest.mark.parametrize("command", ["steps", "noise"])
def test_one_station_of_a_store_can_be_asked_for(history, command):
    code, out, _ = run(command, history, "--station", "S003", "--frame", "IGS20", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["station"], found["frame"]) == ("S003", "IGS20")


def test_a_store_is_converted_and_drawn(history, tmp_path):
    code, out, _ = run("convert", history, "--station", "S001", "--to", "csv")
    assert code == 0
    rows = out.strip().splitlines()
    assert len(rows) > 900
    picture = tmp_path / "S001.png"
    assert run("plot", history, "--station", "S001", "--output", picture)[0] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_files_that_do_not_say_their_frame_do_not_double_the_stations(history):
    code, _, err = run("import", *sorted(history.glob("*.tenv3")), "--store", history)
    assert code == 1
    assert err.count("--frame IGS20, if it is that") == STATIONS
    assert len(json.loads(run("list", history, "--json")[1])) == STATIONS


def test_known_steps_of_the_simulator_are_read(history):
    code, out, _ = run("velocity", history, "--steps", history / "steps.txt", "--json")
    listed = len((history / "steps.txt").read_text().splitlines())
    assert code == 0
    assert 0 < sum(len(one["steps"]) for one in json.loads(out)) <= listed


def test_what_is_imported_twice_is_known(history, tmp_path):
    store = tmp_path / "new.sqlite"
    file = history / "S001.tenv3"
    assert run("import", file, "--store", store, "--frame", "IGS20")[0] == 0
    code, out, _ = run("import", file, "--store", store, "--frame", "IGS20")
    assert (code, out.split()[:4]) == (0, ["S001", "IGS20:", "0", "sessions"])
    assert re.search(r"added, \d+ known", out)


def test_a_bad_file_is_told_and_the_others_are_kept(history, tmp_path):
    store, bad = tmp_path / "new.sqlite", tmp_path / "bad.tenv3"
    bad.write_text("nothing of this kind\n")
    code, out, err = run("import", bad, history / "S001.tenv3", tmp_path / "none",
                         "--store", store, "--json")  # fmt: skip
    assert code == 1
    assert [one["station"] for one in json.loads(out)] == ["S001"]
    assert f"{bad}, line 1" in err
    assert f"{tmp_path / 'none'}: No such file" in err


def test_another_solution_is_refused_until_it_replaces_what_is_kept(history, tmp_path):
    store, other = tmp_path / "new.sqlite", tmp_path / "S001.csv"
    rows = ["station,year,east_m,north_m,up_m"]
    rows += [f"S001,{2023.5 + day / 365.25:.6f},{day * 1e-4:.6f},0.0,{np.sin(day) * 1e-3:.6f}"
             for day in range(400)]  # fmt: skip
    other.write_text("\n".join(rows) + "\n")
    run("import", history / "S001.tenv3", "--store", store, "--frame", "IGS20")
    code, _, err = run("import", other, "--store", store, "--frame", "IGS20")
    assert code == 1
    assert "--replace" in err
    code, out, _ = run("import", other, "--store", store, "--frame", "IGS20", "--replace")
    assert code == 0
    assert re.search(r"400 sessions added, in place of \d+", out)


def test_sessions_of_several_files_are_collected_and_kept(real_data, tmp_path):
    files = [real_data / "sinex" / name for name in ("F1_231600.SNX", "F1_231610.SNX")]
    store = tmp_path / "sinex.sqlite"
    code, _, err = run("import", *files, "--store", store)
    assert code == 0, err
    kept = json.loads(run("list", store, "--json")[1])
    assert [one["station"] for one in kept] == ["BRUX", "TRO1", "ZIMM"]
    assert {one["sessions"] for one in kept} == {2}
    assert {round(one["last_mjd"] - one["first_mjd"], 3) for one in kept} == {1.0}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["velocity", "{}", "--station", "XX"], "holds no series of XX"),
        (["import", "{}/coordinates.sqlite", "--store", "{}"], "into itself"),
        (["import", "{}/S001.tenv3", "--store", "{}/S001.tenv3"], "into itself"),
        (["import", "{}/S001.tenv3", "--store", "{}/S002.tenv3"], "is no store"),
        (["list", "{}/S001.tenv3"], "is no store"),
        (["list", "{}/none"], "No such file"),
        (["velocity", "/tmp/.."], "there is no store in this folder"),
    ],
)
def test_what_is_no_store_ends_with_a_sentence(history, arguments, sentence):
    before = (history / "S002.tenv3").read_bytes()
    code, _, err = run(*(one.format(history) for one in arguments))
    assert code in (1, 2)
    assert sentence in err
    assert err.count("\n") == 1
    assert (history / "S002.tenv3").read_bytes() == before

"""The commands of `stationd drift`, as a person or a script calls them."""

import json

import numpy as np
import pytest
from drift import synthetic
from typer.testing import CliRunner

from stationd.drift_commands import app

JAPAN = ["--columns", "day=time,east=lon,north=lat,up=ver", "--unit", "mm"]


def run(*arguments) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="session")
def csv_file(tmp_path_factory):
    """Three years of SYN1 with a step of 12 mm east at 2011.5."""
    rng = np.random.default_rng(1)
    t = synthetic.epochs(3.0)
    columns = [
        synthetic.component(t, rng, 0.005, steps=steps) for steps in ([(2011.5, 0.012)], [], [])
    ]
    rows = ["station,year,east_m,north_m,up_m"]
    rows += [
        "SYN1," + ",".join(f"{value:.6f}" for value in row) for row in zip(t, *columns, strict=True)
    ]
    path = tmp_path_factory.mktemp("series") / "syn1.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_velocity_of_the_reference_series_as_json(real_data):
    code, out, _ = run("velocity", real_data / "timeseries" / "DUTC.IGS08.tenv", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["station"], found["method"], found["epochs"]) == ("DUTC", "midas", 545)
    assert (found["first_epoch"], found["last_epoch"]) == (2014.2505, 2015.7536)
    # The published program's own figures: midas_reference.csv
    for axis, rate in {"east": -0.006972, "north": -0.022167, "up": 0.003275}.items():
        component = found["components"][axis]
        assert component["velocity_m_per_year"] == pytest.approx(rate, abs=0.011e-3)
        assert component["pairs"] == 366
        assert component["pairs_used"] < 366


def test_a_list_of_steps_is_heeded(real_data, tmp_path):
    steps = tmp_path / "steps.txt"
    steps.write_text("DUTC 2015.5674\nP123 2015.0\n")
    file = real_data / "timeseries" / "DUTC.IGS08.tenv"
    _, out, _ = run("velocity", file, "--steps", steps, "--json")
    found = json.loads(out)
    assert found["steps"] == [2015.5674]
    assert found["components"]["up"]["pairs"] == 229
    assert found["components"]["up"]["velocity_m_per_year"] == pytest.approx(0.000573, abs=0.011e-3)


def test_steps_as_json(csv_file):
    code, out, _ = run("steps", csv_file, "--json")
    found = json.loads(out)
    (step,) = found["steps"]
    assert code == 0
    assert step["epoch"] == pytest.approx(2011.5, abs=5 / 365.25)
    assert step["offset_m"]["east"] == pytest.approx(0.012, abs=0.002)
    assert step["significance"] > found["threshold"] == 25.0
    assert (step["state"], step["author"]) == ("proposed", "scan")


def test_a_velocity_with_confirmed_steps_that_differs_from_midas_without_is_a_warning(
    csv_file, tmp_path
):
    steps = tmp_path / "steps.txt"
    steps.write_text("SYN1 2011.5 antenna replaced\n")
    code, out, err = run("velocity", csv_file, "--method", "gls", "--steps", steps, "--json")
    found = json.loads(out)
    assert code == 0
    east = found["components"]["east"]
    assert abs(east["velocity_m_per_year"] - 0.005) < 3 * east["sigma_m_per_year"]
    assert [w for w in found["warnings"] if w.startswith("SYN1 east: -")]
    assert "warning: SYN1 east" in err


def test_midas_without_pairs_is_answered_by_least_squares_and_says_so(csv_file, tmp_path):
    steps = tmp_path / "steps.txt"
    steps.write_text("".join(f"SYN1 {2010 + k * 0.6:.2f}\n" for k in range(1, 5)))
    _, out, _ = run("velocity", csv_file, "--steps", steps, "--json")
    found = json.loads(out)
    assert (found["method"], found["instead_of"]) == ("gls", "midas")
    assert "without a step between them" in found["reason"]
    assert found["components"]["north"]["velocity_m_per_year"] == pytest.approx(0.005, abs=0.003)


def test_a_component_that_a_file_lacks_is_null(real_data):
    _, out, _ = run("velocity", real_data / "timeseries" / "canp.e.gz", "--json")
    components = json.loads(out)["components"]
    assert components["north"] is None
    assert components["east"]["velocity_m_per_year"] != 0.0


def test_noise_of_a_known_series_is_near_what_went_in(csv_file, tmp_path):
    steps = tmp_path / "steps.txt"
    steps.write_text("SYN1 2011.5\n")
    _, out, _ = run("noise", csv_file, "--steps", steps, "--json")
    for component in json.loads(out)["components"].values():
        assert component["white_m"] == pytest.approx(synthetic.WHITE_M, abs=0.8e-3)
        assert component["power_law_m"] == pytest.approx(synthetic.FLICKER_M, abs=1.5e-3)


def test_many_files_go_to_processes_and_one_that_fails_does_not_stop_the_others(
    real_data, csv_file, tmp_path
):
    bad = tmp_path / "bad.tenv3"
    bad.write_text("nothing of use\n")
    good = real_data / "timeseries" / "DUTC.IGS08.tenv"
    code, out, err = run("velocity", good, bad, csv_file, tmp_path / "none", "--json")
    assert code == 1
    assert [found["station"] for found in json.loads(out)] == ["DUTC", "SYN1"]
    assert f"{bad}, line 1: is in no format" in err
    assert f"{tmp_path / 'none'}: No such file or directory" in err


def test_a_wrong_line_is_named_with_file_and_line(csv_file, tmp_path):
    broken = tmp_path / "broken.csv"
    lines = csv_file.read_text().splitlines()
    lines[41] = lines[41].replace("0.0", "zero.")
    broken.write_text("\n".join(lines))
    code, out, err = run("velocity", broken)
    assert (code, out) == (1, "")
    assert f"stationd: {broken}, line 42: " in err


def test_a_series_too_short_for_a_scan_says_how_much_there_is(csv_file, tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("\n".join(csv_file.read_text().splitlines()[:40]))
    code, _, err = run("steps", short)
    assert code == 1
    assert "39 sessions of SYN1" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["velocity", "--method", "lsq"], '--method "lsq": write midas or gls'),
        (["velocity", "--columns", "day"], '--columns "day": write pairs'),
        (["velocity", "--unit", "ft"], "--unit: unit 'ft' is none of"),
        (["steps", "--threshold", "-1"], "--threshold -1: write a number above 0"),
        (["noise", "--kind", "pink"], '--kind "pink": write white, white+flicker'),
    ],
)
def test_wrong_usage_is_told_with_what_to_write(csv_file, arguments, sentence):
    code, _, err = run(arguments[0], csv_file, *arguments[1:])
    assert code == 2
    assert sentence in err


def test_text_is_in_millimetres(real_data):
    file = real_data / "timeseries" / "japan" / "G001neu9818.csv"
    _, out, _ = run("velocity", file, *JAPAN)
    assert out.splitlines()[0].startswith("G001  2009.00")
    assert "  north    25.778 +- 0.6" in out  # midas_reference.csv: 0.025778

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


QUAKES = """time,latitude,longitude,depth,mag,id
2011-07-02T12:00:00Z,23.0,113.5,10,6.9,near
2011-01-02T12:00:00Z,-40.0,10.0,10,6.9,far
"""


def test_a_catalogue_of_earthquakes_needs_places_and_then_reaches_those_nearby(csv_file, tmp_path):
    quakes, places = tmp_path / "quakes.csv", tmp_path / "places.csv"
    quakes.write_text(QUAKES)
    places.write_text("station,latitude,longitude\nSYN1,23.1,113.3\n")
    code, _, told = run("velocity", csv_file, "--steps", quakes, "--method", "gls", "--json")
    assert code == 1
    assert "--places FILE" in told
    code, out, _ = run(
        "velocity", csv_file, "--steps", quakes, "--places", places, "--method", "gls", "--json"
    )
    assert code == 0
    assert json.loads(out)["steps"] == pytest.approx([2011.5], abs=0.003)


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
    steps = json.loads(run("steps", real_data / "timeseries" / "canp.e.gz", "--json")[1])["steps"]
    assert any(abs(step["epoch"] - 2004.742) < 0.01 for step in steps)  # canp.off: 2004, day 272
    assert {step["offset_m"]["north"] for step in steps} == {None}
    (station,) = json.loads(run("yearly", real_data / "timeseries" / "canp.e.gz", "--json")[1])[
        "stations"
    ]
    assert station["verdict"] == "insufficient evidence"
    assert "gives no north and no up" in station["sentence"]


def test_one_epoch_is_no_velocity_and_both_methods_say_what_they_need(csv_file, tmp_path):
    one = tmp_path / "one.csv"
    one.write_text("\n".join(csv_file.read_text().splitlines()[:2]))
    code, out, err = run("velocity", one, "--json")
    assert (code, out) == (1, "")
    assert "1 means of 7 days" in err
    assert "MIDAS: 1 epochs, 6 needed" in err


def test_noise_of_a_known_series_is_near_what_went_in(csv_file, tmp_path):
    steps = tmp_path / "steps.txt"
    steps.write_text("SYN1 2011.5\n")
    _, out, _ = run("noise", csv_file, "--steps", steps, "--json")
    for component in json.loads(out)["components"].values():
        assert component["white_m"] == pytest.approx(synthetic.WHITE_M, abs=0.8e-3)
        assert component["power_law_m"] == pytest.approx(synthetic.FLICKER_M, abs=1.5e-3)


def test_many_files_go_to_processes_and_one_that_fails_does_not_stop_the_others(
    real_data, csv_file, network_files, tmp_path
):
    bad = tmp_path / "bad.tenv3"
    bad.write_text("nothing of use\n")
    good = real_data / "timeseries" / "DUTC.IGS08.tenv"
    code, out, err = run(
        "velocity", good, bad, csv_file, tmp_path / "none", *network_files, "--json"
    )
    assert code == 1
    assert [found["station"] for found in json.loads(out)] == [
        "DUTC",
        "SYN1",
        "S0",
        "S1",
        "S2",
        "S3",
        "S4",
    ]
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


@pytest.fixture(scope="session")
def network_files(tmp_path_factory):
    """Five stations of three years; S4 drifts by 6 mm a year northwards beside the others."""
    folder = tmp_path_factory.mktemp("network")
    rng = np.random.default_rng(2)
    t = synthetic.epochs(3.0)
    for number in range(5):
        rates = (0.033, -0.010 + (0.006 if number == 4 else 0.0), 0.0)
        columns = [synthetic.component(t, rng, rate) for rate in rates]
        rows = ["station,frame,year,east_m,north_m,up_m"]
        rows += [
            f"S{number},ITRF2020," + ",".join(f"{value:.6f}" for value in row)
            for row in zip(t, *columns, strict=True)
        ]
        (folder / f"s{number}.csv").write_text("\n".join(rows) + "\n")
    return sorted(folder.glob("*.csv"))


def test_yearly_names_the_station_that_moves_within_its_network(network_files, tmp_path):
    adopted = tmp_path / "adopted.csv"
    heading = "station,east_mm_per_year,north_mm_per_year,up_mm_per_year\n"
    adopted.write_text(heading + "".join(f"S{k},33.0,-10.0,0.0\n" for k in range(4)))
    code, out, _ = run("yearly", *network_files, "--adopted", adopted, "--json")
    found = json.loads(out)
    assert code == 0
    verdicts = {one["station"]: one["verdict"] for one in found["stations"]}
    assert verdicts == {
        "S0": "not significant",
        "S1": "not significant",
        "S2": "not significant",
        "S3": "not significant",
        "S4": "exceeds tolerance",
    }
    assert found["without_adopted_velocity"] == ["S4"]
    assert found["frame"] == "ITRF2020"
    _, text, _ = run("yearly", *network_files, "--adopted", adopted)
    assert text.startswith("1 of 5 stations moved significantly; 0 have insufficient evidence")
    assert "S4: exceeds tolerance over 3.00 years against the network: horizontal " in text


def test_yearly_refuses_series_of_two_frames_and_wrong_velocities(network_files, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(network_files[0].read_text().replace("ITRF2020", "ITRF2014"))
    code, _, err = run("yearly", network_files[1], other)
    assert code == 1
    assert "the series are in ITRF2014 and ITRF2020: transform them first" in err
    adopted = tmp_path / "adopted.csv"
    heading = "station,east_mm_per_year,north_mm_per_year,up_mm_per_year\n"
    for content, sentence in (
        ("S0,1,2,3\n", "line 1: its heading must be station,"),
        (heading + "\nS0,1,2\n", "line 3: is no line station,"),
        (heading + "S0,1,two,3\n", "line 2: is no line station,"),
    ):
        adopted.write_text(content)
        code, _, err = run("yearly", network_files[0], "--adopted", adopted)
        assert code == 2
        assert f"{adopted}, {sentence}" in err


def test_converted_series_read_back_to_the_same_answers(real_data, tmp_path):
    file, copy = real_data / "timeseries" / "DUTC.IGS08.tenv", tmp_path / "copy.csv"
    code, _, _ = run("convert", file, "--output", copy)
    assert code == 0
    answers = [json.loads(run("velocity", one, "--json")[1]) for one in (file, copy)]
    assert answers[0]["components"] == answers[1]["components"]
    code, _, err = run("convert", file, copy, "--to", "tenv3")
    assert (code, "holds one station, here are 2" in err) == (2, True)


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG\r\n"), ("svg", b"<?xml")])
def test_a_plot_is_a_figure_and_the_same_on_every_run(csv_file, tmp_path, suffix, magic):
    first, second = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
    for output in (first, second):
        assert run("plot", csv_file, "--output", output)[0] == 0
    content = first.read_bytes()
    assert content.startswith(magic)
    assert content == second.read_bytes()


def test_a_plot_says_what_it_cannot_draw(csv_file, network_files, tmp_path):
    code, _, err = run("plot", csv_file, "--output", tmp_path / "figure.gif")
    assert (code, "write a name that ends in .png or .svg" in err) == (2, True)
    both = tmp_path / "both.csv"
    texts = [path.read_text() for path in network_files[:2]]
    both.write_text(texts[0] + texts[1].partition("\n")[2])
    code, _, err = run("plot", both, "--output", tmp_path / "figure.png")
    assert (code, "draws one series, here are 2" in err) == (2, True)


def test_what_was_decided_about_steps_is_kept_by_every_command(csv_file, tmp_path):
    decisions = tmp_path / "decisions.csv"
    heading = "station,epoch,state,author,reason\n"
    decisions.write_text(heading + "SYN1,2011.5,rejected,L. Chen,was snow\n")
    (step,) = json.loads(run("steps", csv_file, "--decisions", decisions, "--json")[1])["steps"]
    assert (step["state"], step["author"], step["reason"]) == ("rejected", "L. Chen", "was snow")
    velocity = ("velocity", csv_file, "--method", "gls", "--decisions", decisions, "--json")
    assert json.loads(run(*velocity)[1])["steps"] == []
    decisions.write_text(heading + "SYN1,2011.5,confirmed,L. Chen,antenna replaced\n")
    assert json.loads(run("steps", csv_file, "--decisions", decisions, "--json")[1])["steps"] == []
    assert json.loads(run(*velocity)[1])["steps"] == [2011.5]
    decisions.write_text(heading + "SYN1,2011.5,confirmed,,antenna replaced\n")
    code, _, err = run(*velocity)
    assert code == 1
    assert f"{decisions}, line 2: step of SYN1 at 2011.5000: a decision needs an author" in err

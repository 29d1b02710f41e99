"""Scenario files: what they say becomes nouns, and everything that is wrong is told at once."""

import math
import re
import tomllib
from dataclasses import dataclass, fields

import pytest

from stationd.gnss.time import utc_from_gpst
from stationd_simulators.faults import FAULTS, messages, signals
from stationd_simulators.scenario import (
    FULL_ERRORS,
    Antenna,
    Errors,
    Expectation,
    Fault,
    Motion,
    Quake,
    Receiver,
    Scenario,
    Station,
    Step,
)
from stationd_simulators.scenario_bounds import BOUNDS, PARAMETERS
from stationd_simulators.scenario_files import (
    FOLDER,
    ScenarioError,
    _Reading,
    load,
    names,
    parsed,
)

GOOD = """
name = "test"
title = "A test"
seed = 5
start = 2026-03-01T00:00:00Z
duration_s = 300
constellations = ["G", "C"]
limits = { silence = { warning_s = 30.0 } }

[errors]
preset = "full"
code_noise_m = 0.5

[stations]
interval_s = 5.0
messages = { 1005 = 30 }
antenna = { descriptor = "NONE", height_m = 0.5 }

[[station]]
id = "A"
latitude_deg = 23.1
longitude_deg = 113.3
height_m = 30.0
signals = { C = ["2I"] }
antenna = { height_m = 1.5 }

[[station]]
id = "B"
x_m = -2324156.79
y_m = 5386277.73
z_m = 2495068.35
interval_s = 0.1

[[fault]]
kind = "cn0-drop"
stations = ["A"]
start_s = 100
duration_s = 50
depth_db = 8
bands = ["G1"]

[[fault]]
kind = "arp-default"
start_s = 200

[[expect]]
station = "A"
check = "cn0"
health = "warning"
after_s = 100
within_s = 90
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parsed(tomllib.loads(text), "test.toml")
    return caught.value.problems


def test_a_file_becomes_a_scenario():
    scenario = parsed(tomllib.loads(GOOD), "test.toml")
    assert utc_from_gpst(scenario.start_gpst_s) == 1_772_323_200  # 2026-03-01, by `date +%s`
    assert scenario.constellations == ("G", "C")
    assert scenario.limits == {"silence": {"warning_s": 30.0}}
    drop, default = scenario.faults
    assert drop.parameters == signals.Strength(8.0, ("G1",), 0.0)
    assert drop.concerns("A")
    assert not drop.concerns("B")
    assert default.parameters == messages.Nothing()
    assert default.duration_s == math.inf
    assert default.concerns("B")
    assert scenario.expectations[0].within_s == 90.0


def test_what_a_station_does_not_say_is_that_of_all_stations_and_then_the_default():
    scenario = parsed(tomllib.loads(GOOD), "test.toml")
    a, b = scenario.stations
    assert (a.interval_s, b.interval_s) == (5.0, 0.1)
    assert (a.antenna.height_m, b.antenna.height_m) == (1.5, 0.5)
    assert a.antenna.descriptor == b.antenna.descriptor == "NONE"
    assert a.messages == {1005: 30.0}
    assert a.signals["C"] == ("2I",)
    assert a.signals["G"] == b.signals["G"] == ("1C", "2W", "5Q")


def test_a_geodetic_place_becomes_a_geocentric_one():
    a = parsed(tomllib.loads(GOOD), "test.toml").station("A")
    # cs2cs EPSG:4979 -> EPSG:4978 of PROJ 9 gives these (GRS 80 and WGS 84 differ by 0.1 mm).
    from pyproj import Transformer  # noqa: PLC0415 - 0.3 s, for this test alone

    expected = Transformer.from_crs(4979, 4978).transform(23.1, 113.3, 30.0)
    assert a.position_m == pytest.approx(expected, abs=1e-3)


def test_the_full_error_model_holds_but_for_what_the_file_says():
    errors = parsed(tomllib.loads(GOOD), "test.toml").errors
    assert errors.code_noise_m == 0.5
    assert errors.ionosphere_tecu == FULL_ERRORS.ionosphere_tecu
    text = GOOD.replace('preset = "full"\ncode_noise_m = 0.5', "")
    assert parsed(tomllib.loads(text), "test.toml").errors == Errors()


def test_another_date_changes_nothing_else():
    scenario = parsed(tomllib.loads(GOOD), "test.toml")
    moved = scenario.starting(1_800_000_000.0)
    assert utc_from_gpst(moved.start_gpst_s) == 1_800_000_000.0
    assert moved.faults == scenario.faults


@pytest.mark.parametrize(
    ("find", "put", "sentence"),
    [
        ("seed = 5", "sead = 5", 'test.toml: sead: no such key; did you mean "seed"?'),
        ("seed = 5", 'seed = "x"', "test.toml: seed: input should be a valid integer"),
        ("seed = 5", "", "test.toml: seed: is missing"),
        ("start = 2026-03-01T00:00:00Z", "start = 5", "test.toml: start: must be a date and time"),
        ("duration_s = 300", "duration_s = 0", "duration_s: must be above 0, at most 31622400"),
        ('["G", "C"]', '["G", "X"]', 'constellations: "X": known are G, R, E, J, C'),
        ('preset = "full"', 'preset = "big"', 'errors.preset: must be "none" or "full"'),
        ("code_noise_m = 0.5", "code_nose_m = 0.5", 'did you mean "code_noise_m"?'),
        ("code_noise_m = 0.5", 'troposphere = "wet"', "errors.troposphere: must be"),
        ("height_m = 30.0", "", "station A: has no place: write latitude_deg"),
        ("interval_s = 0.1", "interval_s = 0.01", "station B.interval_s: must be 0.05 to 3600"),
        ("interval_s = 0.1", "msm = 3", "station B.msm: must be 4 to 7, found 3"),
        ("interval_s = 0.1", "station_id = 5000", "station B.station_id: must be 0 to 4095"),
        ("interval_s = 0.1", "antena = 1", 'B.antena: no such key; did you mean "antenna"?'),
        ('signals = { C = ["2I"] }', 'signals = { Q = ["2I"] }', 'station A.signals: "Q": known'),
        ('id = "B"', 'id = "A"', "station A: the id stands there twice"),
        ('kind = "cn0-drop"', 'kind = "cn0-dorp"', "fault 1.kind: no such fault, found 'cn0-dorp'"),
        ("depth_db = 8", "depht_db = 8", "fault 1 (cn0-drop).depht_db: no such key; did you mean"),
        ('stations = ["A"]', 'stations = ["C"]', 'fault 1.stations: "C" is no station here'),
        ("start_s = 200", "", "fault 2 (arp-default).start_s: is missing"),
        ("start_s = 200", "start_s = -1", "fault 2 (arp-default).start_s: must be 0 to 316"),
        ('kind = "arp-default"', 'kind = "burst"', "(burst).duration_s: is missing: it has to end"),
        ('health = "warning"', 'health = "bad"', 'expect 1.health: "bad": write one of ok'),
        ('station = "A"', 'station = "D"', 'expect 1.station: "D" is no station here'),
        ("within_s = 90", "within_s = 900", "expect 1: ends at 1000 s, after the scenario's 300 s"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(find, put, sentence):
    assert GOOD.count(find) == 1
    found = problems(GOOD.replace(find, put))
    assert any(sentence in problem for problem in found), found


@pytest.mark.parametrize(
    ("find", "put", "sentence"),
    [
        ('name = "test"', 'name = "../evil"', "test.toml: name: must be letters, digits"),
        ("seed = 5", "seed = -1", "test.toml: seed: must be 0 to 9223372036854775807, found -1"),
        ("= 2026-03-01T00:00:00Z", "= 1995-12-31T23:59:59Z", "start: must be of 1996 to 2036"),
        ("duration_s = 300", "duration_s = 4", "duration_s: is too short for an epoch of station"),
        ("duration_s = 300", "duration_s = 1e9", "duration_s: must be above 0, at most 31622400"),
        ('["G", "C"]', "[]", "test.toml: constellations: there is none: write some of G, R, E"),
        ("seed = 5", "seed = 5\nephemeris_repeat_s = 0", "ephemeris_repeat_s: must be 1 to 7200"),
        ("seed = 5", "seed = 5\nsettle_s = nan", "settle_s: must be 0 to 31622400, found nan"),
        ("code_noise_m = 0.5", "code_noise_m = -1.0", "errors.code_noise_m: must be 0 to 100, fo"),
        ('id = "B"', 'id = "../evil"', "station ../evil.id: must be letters, digits,"),
        ('id = "B"', 'id = ""', "id: must be letters, digits,"),
        ("= 23.1", "= 123.0", "station A.latitude_deg: must be -90 to 90, found 123"),
        ("= 113.3", "= nan", "station A.longitude_deg: must be -180 to 360, found nan"),
        ("= 113.3", "= inf", "station A.longitude_deg: must be -180 to 360, found inf"),
        ('["G", "C"]', '["G", "G"]', "test.toml: constellations: 'G' stands there twice"),
        ("= 23.1", "= true", "station A: has no place"),
        ("interval_s = 0.1", "interval_s = true", "station B.interval_s: must be a number"),
        ("x_m = -2324156.79", "x_m = 0.0", "station B.x_m: with y_m and z_m it is 5936 km from"),
        ("antenna = { height_m = 1.5 }", "antenna = { height_m = 9 }",
         "station A.antenna.height_m: must be 0 to 6.5535, found 9"),
        ("antenna = { height_m = 1.5 }", f'antenna = {{ serial = "{"9" * 32}" }}',
         "station A.antenna.serial: must be at most 31 characters of Latin-1"),
        ('C = ["2I"]', 'G = ["9Z"]', "station A.signals.G: '9Z' is not among those that there"),
        ("interval_s = 0.1", "messages = { 1006 = 0 }", "B.messages.1006: must be 0.05 to 6553.5"),
        ("interval_s = 0.1", "messages = { 1234 = 5 }", "station B.messages: 1234 is not among"),
        ("interval_s = 0.1", "horizon_deg = [[0, 91]]", "B.horizon_deg.0: must be -5 to 90"),
        ("interval_s = 0.1", "motion = { steps = [{ start_s = 1, enu_m = [0,0,0], decay_s = 0 }] }",
         "station B.motion.steps.0.decay_s: must be above 0, at most 1000"),
        ("interval_s = 0.1",
         "motion = { quakes = [{ start_s = 1, enu_m = [0,0,0], duration_s = 0 }] }",
         "station B.motion.quakes.0.duration_s: must be above 0, at most 31622400"),
        ('bands = ["G1"]', 'bands = ["L1"]', "fault 1 (cn0-drop).bands: 'L1' is not among those"),
        ('bands = ["G1"]', 'bands = ["E1"]', "there are: C1, C2, C5, C6, C7, G1, G2, G5"),
        ("depth_db = 8", "depth_db = -8", "fault 1 (cn0-drop).depth_db: must be 0 to 60, found -8"),
        ("start_s = 200", "start_s = 300", "fault 2 (arp-default).start_s: 300 s is after the sce"),
        ("start_s = 200", "start_s = 1\nduration_s = 0", "(arp-default).duration_s: must be abo"),
        ("start_s = 200", "start_s = 1\nevery_s = nan", "fault 2.every_s: must be at least 1"),
        ("within_s = 90", "within_s = 0", "expect 1.within_s: must be above 0, at most 31622400"),
        ("after_s = 100", "after_s = -1", "expect 1.after_s: must be 0 to 31622400, found -1"),
        ("after_s = 100", "after_s = 301", "expect 1: ends at 391 s, after the scenario's 300 s"),
    ],
)  # fmt: skip
def test_what_would_become_something_else_on_the_air_is_refused(find, put, sentence):
    assert GOOD.count(find) == 1
    found = problems(GOOD.replace(find, put))
    assert any(sentence in problem for problem in found), found


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ('kind = "wrong-station-id"\nstation_id = 5000', "station_id: must be 0 to 4095, fou"),
        ('kind = "antenna-height"\nheight_m = 99', "height_m: must be 0 to 6.5535, found 99"),
        ('kind = "missing-types"\ntypes = [1006, 1234]', "types: 1234 is not among those"),
        ('kind = "altered-ephemeris"\nsatellites = ["G99"]', "satellites: 'G99' is not among"),
        ('kind = "altered-ephemeris"\nconstellations = ["GPS"]', "'GPS' is not among those"),
        ('kind = "altered-ephemeris"\nsatellites = ["G05", "G05"]', "'G05' stands there twice"),
        ('kind = "arp-offset"\nxyz_m = [1e9, 0, 0]', "xyz_m: must be -1000000 to 1000000"),
        ('kind = "stale-ephemeris"\nrepeat_s = 0', "repeat_s: must be above 0, at most"),
        ('kind = "duplicated"\nshare_ratio = 2', "share_ratio: must be 0 to 1, found 2"),
        ('kind = "late"\ndelay_s = inf', "delay_s: must be 0 to 31622400, found inf"),
        (f'kind = "antenna-swap"\ndescriptor = "{"A" * 32}"', "descriptor: must be at most 31"),
    ],
)  # fmt: skip
def test_a_fault_that_could_not_be_sent_is_refused(fault, sentence):
    kind = fault.split('"')[1]
    (found,) = problems(GOOD.replace('kind = "arp-default"', fault))
    assert found.startswith(f"test.toml: fault 2 ({kind}).")
    assert sentence in found


def numbers_of(noun) -> set[str]:
    """Return the names of fields that hold numbers."""
    return {
        field.name
        for field in fields(noun)
        if re.search(r"\b(float|int|Vector)\b", str(field.type)) and "str" not in str(field.type)
    }


def test_every_number_of_a_scenario_has_its_bound():
    elsewhere = {
        Scenario: {"start_gpst_s"},
        Station: {"position_m", "horizon_deg", "messages"},
    }
    for noun in (Scenario, Errors, Station, Antenna, Receiver, Motion, Step, Quake, Fault,
                 Expectation):  # fmt: skip
        assert numbers_of(noun) - elsewhere.get(noun, set()) == set(BOUNDS.get(noun, {})), noun
    of_faults = {name: numbers_of(kind.parameters) for name, kind in FAULTS.items()}
    assert {k: own - {"types"} - set(PARAMETERS) for k, own in of_faults.items()} == {
        kind: set() for kind in FAULTS
    }


@dataclass(frozen=True, slots=True)
class Particular:
    """Parameters that are particular about their values."""

    how: str = "well"

    def __post_init__(self):
        if self.how != "well":
            raise ValueError(f'"{self.how}": write "well"')


def test_what_a_kind_says_of_its_parameters_is_told_with_its_place():
    reading = _Reading("test.toml")
    assert reading.made(Particular, {"how": "badly"}, "fault 1 (own)") is None
    assert reading.problems == ['test.toml: fault 1 (own): "badly": write "well"']


def test_all_faults_of_a_file_are_told_at_once():
    text = GOOD.replace("seed = 5", "").replace('health = "warning"', 'health = "bad"')
    text = text.replace('kind = "cn0-drop"', "kind = 3").replace("height_m = 30.0", "")
    assert len(problems(text)) == 4
    text = text.replace("duration_s = 300", "duration_s = -1").replace('"test"', '"../test"')
    assert len(problems(text)) == 6


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(ScenarioError, match="closure-gps"):
        load("closure-gsp")


def test_a_file_that_is_not_there_or_no_toml_is_said(tmp_path):
    with pytest.raises(ScenarioError, match="No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[x\n")
    with pytest.raises(ScenarioError, match="not TOML"):
        load(tmp_path / "bad.toml")


@pytest.mark.parametrize("name", names())
def test_every_scenario_that_comes_along_is_sound_and_named_as_its_file(name):
    scenario = load(name)
    assert scenario.name == name
    assert scenario.title
    assert (FOLDER / f"{name}.toml").read_text().startswith("# ")


def test_each_constellation_has_a_closure_of_its_own():
    alone = {load(f"closure-{one}").constellations for one in CLOSURES}
    assert alone == {("G",), ("E",), ("C",), ("R",), ("J",)}
    assert set(load("closure").constellations) == {letter for (letter,) in alone}
    assert all(load(f"closure-{one}").errors == Errors() for one in CLOSURES)


CLOSURES = ("gps", "galileo", "beidou", "glonass", "qzss")


def test_every_fault_of_a_single_station_leaves_another_one_to_compare():
    for name in names():
        scenario = load(name)
        if {one for fault in scenario.faults for one in fault.stations} == {"FLT1"}:
            assert {s.id for s in scenario.stations} == {"FLT1", "REF1"}
            assert all(one.station == "FLT1" for one in scenario.expectations)
            # stationd reads no sourcetable: a row in it that lies changes nothing.
            assert scenario.expectations or name == "lying-row"


def test_a_fault_that_comes_every_so_often_comes_until_the_end():
    text = GOOD.replace("start_s = 100\n", "start_s = 100\nevery_s = 60\n")
    faults = parsed(tomllib.loads(text), "test.toml").faults
    assert [f.start_s for f in faults if f.kind == "cn0-drop"] == [100.0, 160.0, 220.0, 280.0]
    assert "every_s: must be at least 1" in problems(text.replace("= 60", "= 0"))[0]
    overlapping = problems(text.replace("every_s = 60", "every_s = 5"))
    assert overlapping == ["test.toml: fault 1.every_s: must be at least duration_s, 50, found 5"]


def test_a_station_with_a_fault_of_its_own_is_still_the_one_that_others_name():
    (problem,) = problems(GOOD.replace("height_m = 30.0", "height_m = 30.0\nintervall_s = 1.0"))
    assert 'station A.intervall_s: no such key; did you mean "interval_s"?' in problem


def test_a_kind_that_is_nearly_right_is_named():
    (problem,) = problems(GOOD.replace('"cn0-drop"', '"cn0-dropp"'))
    assert problem.endswith("no such fault, found 'cn0-dropp'; did you mean \"cn0-drop\"?")

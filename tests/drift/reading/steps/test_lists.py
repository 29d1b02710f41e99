"""Lists of changes read as their text shows; odd ones are refused with file and line."""

import math
from pathlib import Path

import pytest

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.errors import SeriesFileError
from stationd.drift.known_step import Change, KnownStep
from stationd.drift.reading.steps.earthquakes import reach_m
from stationd.drift.reading.steps.places import Place, distance_m
from stationd.drift.reading.steps.table import read_steps

NGL = "timeseries/ngl_steps_sample.txt"


def steps_of(real_data: Path, name: str, **kwargs) -> tuple[KnownStep, ...]:
    return read_steps((real_data / name).read_bytes(), name, **kwargs)


def mjd(moment: str) -> float:
    return mjd_of_iso(moment)[0]


def counted(steps: tuple[KnownStep, ...]) -> dict[Change, int]:
    return {change: sum(step.change is change for step in steps) for change in Change}


def test_lines_of_station_and_decimal_year_keep_the_year_as_written():
    text = b"# confirmed by the office\nP123 2020.7666\nP123 2024.6489 antenna exchanged\n"
    one, other = read_steps(text, "steps.txt")
    assert (one.station, one.epoch_years, one.change, one.line) == ("P123", 2020.7666, "other", 2)
    assert (other.epoch_years, other.change, other.reason) == (
        2024.6489,
        Change.ANTENNA,
        "antenna exchanged",
    )


def test_a_station_of_digits_is_no_year():
    (step,) = read_steps(b"0194 2011.1889\n", "steps.txt")
    assert (step.station, step.epoch_years) == ("0194", 2011.1889)


def test_the_list_of_ngl_gives_equipment_and_earthquakes(real_data: Path):
    steps = steps_of(real_data, NGL)
    assert len(steps) == 15
    assert counted(steps) == {
        Change.ANTENNA: 5,
        Change.RECEIVER: 2,
        Change.FIRMWARE: 0,
        Change.EARTHQUAKE: 6,
        Change.OTHER: 2,
    }
    first, last = steps[0], steps[-1]
    assert (first.station, first.mjd) == ("0ARJ", mjd("1996-06-28T12:00"))
    assert first.reason == "Radome Type Changed"
    assert (last.station, last.mjd) == ("UNR1", mjd("2019-07-06T12:00"))
    assert last.reason == "earthquake M7.1 at 219 km, within its reach of 575 km (ci38457511)"
    # A day's step is at the decimal year of that day's solution: 2019.5099 in tenv3.
    assert last.epoch_years == pytest.approx(2000 + (58670 - 51544) / 365.25, abs=1e-9)


def test_the_reach_of_an_earthquake_is_that_of_ngl(real_data: Path):
    lines = (line.split() for line in (real_data / NGL).read_text().splitlines())
    earthquakes = [(float(f[3]), float(f[5])) for f in lines if f[2] == "2"]
    assert len(earthquakes) == 6
    for reach_km, magnitude in earthquakes:
        assert reach_m(magnitude) / 1e3 == pytest.approx(reach_km, abs=6e-4)


def test_the_offsets_of_est_noise_are_days_of_the_year(real_data: Path):
    one, other = steps_of(real_data, "timeseries/canp.off")
    assert (one.station, one.mjd) == ("canp", mjd("2003-12-22"))  # day 356
    assert other.mjd == mjd("2004-09-28")  # day 272 of a leap year


def test_a_discontinuity_is_where_a_position_ends_and_says_why(real_data: Path):
    steps = steps_of(real_data, "sinex/sinex_discontinuities")
    assert len(steps) == 17
    of_0194 = [step for step in steps if step.station == "0194"]
    assert [step.reason.split(" -")[0] for step in of_0194] == [
        "antenna change",
        "EQ M8.3",
        "EQ M7.2",
        "EQ M6.9",
        "EQ M9.0",
        "unknown",
    ]
    tohoku = of_0194[4]
    # Day 70 of 2011, second 20 783: the earthquake of 05:46:23 UTC.
    assert tohoku.mjd == pytest.approx(mjd("2011-03-11T05:46:23"), abs=1e-9)
    assert tohoku.change is Change.EARTHQUAKE
    assert counted(steps)[Change.ANTENNA] == 5
    assert counted(steps)[Change.RECEIVER] == 2


def test_events_are_changes_but_for_their_first_setting(real_data: Path):
    steps = steps_of(real_data, "sinex/sinex_events")
    assert [(step.station, step.reason[:7]) for step in steps] == [
        ("ANDE", "CLK OFF"),
        ("ANDO", "MTP ON"),
        ("ANDO", "TRC ---"),
    ]
    assert steps[1].mjd == mjd("2003-01-01")


def test_the_equipment_of_a_tms_tells_its_changes(real_data: Path):
    steps = steps_of(real_data, "timeseries/TEST00NOR.tms")
    # 16 lines of receivers are 15 changes, of which five to another model; 2 antennas; 2 events.
    assert counted(steps) == {
        Change.ANTENNA: 1,
        Change.RECEIVER: 4,
        Change.FIRMWARE: 11,
        Change.EARTHQUAKE: 0,
        Change.OTHER: 2,
    }
    antenna = next(step for step in steps if step.change is Change.ANTENNA)
    assert antenna.mjd == mjd("1998-11-06")  # day 310
    assert antenna.reason == "antenna TRM14532.00 NONE -> TRM29659.00 NONE"


def test_an_igs_site_log_tells_antennas_receivers_and_firmware(real_data: Path):
    steps = steps_of(real_data, "sitelog/WTZR00DEU_20200602.log")
    antennas = [step for step in steps if step.change is Change.ANTENNA]
    assert [(step.mjd, step.line) for step in antennas] == [
        (mjd("2002-07-02T08:04"), 612),
        (mjd("2009-01-19T09:48"), 631),
        (mjd("2010-06-30T08:00"), 652),
    ]
    assert antennas[1].reason == "antenna AOAD/M_T NONE -> LEIAR25 LEIT"
    assert {step.station for step in steps} == {"WTZR"}


def test_a_site_log_of_one_antenna_tells_no_antenna_change(real_data: Path):
    steps = steps_of(real_data, "sitelog/AAA200USA_20220909.log")
    assert [step.change for step in steps] == [
        Change.RECEIVER,
        Change.RECEIVER,
        Change.FIRMWARE,
        Change.RECEIVER,
        Change.FIRMWARE,
        Change.FIRMWARE,
    ]
    assert steps[0].reason == "receiver ROGUE SNR-8 -> AOA BENCHMARK ACT"


def test_geodesyml_of_both_versions_is_read(real_data: Path):
    assert steps_of(real_data, "sitelog/20na_geodesyml04.xml") == ()  # one of each, never changed
    steps = steps_of(real_data, "sitelog/geodesyml/AIRA-collocationInfo.xml")
    antennas = [step for step in steps if step.change is Change.ANTENNA]
    assert [step.reason for step in antennas] == [
        "antenna TRM23903.00 DOME -> TRM29659.00 DOME",
        "antenna TRM29659.00 DOME -> TRM59800.00 SCIS",
    ]
    assert antennas[0].mjd == mjd("2003-02-19T09:04")


def test_geodesyml_that_declares_entities_is_refused():
    text = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<geo:GeodesyML/>\n'
    with pytest.raises(SeriesFileError, match=r"a\.xml: declares entities"):
        read_steps(text, "a.xml")


def test_the_equipment_of_geonet_is_told_by_mark(real_data: Path):
    steps = steps_of(real_data, "sitelog/geonet/geonet_antennas.csv")
    auck = [step for step in steps if step.station == "AUCK"]
    assert auck[0].reason == "antenna AOAD/M_T exchanged, serial 133 -> 132"
    assert auck[0].mjd == mjd("1995-09-18")
    assert len(steps_of(real_data, "sitelog/geonet/geonet_receivers.csv")) > len(steps)


CATALOGUE = b"""time,latitude,longitude,depth,mag,id
2010-04-04T22:40:42.360Z,32.286,-115.295,10,7.2,ci14607652
2019-07-06T03:19:53.040Z,35.770,-117.599,8,3.1,small
"""
# From the station's line in NGL's tenv3.
CLV1 = Place(math.radians(36.2146050653), math.radians(-115.2581887221))


def test_an_earthquake_reaches_the_stations_that_ngl_says(real_data: Path):
    places = {"CLV1": CLV1, "FARA": Place(math.radians(48.0), math.radians(11.0))}
    (step,) = read_steps(CATALOGUE, "quakes.csv", places)
    assert (step.station, step.change, step.line) == ("CLV1", Change.EARTHQUAKE, 2)
    # NGL lists CLV1 for the same event at 436.832 km.
    epicentre = Place(math.radians(32.286), math.radians(-115.295))
    assert distance_m(CLV1, epicentre) == pytest.approx(436_832, rel=2e-3)
    listed = [s for s in steps_of(real_data, NGL) if s.station == "CLV1"]
    assert int(listed[0].mjd) == int(step.mjd)
    assert step.as_step().seismic
    assert step.reason == "earthquake M7.2 at 437 km ci14607652"
    assert step.mjd == pytest.approx(mjd("2010-04-04T22:40:42") + 0.36 / 86400, abs=1e-9)


def test_a_catalogue_without_places_is_refused():
    with pytest.raises(SeriesFileError, match="say where the stations are"):
        read_steps(CATALOGUE, "quakes.csv")


def test_a_place_shows_nothing_of_itself():
    assert "36" not in repr(CLV1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"P123 2020.7666\nP123 soon\n", r"a\.txt, line 2: is no line STATION decimal-year"),
        (b"P123 20OCT07 3 moved\n", r"a\.txt, line 1: is in no format of changes"),
        (b"P123 20OCT07 1 a\nP123 20OCT07 3 b\n", r"line 2: has the type 3; known are 1 and 2"),
        (b"P123 20OCT07 2 575.4 218.5\n", r"line 1: is no earthquake: its reach, distance"),
        (b"P123 20OCT07 1 a\nP123 20OCT32 1 b\n", r"line 2: day is out of range"),
        (b"P123 20OCT07 1 a\nP123 20OCT07 1\n", r"line 2: is no step"),
        (b"2003 356\n2004 367\n", r"line 2: the year 2004 has no day 367"),
        (b"2003 356\nsoon\n", r"line 2: is no line of year and day of year"),
        (b"", r"a\.txt: is empty"),
        (b"Mark,Network,Igs\n", r"line 1: is in no format of changes that is known here"),
    ],
)
def test_an_odd_list_is_refused_with_its_line(text: bytes, sentence: str):
    with pytest.raises(SeriesFileError, match=sentence):
        read_steps(text, "a.txt")


def test_a_site_log_without_a_day_of_installation_is_refused(real_data: Path):
    text = (real_data / "sitelog/AAA200USA_20220909.log").read_text()
    hurt = text.replace("1999-08-27T00:00Z", "in summer 1999")
    with pytest.raises(
        SeriesFileError, match=r"a\.log, line 75: has the date installed 'in summer"
    ):
        read_steps(hurt.encode(), "a.log")

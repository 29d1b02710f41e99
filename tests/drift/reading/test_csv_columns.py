"""CSV: stated columns, days in their four spellings, and what is said where a column is missing."""

import numpy as np
import pytest

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.csv_columns import stated_columns
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read

MAP = {"day": "when", "east": "x", "north": "y", "up": "z"}


def test_a_stated_map_and_unit_are_used():
    text = b"# a remark\nwhen,x,y,z,sx,name\n2009-01-03,3.96,-1.81,7.55,1.5,G001\n"
    columns = MAP | {"sigma_east": "sx", "station": "name"}
    (series,) = read(text, "a.csv", ReadingOptions(columns=columns, unit="mm")).series
    assert series.station == "G001"
    np.testing.assert_allclose(series.enu_m[0], [0.00396, -0.00181, 0.00755])
    np.testing.assert_allclose(series.sigma_m[0], [0.0015, np.nan, np.nan])


@pytest.mark.parametrize(
    ("day", "mjd", "year"),
    [
        ("2009-01-02", 54833.5, 2000 + 3289 / 365.25),  # a daily solution: noon
        ("2009-01-02T06:00:00Z", 54833.25, 2000 + (54833.25 - 51544.5) / 365.25),
        ("2009-01-02T08:00:00+02:00", 54833.25, 2000 + (54833.25 - 51544.5) / 365.25),
        ("54833", 54833.5, 2000 + 3289 / 365.25),
        ("54833.25", 54833.25, 2000 + (54833.25 - 51544.5) / 365.25),
        ("2009.0048", 51544.5 + 9.0048 * 365.25, 2009.0048),
    ],
)
def test_a_day_is_read_in_its_spellings(day: str, mjd: float, year: float):
    text = f"when,x,y,z\n{day},0.1,0.2,0.3\n".encode()
    (series,) = read(text, "a.csv", ReadingOptions(columns=MAP)).series
    assert series.mjd[0] == pytest.approx(mjd, abs=1e-7)
    assert series.t_years[0] == pytest.approx(year, abs=1e-9)


def test_without_a_unit_lengths_are_of_their_suffix_or_metres():
    columns = {"day": "when", "east": "east_cm", "north": "y", "up": "up_mm"}
    (series,) = read(
        b"when,east_cm,y,up_mm\n2020-01-01,1.5,0.25,3\n", "a.csv", ReadingOptions(columns=columns)
    ).series
    np.testing.assert_allclose(series.enu_m[0], [0.015, 0.25, 0.003])


def test_years_alone_and_mjd_alone_are_moments_as_written():
    (by_year,) = read(b"year,east_m,north_m,up_m\n2009.25,0.1,0.2,0.3\n", "a.csv").series
    (by_mjd,) = read(b"mjd,east_m,north_m,up_m\n54833,0.1,0.2,0.3\n", "a.csv").series
    assert (by_year.t_years[0], by_year.mjd[0]) == (2009.25, 51544.5 + 9.25 * 365.25)
    assert (by_mjd.mjd[0], by_mjd.t_years[0]) == (54833.0, 2000 + 3288.5 / 365.25)


@pytest.mark.parametrize("day", ["02.01.2009", "12", "2009-13-01", "1e9", "never"])
def test_a_day_that_is_none_is_refused(day: str):
    text = f"when,x,y,z\n{day},0.1,0.2,0.3\n".encode()
    with pytest.raises(SeriesFileError, match=r"a\.csv, line 2: "):
        read(text, "a.csv", ReadingOptions(columns=MAP))


def test_unknown_headings_ask_for_a_map():
    with pytest.raises(
        SeriesFileError, match=r"line 1: has the columns time, lon, lat; .*--columns"
    ):
        read(b"time,lon,lat\n2009-01-02,0,0\n", "a.csv")


def test_a_map_to_a_column_that_is_not_there_is_refused():
    with pytest.raises(SeriesFileError, match=r"line 1: has no column 'z'; it has when, x, y"):
        read(b"when,x,y\n2009-01-02,0,0\n", "a.csv", ReadingOptions(columns=MAP))


def test_a_map_of_an_unknown_name_is_refused():
    with pytest.raises(SeriesFileError, match="--columns names height; it knows day, year, mjd"):
        read(b"when,x,y\n2009-01-02,0,0\n", "a.csv", ReadingOptions(columns={"height": "x"}))


def test_the_text_of_a_map_is_taken_apart():
    assert stated_columns("day=time, east=lon,north=lat,up=ver") == {
        "day": "time",
        "east": "lon",
        "north": "lat",
        "up": "ver",
    }


@pytest.mark.parametrize("text", ["", "day", "day=", "height=h", "day=a,day=b"])
def test_the_text_of_no_map_is_refused(text: str):
    with pytest.raises(ValueError, match=r"--columns has .*; wanted is day=time,east=lon"):
        stated_columns(text)


def test_a_unit_that_is_none_is_refused():
    with pytest.raises(ValueError, match="unit 'feet' is none of m, cm, mm"):
        ReadingOptions(unit="feet")
    with pytest.raises(ValueError, match='neither "mean" nor "last"'):
        ReadingOptions(daily="median")

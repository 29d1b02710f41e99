"""What is written reads back equal, and other programs' readers find their columns."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stationd.drift.epochs import julian_year
from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read
from stationd.drift.series import Series
from stationd.drift.writing import WRITERS, as_csv, as_gipsyx, as_tenv, as_tenv3, as_tms, file_name

COLUMNS = ("t_years", "mjd", "enu_m", "sigma_m", "correlation")


def assert_equal(one: Series, other: Series) -> None:
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column), err_msg=column)
    assert (one.station, one.frame, one.antenna) == (other.station, other.frame, other.antenna)


@pytest.mark.parametrize("path", ["timeseries/DUTC.IGS08.tenv", "timeseries/P123.tenv3.gz"])
def test_a_real_series_reads_back_equal_from_both_formats(real_data: Path, path: str):
    (series,) = read((real_data / path).read_bytes(), path).series
    assert_equal(read(as_csv([series]).encode(), "a.csv").series[0], series)
    assert_equal(read(as_tenv3(series).encode(), file_name(series, "tenv3")).series[0], series)


@pytest.mark.parametrize(
    "path",
    ["timeseries/canp.e.gz", "timeseries/ZIMM.tms.gz", "timeseries/gipsyx.series"],
)
def test_csv_holds_what_tenv3_has_no_place_for(real_data: Path, path: str):
    (series,) = read((real_data / path).read_bytes(), path).series
    assert_equal(read(as_csv([series]).encode(), "a.csv").series[0], series)


def test_the_lines_of_tenv3_are_those_of_ngl(real_data: Path):
    path = real_data / "timeseries/P123.tenv3.gz"
    (series,) = read(path.read_bytes(), path.name).series
    heading, first = (line.split() for line in as_tenv3(series).splitlines()[:2])
    theirs, line = gzip.decompress(path.read_bytes()).decode().splitlines()[:2]
    assert heading == theirs.split()[:20]
    # All but NGL's whole metres (e0, n0, u0) and its reference longitude.
    for place in (0, 1, 2, 3, 4, 5, 8, 10, 12, 13, 14, 15, 16, 17, 18, 19):
        assert first[place] == line.split()[place]


def test_two_epochs_of_a_day_do_not_fit_into_tenv3():
    mjd = np.array([58849.25, 58849.75])
    unknown = np.full((2, 3), np.nan)
    years = np.array([julian_year(moment) for moment in mjd])
    series = Series("ABCD", years, mjd, np.zeros((2, 3)), unknown, unknown)
    with pytest.raises(SeriesFileError, match="ABCD: has two epochs on 20JAN01"):
        as_tenv3(series)


def test_an_antenna_that_is_no_height_becomes_none_in_tenv3():
    one = np.zeros((1, 3))
    series = Series(
        "ABCD", np.array([2020.0]), np.array([58849.5]), one, one, one, antenna=("LEIAR25 LEIT",)
    )
    assert read(as_tenv3(series).encode(), "ABCD.tenv3").series[0].antenna == ("0.0000",)
    assert read(as_csv([series]).encode(), "a.csv").series[0].antenna == ("LEIAR25 LEIT",)


lengths_m = st.integers(-9_000_000, 9_000_000).map(lambda micrometres: micrometres / 1e6)
ratios = st.integers(-1_000_000, 1_000_000).map(lambda millionths: millionths / 1e6)


@st.composite
def made_series(draw: st.DrawFn) -> Series:
    rows = draw(st.integers(1, 9))  # ten rows are enough to judge the unit
    days = draw(st.lists(st.integers(44_300, 80_000), min_size=rows, max_size=rows, unique=True))
    mjd = np.sort(np.array(days)) + 0.5
    square = (rows, 3)
    return Series(
        station=draw(st.sampled_from(["ABCD", "0194", "BRUX00BEL"])),
        t_years=np.round([julian_year(moment) for moment in mjd], 4),
        mjd=mjd,
        enu_m=draw(arrays.arrays(np.float64, square, elements=lengths_m)),
        sigma_m=draw(arrays.arrays(np.float64, square, elements=lengths_m.map(abs))),
        correlation=draw(arrays.arrays(np.float64, square, elements=ratios)),
        antenna=tuple(f"{draw(st.integers(0, 9999)) / 1e4:.4f}" for _ in range(rows)),
        frame=draw(st.sampled_from(["", "IGS14", "IGb14", "ITRF2020"])),
    )


@given(made_series())
def test_any_daily_series_in_micrometres_reads_back_equal(series: Series):
    assert_equal(read(as_csv([series]).encode(), "a.csv").series[0], series)
    assert_equal(read(as_tenv3(series).encode(), file_name(series, "tenv3")).series[0], series)


def test_many_stations_share_one_csv(real_data: Path):
    columns = {"day": "time", "east": "lon", "north": "lat", "up": "ver", "station": "group"}
    options = ReadingOptions(columns=columns, unit="mm", frame="ITRF2008")
    both = []
    for name in ("G001", "I081"):
        path = real_data / f"timeseries/japan/{name}neu9818.csv"
        both += read(path.read_bytes(), path.name, options).series
    for series, again in zip(both, read(as_csv(both).encode(), "a.csv").series, strict=True):
        assert_equal(again, series)


def test_a_real_tenv_is_written_as_it_was(real_data: Path):
    path = real_data / "timeseries/DUTC.IGS08.tenv"
    (series,) = read(path.read_bytes(), path.name).series
    assert file_name(series, "tenv") == path.name
    theirs = path.read_text().splitlines()
    for written, line in zip(as_tenv(series).splitlines(), theirs, strict=True):
        assert written.split() == line.split()


def test_a_real_gipsyx_series_is_written_as_it_was(real_data: Path):
    path = real_data / "timeseries/gipsyx.series"
    (series,) = read(path.read_bytes(), path.name).series
    theirs = path.read_text().splitlines()
    for written, line in zip(as_gipsyx(series).splitlines(), theirs, strict=True):
        assert written.split() == line.split()


def test_a_real_tms_reads_back_equal(real_data: Path):
    path = real_data / "timeseries/TEST00NOR.tms"
    (series,) = read(path.read_bytes(), path.name).series
    (again,) = read(as_tms(series).encode(), "again.tms").series
    np.testing.assert_allclose(again.t_years, series.t_years, rtol=0, atol=5e-6)
    for column in ("mjd", "enu_m", "sigma_m"):
        np.testing.assert_array_equal(getattr(again, column), getattr(series, column))
    assert (again.station, again.frame) == (series.station, series.frame)


def test_every_writer_writes_what_a_reader_recognises(real_data: Path):
    path = real_data / "timeseries/ngl_CLV1_IGS14_sample.tenv3"
    (series,) = read(path.read_bytes(), path.name).series
    for extension, write in WRITERS.items():
        reading = read(write(series).encode(), file_name(series, extension))
        (again,) = reading.series
        np.testing.assert_allclose(again.enu_m, series.enu_m, rtol=0, atol=1e-9)
        np.testing.assert_allclose(again.mjd, series.mjd, rtol=0, atol=1e-8)
        assert (again.station, again.frame, reading.notices) == ("CLV1", "IGS14", ())

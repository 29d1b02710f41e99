"""Every real series reads with the counts and figures that its text shows."""

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read

NAN3 = (np.nan,) * 3
JAPAN = ReadingOptions(
    columns={"day": "time", "east": "lon", "north": "lat", "up": "ver"}, unit="mm"
)


class Expected(NamedTuple):
    """What a person reads off the first and last line of a file; metres."""

    path: str
    station: str
    frame: str
    epochs: int
    years: tuple[float, float]
    mjd: tuple[float, float]
    first_m: tuple[float, float, float]
    last_m: tuple[float, float, float]
    sigma_m: tuple[float, float, float]
    correlation: tuple[float, float, float]
    antennas: frozenset[str] | None


# The counts are `wc -l` less headings; the numbers are those of the first and the last line.
FILES = [
    Expected(
        "timeseries/DUTC.IGS08.tenv", "DUTC", "IGS08", 545, (2014.2505, 2015.7536),
        (56749.5, 57298.5), (0.0, 0.0, 0.0), (-0.004716, -0.033812, 0.008645),
        (0.000500, 0.000663, 0.001916), (0.088761, -0.113198, -0.050458), frozenset({"0.0083"}),
    ),
    Expected(
        "timeseries/P123.tenv3.gz", "P123", "", 6659, (2006.1629, 2024.7420), (53795.5, 60581.5),
        (-0.071690, 0.432139, 0.195336), (-0.331584, 0.316420, 0.183145),
        (0.000731, 0.000855, 0.002837), (0.040519, 0.004523, -0.169509), frozenset({"0.0083"}),
    ),
    Expected(
        "timeseries/ngl_CLV1_IGS14_sample.tenv3", "CLV1", "IGS14", 60, (2017.8590, 2018.0315),
        (58067.5, 58130.5), (0.618614, 0.461116, 0.381090), (0.615510, 0.462053, 0.379544),
        (0.000654, 0.000784, 0.002502), (-0.041114, 0.049255, -0.144067), frozenset({"0.0000"}),
    ),
    Expected(
        "timeseries/hawaii/CRIM.tenv3.gz", "CRIM", "", 5932, (2008.4298, 2024.7420),
        (54623.5, 60581.5), (0.951741, 0.090381, 0.557384), (-0.312761, 0.680488, -0.236198),
        (0.000869, 0.000727, 0.003102), (-0.026487, 0.056044, -0.021255), frozenset({"0.0870"}),
    ),
    # The last day's east is in a metre eighteen metres from the first one's: -1074 against -1056.
    Expected(
        "timeseries/hawaii/HLNA.tenv3.gz", "HLNA", "", 9429, (1996.5832, 2024.7420),
        (50296.5, 60581.5), (-0.633032, 0.482174, 0.345777), (-19.016234, -5.830139, 0.300065),
        (0.000971, 0.000886, 0.003979), (-0.044550, 0.011659, -0.014643), frozenset({"0.0000"}),
    ),
    Expected(
        "timeseries/hawaii/KOSM.tenv3.gz", "KOSM", "", 8781, (1999.5811, 2024.7420),
        (51391.5, 60581.5), (-0.629651, 0.806732, 0.331474), (-1.629144, 1.079018, -0.160365),
        (0.000871, 0.000792, 0.003440), (0.032406, 0.000874, -0.020756),
        frozenset({"0.1110", "0.1080"}),
    ),
    Expected(
        "timeseries/hawaii/PUHR.tenv3.gz", "PUHR", "", 386, (2023.6851, 2024.7420),
        (60195.5, 60581.5), (0.138428, 0.451881, 0.089391), (0.397583, 0.494449, 0.481052),
        (0.006925, 0.002642, 0.007173), (-0.017500, 0.061336, -0.119674), frozenset({"0.0000"}),
    ),
    Expected(
        "timeseries/gipsyx.series", "gipsyx", "", 6, (1997.41546410, 1997.42915336),
        (50600.498263889, 50605.498263889), (-0.129049, -0.184509, -0.104704),
        (-0.129158, -0.187433, -0.111825), (0.000704, 0.000885, 0.004622),
        (0.057219, 0.479851, 0.539105), None,
    ),
    Expected(
        "timeseries/TEST00NOR.tms", "TEST00NOR", "IGb14", 11, (2023.38767, 2023.41507),
        (60086.5, 60096.5), (0.0108, 0.0056, 0.0088), (0.0056, 0.0050, 0.0020),
        (0.0003, 0.0009, 0.0009), NAN3, None,
    ),
    Expected(
        "timeseries/ZIMM.tms.gz", "ZIMM00CHE", "IGb14", 7776, (2000.0, 2024.07924),
        (51544.0, 60339.0), (-0.3939, -0.3246, -0.0187), (0.0817, 0.0667, 0.0023), NAN3, NAN3,
        None,
    ),
    # Day 1 of 2000 is J2000.0 less half a day; day 342 of 2015 is MJD 57 364.
    Expected(
        "timeseries/canp.e.gz", "canp", "", 5746, (1999.998631, 2015.932923), (51544.0, 57364.0),
        (0.0556, np.nan, np.nan), (-0.0685, np.nan, np.nan), (0.0034, np.nan, np.nan), NAN3, None,
    ),
    Expected(
        "timeseries/japan/G001neu9818.csv", "G001", "", 3390, (2009.004791, 2018.283368),
        (54833.5, 58222.5), (0.0, 0.0, 0.0), (-0.03989, 0.31985, -0.01774), NAN3, NAN3, None,
    ),
    Expected(
        "timeseries/japan/I081neu9818.csv", "I081", "", 3390, (2009.004791, 2018.283368),
        (54833.5, 58222.5), (0.0, 0.0, 0.0), (-0.00730, 0.18768, -0.01109), NAN3, NAN3, None,
    ),
    Expected(
        "timeseries/japan/USUDneu9818.csv.gz", "USUD", "", 4174, (2005.574264, 2016.999316),
        (53580.5, 57753.5), (-0.08207, 0.00095, -0.01556), (-0.06765, 0.51572, 0.04362), NAN3,
        NAN3, None,
    ),
]  # fmt: skip


@pytest.mark.parametrize("expected", FILES, ids=lambda expected: expected.path)
def test_a_real_series_reads_as_its_text_shows(real_data: Path, expected: Expected):
    options = JAPAN if "japan" in expected.path else ReadingOptions()
    reading = read((real_data / expected.path).read_bytes(), expected.path, options)
    (series,) = reading.series
    assert not reading.sessions
    assert (series.station, series.frame, len(series)) == (
        expected.station,
        expected.frame,
        expected.epochs,
    )
    np.testing.assert_allclose(series.t_years[[0, -1]], expected.years, rtol=0, atol=6e-7)
    np.testing.assert_allclose(series.mjd[[0, -1]], expected.mjd, rtol=0, atol=1e-8)
    np.testing.assert_allclose(series.enu_m[0], expected.first_m, rtol=0, atol=1e-9)
    np.testing.assert_allclose(series.enu_m[-1], expected.last_m, rtol=0, atol=1e-9)
    np.testing.assert_allclose(series.sigma_m[0], expected.sigma_m, rtol=0, atol=1e-12)
    np.testing.assert_allclose(series.correlation[0], expected.correlation, rtol=0, atol=1e-12)
    assert (None if series.antenna is None else frozenset(series.antenna)) == expected.antennas


def test_every_series_in_the_folder_is_stated_or_is_no_series(real_data: Path):
    stated = {expected.path for expected in FILES}
    folder = real_data / "timeseries"
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(real_data))
        if path.is_file() and name not in stated:
            with pytest.raises(SeriesFileError, match="in no format that is known here"):
                read(path.read_bytes(), name)


def test_a_date_that_is_not_the_day_of_its_decimal_year_is_said(real_data: Path):
    path = real_data / "timeseries/ZIMM.tms.gz"
    notices = read(path.read_bytes(), "ZIMM.tms.gz").notices
    # The first two lines of data read 2000-01-02 2000.00000 and 2000-01-01 2000.00273.
    frames, days = notices
    assert frames == "ZIMM.tms.gz: its series is in IGb14, its reference coordinate in IGS14"
    assert days.startswith("ZIMM.tms.gz, line 96: 2 of 7776 dates are not the day")


def test_the_antenna_column_tells_where_it_changes(real_data: Path):
    path = real_data / "timeseries/hawaii/KOSM.tenv3.gz"
    (series,) = read(path.read_bytes(), path.name).series
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()[1:]
    heights = [line.split()[13] for line in lines]
    changed = [row for row in range(1, len(heights)) if heights[row] != heights[row - 1]]
    assert list(series.antenna_changes()) == changed
    assert len(changed) >= 1


def test_a_tenv3_of_today_and_one_without_a_position_give_the_same_series(real_data: Path):
    path = real_data / "timeseries/ngl_CLV1_IGS14_sample.tenv3"
    text = path.read_text()
    old = "\n".join(" ".join(line.split()[:20]) for line in text.splitlines())
    (now,) = read(text.encode(), "CLV1.IGS14.tenv3").series
    (then,) = read(old.encode(), "CLV1.IGS14.tenv3").series
    np.testing.assert_array_equal(now.enu_m, then.enu_m)
    np.testing.assert_array_equal(now.correlation, then.correlation)
    assert now.antenna == then.antenna


def test_geocentric_columns_of_a_tms_give_its_own_east_north_up(real_data: Path):
    # The file holds both: without its ENU columns they follow from X, Y, Z.
    text = (real_data / "timeseries/TEST00NOR.tms").read_text()
    (stated,) = read(text.encode(), "TEST00NOR.tms").series
    hidden = text.replace(" EAST  ", " EAST_ ")
    assert hidden != text
    (turned,) = read(hidden.encode(), "TEST00NOR.tms").series
    # Printed to 0.1 mm each, and the rotation adds three of them.
    np.testing.assert_allclose(turned.enu_m, stated.enu_m, rtol=0, atol=2.5e-4)
    assert not np.array_equal(turned.enu_m, stated.enu_m)

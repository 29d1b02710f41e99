"""Places of stations from the lists and solutions that tell them."""

import math
from pathlib import Path

import pytest

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.steps.place_lists import read_places
from stationd.drift.reading.steps.table import read_steps

# What each file writes beside the station, in degrees.
PLACES = [
    ("timeseries/ngl_dataholdings_sample.txt", "00NA", -12.4666, 130.8440),
    ("timeseries/P123.tenv3.gz", "P123", 36.6351706236, -105.9108495575),
    ("sitelog/geonet/geonet_marks.csv", "AHTI", -38.411447554, 178.046002897),
    # 149 00 36.2, -35 18 55.9: the site block of the same file
    ("sinex/STR1AUSPOS.SNX", "STR1", -(35 + 18 / 60 + 55.9 / 3600), 149 + 36.2 / 3600),
]


@pytest.mark.parametrize(("name", "station", "latitude", "longitude"), PLACES)
def test_a_file_tells_where_its_stations_are(
    real_data: Path, name: str, station: str, latitude: float, longitude: float
):
    place = read_places((real_data / name).read_bytes(), name)[station]
    assert math.degrees(place.latitude_rad) == pytest.approx(latitude, abs=2e-5)
    assert math.degrees(place.longitude_rad) == pytest.approx(longitude, abs=2e-5)


def test_a_catalogue_and_the_holdings_of_ngl_give_the_steps_that_ngl_lists(real_data: Path):
    holdings = (real_data / "timeseries/ngl_dataholdings_sample.txt").read_bytes()
    places = read_places(holdings, "DataHoldings.txt")
    # Hector Mine and Ridgecrest, as the catalogue of the USGS has them.
    catalogue = (
        b"time,latitude,longitude,depth,mag,id\n"
        b"1999-10-16T09:46:44.460Z,34.6033,-116.265,13.7,7.1,ci9108652\n"
        b"2019-07-06T03:19:53.040Z,35.7695,-117.5993,8.0,7.1,ci38457511\n"
    )
    found = {(step.station, step.reason.split()[-1]) for step in read_steps(catalogue, "a", places)}
    listed = (real_data / "timeseries/ngl_steps_sample.txt").read_text().splitlines()
    theirs = {(line.split()[0], line.split()[-1]) for line in listed}
    of_both = {step for step in theirs if step[0] in places and step[1].startswith("ci9108652")}
    assert of_both == {("APEX", "ci9108652")}
    assert of_both < found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"station,latitude,longitude\nA,north,12\n", r"a\.csv, line 2: 'north' is not a number"),
        (b"station,latitude,longitude\nA,4331297,567556\n", r"line 2: is at no latitude"),
        (b"station,latitude,longitude\nA,46.8\n", r"line 2: has 2 columns, too few for a place"),
        (b"day,east_m,north_m,up_m\n2020-01-01,0,0,0\n", r"line 1: tells no place"),
    ],
)
def test_what_tells_no_place_is_refused(text: bytes, sentence: str):
    with pytest.raises(SeriesFileError, match=sentence):
        read_places(text, "a.csv")

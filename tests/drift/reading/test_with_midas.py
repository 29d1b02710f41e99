"""Series as they are read here give the velocities of the published program."""

import csv

import numpy as np
import pytest

from stationd.drift import midas
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read

JAPAN = ReadingOptions(
    columns={"day": "time", "east": "lon", "north": "lat", "up": "ver"}, unit="mm"
)


def test_what_is_read_here_has_the_velocities_of_the_published_program(real_data):
    with (real_data / "midas/midas_reference.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        options = JAPAN if "japan" in row["series"] else ReadingOptions()
        (series,) = read((real_data / row["series"]).read_bytes(), row["series"], options).series
        assert series.station == row["station"]
        found = midas.velocity(series, [float(year) for year in row["steps_year"].split()])
        expected = [float(row[f"{component}_m_per_yr"]) for component in ("east", "north", "up")]
        assert found.pairs == int(row["pairs"])
        np.testing.assert_allclose(found.velocity_m_per_year, expected, rtol=0, atol=2e-5)
        sigmas = [float(row[f"sigma_{component}"]) for component in ("east", "north", "up")]
        assert found.sigma_m_per_year == pytest.approx(sigmas, rel=0.02)

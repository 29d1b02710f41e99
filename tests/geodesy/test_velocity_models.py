"""Velocity models: the order of trust, the figures of the regional rotation, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from stationd.geodesy.coordinates import Coordinate
from stationd.geodesy.frames import FRAMES, FrameError
from stationd.geodesy.geodetic import to_enu
from stationd.geodesy.grid import read_grid
from stationd.geodesy.velocity_models import (
    GRID_COLUMNS,
    VelocityModelError,
    VelocityModels,
    read_velocity_models,
)

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "frames" / "velocities.toml"
GUANGZHOU = Coordinate.stated([-2324156.7901, 5386277.7283, 2495068.3542], "ITRF2014@2025.5")
SHANGHAI = Coordinate.stated([-2831733.6, 4675665.9, 3275369.4], "ITRF2014@2025.5")
POTSDAM = Coordinate.stated([3800689.6, 882077.4, 5028791.3], "ITRF2014@2025.5")

GRID = "\n".join(
    [
        ",".join(("longitude_deg", "latitude_deg", *GRID_COLUMNS)),
        *(
            f"{lon},{lat},{0.030 + 0.001 * (lon - 105):.4f},{-0.010 + 0.001 * (lat - 15):.4f},0.001"
            for lon in (105, 115, 125)
            for lat in (15, 25, 35)
        ),
    ]
)
ALL = """
[[grid]]
frame = "ITRF97"
file = "grid.csv"
[[euler]]
frame = "ITRF2014"
rate_mas_per_year = [-0.1449, -0.4875, 1.0123]
polygon_deg = [[107, 21.5], [120, 21.5], [120, 29], [107, 29]]
[[table]]
kind = "own"
frame = "IGS20"
[table.stations]
GZ01 = [-0.0321, -0.0091, -0.0094]
GZ02 = [-0.0322, -0.0092, -0.0095]
[[table]]
source = "annual solution"
frame = "ITRF97"
[table.stations]
GZ01 = [-0.0330, -0.0097, -0.0123]
"""


def read(text):
    return read_velocity_models(text, "velocities.toml", {"grid.csv": GRID}.__getitem__)


def test_the_regional_rotation_gives_the_velocities_it_was_fitted_to():
    models = read_velocity_models(EXAMPLE.read_text(encoding="utf-8"), "velocities.toml", str)
    found = models.velocity(GUANGZHOU)
    assert found.frame is FRAMES["ITRF2014"]
    east, north, up = to_enu(found.xyz_m_per_year, GUANGZHOU.xyz_m) * 1e3
    assert (east, north) == pytest.approx((33.5, -10.1), abs=0.05)
    assert up == pytest.approx(0.0, abs=0.2)  # a rotation about the centre: level on a sphere
    with pytest.raises(FrameError, match="continental plate is not taken"):
        models.velocity(POTSDAM)


def test_the_rotation_of_a_published_plate_is_reproduced():
    """ITRF2014 plate motion model, Altamimi et al. 2017, table 1: Eurasia; Potsdam is on it."""
    text = ALL[ALL.index("[[euler]]") : ALL.index("[[table]]")]
    text = text.replace("[-0.1449, -0.4875, 1.0123]", "[-0.085, -0.531, 0.770]")
    text = text.replace(
        "[[107, 21.5], [120, 21.5], [120, 29], [107, 29]]", "[[0,40],[120,20],[99,60]]"
    )
    found = read(text).velocity(GUANGZHOU)
    east, north, _ = to_enu(found.xyz_m_per_year, GUANGZHOU.xyz_m) * 1e3
    assert (east, north) == pytest.approx((27.39, -8.91), abs=0.01)


def test_the_most_trusted_source_is_taken():
    models = read(ALL)
    official = models.velocity(GUANGZHOU, "GZ01")
    assert (official.frame.name, official.source) == ("ITRF97", "annual solution")
    assert official.xyz_m_per_year.tolist() == [-0.0330, -0.0097, -0.0123]
    own = models.velocity(GUANGZHOU, "GZ02")
    assert (own.frame.name, own.source) == ("IGS20", "own table")
    assert models.velocity(GUANGZHOU, "GZ03").source == "Euler vector"
    assert models.velocity(GUANGZHOU).source == "Euler vector"
    assert models.velocity(SHANGHAI).source == "grid grid.csv"
    with pytest.raises(FrameError, match="no velocity is known for station POTS"):
        models.velocity(POTSDAM, "POTS")
    with pytest.raises(FrameError, match="no velocity is known for the point"):
        VelocityModels().velocity(GUANGZHOU)


def test_a_grid_is_bilinear_between_its_nodes():
    grid = read_grid(GRID, "grid.csv", GRID_COLUMNS)
    found = grid.at([15.0, 20.0, 35.0], [105.0, 112.5, 125.0])
    assert found == pytest.approx(
        np.array([[0.030, -0.010, 0.001], [0.0375, -0.005, 0.001], [0.050, 0.010, 0.001]])
    )
    with pytest.raises(FrameError, match="outside of the grid"):
        grid.at(14.99, 110.0)
    velocity = read(ALL).velocity(SHANGHAI)
    east, north, up = to_enu(velocity.xyz_m_per_year, SHANGHAI.xyz_m)
    assert (east, north, up) == pytest.approx((0.0462, 0.0061, 0.001), abs=2e-4)


def test_a_polygon_that_is_not_convex_is_respected():
    notched = [[110, 20], [116, 20], [116, 26], [113.5, 26], [113.5, 21], [113, 21], [113, 26]]
    ring = str([*notched, [110, 26]])
    text = ALL[ALL.index("[[euler]]") : ALL.index("[[table]]")]
    models = read(text.replace("[[107, 21.5], [120, 21.5], [120, 29], [107, 29]]", ring))
    assert models.eulers[0].covers(Coordinate.stated(
        [-2400000.0, 5360000.0, 2480000.0], "ITRF2014@2025.5"))  # fmt: skip
    notch = Coordinate.stated([-2316000.0, 5390000.0, 2495000.0], "ITRF2014@2025.5")  # 113.25 E
    assert not models.eulers[0].covers(notch)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("frame = 1\n[[", "is not TOML"),
        ("[[tables]]", r"tables is unknown: write \[\[table\]\]"),
        ("[table]\nframe='ITRF97'", r"written as \[\[table\]\]"),
        ("[[table]]\n[table.stations]\nA=[0,0,0]", r"table\[1\]\.frame is missing"),
        ("[[table]]\nframe='WGS84'\n[table.stations]\nA=[0,0,0]", "which realisation"),
        ("[[table]]\nframe='CGCS2000'\n[table.stations]\nA=[0,0,0]", "stands still; write ITRF97"),
        ("[[table]]\nframe='ITRF97'\n[table.stations]\nA=[0,0]", r"stations\.A must be 3 numbers"),
        ("[[table]]\nframe='ITRF97'\n[table.stations]\nA=[-33,0,0]", r"stations\.A: .*millimetres"),
        ("[[table]]\nframe='ITRF97'\nkind='x'\n[table.stations]\nA=[0,0,0]", "official"),
        ("[[table]]\nframe='ITRF97'", "stations must hold"),
        (ALL.replace("rate_mas_per_year", "rate_deg"), "unknown keys rate_deg"),
        (ALL.replace("1.0123", "nan"), r"euler\[1\]\.rate_mas_per_year must be 3 numbers"),
        (ALL.replace("1.0123", "101.23"), "faster than any plate"),
        (ALL.replace(", [120, 29], [107, 29]]", "]"), r"polygon_deg must be 3 or more rows of 2"),
        (ALL.replace("120", "-120"), "half of the earth"),
        (ALL.replace('file = "grid.csv"', ""), r"grid\[1\]\.file must name"),
    ],
)
def test_an_entry_that_is_wrong_is_named(text, sentence):
    with pytest.raises(VelocityModelError, match=sentence) as caught:
        read(text)
    assert str(caught.value).startswith("velocities.toml: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GRID.replace("115,25,", "115,25.5,"), r"grid\.csv: latitude_deg is not evenly spaced"),
        (GRID.replace("0.0300", "0.03x", 1), r"grid\.csv:2: a cell is not a number"),
        (GRID.replace(",0.001", "", 1), r"grid\.csv:2: has 4 cells instead of 5"),
        (GRID.replace("115,25,", "115,15,"), "1 nodes are missing and 1 are there twice"),
        (GRID.split("\n")[0], "has no nodes"),
        ("\n".join(GRID.split("\n")[:2]), "has one value only"),
    ],
)
def test_a_grid_that_is_no_rectangle_of_numbers_is_refused(text, sentence):
    with pytest.raises(FrameError, match=sentence):
        read_grid(text, "grid.csv", GRID_COLUMNS)

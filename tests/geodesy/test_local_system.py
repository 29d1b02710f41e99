"""A local plane and local heights: the numbers, what is refused, and that nothing leaks."""

import logging
import re
import traceback
from pathlib import Path

import numpy as np
import pytest
from geodesy.test_planes import at, krueger
from hypothesis import given, settings
from hypothesis import strategies as st

from stationd.geodesy.frames import FrameError
from stationd.geodesy.height_surfaces import fitted_plane
from stationd.geodesy.local_system import LocalSystemError, check_protected, read_local_system

# Fictitious, each number once and nowhere else, so that a leak can be seen.
PLANE = """
[plane]
central_meridian_deg = 113.30717
false_easting_m = 41234.567
false_northing_m = -2512345.678
projection_height_m = 67.8901
"""
SIMILARITY = """
[plane.similarity]
east_m = 12.34567
north_m = -76.54321
rotation_arcsec = 31.41592
scale_ratio = 1.00002718
"""
HEIGHTS = """
[[heights]]
name = "national"
kind = "grid"
file = "geoid.csv"
[[heights]]
name = "local"
reference = "national"
kind = "constant"
separation_m = 4.98765
[[heights]]
name = "inclined"
kind = "plane"
separation_m = -6.78912
latitude_deg = 23.04567
longitude_deg = 113.40987
north_m_per_km = 0.0213
east_m_per_km = -0.0117
"""
WHOLE = PLANE + SIMILARITY + HEIGHTS
SECRETS = [*re.findall(r"\d+\.\d{4,}", WHOLE), "41234", "2512345", "0.0213", "0.0117", "7.7123"]


def geoid(_name="geoid.csv"):
    rows = ["longitude_deg,latitude_deg,separation_m"]
    for latitude_deg in (22.5, 23.0, 23.5):
        for longitude_deg in (113.0, 113.25, 113.5, 113.75):
            bent_m = -7.7123 + 0.3 * (latitude_deg - 23) - 0.2 * (longitude_deg - 113)
            rows.append(f"{longitude_deg},{latitude_deg},{bent_m:.6f}")
    return "\n".join(rows)


def read(text, mode=0o100600, grid=geoid):
    return read_local_system(text, mode, "local.toml", grid)


def test_plane_coordinates_are_the_series_enlarged_turned_and_moved():
    north_m, east_m = krueger(23.1, 113.55, 113.30717)
    raised = 1.0 + 67.8901 / 6378137.0
    east_m, north_m = 41234.567 + east_m * raised, -2512345.678 + north_m * raised
    found = read(PLANE).of(at(23.1, 113.55))
    assert float(found.east_m) == pytest.approx(east_m, abs=1e-6)
    assert float(found.north_m) == pytest.approx(north_m, abs=1e-6)

    turn = np.radians(31.41592 / 3600)
    spin = 1.00002718 * np.exp(1j * turn)  # complex numbers: another way to write a similarity
    moved = complex(12.34567, -76.54321) + spin * complex(east_m, north_m)
    found = read(PLANE + SIMILARITY).of(at(23.1, 113.55))
    assert float(found.east_m) == pytest.approx(moved.real, abs=1e-6)
    assert float(found.north_m) == pytest.approx(moved.imag, abs=1e-6)


def test_a_raised_plane_is_the_one_of_a_larger_ellipsoid():
    from pyproj import Transformer  # noqa: PLC0415 - PROJ's own way to say it, as authority

    raised_m = 6378137.0 + 67.8901
    proj = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=tmerc "
        f"+lon_0=113.30717 +x_0=41234.567 +y_0=-2512345.678 +a={raised_m!r} +rf=298.257222101"
    )
    found = read(PLANE).of(at(23.1, 113.55))
    east_m, north_m = proj.transform(113.55, 23.1)
    assert float(found.east_m) == pytest.approx(east_m, abs=1e-6)
    assert float(found.north_m) == pytest.approx(north_m, abs=1e-6)


def test_heights_by_grid_constant_and_plane():
    found = read(WHOLE).of(at([23.1, 23.4], [113.3, 113.6], [30.0, 31.0]))
    assert list(found.heights_m) == ["national", "local", "inclined"]
    by_grid_m = -7.7123 + 0.3 * np.array([0.1, 0.4]) - 0.2 * np.array([0.3, 0.6])
    assert found.heights_m["national"] == pytest.approx([30, 31] - by_grid_m, abs=2e-6)
    assert found.heights_m["local"] == pytest.approx([30, 31] - by_grid_m - 4.98765, abs=2e-6)
    km = 6378.137 * np.pi / 180
    north_km = (np.array([23.1, 23.4]) - 23.04567) * km
    east_km = (np.array([113.3, 113.6]) - 113.40987) * km * np.cos(np.radians(23.04567))
    inclined_m = -6.78912 + 0.0213 * north_km - 0.0117 * east_km
    assert found.heights_m["inclined"] == pytest.approx([30, 31] - inclined_m, abs=1e-6)


def test_a_plane_fitted_to_levelled_marks_is_found_again():
    rng = np.random.default_rng(5)
    latitude_deg, longitude_deg = rng.uniform(22.9, 23.3, 12), rng.uniform(113.0, 113.6, 12)
    north_km = (latitude_deg - 23.0) * 111.31949
    east_km = (longitude_deg - 113.2) * 111.31949 * np.cos(np.radians(latitude_deg.mean()))
    plane, residuals_m = fitted_plane(
        latitude_deg, longitude_deg, -6.5 + 0.02 * north_km - 0.01 * east_km
    )
    assert np.abs(residuals_m).max() < 1e-6
    assert plane.north_m_per_km == pytest.approx(0.02, abs=1e-7)
    assert plane.east_m_per_km == pytest.approx(-0.01, abs=1e-7)
    line_deg = np.linspace(23.0, 23.1, 5)
    for count in (3, 5):
        with pytest.raises(ValueError, match="not all on one line"):
            fitted_plane(line_deg[:count], line_deg[:count], line_deg[:count])


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o610, 0o777, 0o601, 0o620])
def test_a_file_that_others_may_read_or_write_is_refused(mode):
    with pytest.raises(LocalSystemError, match=r"chmod 600 local\.toml"):
        read(PLANE, 0o100000 | mode)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o100600, 0o700])
def test_a_file_of_its_own_is_taken(mode):
    check_protected(mode, "local.toml")


BROKEN = [
    ("", "plane. is missing"),
    ("plane = 113.30717", "plane. is missing"),
    (PLANE.replace("113.30717", '"113.30717"'), r"plane\.central_meridian_deg must be a number"),
    (PLANE.replace("113.30717", "true"), r"plane\.central_meridian_deg must be a number"),
    (PLANE.replace("113.30717", "nan"), r"plane\.central_meridian_deg must be a number"),
    (PLANE.replace("113.30717", "1130717.0"), r"between -180 and 180"),
    (PLANE.replace("false_easting_m", "false_east_m"), r"plane has an unknown key"),
    (PLANE.replace("false_easting_m = 41234.567\n", ""), r"plane\.false_easting_m is missing"),
    (PLANE.replace("= 113", "113"), "not TOML, at line 3"),
    (PLANE + "[plane.similarity]\neast_m = 12.34567", r"similarity\.north_m is missing"),
    (PLANE + "41234.567 = 1\n", "unknown key"),
    (PLANE + "\n[[height]]\nname='x'", "the file has an unknown key"),
    (PLANE + "\n[heights]\nname='x'", r"written as \[\[heights\]\]"),
    (PLANE + "\n[[heights]]\nname='x'\nkind='geoid'", r"heights\[1\]\.kind must be"),
    (PLANE + "\n[[heights]]\nkind='constant'", r"heights\[1\]\.name"),
    (PLANE + "\n[[heights]]\nname='x'\nkind='grid'", r"heights\[1\]\.file must name"),
    (PLANE + "\n[[heights]]\nname='x'\nreference='y'\nkind='grid'", "stand before it"),
    (PLANE + "\n[[heights]]\nname='x'\nkind='constant'\nseparation_m='4.98765'", "a number"),
    (WHOLE.replace('name = "local"', 'name = "national"'), r"heights\[2\]\.name"),
]


@pytest.mark.parametrize(("text", "sentence"), BROKEN)
def test_what_is_wrong_is_said_without_any_value(text, sentence):
    with pytest.raises(LocalSystemError, match=sentence) as caught:
        read(text)
    assert "local.toml" in str(caught.value)
    nothing_of_it_in("".join(traceback.format_exception(caught.value)))
    nothing_of_it_in(repr(caught.value.__context__) + repr(vars(caught.value)))
    assert caught.value.__context__ is None  # a TOMLDecodeError holds the whole text


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        (lambda _: geoid().replace("-7.7123", "seven"), r"geoid\.csv:\d+: a cell is not a number"),
        (lambda _: geoid()[:-1].rpartition("\n")[0], r"geoid\.csv: 1 nodes are missing"),
        (lambda _: geoid().replace("113.25", "113.2"), r"not evenly spaced"),
        (lambda _: geoid().replace("separation_m", "n"), r"geoid\.csv:1: the first line must be"),
        (lambda _: "", r"geoid\.csv:1: the first line"),
    ],
)
def test_a_broken_grid_is_named_with_its_line(grid, sentence):
    with pytest.raises(FrameError, match=sentence) as caught:
        read(WHOLE, grid=grid)
    nothing_of_it_in("".join(traceback.format_exception(caught.value)))


def test_a_missing_grid_is_an_error():
    def missing(name):
        raise LocalSystemError(f"{name}: no such file")

    with pytest.raises(LocalSystemError, match=r"geoid\.csv: no such file"):
        read(WHOLE, grid=missing)


def test_a_point_beside_the_grid_or_far_from_the_meridian_is_refused():
    system = read(WHOLE)
    for latitude_deg, longitude_deg in ((24.0, 113.3), (23.1, 112.9), (23.1, 118.0)):
        with pytest.raises(FrameError, match="a point") as caught:
            system.of(at(latitude_deg, longitude_deg))
        nothing_of_it_in(str(caught.value))


def test_nothing_of_the_system_is_in_a_repr_or_a_log(caplog):
    system = read(WHOLE)
    found = system.of(at(23.1, 113.3))
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%s %r %s", system, system, found)
    parts = [system, found, system._plane, system._similarity, *system._heights]
    parts += [surface.separation for surface in system._heights[::2]]
    for text in (caplog.text, repr(parts), str(parts), f"{parts}"):
        nothing_of_it_in(text)
        assert "113.3" not in text
    assert repr(system) == "LocalSystem(withheld)"


def test_the_example_file_is_sound():
    folder = Path(__file__).resolve().parents[2] / "config" / "frames"
    text = (folder / "local-system.toml.example").read_text(encoding="utf-8")
    found = read(text).of(at(10.0, 110.5, 20.0))
    assert float(found.heights_m["national"]) == pytest.approx(25.0)
    assert float(found.heights_m["local"]) == pytest.approx(23.75)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE)), st.text(max_size=8))
def test_a_damaged_file_is_refused_or_read_and_never_shown(place, noise):
    try:
        read(WHOLE[:place] + noise + WHOLE[place + len(noise) :])
    except FrameError as error:
        nothing_of_it_in("".join(traceback.format_exception(error)))


def nothing_of_it_in(text):
    for secret in SECRETS:
        assert secret not in text


def test_the_search_for_leaks_would_find_one():
    assert len(SECRETS) > 10
    with pytest.raises(AssertionError):
        nothing_of_it_in(f"central_meridian_deg = {SECRETS[0]}")

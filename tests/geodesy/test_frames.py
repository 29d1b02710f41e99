"""Frames and coordinates: what is refused, and with which sentence."""

import numpy as np
import pytest

from stationd.geodesy.coordinates import Coordinate, Velocity
from stationd.geodesy.frames import FRAMES, Frame, FrameError, frame_and_epoch, frame_named

POINT_M = [-2324156.7901, 5386277.7283, 2495068.3542]


def test_frame_and_epoch_are_read_together():
    assert frame_and_epoch("ITRF2020@2025.5") == (FRAMES["ITRF2020"], 2025.5)
    assert frame_and_epoch(" itrf2014 @ 2010 ") == (FRAMES["ITRF2014"], 2010.0)
    assert frame_and_epoch("cgcs2000@2000.0") == (FRAMES["CGCS2000"], 2000.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ITRF2020", r"no epoch: write ITRF2020@2025\.5"),
        ("ITRF2020@", "no epoch"),
        ("CGCS2000", r"write CGCS2000@2000\.0"),
        ("CGCS2000@2025.5", r"2000\.0 only.*write ITRF97@2025\.5"),
        ("ITRF2020@today", "decimal year"),
        ("ITRF2020@nan", "no decimal year"),
        ("ITRF2020@20.5", "no decimal year"),
        ("ITRF2020@60310", "no decimal year"),
        ("WGS84@2020", "which realisation"),
        ("ETRS89@2020", "ETRF2000"),
        ("ITRF@2020", "ITRF2020"),
        ("ITRF2019@2020", "not a frame that is known here: ITRF2020"),
        ("", "not a frame"),
    ],
)
def test_a_frame_that_is_vague_unknown_or_without_epoch_is_refused(text, sentence):
    with pytest.raises(FrameError, match=sentence):
        frame_and_epoch(text)


def test_every_frame_is_found_by_its_name_in_any_case():
    for name, frame in FRAMES.items():
        assert frame_named(name.upper()) is frame
        assert frame_named(name.lower()) is frame
        assert FRAMES[frame.basis].basis == frame.basis


def test_a_coordinate_cannot_be_without_frame_and_epoch():
    with pytest.raises(TypeError):
        Coordinate(np.array(POINT_M))  # the epoch and the frame are what is missing
    with pytest.raises(TypeError):
        Coordinate(np.array(POINT_M), FRAMES["ITRF2020"])
    with pytest.raises(FrameError, match="no decimal year"):
        Coordinate(np.array(POINT_M), FRAMES["ITRF2020"], np.float64(np.nan))


@pytest.mark.parametrize(
    ("xyz_m", "sentence"),
    [
        ([1.0, 2.0], "shape"),
        (5.0, "shape"),
        ([0.0, 0.0, 0.0], "surface of the earth"),
        ([np.nan, 5e6, 2e6], "surface of the earth"),
        ([-2324.1567901, 5386.2777283, 2495.0683542], "kilometres"),
        ([23.18, 113.34, 30.0], "degrees"),
        ([POINT_M, [0.0, 0.0, 0.0]], "surface of the earth"),
    ],
)
def test_points_that_are_not_on_the_earth_are_refused(xyz_m, sentence):
    with pytest.raises(FrameError, match=sentence):
        Coordinate.stated(xyz_m, "ITRF2020@2025.5")


def test_epochs_must_go_with_the_points():
    with pytest.raises(FrameError, match="do not go with"):
        Coordinate(np.array([POINT_M, POINT_M]), FRAMES["ITRF2020"], np.array([2020.0] * 3))


def test_a_velocity_carries_a_frame_that_moves():
    found = Velocity.stated("-0.03303,-0.00973,-0.01228@ITRF97", "by hand")
    assert found.xyz_m_per_year.tolist() == [-0.03303, -0.00973, -0.01228]
    assert found.frame is FRAMES["ITRF97"]
    with pytest.raises(TypeError):
        Velocity(np.zeros(3))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-0.033,-0.009,-0.012", "no frame"),
        ("-0.033,-0.009@ITRF97", "no velocity"),
        ("a,b,c@ITRF97", "no velocity"),
        ("-33.0,-9.7,-12.3@ITRF97", "millimetres"),
        ("nan,0,0@ITRF97", "unknown"),
        ("-0.033,-0.009,-0.012@CGCS2000", "stated in the frame that moves, ITRF97"),
        ("-0.033,-0.009,-0.012@WGS84", "realisation"),
    ],
)
def test_a_velocity_without_frame_or_in_other_units_is_refused(text, sentence):
    with pytest.raises(FrameError, match=sentence):
        Velocity.stated(text)


def test_neither_shows_its_numbers():
    coordinate = Coordinate.stated(POINT_M, "ITRF2020@2025.5")
    velocity = Velocity.stated("-0.03303,-0.00973,-0.01228@ITRF97")
    assert repr(coordinate) == "Coordinate(ITRF2020@2025.5, shape (3,), numbers withheld)"
    for text in (repr(coordinate), str(coordinate), repr(velocity), f"{velocity}"):
        assert "2324156" not in text
        assert "03303" not in text


def test_a_repr_says_the_epochs():
    years = np.array([2000.0, 2025.5, 2010.0])
    assert "ITRF2020@2000..2025.5" in repr(Coordinate([POINT_M] * 3, FRAMES["ITRF2020"], years))
    none = Coordinate(np.empty((0, 3)), FRAMES["ITRF2020"], np.empty(0))
    assert "ITRF2020@, shape (0, 3)" in repr(none)


def test_what_was_given_cannot_be_changed_afterwards():
    given = np.array(POINT_M)
    coordinate = Coordinate.stated(given, "ITRF2020@2025.5")
    given[0] = 0.0
    assert coordinate.xyz_m[0] == POINT_M[0]
    with pytest.raises(ValueError, match="read-only"):
        coordinate.xyz_m[0] = 0.0


def test_a_frame_is_its_name_in_a_sentence():
    assert f"{Frame('ITRF2020', 9988, 'ITRF2020')}" == "ITRF2020"

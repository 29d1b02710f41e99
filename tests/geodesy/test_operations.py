"""What PROJ would answer by a guess is refused here, and the guesses are shown."""

import warnings

import numpy as np
import pytest
from pyproj import Transformer

from stationd.geodesy.frames import FRAMES, FrameError
from stationd.geodesy.operations import apply, helmert, operation

POINT_M = np.array([-2324156.7901, 5386277.7283, 2495068.3542])
CGCS2000 = (4479, 4490, 4526)


@pytest.mark.parametrize("target", CGCS2000)
@pytest.mark.parametrize("source", [9988, 7789, 4918])
def test_proj_leads_no_itrf_to_cgcs2000_and_we_do_not_let_it_pretend(source, target):
    with pytest.raises(FrameError, match="knows no operation from ITRF"):
        operation(source, target)
    with pytest.raises(FrameError, match=r"knows no operation from C.*to ITRF"):
        operation(target, source)


def test_what_is_refused_is_a_no_op_that_proj_takes_for_an_answer():
    pretended = Transformer.from_crs(9988, 4479)
    assert pretended.transform(*POINT_M, 2025.5)[:3] == pytest.approx(tuple(POINT_M), abs=1e-9)


@pytest.mark.parametrize(("source", "target"), [(4326, 4490), (4490, 4326), (4978, 4479)])
def test_wgs_84_and_cgcs2000_are_not_taken_for_one(source, target):
    with pytest.raises(FrameError, match="knows no operation"):
        operation(source, target)


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("EPSG:4979", "EPSG:4326+5773", "no grid us_nga_egm96"),
        ("EPSG:4979", "EPSG:9518", "no grid .*egm"),
        ("EPSG:4937", "EPSG:7423", "no grid"),
        ("EPSG:4480", "EPSG:4490+5737", "knows no operation"),  # the 1985 national height datum
        ("EPSG:4979", "EPSG:4490+5737", "knows no operation"),
    ],
)
def test_heights_without_their_geoid_grid_are_refused(source, target, sentence):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FrameError, match=sentence):
            operation(source, target)


def test_an_operation_among_several_is_not_chosen():
    """For ITRF97 to ITRF96 PROJ takes one that is meant for New Zealand, 15 mm off elsewhere."""
    with pytest.raises(FrameError, match="knows 9 operations from ITRF97 to ITRF2005"):
        operation(4918, 4896)
    with pytest.raises(FrameError, match="2 operations from ITRF2014 to ITRF96"):
        operation(7789, 4917)


def test_realisations_that_are_joined_by_nothing_are_refused():
    """Between ETRF realisations PROJ has null operations, for they belong to one system."""
    with pytest.raises(FrameError, match="operation"):
        operation(8397, 7928)
    with pytest.raises(FrameError, match="changes nothing"):
        operation(4936, 7930)


def test_an_operation_says_where_it_gives_no_result_without_the_numbers():
    plane = operation(4480, 4526)
    with pytest.raises(FrameError, match="no result for a point") as caught:
        apply(plane, [113.34, 123.0, 0.0])
    assert "123" not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_epoch_reaches_proj():
    """A forgotten fourth argument is 7.4, 1.9, 29.4 mm wrong at 2025.5, and no error to PROJ."""
    with_epoch = helmert(POINT_M, 2025.5, 9988, FRAMES["ITRF97"].epsg)
    without = np.array(Transformer.from_crs(9988, 4918, allow_ballpark=False).transform(*POINT_M))
    assert np.abs(with_epoch - without) * 1e3 == pytest.approx([7.4, 1.9, 29.4], abs=0.1)


def test_the_static_operation_of_the_gda2020_manual_comes_out():
    """GDA.gie: GDA94 to GDA2020 at Alice Springs, 0.075 mm."""
    gda94_m = [-4052051.7643, 4212836.2017, -2545106.0245]
    found_m = apply(operation(4938, 7842), gda94_m)
    assert found_m == pytest.approx([-4052052.7379, 4212835.9897, -2545104.5898], abs=75e-6)

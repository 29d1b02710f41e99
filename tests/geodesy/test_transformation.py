"""Frames against the tables of ITRF and EUREF, PROJ's own tests, and the closed formula."""

from itertools import permutations

import numpy as np
import pytest
from geodesy.itrf_parameters import MAS_RAD, PUBLISHED, by_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from stationd.geodesy.coordinates import Coordinate, Velocity
from stationd.geodesy.frames import FRAMES, FrameError
from stationd.geodesy.transformation import route, transformed, velocity_in

# A fictitious point in the middle of Guangzhou, and one on each of some other continents.
GUANGZHOU_M = np.array([-2324156.7901, 5386277.7283, 2495068.3542])
WORLD_M = np.array(
    [
        GUANGZHOU_M,
        [4075580.3, 931853.8, 4801568.2],
        [-4052052.7, 4212836.0, -2545104.7],
        [918129.3, -4346071.3, 4561977.8],
        [3370658.4, 711877.3, 5349787.1],
    ]
)
EUROPE_M = WORLD_M[[1, 4]]
EPOCHS = (1997.0, 2000.0, 2010.0, 2025.5)


def points_for(pair):
    return EUROPE_M if pair[1].startswith("ETRF") else WORLD_M


@pytest.mark.parametrize("epoch", EPOCHS)
@pytest.mark.parametrize("pair", PUBLISHED, ids="-".join)
def test_every_pair_is_within_a_tenth_of_a_millimetre_of_the_published_parameters(pair, epoch):
    points_m = points_for(pair)
    source, target = FRAMES[pair[0]], FRAMES[pair[1]]
    found = transformed(Coordinate(points_m, source, np.float64(epoch)), target, epoch)
    expected_m = by_hand(points_m, epoch, pair)
    assert np.abs(found.xyz_m - expected_m).max() < 1e-4
    assert np.abs(expected_m - points_m).max() > 1e-4 or pair == ("ITRF2014", "ITRF2008")

    back = transformed(Coordinate(expected_m, target, np.float64(epoch)), source, epoch)
    assert np.abs(back.xyz_m - points_m).max() < 1e-4


@pytest.mark.parametrize(
    "pair", list(permutations(["2020", "2014", "2008", "2005", "2000", "97"], 3))
)
def test_a_way_round_by_another_frame_ends_at_the_same_place(pair):
    first, second, third = (FRAMES[f"ITRF{year}"] for year in pair)
    start = Coordinate(WORLD_M, first, np.float64(2025.5))
    direct = transformed(start, third, 2025.5)
    round_about = transformed(transformed(start, second, 2025.5), third, 2025.5)
    assert np.abs(direct.xyz_m - round_about.xyz_m).max() < 1e-6


def test_an_igs_frame_is_the_itrf_of_its_generation():
    for name, itrf in {
        "IGS20": "ITRF2020", "IGb14": "ITRF2014", "IGS14": "ITRF2014", "IGb08": "ITRF2008",
        "IGS08": "ITRF2008", "IGS05": "ITRF2005", "IGS00": "ITRF2000", "IGb00": "ITRF2000",
    }.items():  # fmt: skip
        igs = Coordinate(WORLD_M, FRAMES[name], np.float64(2012.3))
        same = transformed(igs, FRAMES[itrf], 2012.3)
        assert np.array_equal(same.xyz_m, WORLD_M)
        assert same.frame.name == itrf
    down = transformed(Coordinate.stated(WORLD_M, "IGS20@2025.5"), FRAMES["IGb14"], 2025.5)
    expected_m = by_hand(WORLD_M, 2025.5, ("ITRF2020", "ITRF2014"))
    assert np.abs(down.xyz_m - expected_m).max() < 1e-4


# What PROJ's own numeric tests (test/gie) and exercises say of these frames.
PROJ_TESTS = [
    # more_builtins.gie: Onsala, by GNSStrans with the parameters of ITRF.TP
    ("ITRF2000", (3370658.37800, 711877.31400, 5349787.08600), 2017.0,
     "ITRF93", 2017.0, (3370658.18890, 711877.42370, 5349787.12430), 0.03e-3),
    # GDA.gie: Alice Springs, from the GDA2020 Technical Manual
    ("ITRF2014", (-4052052.6588, 4212835.9938, -2545104.6946), 2018.0,
     "GDA2020", 2020.0, (-4052052.7373, 4212835.9835, -2545104.5867), 0.04e-3),
    # helmert.gie, exercise 4; it asks for 1 mm
    ("ITRF2008", (2952736.3768, 1360917.6894, 5468849.5615), 2019.5,
     "ITRF2014", 2019.5, (2952736.3744, 1360917.6871, 5468849.5586), 0.1e-3),
]  # fmt: skip


@pytest.mark.parametrize("case", PROJ_TESTS, ids=lambda case: f"{case[0]}-{case[3]}")
def test_the_numeric_tests_of_proj_come_out(case):
    source, xyz_m, epoch, target, target_epoch, expected_m, within_m = case
    start = Coordinate(np.array(xyz_m), FRAMES[source], np.float64(epoch))
    found = transformed(start, FRAMES[target], target_epoch)
    assert np.linalg.norm(found.xyz_m - expected_m) < within_m


def test_the_proj_tests_typed_here_are_those_in_its_files(real_data):
    rows = [
        " ".join(line.split()[1:4])
        for name in ("more_builtins.gie", "GDA.gie", "helmert.gie")
        for line in (real_data / "transform" / name).read_text(encoding="utf-8").splitlines()
        if line.startswith(("accept", "expect"))
    ]
    for _, xyz_m, _, _, _, expected_m, _ in PROJ_TESTS:
        for numbers in (xyz_m, expected_m):
            written = (" ".join(f"{value:.{digits}f}" for value in numbers) for digits in (4, 5))
            assert any(row in rows for row in written)


def test_australian_points_follow_the_plate_model_of_the_technical_manual(real_data):
    """GDA2020 Technical Manual 1.x, section 3.3: rotation rates in mas a year, epoch 2020."""
    lines = (real_data / "transform" / "sample_gda2020_cartesian.csv").read_text().split()
    gda_m = np.array([[float(cell) for cell in line.split(",")[1:]] for line in lines])
    found = transformed(Coordinate.stated(gda_m, "GDA2020@2020"), FRAMES["ITRF2014"], 2025.0)
    rate = np.array([1.50379, 1.18346, 1.20716]) * MAS_RAD
    expected_m = gda_m + np.cross(rate, gda_m) * 5.0
    assert np.abs(found.xyz_m - expected_m).max() < 1e-4
    back = transformed(found, FRAMES["GDA2020"], 2020.0)
    assert np.abs(back.xyz_m - gda_m).max() < 1e-6


# geodesy.md 2.2 and IERS: x_97(t) = H(x_2020, t); x_CGCS = x_97(t) + v_97 (2000 - t)
V97 = Velocity.stated("-0.03303,-0.00973,-0.01228@ITRF97")


def test_the_chain_to_cgcs2000_is_the_closed_formula():
    start = Coordinate.stated(WORLD_M[:1], "ITRF2020@2025.5")
    found = transformed(start, FRAMES["CGCS2000"], 2000.0, V97)
    in_97_m = by_hand(WORLD_M[:1], 2025.5, ("ITRF2020", "ITRF97"))
    expected_m = in_97_m + np.array([-0.03303, -0.00973, -0.01228]) * -25.5
    assert np.abs(found.xyz_m - expected_m).max() < 1e-4
    assert (found.frame.name, float(found.epoch_years)) == ("CGCS2000", 2000.0)
    assert 0.85 < np.linalg.norm(found.xyz_m - WORLD_M[0]) < 0.92  # what a no-op would be wrong by


def test_the_chain_is_the_same_when_the_epoch_is_moved_before_the_frame():
    start = Coordinate.stated(GUANGZHOU_M, "ITRF2020@2025.5")
    v2020 = velocity_in(V97, FRAMES["ITRF2020"], start)
    early_m = GUANGZHOU_M + v2020.xyz_m_per_year * -25.5
    expected_m = by_hand(early_m, 2000.0, ("ITRF2020", "ITRF97"))
    found = transformed(start, FRAMES["CGCS2000"], 2000.0, v2020)
    assert np.abs(found.xyz_m - expected_m).max() < 1e-4


def test_a_velocity_of_another_frame_is_converted_and_not_taken_as_it_is():
    start = Coordinate.stated(GUANGZHOU_M, "ITRF2020@2025.5")
    v2020 = velocity_in(V97, FRAMES["ITRF2020"], start)
    right = transformed(start, FRAMES["CGCS2000"], 2000.0, v2020)
    wrong_velocity = Velocity(v2020.xyz_m_per_year, FRAMES["ITRF97"])
    wrong = transformed(start, FRAMES["CGCS2000"], 2000.0, wrong_velocity)
    error_mm = (wrong.xyz_m - right.xyz_m) * 1e3
    assert error_mm == pytest.approx([-17.9, -4.6, -71.4], abs=0.2)


def test_cgcs2000_leads_back_to_today():
    start = Coordinate.stated(WORLD_M[0], "ITRF2020@2025.5")
    there = transformed(start, FRAMES["CGCS2000"], 2000.0, V97)
    back = transformed(there, FRAMES["IGS20"], 2025.5, V97)
    assert np.abs(back.xyz_m - start.xyz_m).max() < 2e-5


def test_velocities_turn_with_the_rates_of_the_published_parameters():
    at = Coordinate.stated(GUANGZHOU_M, "ITRF2014@2025.5")
    v2014 = Velocity.stated("-0.03233,-0.00965,-0.00928@ITRF2014")
    found = velocity_in(v2014, FRAMES["ITRF97"], at)
    assert found.xyz_m_per_year * 1e3 == pytest.approx([-33.03, -9.73, -12.28], abs=0.01)


@pytest.mark.parametrize("pair", PUBLISHED, ids="-".join)
def test_converted_velocities_are_within_a_hundredth_of_a_millimetre_a_year(pair):
    points_m = points_for(pair)
    _, _, rates = PUBLISHED[pair]
    epoch = 2020.0
    velocity = np.array([-0.012, 0.021, 0.011])
    at = Coordinate(points_m, FRAMES[pair[0]], np.float64(epoch))
    given = Velocity(np.broadcast_to(velocity, points_m.shape), FRAMES[pair[0]])
    found = velocity_in(given, FRAMES[pair[1]], at)
    # d/dt (x + T + D x + R x), IERS equation 4.3
    step = 1e-2
    later = by_hand(points_m + velocity * step, epoch + step, pair)
    earlier = by_hand(points_m - velocity * step, epoch - step, pair)
    expected = (later - earlier) / (2 * step)
    assert np.abs(found.xyz_m_per_year - expected).max() < 1e-5
    if any(rates):
        assert np.abs(found.xyz_m_per_year - velocity).max() > 2e-5


def test_epochs_may_differ_from_point_to_point():
    epochs = np.array([1997.0, 2000.0, 2010.0, 2015.0, 2025.5])
    many = transformed(
        Coordinate(WORLD_M, FRAMES["ITRF2020"], epochs), FRAMES["CGCS2000"], 2000.0, V97
    )
    for row, epoch in enumerate(epochs):
        one = Coordinate(WORLD_M[row], FRAMES["ITRF2020"], np.float64(epoch))
        alone = transformed(one, FRAMES["CGCS2000"], 2000.0, V97)
        assert many.xyz_m[row] == pytest.approx(alone.xyz_m, abs=1e-9)


def test_shapes_with_more_axes_pass_through():
    block = np.broadcast_to(WORLD_M, (4, 5, 3))
    found = transformed(Coordinate.stated(block, "ITRF2020@2025.5"), FRAMES["ITRF97"], 2025.5)
    assert found.xyz_m.shape == (4, 5, 3)


def test_no_point_moves_in_time_without_a_velocity():
    start = Coordinate.stated(GUANGZHOU_M, "ITRF2020@2025.5")
    for target, epoch in (("CGCS2000", 2000.0), ("ITRF2020", 2024.0), ("ITRF97", 2025.4)):
        with pytest.raises(FrameError, match="give its velocity"):
            transformed(start, FRAMES[target], epoch)


def test_cgcs2000_has_one_epoch_only():
    start = Coordinate.stated(GUANGZHOU_M, "ITRF2020@2025.5")
    with pytest.raises(FrameError, match=r"2000\.0 only"):
        transformed(start, FRAMES["CGCS2000"], 2025.5, V97)


def test_regional_frames_are_refused_outside_of_their_region():
    start = Coordinate.stated(GUANGZHOU_M, "ITRF2020@2025.5")
    with pytest.raises(FrameError, match="region of GDA2020"):
        transformed(start, FRAMES["GDA2020"], 2020.0)
    with pytest.raises(FrameError, match="region of ETRF2000"):
        transformed(start, FRAMES["ETRF2000"], 2025.5)


def test_every_step_between_any_two_frames_is_one_operation_of_epsg():
    for first, second in permutations(FRAMES.values(), 2):
        way = route(first, second)
        assert way[0] == first.basis
        assert way[-1] == second.basis
        assert len(way) <= 4
        points_m = EUROPE_M if "ETRF" in first.name + second.name else WORLD_M
        start = Coordinate(points_m, FRAMES[way[0]], np.float64(2015.0))
        transformed(start, FRAMES[way[-1]], 2015.0)  # raises where PROJ has two, none, or a guess


DYNAMIC = [frame for frame in FRAMES.values() if not frame.is_static and frame.area_deg is None]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(DYNAMIC),
    st.sampled_from(DYNAMIC),
    st.floats(1985.0, 2035.0),
    st.floats(1985.0, 2035.0),
    st.integers(0, len(WORLD_M) - 1),
    st.tuples(*[st.floats(-0.08, 0.08)] * 3),
)
def test_there_and_back_is_the_same_point(first, second, year, other_year, row, speed):
    velocity = Velocity(np.array(speed), first)
    start = Coordinate(WORLD_M[row], first, np.asarray(year))
    there = transformed(start, second, other_year, velocity)
    back = transformed(there, first, year, velocity)
    # 0.03 mm: the turn of the frame over 50 years, times the way made meanwhile.
    assert np.abs(back.xyz_m - start.xyz_m).max() < 3e-5
    assert (there.frame, float(there.epoch_years)) == (second, other_year)

"""The tie between two systems: parameters against another formula, residuals, outliers, limits."""

import numpy as np
import pytest
from geodesy.itrf_parameters import by_hand

from stationd.geodesy.frames import FrameError
from stationd.geodesy.tie import TieError, checked_tie, fitted


def plane_points(count, rng):
    return rng.uniform([20_000.0, 30_000.0], [80_000.0, 90_000.0], (count, 2))


def turned(points, *, arcsec=41.0, scale=1.0000123, east_m=-213.7, north_m=88.1):
    spin = scale * np.exp(1j * np.radians(arcsec / 3600.0))
    moved = spin * (points[:, 0] + 1j * points[:, 1]) + complex(east_m, north_m)
    return np.stack((moved.real, moved.imag), axis=-1)


def test_four_parameters_are_those_of_the_linear_formula():
    rng = np.random.default_rng(1)
    source = plane_points(9, rng)
    target = turned(source) + rng.normal(0, 0.004, source.shape)
    found = checked_tie(source, target, limit_m=0.05)
    # The textbook's way: E' = a + p E - q N, N' = b + q E + p N, linear in a, b, p, q.
    east, north, one, none = source[:, 0], source[:, 1], np.ones(9), np.zeros(9)
    design = np.concatenate(
        (np.stack((one, none, east, -north), 1), np.stack((none, one, north, east), 1))
    )
    solved = np.linalg.lstsq(design, np.concatenate((target[:, 0], target[:, 1])))[0]
    expected = design @ solved
    by_formula_m = np.concatenate((target[:, 0], target[:, 1])) - expected
    assert found.residuals_m.T.ravel() == pytest.approx(by_formula_m, abs=1e-7)
    assert found.similarity.scale_ratio == pytest.approx(np.hypot(*solved[2:]), abs=1e-12)
    assert found.sigma_m == pytest.approx(np.sqrt(np.square(by_formula_m).sum() / 14), rel=1e-4)
    assert found.within_limit is True


def test_seven_parameters_of_a_published_transformation_are_found_again():
    rng = np.random.default_rng(2)
    direction = rng.normal(size=(12, 3))
    source = 6.37e6 * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    target = by_hand(source, 2025.5, ("ITRF2020", "ITRF93"))
    found = checked_tie(source, target, limit_m=0.001)
    assert found.similarity.scale_ratio - 1 == pytest.approx(4.47e-9 + 0.12e-9 * 10.5, abs=1e-12)
    shift_mm = np.array([-65.8 - 2.8 * 10.5, 1.9 - 0.2 * 10.5, -71.3 - 2.3 * 10.5])
    assert found.similarity.translation_m * 1e3 == pytest.approx(shift_mm, abs=0.01)
    assert np.abs(found.residuals_m).max() < 1e-5
    assert not found.is_outlier.any()


def test_a_fit_never_mirrors():
    """Points nearly in one plane, with noise, could be fitted better by a mirror."""
    rng = np.random.default_rng(3)
    source = np.concatenate((plane_points(6, rng), rng.normal(0, 0.01, (6, 1))), axis=1)
    target = source * [1, 1, -1]
    assert np.linalg.det(fitted(source, target).rotation) == pytest.approx(1.0)


@pytest.mark.parametrize("bad", [(0,), (3,), (1, 4), (0, 5, 7)])
def test_points_that_moved_are_named_and_take_no_part(bad):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        source = plane_points(9, rng)
        clean = turned(source) + rng.normal(0, 0.002, source.shape)
        target = clean.copy()
        directions = np.exp(1j * rng.uniform(0, 2 * np.pi, len(bad)))
        target[list(bad)] += 0.06 * np.stack((directions.real, directions.imag), axis=-1)
        found = checked_tie(source, target, limit_m=0.03)
        assert tuple(np.flatnonzero(found.is_outlier)) == bad
        assert found.within_limit is False
        others = np.setdiff1d(np.arange(9), bad)
        alone = fitted(source[others], target[others])
        assert found.residuals_m == pytest.approx(target - alone.of(source), abs=1e-9)


def test_a_moved_point_in_space_is_named():
    rng = np.random.default_rng(4)
    source = np.concatenate((plane_points(10, rng), rng.uniform(0, 300, (10, 1))), axis=1)
    flat = turned(source[:, :2])
    target = np.column_stack((flat, source[:, 2] * 1.0000123 + 5.0)) + rng.normal(0, 0.003, (10, 3))
    target[6, 2] -= 0.08
    found = checked_tie(source, target, limit_m=0.05)
    assert np.flatnonzero(found.is_outlier).tolist() == [6]
    assert found.residuals_m[6, 2] == pytest.approx(-0.08, abs=0.015)


def test_good_points_are_seldom_called_outliers():
    called = 0
    for seed in range(200):
        rng = np.random.default_rng(1000 + seed)
        source = plane_points(12, rng)
        target = turned(source) + rng.normal(0, 0.003, source.shape)
        called += int(checked_tie(source, target, limit_m=0.05).is_outlier.any())
    # Twelve points at 0.1 % each: 2.4 of 200 are expected, more than 8 in one of 1 000 tries.
    assert called <= 8


def test_the_limit_decides_the_verdict():
    rng = np.random.default_rng(6)
    source = plane_points(8, rng)
    target = turned(source) + rng.normal(0, 0.005, source.shape)
    largest_m = checked_tie(source, target, limit_m=1.0).lengths_m().max()
    assert checked_tie(source, target, limit_m=largest_m * 1.01).within_limit is True
    beyond = checked_tie(source, target, limit_m=largest_m * 0.99)
    assert beyond.within_limit is False
    assert "beyond the limit" in beyond.sentence()


def test_too_few_points_give_no_verdict():
    rng = np.random.default_rng(7)
    source = plane_points(4, rng)
    exact = checked_tie(source[:2], turned(source[:2]), limit_m=0.01)
    assert exact.within_limit is None
    assert np.isnan(exact.sigma_m)
    assert "too few points for a check" in exact.sentence()
    moved = np.array([[0.5, 0], [0, 0], [0, 0]])
    three = checked_tie(source[:3], turned(source[:3]) + moved, limit_m=0.01)
    assert three.within_limit is False
    assert not three.outliers_sought  # something is wrong, and no one can say where
    assert not three.is_outlier.any()


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0]], "1 common points are too few: 2"),
        ([[1.0, 2.0]] * 3, [[1.0, 2.0]] * 3, "one place"),
        (
            [[0, 0, 0], [1e3, 0, 0], [5e3, 0, 0.0]],
            [[0, 0, 0], [1e3, 0, 0], [5e3, 0, 0]],
            "one line",
        ),
        ([[0, 0], [1, np.nan]], [[0, 0], [1, 1]], "unknown"),
        ([[0, 0], [1, 1]], [[0, 0, 0], [1, 1, 1]], "shape"),
        ([[0.0], [1.0]], [[0.0], [1.0]], "shape"),
    ],
)
def test_points_that_carry_no_tie_are_refused(source, target, sentence):
    with pytest.raises(TieError, match=sentence):
        checked_tie(np.array(source, dtype=float), np.array(target, dtype=float), limit_m=0.01)
    assert issubclass(TieError, FrameError)


def test_parameters_and_coordinates_are_not_shown():
    rng = np.random.default_rng(8)
    source = plane_points(6, rng)
    found = checked_tie(source, turned(source), limit_m=0.01)
    for text in (repr(found), str(found.similarity), found.sentence()):
        assert "213" not in text
        assert "0000123" not in text


def test_many_points_are_checked_in_bounded_time():
    rng = np.random.default_rng(9)
    source = np.concatenate((plane_points(150, rng), rng.uniform(0, 300, (150, 1))), axis=1)
    target = source + rng.normal(0, 0.003, source.shape) + [10.0, -5.0, 2.0]
    target[::10] += 0.5
    target[::20] -= [0.9, 1.1, 0.2]
    found = checked_tie(source, target, limit_m=0.02)
    assert np.flatnonzero(found.is_outlier).tolist() == list(range(0, 150, 10))


def space_points(count, seed):
    rng = np.random.default_rng(seed)
    source = np.concatenate((plane_points(count, rng), rng.uniform(0, 300, (count, 1))), axis=1)
    return source, source + rng.normal(0, 0.003, source.shape), rng


def test_without_an_expected_sigma_good_points_in_space_are_seldom_outliers_either():
    called = 0
    for seed in range(120):
        source, target, _ = space_points(12, seed)
        found = checked_tie(source, target, limit_m=0.05, expected_sigma_m=1e-4)
        called += int(found.is_outlier.any())
        again = fitted(source[~found.is_outlier], target[~found.is_outlier])
        assert found.residuals_m == pytest.approx(target - again.of(source), abs=1e-9)
    # 11 measured, for the deviation comes from few points; without looking again who agrees, 19.
    assert called <= 13


def test_a_point_at_eight_sigma_is_found_in_nine_of_ten_cases():
    found = 0
    for seed in range(60):
        source, target, rng = space_points(12, seed)
        direction = rng.normal(size=3)
        target[4] += 0.025 * direction / np.linalg.norm(direction)
        outliers = np.flatnonzero(checked_tie(source, target, limit_m=0.05).is_outlier)
        found += int(outliers.tolist() == [4])
    assert found >= 54

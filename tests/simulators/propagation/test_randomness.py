"""Randomness without a state: repeatable, independent, of the right size."""

import numpy as np
import pytest

from stationd_simulators.propagation.randomness import key_of, normal, uniform, walk, wander


def test_a_number_depends_on_each_of_its_keys_and_on_nothing_else():
    numbers = normal(7, np.arange(10), 3)
    assert np.array_equal(numbers, normal(7, np.arange(10), 3))
    assert numbers[4] == normal(7, np.arange(4, 5), 3)[0]
    others = (normal(8, np.arange(10), 3), normal(7, np.arange(10, 20), 3))
    for other in (*others, normal(7, np.arange(10), 4), normal(7, 3, np.arange(10, 20))):
        assert not np.isin(other, numbers).any()


def test_seeds_are_the_same_in_any_process():
    # BLAKE2b of "a|1", eight bytes, as `b2sum -l 64` has it, less the last bit.
    assert key_of("a", 1) == 0x178CFCCC04B3E5AE >> 1
    assert key_of("a", 1) != key_of("a1")


def test_uniform_and_normal_numbers_are_what_they_are_called():
    many = np.arange(200_000)
    flat = np.histogram(uniform(3, many), 20, (0.0, 1.0))[0]
    # chi-square of 19 degrees of freedom: 43.8 is passed once in a thousand seeds.
    assert ((flat - 10_000) ** 2 / 10_000).sum() < 43.8
    drawn = normal(3, many)
    assert abs(drawn.mean()) < 4.0 / np.sqrt(len(many))
    assert drawn.std() == pytest.approx(1.0, abs=0.01)
    assert (drawn**4).mean() == pytest.approx(3.0, abs=0.1)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.01


def test_a_wandering_function_has_no_steps():
    times = np.arange(0.0, 3600.0, 1.0) + 1e9
    values = np.array([wander(5, time, 600.0)[0] for time in times])
    assert np.abs(np.diff(values)).max() < 0.02
    assert values.std() > 0.2


@pytest.mark.parametrize("lag_hours", [1, 4, 24])
def test_a_walk_goes_as_far_as_a_random_walk_does(lag_hours):
    moved = [
        walk(seed, 1e9 + 3600.0 * (hour + lag_hours)) - walk(seed, 1e9 + 3600.0 * hour)
        for seed in range(150)
        for hour in (0, 50)
    ]
    assert np.var(moved) / lag_hours == pytest.approx(1.0, abs=0.35)

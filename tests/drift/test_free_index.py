import numpy as np
import pytest

from stationd.drift.free_index import index_top, mixed
from stationd.drift.likelihood import Averaged


@pytest.mark.parametrize("index", [-2.1, -1.6, -1.03, -1.0, -0.4])
def test_the_top_of_a_parabola_is_found_with_its_width(index):
    asked = []

    def log_likelihood(at: float) -> float:
        asked.append(at)
        return -0.5 * ((at - index) / 0.2) ** 2

    top = index_top(log_likelihood)
    assert top.index == pytest.approx(index, abs=1e-9)
    assert top.sigma == pytest.approx(0.2, rel=1e-9)
    assert top.lower < top.index < top.upper
    assert len(set(asked)) < 9


@pytest.mark.parametrize(("slope", "end"), [(1.0, -0.25), (-1.0, -2.25)])
def test_a_likelihood_that_only_rises_ends_at_the_range(slope, end):
    top = index_top(lambda at: slope * at)
    assert top.index == end
    assert top.sigma == 1.0


def test_estimates_are_averaged_to_the_spread_of_the_index():
    def at(value: float) -> Averaged:
        return Averaged(0.5, 1.0, 0.0, np.array([value]), np.array([[0.04]]), 0.1, 0.1)

    # A parameter that is the index itself: averaged, its variance gains that of the index.
    top = index_top(lambda index: -0.5 * ((index + 1.05) / 0.15) ** 2)
    both = mixed(top, at(top.lower), at(top.index), at(top.upper))
    assert both.parameters == pytest.approx([-1.05])
    assert both.covariance == pytest.approx(np.array([[0.04 + 0.15**2]]))

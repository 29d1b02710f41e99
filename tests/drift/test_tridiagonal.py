import numpy as np
import pytest

from stationd.drift.noise import power_law_covariance
from stationd.drift.tridiagonal import tridiagonal

RNG = np.random.default_rng(1)
WHITE = RNG.uniform(0.1, 1.0, 50)


@pytest.mark.parametrize("index", [-0.3, -1.0, -2.2])
@pytest.mark.parametrize("share", [1e-5, 0.3, 0.99, 0.99996])
def test_a_mixture_is_solved_as_its_whole_covariance_is(index, share):
    power_law = power_law_covariance(50, 7, index)
    axes = tridiagonal(power_law, WHITE, index)
    mixture = (1 - share) * np.diag(WHITE) + share / axes.scale * power_law
    columns = RNG.standard_normal((50, 3))
    turned = axes.turned(columns)
    inverse, log_determinant = axes.solved(share, turned)
    dense = columns.T @ np.linalg.solve(mixture, columns)
    assert turned.T @ inverse == pytest.approx(dense, rel=1e-8)
    # Up to the determinant of the white noise, which is the same for every share.
    expected = np.linalg.slogdet(mixture)[1] - np.log(WHITE).sum()
    assert log_determinant == pytest.approx(expected, rel=1e-9)
    root = axes.root(share, 4.0)
    assert root @ root.T == pytest.approx(4.0 * mixture, rel=1e-10)
    assert not np.triu(root, 1).any()


def test_white_noise_alone_leaves_the_means_as_they_are():
    axes = tridiagonal(None, WHITE, 0.0)
    columns = RNG.standard_normal((50, 2))
    assert axes.turned(columns) == pytest.approx(columns / np.sqrt(WHITE)[:, None])
    inverse, log_determinant = axes.solved(0.0, columns)
    assert inverse == pytest.approx(columns)
    assert log_determinant == 0.0
    assert np.diagonal(axes.root(0.0, 4.0)) == pytest.approx(2 * np.sqrt(WHITE))

import numpy as np
import pytest
from drift.synthetic import component, epochs

from stationd.drift.model import Model, Term, design
from stationd.drift.one_more import scores, whitened
from stationd.drift.trajectory import fit, fit_each


def test_a_whitened_residual_has_unit_variance_and_nothing_of_the_design():
    t = epochs(3)
    found = fit(t, component(t, np.random.default_rng(1), 0.01))
    white = whitened(found)
    freedom = len(white.residual) - white.design.shape[1]
    assert white.residual @ white.residual == pytest.approx(freedom, rel=1e-6)
    assert white.design.T @ white.residual == pytest.approx(0, abs=1e-9)


def test_the_score_of_a_term_is_what_fitting_it_takes_off_chi_square():
    t = epochs(2.5)
    found = fit(t, component(t, np.random.default_rng(2), 0.01, steps=[(2011.2, 0.005)]))
    term = Term("step", 2011.2001)
    result = scores([found], [term])
    white = whitened(found)
    # The whole fit with the column in it, whitened by a decomposition of its own.
    column = found.grid.means.of(design([term], t))
    turned = np.linalg.inv(found.root) @ column
    wider = np.hstack([white.design, turned])
    parameters, rest, *_ = np.linalg.lstsq(wider, white.residual)
    fall = white.residual @ white.residual - rest[0]
    assert result.chi_square[0, 0] == pytest.approx(fall, rel=1e-6)
    assert result.value[0, 0] == pytest.approx(parameters[-1], rel=1e-6)
    sigma = np.sqrt(np.linalg.inv(wider.T @ wider)[-1, -1])
    assert result.sigma[0, 0] == pytest.approx(sigma, rel=1e-6)


def test_a_step_of_east_and_north_stands_out_in_the_sum_over_components():
    rng = np.random.default_rng(3)
    t = epochs(3)
    made = [component(t, rng, 0.01, steps=[(2011.5, 0.006)]) for _ in range(2)]
    made.append(component(t, rng, 0.0, white_m=0.0035, flicker_m=0.009))
    fits = fit_each(t, np.stack(made, axis=1))
    weeks = fits[0].t_years[6:-6] - 3.5 / 365.25
    result = scores(fits, [Term("step", float(epoch)) for epoch in weeks])
    assert result.chi_square.shape == (3, len(weeks))
    best = int(np.argmax(result.chi_square.sum(axis=0)))
    assert weeks[best] == pytest.approx(2011.5, abs=21 / 365.25)
    assert result.chi_square[:, best].sum() > 25
    for place in range(2):
        off = result.value[place, best] - 0.006
        assert abs(off) < 4 * result.sigma[place, best]


def test_a_term_that_the_fit_has_tells_nothing_more():
    t = epochs(2)
    found = fit(t, component(t, np.random.default_rng(4)), None, Model(steps=(2011.0001,)))
    result = scores([found], [Term("step", 2011.0001), Term("step", 2001.0)])
    assert result.chi_square == pytest.approx(0, abs=1e-12)
    assert np.isinf(result.sigma).all()

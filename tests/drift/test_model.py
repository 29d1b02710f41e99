import numpy as np
import pytest

from stationd.drift.model import Model, Term, Transient, design, independent, rates


def test_terms_that_come_twice_are_one():
    terms = Model(steps=(2012.5, 2011.0, 2012.5), annual=False, semi_annual=False).terms(2010.0)
    assert [str(term) for term in terms] == [
        "offset",
        "velocity",
        "step at 2011.0000",
        "step at 2012.5000",
    ]


def test_columns_begin_at_their_epoch():
    t = np.array([2010.0, 2011.0, 2012.0])
    model = Model(
        steps=(2011.0,),
        annual=False,
        semi_annual=False,
        acceleration=True,
        rate_changes=(2011.0,),
        transients=(Transient(2011.0, "log", 0.5), Transient(2011.0, "exp", 2.0)),
    )
    expected = [
        [1, 1, 1],
        [-1, 0, 1],
        [0.5, 0, 0.5],
        [0, 1, 1],
        [0, 0, 1],
        [0, 0, np.log(3)],
        [0, 0, 1 - np.exp(-0.5)],
    ]
    columns = design(model.terms(2011.0), t)
    assert columns.transpose() == pytest.approx(np.array(expected))
    assert rates(model.terms(2011.0), t)[:, 1:3].tolist() == [[1, -1], [1, 0], [1, 1]]
    assert rates(model.terms(2011.0), t)[:, 4].tolist() == [0, 1, 1]
    assert not rates(model.terms(2011.0), t)[:, [0, 3, 5, 6]].any()


@pytest.mark.parametrize(
    ("epochs", "kept"),
    [
        ((2011.5,), [0, 1, 2]),
        ((2000.0, 2011.5), [0, 1, 3]),  # ahead of all: an offset
        ((2011.5, 2030.0), [0, 1, 2]),  # behind all: nothing
        ((2011.52, 2011.57, 2012.65), [0, 1, 2, 4]),  # two in one gap
    ],
)
def test_what_follows_from_terms_before_it_is_left_out(epochs, kept):
    t = 2010 + np.arange(0, 4, 0.1)
    terms = [Term("offset"), Term("velocity", 2011.0), *(Term("step", one) for one in epochs)]
    assert independent(design(terms, t)) == kept


def test_more_terms_than_epochs_leaves_the_first_of_them():
    t = np.array([2010.0, 2011.0, 2012.0])
    assert independent(design(Model(acceleration=True).terms(2011.0), t)) == [0, 1, 2]

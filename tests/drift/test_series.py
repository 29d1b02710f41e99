"""A series refuses columns that do not belong together."""

import numpy as np
import pytest

from stationd.drift.series import Series


def series(rows: int = 3, **changed) -> Series:
    columns = {
        "station": "ABCD",
        "t_years": 2020 + np.arange(rows) / 365.25,
        "mjd": 58849.5 + np.arange(rows),
        "enu_m": np.zeros((rows, 3)),
        "sigma_m": np.full((rows, 3), np.nan),
        "correlation": np.full((rows, 3), np.nan),
    }
    return Series(**(columns | changed))


def test_its_length_is_its_epochs():
    assert len(series()) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"mjd": np.zeros(2)},
        {"enu_m": np.zeros((3, 2))},
        {"sigma_m": np.zeros((2, 3))},
        {"correlation": np.zeros(3)},
        {"antenna": ("A", "B")},
        {"t_years": np.array([2020.0, 2020.2, 2020.1])},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_columns_that_do_not_belong_together_are_refused(changed: dict):
    with pytest.raises(ValueError, match="ABCD"):
        series(**changed)


def test_antenna_changes_are_rows():
    assert series(antenna=("A", "B", "B")).antenna_changes() == (1,)
    assert series().antenna_changes() == ()

"""A station's coordinate series as columns: what every reader makes and every estimator takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Displacements of one station, sorted by time, one row a session.

    `t_years` (n,): decimal years, of the source where it gives them.  `mjd` (n,): Modified Julian
    Date of the same moment.  `enu_m` (n, 3): east, north, up from the series' own origin.
    `sigma_m` (n, 3): their standard deviations, NaN where not given.  `correlation` (n, 3): of
    east-north, east-up, north-up, NaN where not given.  `frame`: such as "IGS14", "" where the
    source does not say it.  `antenna` (n,): what the source calls the antenna set-up, None where
    it has no such column.  `source`: the file, for sentences.
    """

    station: str
    t_years: Floats
    mjd: Floats
    enu_m: Floats
    sigma_m: Floats
    correlation: Floats
    frame: str = ""
    antenna: tuple[str, ...] | None = None
    source: str = ""

    def __len__(self) -> int:
        return len(self.t_years)

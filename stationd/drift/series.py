"""A station's coordinate series as columns: what every reader makes and every estimator takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Displacements of one station, sorted by time, one row a session.

    `t_years` (n,): decimal years, of the source where it gives them.  `mjd` (n,): Modified Julian
    Date of the same moment: a daily solution of noon, 53795.5, whose day is floor(mjd).  `enu_m`
    (n, 3): east, north, up from the series' own origin; a component that the source does not
    give is NaN throughout.  `sigma_m` (n, 3): their standard deviations, NaN where not given.
    `correlation` (n, 3): of east-north, east-up, north-up, NaN where not given.  `frame`: such as
    "IGS14", "" where the source does not say it.  `antenna` (n,): what the source calls the
    antenna set-up, None where it has no such column.  `source`: the file, for sentences.
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

    def __post_init__(self) -> None:
        """Refuse columns that do not belong together: no estimator can tell afterwards."""
        n = len(self.t_years)
        shapes = {
            "t_years": (self.t_years.shape, (n,)),
            "mjd": (self.mjd.shape, (n,)),
            "enu_m": (self.enu_m.shape, (n, 3)),
            "sigma_m": (self.sigma_m.shape, (n, 3)),
            "correlation": (self.correlation.shape, (n, 3)),
        }
        for name, (shape, expected) in shapes.items():
            if shape != expected:
                raise ValueError(f"{name} of {self.station} has shape {shape}, not {expected}")
        if self.antenna is not None and len(self.antenna) != n:
            raise ValueError(f"antenna of {self.station} has {len(self.antenna)} rows, not {n}")
        if np.any(np.diff(self.t_years) < 0):
            raise ValueError(f"epochs of {self.station} are not sorted")

    def __len__(self) -> int:
        return len(self.t_years)

    def antenna_changes(self) -> tuple[int, ...]:
        """Return the rows at which the antenna column differs from the row before."""
        if self.antenna is None:
            return ()
        return tuple(
            row for row in range(1, len(self)) if self.antenna[row] != self.antenna[row - 1]
        )

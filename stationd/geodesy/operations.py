"""The only place where PROJ transformations are made: never a "ballpark" one, nor one of two.

PROJ answers a question that it has no operation for with one that does nothing: ITRF2014 to
CGCS2000 at 2025.5 comes back unchanged, 0.89 m wrong; ellipsoidal heights pass for geoid heights
where the grid is missing.  And where it has several operations it takes the one that it likes at
the point: for ITRF97 to ITRF96 one meant for New Zealand.  So an operation is accepted here only
if the EPSG dataset leads to it alone, and without a guess.
"""

import warnings
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj.crs import CRS
from pyproj.exceptions import ProjError
from pyproj.transformer import Transformer, TransformerGroup

from stationd.geodesy.frames import FrameError

Floats = NDArray[np.float64]
# PROJ joins realisations of one system by operations that do nothing and are good to 0.1 m.
_VAGUE_M = 0.1


def operation(source: int | str | CRS, target: int | str | CRS) -> Transformer:
    """Return the one operation between two systems, or raise FrameError with the reason."""
    names = f"from {_name(source)} to {_name(target)}"
    with warnings.catch_warnings():
        # The missing grid that it warns of is in `unavailable_operations`.
        warnings.simplefilter("ignore", UserWarning)
        try:
            group = TransformerGroup(source, target, always_xy=True, allow_ballpark=False)
        except (ProjError, IndexError):  # pyproj's own indexing of an empty list of operations
            raise FrameError(f"PROJ knows no operation {names}") from None
    if not group.transformers:
        grids = sorted(
            {grid.short_name for lost in group.unavailable_operations for grid in lost.grids}
        )
        if grids:
            raise FrameError(f"PROJ has no grid {' or '.join(grids)}: nothing leads {names}")
        raise FrameError(
            f"PROJ knows no operation {names}; it would return the coordinates as they are"
        )
    if len(group.transformers) > 1:
        raise FrameError(f"PROJ knows {len(group.transformers)} operations {names}: none is taken")
    only = group.transformers[0]
    if only.accuracy >= _VAGUE_M:
        raise FrameError(
            f"the operation {names} is good to {only.accuracy:g} m only: it changes nothing"
        )
    return only


@lru_cache(maxsize=64)
def _between(source_epsg: int, target_epsg: int) -> Transformer:
    return operation(source_epsg, target_epsg)


def helmert(xyz_m: Floats, t_years: ArrayLike, source_epsg: int, target_epsg: int) -> Floats:
    """Take geocentric points (..., 3) from one EPSG frame to another, at the epoch of each."""
    return apply(_between(source_epsg, target_epsg), xyz_m, t_years)


def apply(transformer: Transformer, points: ArrayLike, t_years: ArrayLike | None = None) -> Floats:
    """Run an operation on points (..., 3); raise FrameError where it gives no numbers."""
    given = np.asarray(points, dtype=np.float64)
    x, y, z = (np.array(column).ravel() for column in np.moveaxis(given, -1, 0))
    found: tuple[Any, ...] = ()
    try:
        if t_years is None:
            found = transformer.transform(x, y, z, errcheck=True)
        else:
            t = np.broadcast_to(np.asarray(t_years, dtype=np.float64), given.shape[:-1])
            found = transformer.transform(x, y, z, np.array(t).ravel(), errcheck=True)
    except ProjError:
        found = ()  # its own words may hold coordinates, or the parameters of a local system
    if not found or not np.isfinite(found[:3]).all():
        raise FrameError("PROJ gives no result for a point: is it inside the system's area?")
    return np.stack(found[:3], axis=-1).reshape(given.shape)


def _name(system: int | str | CRS) -> str:
    """Return what a sentence calls a system; a CRS of our own may be secret."""
    if isinstance(system, CRS):
        return "the local plane"
    return CRS.from_user_input(system).name if isinstance(system, int) else system

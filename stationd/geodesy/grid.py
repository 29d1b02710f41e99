"""Regular grids over longitude and latitude: velocities, or the separation of height systems.

Written as CSV, a row a node in any order: `longitude_deg,latitude_deg` and the value columns.
Nothing of a grid's content is in an error or a repr: a precise geoid model is confidential.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stationd.geodesy.frames import FrameError

Floats = NDArray[np.float64]

_SAME_NODE_DEG = 1e-6
_MOST_NODES = 4_000_000  # a country at one minute; bounds what a wrong file can cost


class GridError(FrameError):
    """A grid file cannot be used; the sentence names file and line."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Grid:
    """Nodes `longitudes_deg` (m,), `latitudes_deg` (n,) ascending; `values` (n, m, k)."""

    longitudes_deg: Floats
    latitudes_deg: Floats
    values: Floats
    file: str

    def __repr__(self) -> str:
        return "Grid(content withheld)"

    def covers(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> bool:
        """Say whether all points lie in the grid, its edge included."""
        latitude, longitude = np.asarray(latitude_deg), np.asarray(longitude_deg)
        return bool(
            np.all(
                (latitude >= self.latitudes_deg[0])
                & (latitude <= self.latitudes_deg[-1])
                & (longitude >= self.longitudes_deg[0])
                & (longitude <= self.longitudes_deg[-1])
            )
        )

    def at(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
        """Return the values (..., k) at points, bilinear; raise FrameError for any outside."""
        if not self.covers(latitude_deg, longitude_deg):
            raise FrameError(f"a point lies outside of the grid {self.file}")
        row, down = _cell(self.latitudes_deg, np.asarray(latitude_deg, dtype=np.float64))
        column, right = _cell(self.longitudes_deg, np.asarray(longitude_deg, dtype=np.float64))
        low = (1 - right) * self.values[row, column] + right * self.values[row, column + 1]
        high = (1 - right) * self.values[row + 1, column] + right * self.values[row + 1, column + 1]
        mixed: Floats = (1 - down) * low + down * high
        return mixed


def read_grid(text: str, file: str, columns: tuple[str, ...]) -> Grid:
    """Make a grid of CSV text; raise GridError with file and line where it is none."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    header = ("longitude_deg", "latitude_deg", *columns)
    if not lines or tuple(cell.strip() for cell in lines[0][1].split(",")) != header:
        where = lines[0][0] if lines else 1
        raise GridError(f"{file}:{where}: the first line must be {','.join(header)}")
    if len(lines) > _MOST_NODES:
        raise GridError(f"{file}: has more than {_MOST_NODES} nodes")
    rows = np.array([_row(line, len(header), f"{file}:{number}") for number, line in lines[1:]])
    if len(rows) == 0:
        raise GridError(f"{file}: has no nodes")
    return _arranged(rows, file)


def _row(line: str, cells: int, where: str) -> list[float]:
    found = line.split(",")
    if len(found) != cells:
        raise GridError(f"{where}: has {len(found)} cells instead of {cells}")
    try:
        numbers = [float(cell) for cell in found]
    except ValueError:
        numbers = []
    if not numbers or not np.isfinite(numbers).all():
        raise GridError(f"{where}: a cell is not a number")
    return numbers


def _arranged(rows: Floats, file: str) -> Grid:
    """Put nodes in their places, and see that there is one for each."""
    longitudes_deg, column = _axis(rows[:, 0], "longitude_deg", file)
    latitudes_deg, row = _axis(rows[:, 1], "latitude_deg", file)
    shape = (len(latitudes_deg), len(longitudes_deg))
    taken = np.zeros(shape, dtype=np.int64)
    np.add.at(taken, (row, column), 1)
    if not (taken == 1).all():
        raise GridError(
            f"{file}: {np.count_nonzero(taken == 0)} nodes are missing and "
            f"{np.count_nonzero(taken > 1)} are there twice: a full rectangle is wanted"
        )
    values = np.empty((*shape, rows.shape[1] - 2))
    values[row, column] = rows[:, 2:]
    return Grid(longitudes_deg, latitudes_deg, values, file)


def _axis(degrees: Floats, name: str, file: str) -> tuple[Floats, NDArray[np.int64]]:
    """Return the distinct values of an axis, and for each node which one it has."""
    # Rounded to a tenth of a metre: files write 113.3333 and 113.33333 for one meridian.
    nodes, index = np.unique(np.round(degrees / _SAME_NODE_DEG), return_inverse=True)
    if len(nodes) < 2:
        raise GridError(f"{file}: {name} has one value only; a grid needs two")
    steps = np.diff(nodes)
    if steps.max() - steps.min() > 0.01 * steps.mean():
        raise GridError(f"{file}: {name} is not evenly spaced")
    return nodes * _SAME_NODE_DEG, index.astype(np.int64)


def _cell(nodes: Floats, wanted: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the cell of each point along one axis, and how far in it lies, 0 to 1, (..., 1)."""
    cell = np.clip(np.searchsorted(nodes, wanted, side="right") - 1, 0, len(nodes) - 2)
    inside = (wanted - nodes[cell]) / (nodes[cell + 1] - nodes[cell])
    return cell.astype(np.int64), inside[..., None]

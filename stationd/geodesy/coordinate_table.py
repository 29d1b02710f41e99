"""Tables of coordinates as CSV: which columns there are, and which line is wrong.

The first line names the columns; those that nobody asks for are passed on as they are.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stationd.geodesy.frames import FrameError

Floats = NDArray[np.float64]

POINT_COLUMNS: Final = ("x_m", "y_m", "z_m")
VELOCITY_COLUMNS: Final = ("vx_m_per_year", "vy_m_per_year", "vz_m_per_year")
_MOST_ROWS: Final = 1_000_000


class TableError(FrameError):
    """A table cannot be read; the sentence names file and line."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Table:
    """Rows as they were written, and the `lines` of the file where they stand."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    lines: tuple[int, ...]

    def __repr__(self) -> str:
        return f"Table({self.file}, {len(self.rows)} rows)"

    def has(self, columns: Sequence[str]) -> bool:
        """Say whether these columns are there; raise TableError where it is only some of them."""
        there = [name for name in columns if name in self.columns]
        if there and len(there) < len(columns):
            raise TableError(
                f"{self.file}: of {', '.join(columns)} there is only {', '.join(there)}"
            )
        return bool(there)

    def numbers(self, columns: Sequence[str]) -> Floats:
        """Return columns as numbers (n, k); raise TableError for a missing one, or a wrong cell."""
        if lost := [name for name in columns if name not in self.columns]:
            raise TableError(
                f"{self.file}: there is no column {', '.join(lost)}; the first line must name the "
                f"columns, {','.join(columns)} among them"
            )
        found = np.empty((len(self.rows), len(columns)))
        for number, row in enumerate(self.rows):
            for place, column in enumerate(columns):
                value = _number(row[column])
                if not math.isfinite(value):
                    raise TableError(f"{self.file}:{self.lines[number]}: {column} is not a number")
                found[number, place] = value
        return found


def read_table(text: str, file: str) -> Table:
    """Read a table; raise TableError with file and line for what is wrong."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    try:
        found = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise TableError(f"{file}:{reader.line_num}: {error}") from None
    if not found:
        raise TableError(f"{file}: is empty; the first line must name the columns")
    if len(found) > _MOST_ROWS:
        raise TableError(f"{file}: has more than {_MOST_ROWS} rows")
    columns = tuple(cell.strip() for cell in found[0][1])
    if len(set(columns)) != len(columns):
        raise TableError(f"{file}:{found[0][0]}: a column is named twice")
    rows: list[dict[str, str]] = []
    for line, cells in found[1:]:
        if len(cells) != len(columns):
            raise TableError(f"{file}:{line}: has {len(cells)} cells instead of {len(columns)}")
        rows.append(dict(zip(columns, map(str.strip, cells), strict=True)))
    if not rows:
        raise TableError(f"{file}: has no row below its columns")
    return Table(file, columns, tuple(rows), tuple(line for line, _ in found[1:]))


def written_table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return CSV text of rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan

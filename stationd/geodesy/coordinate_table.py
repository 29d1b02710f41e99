"""Tables of coordinates as CSV: which columns there are, and which line is wrong.

Wanted: `x_m,y_m,z_m`.  Known besides: `epoch` (decimal year, of each row), `station`, and
`vx_m_per_year,vy_m_per_year,vz_m_per_year`.  Any other column is passed on as it is.
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
class CoordinateTable:
    """Rows as they were written, `lines` (n,) of the file, and points `xyz_m` (n, 3).

    `epoch_years` (n,) and `velocity_m_per_year` (n, 3): None where there is no such column.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    lines: tuple[int, ...]
    xyz_m: Floats
    epoch_years: Floats | None
    velocity_m_per_year: Floats | None

    def __repr__(self) -> str:
        return f"CoordinateTable({self.file}, {len(self.rows)} rows)"

    def stations(self) -> list[str | None]:
        """Return the station of each row, None where it has none."""
        return [row.get("station") or None for row in self.rows]


def read_table(text: str, file: str) -> CoordinateTable:
    """Read a table of coordinates; raise TableError with file and line for what is wrong."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    try:
        found = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise TableError(f"{file}:{reader.line_num}: {error}") from None
    if not found:
        raise TableError(f"{file}: is empty; the first line must name the columns, x_m,y_m,z_m")
    if len(found) > _MOST_ROWS:
        raise TableError(f"{file}: has more than {_MOST_ROWS} rows")
    columns = _columns(found[0][1], f"{file}:{found[0][0]}")
    rows: list[dict[str, str]] = []
    for line, cells in found[1:]:
        if len(cells) != len(columns):
            raise TableError(f"{file}:{line}: has {len(cells)} cells instead of {len(columns)}")
        rows.append(dict(zip(columns, map(str.strip, cells), strict=True)))
    if not rows:
        raise TableError(f"{file}: has no row below its columns")
    lines = tuple(line for line, _ in found[1:])
    epochs = _numbers(("epoch",), rows, lines, file) if "epoch" in columns else None
    moves = VELOCITY_COLUMNS[0] in columns
    return CoordinateTable(
        file,
        columns,
        tuple(rows),
        lines,
        _numbers(POINT_COLUMNS, rows, lines, file),
        None if epochs is None else epochs[:, 0],
        _numbers(VELOCITY_COLUMNS, rows, lines, file) if moves else None,
    )


def written_table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return CSV text of rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _columns(cells: list[str], where: str) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells)
    given = set(columns)
    if len(given) != len(columns):
        raise TableError(f"{where}: a column is named twice")
    if lost := [name for name in POINT_COLUMNS if name not in given]:
        raise TableError(
            f"{where}: there is no column {', '.join(lost)}; the first line must name the columns, "
            f"{','.join(POINT_COLUMNS)} (metres) among them"
        )
    speeds = [name for name in VELOCITY_COLUMNS if name in given]
    if speeds and len(speeds) != len(VELOCITY_COLUMNS):
        raise TableError(f"{where}: of {', '.join(VELOCITY_COLUMNS)} some are missing")
    return columns


def _numbers(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], lines: Sequence[int], file: str
) -> Floats:
    found = np.empty((len(rows), len(columns)))
    for number, row in enumerate(rows):
        for place, column in enumerate(columns):
            try:
                value = float(row[column])
            except ValueError:
                value = math.nan
            if not math.isfinite(value):
                raise TableError(f"{file}:{lines[number]}: {column} is not a number")
            found[number, place] = value
    return found

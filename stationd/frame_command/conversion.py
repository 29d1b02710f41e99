"""The work of the command `frame`: what it was asked, each point, and how the result is printed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from stationd.frame_command.files import (
    EXIT_USAGE,
    asked,
    done,
    left,
    local_system,
    text_of,
    velocity_models,
)
from stationd.geodesy.coordinate_table import (
    POINT_COLUMNS,
    VELOCITY_COLUMNS,
    Table,
    read_table,
    written_table,
)
from stationd.geodesy.coordinates import Coordinate, Velocity
from stationd.geodesy.frames import Frame, FrameError, frame_and_epoch, frame_named
from stationd.geodesy.planes import Plane, own_meridian, zone
from stationd.geodesy.transformation import transformed

Floats = NDArray[np.float64]
Start = tuple[Frame, float]

_COLUMNS: Final = "columns@"
_DIGITS: Final = 5  # of a metre: EPSG's operations agree among themselves to 0.01 mm


class Targets:
    """Where to: frame and epoch, and the planes in which the result is shown besides."""

    __slots__ = ("epoch", "frame", "local", "plane")

    def __init__(self, target: str, plane: str | None, local: Path | None) -> None:
        self.frame, self.epoch = asked(frame_and_epoch, target)
        self.plane = None if plane is None else asked(_plane, plane)
        self.local = None if local is None else local_system(local)

    def reached(self, given: Coordinate, velocity: Velocity | None) -> dict[str, Any]:
        """Return what is printed of one point; raise FrameError where it cannot get there."""
        found = transformed(given, self.frame, self.epoch, velocity)
        entry: dict[str, Any] = {
            name: _rounded(value) for name, value in zip(POINT_COLUMNS, found.xyz_m, strict=True)
        }
        entry |= {"frame": found.frame.name, "epoch": float(found.epoch_years)}
        if velocity is not None and velocity.source:
            entry["velocity_source"] = f"{velocity.source} ({velocity.frame})"
        if self.plane is not None:
            point = self.plane.of(found)
            columns = {name: _rounded(column) for name, column in point._asdict().items()}
            entry["plane"] = {"name": self.plane.name, **columns}
        if self.local is not None:
            here = self.local.of(found)
            heights_m = {name: _rounded(height_m) for name, height_m in here.heights_m.items()}
            entry["local"] = {
                "east_m": _rounded(here.east_m),
                "north_m": _rounded(here.north_m),
                "heights_m": heights_m,
            }
        return entry


class Motion:
    """Where velocities come from: one that is given, columns of the table, models, or nowhere."""

    __slots__ = ("columns_frame", "models", "stated")

    def __init__(self, velocity: str | None, models: Path | None) -> None:
        if velocity is not None and models is not None:
            raise left("--velocity and --velocities cannot be given together", EXIT_USAGE)
        self.models = None if models is None else velocity_models(models)
        self.columns_frame = self.stated = None
        if velocity is not None and velocity.startswith(_COLUMNS):
            self.columns_frame = asked(frame_named, velocity.removeprefix(_COLUMNS))
        elif velocity is not None:
            self.stated = asked(Velocity.stated, velocity)

    def of(
        self, given: Coordinate, station: str | None, columns_m_per_year: Floats | None
    ) -> Velocity | None:
        """Return the velocity of a point; raise FrameError where models know none."""
        if self.models is not None:
            return self.models.velocity(given, station)
        if self.columns_frame is None:
            return self.stated
        if columns_m_per_year is None:
            raise FrameError(f"--velocity {_COLUMNS}: no table has {','.join(VELOCITY_COLUMNS)}")
        return Velocity(columns_m_per_year, self.columns_frame, "columns")


def print_point(
    numbers: list[str],
    start: Start,
    targets: Targets,
    motion: Motion,
    *,
    station: str | None,
    as_json: bool,
) -> None:
    """Take one point there and print it."""
    given = done(Coordinate, _three_numbers(numbers), start[0], np.asarray(start[1]))
    velocity = done(motion.of, given, station, None)
    entry = done(targets.reached, given, velocity)
    typer.echo(json.dumps(entry, ensure_ascii=False) if as_json else _text(entry))


def print_table(
    csv: Path, start: Start, targets: Targets, motion: Motion, *, as_json: bool
) -> None:
    """Take the points of a table there, row by row so that the line of a wrong one is named."""
    table = done(read_table, text_of(csv), str(csv))
    points_m = done(table.numbers, POINT_COLUMNS)
    epochs = done(table.numbers, ("epoch",)) if "epoch" in table.columns else None
    moves = done(table.has, VELOCITY_COLUMNS) and motion.columns_frame is not None
    velocities = done(table.numbers, VELOCITY_COLUMNS) if moves else None
    found = []
    for number, (line, row) in enumerate(zip(table.lines, table.rows, strict=True)):
        try:
            _check_frame(row.get("frame", ""), start[0])
            epoch = start[1] if epochs is None else epochs[number, 0]
            given = Coordinate(points_m[number], start[0], np.asarray(epoch))
            columns = None if velocities is None else velocities[number]
            velocity = motion.of(given, row.get("station") or None, columns)
            found.append(targets.reached(given, velocity))
        except FrameError as error:
            sentence = f"{csv}:{line}: {error}"
            break
    else:
        _print_rows(table, found, as_json=as_json)
        return
    raise left(sentence)


def _check_frame(stated: str, start: Frame) -> None:
    """Raise FrameError where a row says another frame than --from: two may be in one file."""
    if stated and frame_named(stated).basis != start.basis:
        raise FrameError(f"the row is in {frame_named(stated)}, --from says {start}")


def _print_rows(table: Table, found: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print the rows with their own columns, those of the start replaced by those reached."""
    rows = [dict(row) for row in table.rows]
    if as_json:
        points = [row | entry for row, entry in zip(rows, found, strict=True)]
        typer.echo(json.dumps({"points": points}, ensure_ascii=False))
        return
    flat = [row | _flat(entry) for row, entry in zip(rows, found, strict=True)]
    typer.echo(written_table(list(flat[0]), flat), nl=False)


def _flat(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of one point: numbers as text, inner tables as plane_east_m and so on."""
    cells: dict[str, str] = {}
    for name, value in entry.items():
        if isinstance(value, Mapping):
            cells |= {f"{name}_{inner}": cell for inner, cell in _flat(value).items()}
        elif isinstance(value, float) and name != "epoch":
            cells[name] = f"{value:.{_DIGITS}f}"
        else:
            cells[name] = str(value)
    return cells


def _text(entry: Mapping[str, Any]) -> str:
    """Return one point for people."""
    cells = _flat(entry)
    width = max(map(len, cells))
    return "\n".join(f"{name:<{width}}  {cell}" for name, cell in cells.items())


def _rounded(value: Floats) -> float:
    return round(float(value), _DIGITS)


def _three_numbers(texts: list[str]) -> Floats:
    try:
        xyz_m = np.array([float(text) for text in texts])
    except ValueError:
        xyz_m = np.empty(0)
    if len(xyz_m) != 3:
        raise left("write the point as X Y Z, three numbers in metres, or --csv FILE", EXIT_USAGE)
    return xyz_m


def _plane(text: str) -> Plane:
    """Read `EPSG:4526`, `4526`, or a central meridian, `113.3E`."""
    number = text.strip().upper().removeprefix("EPSG:")
    if number.isdecimal() and len(number) == 4:
        return zone(int(number))
    try:
        meridian_deg = float(number.removesuffix("E"))
    except ValueError:
        meridian_deg = np.inf
    if not -180.0 <= meridian_deg <= 180.0:
        raise FrameError(f'--plane "{text}": write EPSG:4526, or a central meridian, 113.3E')
    return own_meridian(f"Gauss-Krueger CM {meridian_deg:g}E", meridian_deg)

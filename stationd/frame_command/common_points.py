"""The work of the command `tie`: common points of two systems, residuals, verdict.

Neither coordinates nor parameters are printed: residuals say all that the check is for.
"""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray

from stationd.frame_command.files import EXIT_FAILED, done, left, local_system, text_of
from stationd.geodesy.coordinate_table import POINT_COLUMNS, Table, read_table
from stationd.geodesy.coordinates import Coordinate
from stationd.geodesy.tie import TieCheck, checked_tie

Floats = NDArray[np.float64]

_PLANE: Final = ("east_m", "north_m")
_OFFICIAL: Final = "official_"
_HEIGHT: Final = ("official_height_", "_m")
_VERDICTS: Final = {True: "within", False: "beyond", None: "unknown"}


class Limits(NamedTuple):
    """What a point and a height may be off by, and what good coordinates differ by, metres."""

    point_m: float
    height_m: float
    sigma_m: float


class Adopted(NamedTuple):
    """What the parameters in force leave over at the points: official less computed.

    `plane_m` (n, 2) and by the names of the height systems `heights_m` (n,).  Nothing is fitted
    here: a shift of all points, which a fit would take up, shows.
    """

    plane_m: Floats
    heights_m: dict[str, Floats]

    def within(self, limits: Limits) -> bool:
        """Say whether every point and height is within its limit."""
        points = np.linalg.norm(self.plane_m, axis=-1) <= limits.point_m
        heights = [np.abs(column) <= limits.height_m for column in self.heights_m.values()]
        return all(bool(column.all()) for column in (points, *heights))


def check(points: Path, limits: Limits, local: Path | None, *, as_json: bool) -> None:
    """Print what common points say of the tie, and leave with 1 where it is beyond its limit."""
    table = done(read_table, text_of(points), str(points))
    adopted = None if local is None else _adopted(table, local)
    names = _PLANE if adopted is not None or "x_m" not in table.columns else POINT_COLUMNS
    official_m = done(table.numbers, [_OFFICIAL + name for name in names])
    start_m = done(table.numbers, names) if adopted is None else official_m - adopted.plane_m
    found = done(_checked, start_m, official_m, limits)
    report = _report(table, found, adopted, limits)
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else _text(report, found))
    if "beyond" in (report["verdict"], report.get("adopted_verdict")):
        raise typer.Exit(EXIT_FAILED)


def _checked(start_m: Floats, official_m: Floats, limits: Limits) -> TieCheck:
    return checked_tie(start_m, official_m, limit_m=limits.point_m, expected_sigma_m=limits.sigma_m)


def _adopted(table: Table, local: Path) -> Adopted:
    """Return what the adopted parameters leave over, in plane and heights."""
    official_m = done(table.numbers, [_OFFICIAL + name for name in _PLANE])
    coordinate = done(Coordinate.stated, done(table.numbers, POINT_COLUMNS), "CGCS2000@2000.0")
    here = done(local_system(local).of, coordinate)
    first, last = _HEIGHT
    heights_m: dict[str, Floats] = {}
    for column in table.columns:
        if column.startswith(first) and column.endswith(last):
            name = column.removeprefix(first).removesuffix(last)
            if name not in here.heights_m:
                raise left(f"{table.file}: {column}: {local} has no heights of that name")
            heights_m[name] = done(table.numbers, (column,))[:, 0] - here.heights_m[name]
    return Adopted(official_m - np.stack((here.east_m, here.north_m), axis=-1), heights_m)


def _report(
    table: Table, found: TieCheck, adopted: Adopted | None, limits: Limits
) -> dict[str, Any]:
    points: list[dict[str, Any]] = []
    for number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        point: dict[str, Any] = {"station": row.get("station") or f"line {line}"}
        point["residual_m"] = _rounded(found.residuals_m[number])
        point["outlier"] = bool(found.is_outlier[number])
        if adopted is not None:
            point["adopted_residual_m"] = _rounded(adopted.plane_m[number])
            for name, column in adopted.heights_m.items():
                heights = point.setdefault("adopted_height_residual_m", {})
                heights[name] = round(float(column[number]), 5)
        points.append(point)
    report: dict[str, Any] = {
        "verdict": _VERDICTS[found.within_limit],
        "limit_m": found.limit_m,
        "sigma_m": None if np.isnan(found.sigma_m) else round(found.sigma_m, 5),
        "parameters": 4 if found.residuals_m.shape[1] == 2 else 7,
        "outliers_sought": found.outliers_sought,
        "points": points,
    }
    if adopted is not None:
        report["adopted_verdict"] = _VERDICTS[adopted.within(limits)]
    return report


def _text(report: dict[str, Any], found: TieCheck) -> str:
    """Return the report for people, millimetres."""
    lines = []
    for point in report["points"]:
        adopted = [*point.get("adopted_residual_m", ())]
        adopted += point.get("adopted_height_residual_m", {}).values()
        mark = "  outlier" if point["outlier"] else ""
        beside = f"  adopted{_millimetres(adopted)}" if adopted else ""
        fit = _millimetres(point["residual_m"])
        lines.append(f"{point['station']:<12}{fit}{beside} mm{mark}")
    lines.append(found.sentence())
    if "adopted_verdict" in report:
        lines.append(f"adopted parameters: {report['adopted_verdict']} the limit at these points")
    return "\n".join(lines)


def _millimetres(values_m: list[float]) -> str:
    return "".join(f"{value * 1e3:+9.1f}" for value in values_m)


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 5) for value in values]

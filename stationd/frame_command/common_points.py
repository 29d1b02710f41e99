"""The work of the command `tie`: common points of two systems, residuals, verdict.

Neither coordinates nor parameters are printed: residuals say all that the check is for.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from stationd.frame_command.files import EXIT_FAILED, done, local_system, text_of
from stationd.geodesy.coordinate_table import POINT_COLUMNS, Table, read_table
from stationd.geodesy.coordinates import Coordinate
from stationd.geodesy.tie import TieCheck, checked_tie

Floats = NDArray[np.float64]

_PLANE: Final = ("east_m", "north_m")
_OFFICIAL: Final = "official_"
_VERDICTS: Final = {True: "within", False: "beyond", None: "unknown"}


def check(
    points: Path, *, limit_m: float, sigma_m: float, local: Path | None, as_json: bool
) -> None:
    """Print what common points say of the tie, and leave with 1 where it is beyond its limit."""
    table = done(read_table, text_of(points), str(points))
    computed_m = _local_plane(table, local) if local is not None else None
    names = _PLANE if computed_m is not None or "x_m" not in table.columns else POINT_COLUMNS
    official_m = done(table.numbers, [_OFFICIAL + name for name in names])
    start_m = done(table.numbers, names) if computed_m is None else computed_m
    found = done(_checked, start_m, official_m, limit_m, sigma_m)
    adopted_m = None if computed_m is None else official_m - computed_m
    report = _report(table, found, adopted_m)
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else _text(report, found))
    if "beyond" in (report["verdict"], report.get("adopted_verdict")):
        raise typer.Exit(EXIT_FAILED)


def _checked(start_m: Floats, official_m: Floats, limit_m: float, sigma_m: float) -> TieCheck:
    return checked_tie(start_m, official_m, limit_m=limit_m, expected_sigma_m=sigma_m)


def _local_plane(table: Table, local: Path) -> Floats:
    """Return the local plane coordinates of the points by the adopted parameters, (n, 2)."""
    xyz_m = done(table.numbers, POINT_COLUMNS)
    coordinate = done(Coordinate.stated, xyz_m, "CGCS2000@2000.0")
    here = done(local_system(local).of, coordinate)
    return np.stack((here.east_m, here.north_m), axis=-1)


def _report(table: Table, found: TieCheck, adopted_m: Floats | None) -> dict[str, Any]:
    points: list[dict[str, Any]] = []
    for number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        point: dict[str, Any] = {"station": row.get("station") or f"line {line}"}
        point["residual_m"] = _rounded(found.residuals_m[number])
        point["outlier"] = bool(found.is_outlier[number])
        if adopted_m is not None:
            point["adopted_residual_m"] = _rounded(adopted_m[number])
        points.append(point)
    report: dict[str, Any] = {
        "verdict": _VERDICTS[found.within_limit],
        "limit_m": found.limit_m,
        "sigma_m": None if np.isnan(found.sigma_m) else round(found.sigma_m, 5),
        "parameters": 4 if found.residuals_m.shape[1] == 2 else 7,
        "outliers_sought": found.outliers_sought,
        "points": points,
    }
    if adopted_m is not None:
        # The adopted parameters are not fitted to these points: even one point checks them.
        within = bool((np.linalg.norm(adopted_m, axis=-1) <= found.limit_m).all())
        report["adopted_verdict"] = _VERDICTS[within]
    return report


def _text(report: dict[str, Any], found: TieCheck) -> str:
    """Return the report for people, millimetres."""
    lines = []
    for point in report["points"]:
        shown = [f"{value * 1e3:+9.1f}" for value in point["residual_m"]]
        if "adopted_residual_m" in point:
            shown += [
                "  adopted",
                *(f"{value * 1e3:+9.1f}" for value in point["adopted_residual_m"]),
            ]
        mark = "  outlier" if point["outlier"] else ""
        lines.append(f"{point['station']:<12}{''.join(shown)} mm{mark}")
    lines.append(found.sentence())
    if "adopted_verdict" in report:
        lines.append(f"adopted parameters: {report['adopted_verdict']} the limit at these points")
    return "\n".join(lines)


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 5) for value in values]

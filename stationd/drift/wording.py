"""Reports as lines for people, in millimetres."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from stationd.units import MILLIMETRES_PER_METRE

_AXES: Final = ("east", "north", "up")
Report = dict[str, Any]


def worded(kind: str, reports: Sequence[Report]) -> str:
    """Return the reports of one kind as text."""
    return "\n".join(line for report in reports for line in _LINES[kind](report))


def _velocity(report: Report) -> list[str]:
    instead = f" (MIDAS: {report['reason']})" if "instead_of" in report else ""
    lines = [f"{_span(report)}, {report['method']}{instead}, mm/yr"]
    for axis, found in report["components"].items():
        if found is None:
            lines.append(f"  {axis:5} not given")
            continue
        pairs = f"  {found['pairs_used']} of {found['pairs']} pairs" if "pairs" in found else ""
        rate, sigma = _mm(found["velocity_m_per_year"]), _mm(found["sigma_m_per_year"])
        lines.append(f"  {axis:5} {rate:9.3f} +- {sigma:.3f}{pairs}")
    return lines


def _steps(report: Report) -> list[str]:
    count, threshold = len(report["steps"]), report["threshold"]
    below = report["largest_below_threshold"]
    lines = [
        f"{_span(report)}, {count} steps above {threshold:g}; the strongest below it {below:.1f}"
    ]
    lines += [_step(step, "") for step in report["steps"]]
    lines += [_step(step, "  (too small to be believed alone)") for step in report["small"]]
    if not report["complete"]:
        lines.append("  the search ended at its bound of steps: there may be more")
    return lines


def _step(step: Report, remark: str) -> str:
    sizes = ", ".join(
        f"{axis} {_mm(step['offset_m'][axis]):+.1f} +- {_mm(step['sigma_m'][axis]):.1f}"
        for axis in _AXES
        if step["offset_m"][axis] is not None
    )
    return f"  {step['epoch']:.4f}  {sizes} mm  {step['state']}: {step['reason']}{remark}"


def _noise(report: Report) -> list[str]:
    lines = [f"{_span(report)}, {report['noise']}"]
    for axis, found in report["components"].items():
        if found is None:
            lines.append(f"  {axis:5} not given")
            continue
        lines.append(
            f"  {axis:5} white {_mm(found['white_m']):.2f} "
            f"+- {_mm(found['white_sigma_m']):.2f} mm, "
            f"power law {_mm(found['power_law_m']):.2f} +- {_mm(found['power_law_sigma_m']):.2f} "
            f"mm/yr^{-found['index'] / 4:.2f} of index {found['index']:.2f} "
            f"+- {found['index_sigma']:.2f}"
        )
    return lines


def _yearly(report: Report) -> list[str]:
    lines = [report["summary"]]
    lines += [f"  {station['sentence']}" for station in report["stations"]]
    return lines


_LINES: Final[dict[str, Callable[[Report], list[str]]]] = {
    "velocity": _velocity,
    "steps": _steps,
    "noise": _noise,
    "yearly": _yearly,
}


def _span(report: Report) -> str:
    return (
        f"{report['station']} {report['frame'] or ''}".rstrip()
        + f"  {report['first_epoch']:.4f} to {report['last_epoch']:.4f}, {report['epochs']} epochs"
    )


def _mm(metres: float) -> float:
    return metres * MILLIMETRES_PER_METRE

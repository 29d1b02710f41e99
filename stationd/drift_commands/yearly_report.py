"""`drift yearly`: from series to signed sentences, one a station, and the same as data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from stationd.drift.decisions import judged
from stationd.drift.displacement import Displacement, displacement_of
from stationd.drift.reports import AXES, Asked, Report, filled, steps_of
from stationd.drift.series import Floats, Series
from stationd.drift.step_scan import TooShortError, scan_steps
from stationd.drift.steps import Step, StepState
from stationd.drift.yearly import Rules, StationVerdict, Verdict, yearly_test
from stationd.drift_commands.files import EXIT_USAGE, fail
from stationd.drift_commands.working import spread
from stationd.units import MILLIMETRES_PER_METRE

_HEADING: Final = ("station", "east_mm_per_year", "north_mm_per_year", "up_mm_per_year")


class Ask(NamedTuple):
    """What is asked of one station; a worker gets it."""

    series: Series
    asked: Asked
    days: int


class Found(NamedTuple):
    """What a worker answers: the displacement, and steps that no one has decided on."""

    moved: Displacement
    proposed: tuple[Step, ...]


def judge(ask: Ask) -> Found:
    """Return one station's displacement, and the steps that the scan proposes beside."""
    steps = steps_of(ask.series, ask.asked.known, ask.asked.decisions)
    moved = displacement_of(ask.series, steps, ask.days)
    try:
        scanned = scan_steps(filled(ask.series), steps).steps
        proposed = tuple(
            step
            for step in judged(scanned, ask.asked.decisions)
            if step.state is StepState.PROPOSED
        )
    except TooShortError:  # then the displacement says how little there is
        proposed = ()
    return Found(moved, proposed)


def yearly_report(
    many: Sequence[Series],
    asked: Asked,
    adopted_m_per_year: Mapping[str, Floats],
    rules: Rules,
    days: int,
) -> Report:
    """Return the verdicts on all stations; series of two frames end with exit code 1."""
    frames = sorted({series.frame for series in many if series.frame})
    if len(frames) > 1:
        fail(f"the series are in {' and '.join(frames)}: transform them first (stationd frame)")
    found = list(spread(judge, [Ask(series, asked, days) for series in many]))
    verdicts = yearly_test([one.moved for one in found], adopted_m_per_year, rules)
    stations = [
        _station(verdict, one.proposed) for verdict, one in zip(verdicts, found, strict=True)
    ]
    named = [v for v in verdicts if v.verdict in (Verdict.WITHIN, Verdict.EXCEEDS)]
    return {
        "summary": f"{len(named)} of {len(verdicts)} stations moved significantly; "
        f"{sum(v.verdict is Verdict.INSUFFICIENT for v in verdicts)} have insufficient evidence",
        "frame": frames[0] if frames else None,
        "rules": asdict(rules),
        "without_adopted_velocity": sorted(
            v.moved.station for v in verdicts if v.moved.station not in adopted_m_per_year
        ),
        "stations": stations,
    }


def _station(one: StationVerdict, proposed: Sequence[Step]) -> Report:
    moved = one.moved
    undecided = "".join(
        f"; a step at {step.t_years:.3f} is proposed: decide on it first" for step in proposed
    )
    return {
        "station": moved.station,
        "verdict": str(one.verdict),
        "against": one.against,
        "method": moved.method,
        "first_epoch": moved.first_years,
        "last_epoch": moved.last_years,
        "sessions": moved.sessions,
        "displacement_m": _axes(moved.enu_m),
        "sigma_m": _axes(moved.sigma_m),
        "residual_m": _axes(one.residual_m),
        "relative_m": _axes(one.relative_m),
        "relative_sigma_m": _axes(one.relative_sigma_m),
        "season_m": _axes(moved.season_m),
        "parts": {
            name: asdict(part) | {"verdict": str(part.verdict)} for name, part in one.parts.items()
        },
        "removed_steps": [
            {"epoch": step.t_years, "offset_m": step.offset_m, "reason": step.reason}
            for step in moved.removed
        ],
        "proposed_steps": [step.t_years for step in proposed],
        "sentence": one.sentence + undecided,
    }


def _axes(values: Floats) -> dict[str, float | None]:
    """Return east, north, up; None for what is not known, which JSON has no number for."""
    return {
        axis: None if np.isnan(value) else float(value)
        for axis, value in zip(AXES, values, strict=True)
    }


def adopted_velocities(path: Path | None) -> dict[str, Floats]:
    """Return the velocities (3,) in metres a year by station; what is wrong ends with code 2."""
    if path is None:
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--adopted {path}: {getattr(error, 'strerror', None) or error}", EXIT_USAGE)
    wanted = ",".join(_HEADING)
    if not lines or tuple(lines[0].replace(" ", "").split(",")) != _HEADING:
        fail(f"{path}, line 1: its heading must be {wanted}", EXIT_USAGE)
    found = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        station, *texts = (field.strip() for field in line.split(","))
        try:
            east, north, up = (float(text) for text in texts)
        except ValueError:
            fail(f"{path}, line {number}: is no line {wanted}", EXIT_USAGE)
        found[station] = np.array([east, north, up]) / MILLIMETRES_PER_METRE
    return found

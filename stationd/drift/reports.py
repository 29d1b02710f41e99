"""What the commands say about one series: velocity, steps, noise, as plain data in metres.

A component that a source does not give, and a figure that the series cannot carry, is None with
its reason beside it, never a zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from stationd.drift import midas
from stationd.drift.decisions import judged
from stationd.drift.known_step import KnownStep, of_station
from stationd.drift.model import Model, Transient
from stationd.drift.noise import NoiseKind
from stationd.drift.series import Series
from stationd.drift.step_scan import THRESHOLD, TooShortError, scan_steps
from stationd.drift.steps import (
    ATTRIBUTION_YEARS,
    Step,
    StepState,
    antenna_steps,
    attributed,
)
from stationd.drift.trajectory import Fit, NoEstimateError, fit_each

AXES: Final = ("east", "north", "up")
WARNING_SIGMAS: Final = 3.0  # between the velocity with steps and MIDAS without

Report = dict[str, Any]


class NoAnswerError(ValueError):
    """A series that cannot carry what was asked: which one, how much it holds, what it takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for.

    `known`: the steps that they stand for, of any station.  `decisions`: what was decided about
    proposed ones.
    """

    method: str = "midas"
    known: tuple[KnownStep, ...] = ()
    decisions: tuple[Step, ...] = ()
    threshold: float = THRESHOLD
    noise: NoiseKind = NoiseKind.WHITE_FLICKER
    acceleration: bool = False


def given_axes(series: Series) -> tuple[bool, bool, bool]:
    """Return which of east, north, up the source gives."""
    east, north, up = (bool(np.isfinite(column).any()) for column in series.enu_m.T)
    return east, north, up


def filled(series: Series) -> Series:
    """Return the series with zeros for a component that the source does not give."""
    given = np.array(given_axes(series))
    return series if given.all() else replace(series, enu_m=np.where(given, series.enu_m, 0.0))


def steps_of(
    series: Series, known: Sequence[KnownStep], decisions: Sequence[Step] = ()
) -> tuple[Step, ...]:
    """Return the steps of the series' station within its span that are confirmed.

    A known one that was rejected is none of them.
    """
    first, last = series.t_years[0], series.t_years[-1]
    listed = judged([one.as_step() for one in of_station(known, series.station)], decisions)
    decided = [one for one in decisions if one.station == series.station]
    epochs = [one.t_years for one in listed]
    added = [
        one
        for one in decided
        if not any(abs(one.t_years - epoch) <= ATTRIBUTION_YEARS for epoch in epochs)
    ]
    return tuple(
        one
        for one in (*listed, *added)
        if one.state is StepState.CONFIRMED and first < one.t_years <= last
    )


def model_of(steps: Sequence[Step], *, acceleration: bool = False) -> Model:
    """Return the trajectory model of confirmed steps."""
    return Model(
        steps=tuple(sorted({step.t_years for step in steps})),
        acceleration=acceleration,
        transients=tuple(Transient(step.t_years) for step in steps if step.seismic),
    )


def velocity_report(series: Series, asked: Asked) -> Report:
    """Return the velocity by the method asked for; MIDAS without pairs is answered by GLS.

    Raises NoAnswerError where neither can say anything.
    """
    steps = steps_of(series, asked.known, asked.decisions)
    epochs = tuple(step.t_years for step in steps)
    plain = midas.velocity(filled(series))
    report: Report = _head(series) | {
        "method": asked.method,
        "steps": sorted(set(epochs)),
    }
    if asked.method == "midas":
        found = midas.velocity(filled(series), epochs) if epochs else plain
        if not found.reason:
            report["components"] = _midas_components(series, found)
            return report | _warnings(series, report, plain if epochs else None)
        report |= {"method": "gls", "instead_of": "midas", "reason": found.reason}
    try:
        fits = fits_of(series, model_of(steps, acceleration=asked.acceleration), asked.noise)
    except NoAnswerError as error:
        midas_too = f"; MIDAS: {report['reason']}" if "instead_of" in report else ""
        raise NoAnswerError(f"{error}{midas_too}") from error
    report["components"] = {
        axis: None
        if one is None
        else {
            "velocity_m_per_year": one.velocity_m_per_year,
            "sigma_m_per_year": one.sigma_m_per_year,
        }
        for axis, one in fits.items()
    }
    return report | _warnings(series, report, None if plain.reason else plain)


def steps_report(series: Series, asked: Asked) -> Report:
    """Return the steps that the scan proposes beyond the known ones, each with what explains it.

    Raises NoAnswerError where the series is too short.
    """
    known = steps_of(series, asked.known, asked.decisions)
    try:
        scan = scan_steps(filled(series), known, asked.threshold)
    except TooShortError as error:
        raise NoAnswerError(str(error)) from error
    explained = judged(attributed(scan.steps, antenna_steps(series)), asked.decisions)
    return _head(series) | {
        "steps": [_step(step, given_axes(series)) for step in explained],
        "small": [_step(step, given_axes(series)) for step in scan.small],
        "known": [
            {"epoch": step.t_years, "reason": step.reason, "author": step.author} for step in known
        ],
        "threshold": scan.threshold,
        "largest_below_threshold": scan.largest_rejected,
        "white_m": dict(zip(AXES, scan.white_m, strict=True)),
        "flicker_m_per_year_quarter": dict(zip(AXES, scan.flicker_m_per_year_quarter, strict=True)),
        "weeks": scan.weeks,
        "outliers": scan.outliers,
        "complete": scan.complete,
    }


def noise_report(series: Series, asked: Asked) -> Report:
    """Return white and power-law noise of each component under the trajectory model."""
    model = model_of(
        steps_of(series, asked.known, asked.decisions), acceleration=asked.acceleration
    )
    fits = fits_of(series, model, asked.noise)
    return _head(series) | {
        "noise": str(asked.noise),
        "components": {axis: None if one is None else _noise(one) for axis, one in fits.items()},
    }


REPORTS: Final[dict[str, Callable[[Series, Asked], Report]]] = {
    "velocity": velocity_report,
    "steps": steps_report,
    "noise": noise_report,
}


def _head(series: Series) -> Report:
    return {
        "station": series.station,
        "frame": series.frame or None,
        "source": series.source,
        "first_epoch": float(series.t_years[0]),
        "last_epoch": float(series.t_years[-1]),
        "epochs": len(series),
    }


def _midas_components(series: Series, found: midas.MidasResult) -> Report:
    return {
        axis: {
            "velocity_m_per_year": float(found.velocity_m_per_year[row]),
            "sigma_m_per_year": float(found.sigma_m_per_year[row]),
            "pairs": found.pairs,
            "pairs_used": int(found.pairs_used[row]),
        }
        if given
        else None
        for row, (axis, given) in enumerate(zip(AXES, given_axes(series), strict=True))
    }


def fits_of(series: Series, model: Model, noise: NoiseKind) -> dict[str, Fit | None]:
    """Return the trajectory of each component, None for one that the source does not give.

    Raises NoAnswerError where the series does not carry the model.
    """
    given = given_axes(series)
    try:
        found = iter(fit_each(series.t_years, series.enu_m[:, list(given)], model, noise))
    except NoEstimateError as error:
        where = series.source or series.station
        raise NoAnswerError(f"{where}: {series.station}: {error}") from error
    return {axis: next(found) if has else None for axis, has in zip(AXES, given, strict=True)}


def _warnings(series: Series, report: Report, plain: midas.MidasResult | None) -> Report:
    """Return the warnings where step-free MIDAS says another velocity than the report."""
    warnings = []
    for row, axis in enumerate(AXES):
        component = report["components"][axis]
        if plain is None or component is None or not len(plain.velocity_m_per_year):
            continue
        difference = component["velocity_m_per_year"] - float(plain.velocity_m_per_year[row])
        sigma = float(np.hypot(component["sigma_m_per_year"], float(plain.sigma_m_per_year[row])))
        if abs(difference) > WARNING_SIGMAS * sigma:
            warnings.append(
                f"{series.station} {axis}: {1e3 * difference:+.2f} mm/yr from MIDAS without steps, "
                f"{abs(difference) / sigma:.1f} sigma: look at the list of steps"
            )
    return {"warnings": warnings}


def _step(step: Step, given: tuple[bool, bool, bool]) -> Report:
    return {
        "epoch": step.t_years,
        "offset_m": _sizes(step.offset_m, given),
        "sigma_m": _sizes(step.sigma_m, given),
        "significance": step.significance,
        "state": str(step.state),
        "reason": step.reason,
        "author": step.author,
        "decays": step.seismic,
    }


def _sizes(values: tuple[float, float, float] | None, given: tuple[bool, bool, bool]) -> Report:
    """Return east, north, up; None for what the source does not give."""
    return {
        axis: value if has else None
        for axis, value, has in zip(AXES, values or (None,) * 3, given, strict=True)
    }


def _noise(one: Fit) -> Report:
    noise = one.noise
    return {
        "white_m": noise.white_m,
        "white_sigma_m": noise.white_sigma_m,
        "power_law_m": noise.power_law,
        "power_law_sigma_m": noise.power_law_sigma,
        "index": noise.index,
        "index_sigma": noise.index_sigma,
        "velocity_m_per_year": one.velocity_m_per_year,
        "sigma_m_per_year": one.sigma_m_per_year,
    }

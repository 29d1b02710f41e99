"""A series as a figure that one would show: observations, model, steps, residuals.

Returns the bytes of a PNG or SVG.  matplotlib is an extra of the package (`stationd[plot]`) and
only this module loads it.
"""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stationd.drift.model import design
from stationd.drift.reports import AXES
from stationd.drift.series import Floats, Series
from stationd.drift.steps import Step, StepState
from stationd.drift.trajectory import Fit
from stationd.units import MILLIMETRES_PER_METRE

_DOTS: Final = "#9fb4c7"
_MODEL: Final = "#0b3c5d"
_COLOURS: Final = {StepState.CONFIRMED: "#1a7f37", StepState.PROPOSED: "#c2410c"}
_WIDE_INCHES, _HIGH_INCHES = 11.0, 9.0
_DPI: Final = 130
_MODEL_POINTS: Final = 1_500
# Of each component: the series takes three times the height of its residuals.
_HEIGHTS: Final = (3.0, 1.2) * 3


def drawing(
    series: Series, fits: Sequence[Fit | None], steps: Sequence[Step], kind: str = "png"
) -> bytes:
    """Return the figure of a series; `fits`: of east, north, up, None where not given.

    `steps`: confirmed ones are in the fits, proposed ones are only shown.  `kind`: png or svg.
    """
    figure = Figure(figsize=(_WIDE_INCHES, _HIGH_INCHES), layout="constrained")
    grid = figure.subplots(6, 1, sharex=True, gridspec_kw={"height_ratios": _HEIGHTS})
    for row, axis in enumerate(AXES):
        _component(grid[2 * row], grid[2 * row + 1], series, row, fits[row], axis)
        for step in steps:
            for panel in grid[2 * row : 2 * row + 2]:
                _mark(panel, step)
    _entitle(figure, series, steps)
    grid[-1].set_xlabel("year")
    span = float(series.t_years[-1] - series.t_years[0])
    grid[-1].set_xlim(series.t_years[0] - 0.01 * span, series.t_years[-1] + 0.01 * span)
    file = io.BytesIO()
    # Without a date the same series gives the same bytes.
    metadata = {"Date": None} if kind == "svg" else {"Software": "stationd"}
    with rc_context({"svg.hashsalt": series.station}):
        figure.savefig(file, format=kind, dpi=_DPI, metadata=metadata)
    return file.getvalue()


def _component(
    upper: Axes, lower: Axes, series: Series, row: int, fit: Fit | None, axis: str
) -> None:
    """Draw one component: without its velocity, so that steps and seasons can be seen."""
    for panel in (upper, lower):
        panel.grid(visible=True, color="#e5e7eb", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=8)
    upper.set_ylabel(f"{axis}\nmm", fontsize=9)
    lower.set_ylabel("residual", fontsize=8)
    if fit is None:
        upper.text(0.5, 0.5, "not given", transform=upper.transAxes, ha="center")
        return
    t = series.t_years
    modelled = fit.predict(t).value_m
    trend = _trend(fit, t)
    upper.plot(t, _mm(series.enu_m[:, row] - trend), ".", ms=2.0, color=_DOTS, rasterized=True)
    dense = np.linspace(t[0], t[-1], _MODEL_POINTS)
    line = _mm(fit.predict(dense).value_m - _trend(fit, dense))
    upper.plot(dense, line, "-", lw=1.3, color=_MODEL)
    residual = _mm(series.enu_m[:, row] - modelled)
    lower.plot(t, residual, ".", ms=1.5, color=_DOTS, rasterized=True)
    lower.axhline(0.0, lw=0.8, color=_MODEL)
    most = max(float(np.percentile(np.abs(residual), 99.5)), 1.0) * 1.3  # outliers may leave it
    lower.set_ylim(-most, most)
    rate, sigma = _mm(np.array([fit.velocity_m_per_year, fit.sigma_m_per_year]))
    noise = fit.noise
    upper.set_title(
        f"{rate:+.2f} ± {sigma:.2f} mm/yr (removed)   white {_mm(noise.white_m):.1f} mm, "
        f"flicker {_mm(noise.power_law):.1f} mm/yr$^{{1/4}}$",
        loc="right",
        fontsize=8,
        color="#374151",
        pad=3,
    )


def _trend(fit: Fit, t_years: Floats) -> Floats:
    """Return offset and velocity alone: the first two terms of every trajectory."""
    trend: Floats = design(fit.terms[:2], t_years) @ fit.parameters[:2]
    return trend


def _mark(panel: Axes, step: Step) -> None:
    if step.state in _COLOURS:
        style = "-" if step.state is StepState.CONFIRMED else "--"
        panel.axvline(step.t_years, ls=style, lw=1.0, color=_COLOURS[step.state], alpha=0.8)


def _entitle(figure: Figure, series: Series, steps: Sequence[Step]) -> None:
    frame = f" in {series.frame}" if series.frame else ""
    figure.suptitle(
        f"{series.station}{frame}: {len(series)} sessions, "
        f"{series.t_years[0]:.2f} to {series.t_years[-1]:.2f}",
        fontsize=13,
        fontweight="bold",
        x=0.01,
        ha="left",
    )
    for state, style in ((StepState.CONFIRMED, "-"), (StepState.PROPOSED, "--")):
        if any(step.state is state for step in steps):
            figure.axes[0].plot([], [], ls=style, color=_COLOURS[state], label=f"{state} step")
    figure.axes[0].plot([], [], "-", color=_MODEL, label="model")
    figure.axes[0].plot([], [], ".", color=_DOTS, label="session")
    figure.legend(loc="upper right", ncols=4, fontsize=8, frameon=False)


def _mm(metres: Floats | float) -> Floats:
    scaled: Floats = np.asarray(metres) * MILLIMETRES_PER_METRE
    return scaled

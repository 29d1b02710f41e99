"""Daily series of known truth: white and flicker noise, seasons, steps.

Flicker noise is made by filtering white noise as long as the series twice over, by Fourier
transforms (Kasdin 1995), apart from the covariances of `stationd.drift.noise`.
"""

from collections.abc import Sequence

import numpy as np

DAYS_PER_YEAR = 365.25
WHITE_M, FLICKER_M, ANNUAL_M = 0.0010, 0.0025, 0.002  # horizontal; m/yr^0.25 for flicker


def power_law(count: int, amplitude: float, rng, index: float = -1.0) -> np.ndarray:
    """Make daily power-law noise (count,) of an amplitude in m/yr^(-index/4)."""
    k = np.arange(1, count)
    filtering = np.cumprod(np.append(1.0, (k - 1 - index / 2) / k))
    size = 2 * count
    made = np.fft.irfft(
        np.fft.rfft(filtering, size) * np.fft.rfft(rng.standard_normal(count), size), size
    )[:count]
    return amplitude * DAYS_PER_YEAR ** (index / 4) * made


def epochs(years: float, first_years: float = 2010.0) -> np.ndarray:
    return first_years + np.arange(round(years * DAYS_PER_YEAR)) / DAYS_PER_YEAR


def component(  # noqa: PLR0917 - a truth has as many parts
    t_years: np.ndarray,
    rng,
    velocity_m_per_year: float = 0.0,
    white_m: float = WHITE_M,
    flicker_m: float = FLICKER_M,
    annual_m: float = ANNUAL_M,
    steps: Sequence[tuple[float, float]] = (),
    index: float = -1.0,
) -> np.ndarray:
    """Make one component at daily epochs; `steps`: epoch and offset in metres."""
    phase = rng.uniform(0, 2 * np.pi)
    made = velocity_m_per_year * (t_years - t_years[0])
    made = made + annual_m * np.sin(2 * np.pi * t_years + phase)
    made += white_m * rng.standard_normal(len(t_years))
    made += power_law(len(t_years), flicker_m, rng, index)
    for epoch, offset_m in steps:
        made[t_years >= epoch] += offset_m
    return made

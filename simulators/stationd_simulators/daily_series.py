"""Daily coordinate series of stations that do not exist: years in a moment, with their truth.

    position = velocity + annual + semi-annual + steps with relaxation + white + flicker noise

Flicker noise by Hosking's filter (1981) for the spectral index -1, as Bos et al. (2008) scale it:
an amplitude in m/yr^0.25 times the fourth root of the sampling interval in years. Days are lost
singly and in outages. Everything is drawn from a seed and the station's number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from stationd_simulators.faults.draws import generator
from stationd_simulators.propagation.geometry import geodetic
from stationd_simulators.scenario import Scenario, Station

Floats = NDArray[np.float64]
Vector = tuple[float, float, float]

DAYS_PER_YEAR: Final = 365.25
_MJD_2000: Final = 51_544  # of the day with which NGL's decimal years count 2000.0
# Noise of a good station, horizontally and up (geodesy: Mao et al. 1999 and own estimates).
WHITE_M: Final = (0.001, 0.001, 0.0035)
FLICKER_M: Final = (0.0025, 0.0025, 0.009)  # m/yr^0.25
# Where the plate takes stations about 23 N 113 E; the network's stations differ a little.
PLATE_M_PER_YEAR: Final = (0.0335, -0.0101, 0.0)


@dataclass(frozen=True, slots=True)
class SeriesStep:
    """A step at the beginning of a day, and what relaxes after it (logarithmically)."""

    mjd: int
    enu_m: Vector
    cause: str
    relaxation_enu_m: Vector = (0.0, 0.0, 0.0)
    decay_years: float = 1.0


@dataclass(frozen=True, slots=True)
class SeriesTruth:
    """All that a series was made from. Sine and cosine are of the year, from 1 January 2000."""

    station: str
    latitude_deg: float
    longitude_deg: float
    height_m: float
    velocity_m_per_year: Vector
    annual_sine_m: Vector = (0.0, 0.0, 0.0)
    annual_cosine_m: Vector = (0.0, 0.0, 0.0)
    semi_annual_sine_m: Vector = (0.0, 0.0, 0.0)
    semi_annual_cosine_m: Vector = (0.0, 0.0, 0.0)
    steps: tuple[SeriesStep, ...] = ()
    white_m: Vector = WHITE_M
    flicker_m: Vector = FLICKER_M
    lost_ratio: float = 0.03  # share of single days without a solution
    outages: tuple[tuple[int, int], ...] = ()  # first and last MJD without a solution


@dataclass(frozen=True, slots=True, eq=False)
class DailySeries:
    """What was solved each day: `mjd` (n,) whole days, `enu_m` (n, 3), `sigma_m` (n, 3)."""

    truth: SeriesTruth
    mjd: NDArray[np.int64]
    enu_m: Floats
    sigma_m: Floats


def decimal_years(mjd: NDArray[np.int64]) -> Floats:
    """Return decimal years as NGL counts them."""
    return 2000.0 + (mjd - _MJD_2000) / DAYS_PER_YEAR


def hosking(days: int) -> Floats:
    """Return the first weights of the filter that makes flicker of white noise."""
    k = np.arange(1, days, dtype=np.float64)
    weights: Floats = np.concatenate([[1.0], np.cumprod((k - 0.5) / k)])
    return weights


def flicker(random: np.random.Generator, days: int, amplitude_m: float) -> Floats:
    """Return flicker noise (days,) of an amplitude in m/yr^0.25."""
    scale_m = amplitude_m * (1.0 / DAYS_PER_YEAR) ** 0.25
    noise: Floats = fftconvolve(random.standard_normal(days), hosking(days))[:days]
    scaled: Floats = scale_m * noise
    return scaled


def trajectory_m(truth: SeriesTruth, mjd: NDArray[np.int64]) -> Floats:
    """Return the noise-free displacement (n, 3) from the first day of all."""
    years = (mjd - mjd[0]) / DAYS_PER_YEAR
    angle_rad = 2.0 * np.pi * decimal_years(mjd)
    path = np.outer(years, truth.velocity_m_per_year)
    for wave, enu_m in (
        (np.sin(angle_rad), truth.annual_sine_m),
        (np.cos(angle_rad), truth.annual_cosine_m),
        (np.sin(2.0 * angle_rad), truth.semi_annual_sine_m),
        (np.cos(2.0 * angle_rad), truth.semi_annual_cosine_m),
    ):
        path = path + np.outer(wave, enu_m)
    for step in truth.steps:
        since_years = np.clip((mjd - step.mjd) / DAYS_PER_YEAR, 0.0, None)
        path = path + np.outer(mjd >= step.mjd, step.enu_m)
        relaxed = np.log1p(since_years / step.decay_years)
        path = path + np.outer(relaxed, step.relaxation_enu_m)
    return path


def daily_series(truth: SeriesTruth, first_mjd: int, days: int, seed: int) -> DailySeries:
    """Return the series that a truth gives with one draw of its noise."""
    random = generator(seed, int.from_bytes(truth.station.encode()))
    mjd = np.arange(first_mjd, first_mjd + days, dtype=np.int64)
    enu_m = trajectory_m(truth, mjd)
    for axis in range(3):
        white_m = truth.white_m[axis] * random.standard_normal(days)
        enu_m[:, axis] += white_m + flicker(random, days, truth.flicker_m[axis])
    # A solution knows of its white noise only, and is a little over-confident in that.
    spread = 1.0 + 0.1 * random.standard_normal((days, 1))
    sigma_m = 0.7 * np.array(truth.white_m) * np.clip(spread, 0.6, 1.6)
    kept = random.random(days) >= truth.lost_ratio
    for first, last in truth.outages:
        kept &= (mjd < first) | (mjd > last)
    kept[0] = True
    return DailySeries(truth, mjd[kept], enu_m[kept], sigma_m[kept])


def drawn_truth(number: int, first_mjd: int, days: int, seed: int) -> SeriesTruth:
    """Return a station of a made-up network: the plate's velocity, and what is its own."""
    random = generator(seed, number)
    years = days / DAYS_PER_YEAR
    subsiding = random.random() < 0.25
    own_m_per_year = random.normal(0.0, (0.0008, 0.0008, 0.0005))
    if subsiding:
        own_m_per_year[2] -= random.uniform(0.003, 0.015)
    velocity = np.array(PLATE_M_PER_YEAR) + own_m_per_year
    steps = [_drawn_step(random, first_mjd, days) for _ in range(random.poisson(0.2 * years))]
    outages = [
        (begin, begin + int(random.integers(3, 60)))
        for begin in random.integers(first_mjd, first_mjd + days, random.poisson(0.3 * years))
    ]
    return SeriesTruth(
        station=f"S{number:03d}",
        latitude_deg=round(23.1 + random.uniform(-0.3, 0.3), 6),
        longitude_deg=round(113.3 + random.uniform(-0.4, 0.4), 6),
        height_m=round(random.uniform(5.0, 120.0), 3),
        velocity_m_per_year=_vector(velocity),
        annual_sine_m=_vector(random.normal(0.0, (0.0014, 0.0014, 0.0035))),
        annual_cosine_m=_vector(random.normal(0.0, (0.0014, 0.0014, 0.0035))),
        semi_annual_sine_m=_vector(random.normal(0.0, (0.0004, 0.0004, 0.001))),
        semi_annual_cosine_m=_vector(random.normal(0.0, (0.0004, 0.0004, 0.001))),
        steps=tuple(sorted(steps, key=lambda step: step.mjd)),
        outages=tuple(sorted((int(begin), int(end)) for begin, end in outages)),
    )


def scenario_truths(
    scenario: Scenario, first_mjd: int, days: int, seed: int
) -> Iterator[SeriesTruth]:
    """Yield the truth of each station of a scenario: its place, its motion, and a history."""
    for number, station in enumerate(scenario.stations, 1):
        drawn = drawn_truth(number, first_mjd, days, seed)
        yield replace(drawn, station=station.id, **_of_station(station))


def _of_station(station: Station) -> dict[str, Any]:
    place, motion = geodetic(np.array(station.position_m)), station.motion
    east, north, up = motion.velocity_m_per_year
    said: dict[str, Any] = {
        "latitude_deg": round(float(np.degrees(place.latitude_rad)), 6),
        "longitude_deg": round(float(np.degrees(place.longitude_rad)), 6),
        "height_m": round(place.height_m, 3),
    }
    if any(motion.velocity_m_per_year) or motion.subsidence_m_per_year:
        said["velocity_m_per_year"] = (east, north, up - motion.subsidence_m_per_year)
    if any(motion.annual_m):  # largest on 1 January: a cosine
        zero = (0.0, 0.0, 0.0)
        said |= {"annual_cosine_m": motion.annual_m, "annual_sine_m": zero}
    return said


def _drawn_step(random: np.random.Generator, first_mjd: int, days: int) -> SeriesStep:
    mjd = first_mjd + int(random.integers(30, max(31, days - 30)))
    size_m = random.normal(0.0, (0.007, 0.007, 0.012))
    cause = ("antenna", "receiver", "monument")[int(random.integers(3))]
    return SeriesStep(mjd, _vector(size_m), cause)


def _vector(values: Floats) -> Vector:
    east, north, up = (round(float(value), 6) for value in values)
    return east, north, up

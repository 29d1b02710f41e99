import csv

import numpy as np
import pytest
from drift.plain_reading import read, series_of
from hypothesis import given, settings
from hypothesis import strategies as st

from stationd.drift import midas

COMPONENTS = ("east", "north", "up")


def daily(years: float, velocity_m_per_year=(0.03, -0.01, 0.001), noise_m=0.001, seed=1):
    rng = np.random.default_rng(seed)
    days = np.arange(int(years * 365.25))
    t = 2010 + days / 365.25
    enu = np.outer(t - 2010, velocity_m_per_year) + noise_m * rng.standard_normal((len(t), 3))
    return series_of("TEST", 55197 + days, t, enu)


def reference_rows(real_data):
    with (real_data / "midas" / "midas_reference.csv").open() as file:
        return list(csv.DictReader(file))


def figures(row: dict[str, str], pattern: str) -> np.ndarray:
    return np.array([float(row[pattern.format(name)]) for name in COMPONENTS])


def test_velocities_are_those_of_the_published_program(real_data):
    rows = reference_rows(real_data)
    assert len(rows) == 16
    for row in rows:
        series = read(real_data / row["series"])
        found = midas.velocity(series, [float(s) for s in row["steps_year"].split()])
        case = f"{row['station']} with {row['steps']} steps"
        counted = (found.epochs, found.epochs_used, found.pairs, len(found.steps))
        expected = tuple(int(row[c]) for c in ("epochs", "epochs_used", "pairs", "steps"))
        assert counted == expected, case
        # Where pairs are few, the program's medians may be one rank off the true ones.
        within_m_per_year = 1.1e-5 if row["station"] == "DUTC" else 2e-5
        off = found.velocity_m_per_year - figures(row, "{}_m_per_yr")
        assert np.abs(off).max() < within_m_per_year, case
        assert found.sigma_m_per_year == pytest.approx(figures(row, "sigma_{}"), rel=0.02), case
        assert found.scatter_m_per_year == pytest.approx(figures(row, "sd_{}"), rel=0.03), case
        assert found.removed_ratio == pytest.approx(figures(row, "frac_removed_{}"), abs=0.011)
        if row["station"] != "USUD":  # its file does not begin at zero, as the test's reader does
            assert found.intercept_m == pytest.approx(figures(row, "{}_intercept_m"), abs=3e-5)


def quick_select(rank: int, values: list[float]) -> float:
    """Select as the published program does: the last two are put in order only at the second."""
    work = [0.0, *values]  # counted from one
    low, high = 1, len(values)
    while high > low + 1:
        middle = (low + high) // 2
        work[middle], work[low + 1] = work[low + 1], work[middle]
        for a, b in ((low, high), (low + 1, high), (low, low + 1)):
            if work[a] > work[b]:
                work[a], work[b] = work[b], work[a]
        i, j, pivot = low + 1, high, work[low + 1]
        while True:
            i += 1
            while work[i] < pivot:
                i += 1
            j -= 1
            while work[j] > pivot:
                j -= 1
            if j < i:
                break
            work[i], work[j] = work[j], work[i]
        work[low + 1], work[j] = work[j], pivot
        if j >= rank:
            high = j - 1
        if j <= rank:
            low = i
    if high == 2 and work[low] > work[high]:
        work[low], work[high] = work[high], work[low]
    return work[rank]


def compatible_median(values) -> float:
    rank = (len(values) + 1) // 2
    median = quick_select(rank, list(values))
    if len(values) % 2 == 0:
        median = 0.5 * (median + quick_select(rank + 1, list(values)))
    return median


def test_the_program_s_own_median_gives_all_it_prints(real_data):
    for row in reference_rows(real_data)[:2]:
        series = read(real_data / row["series"])
        steps = [float(s) for s in row["steps_year"].split()]
        found = midas.velocity_of(series.t_years, series.enu_m, steps, compatible_median)
        for value, pattern, digits in (
            (found.velocity_m_per_year, "{}_m_per_yr", 6),
            (found.sigma_m_per_year, "sigma_{}", 6),
            (found.scatter_m_per_year, "sd_{}", 6),
            (found.removed_ratio, "frac_removed_{}", 3),
        ):
            assert np.round(value, digits) == pytest.approx(figures(row, pattern), abs=1.1e-6)


def pairs_by_the_book(t, steps):
    """Select pairs as geodesy literature tells it, epoch by epoch."""
    tolerance, count, k, pairs = 0.001, len(t), 0, []
    for i in range(count):
        if t[i] > t[-1] + tolerance - 1:
            break
        ahead = [s for s in steps if t[i] < s + tolerance]
        if ahead and t[i] > ahead[0] + tolerance - 1:
            continue
        for j in range(i + 1, count):
            k = max(k, j)
            if ahead and t[j] > ahead[0] - tolerance:
                break
            if t[j] - t[i] - 1 < -tolerance:
                continue
            partner = j
            if t[j] - t[i] - 1 >= tolerance:
                partner = k
                if ahead and t[k] > ahead[0] - tolerance:
                    k = 0
                    continue
                k = 0 if k == count - 1 else k + 1
            pairs.append((i, partner))
            break
    return pairs


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 1400), min_size=6, max_size=120, unique=True),
    st.lists(st.integers(1, 1399), max_size=3, unique=True),
)
def test_pairs_over_gaps_and_steps_are_those_of_the_rule(days, step_days):
    t = 2015 + np.sort(np.array(days)) / 365.25
    steps = 2015 + np.sort(np.array(step_days, float)) / 365.25
    last = len(t) - 1
    expected = pairs_by_the_book(t, steps) + [
        (last - j, last - i) for i, j in pairs_by_the_book(-t[::-1], -steps[::-1])
    ]
    first, second = midas.pairs_of(t, list(steps))
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == expected


def test_a_velocity_without_noise_is_exact():
    found = midas.velocity(daily(3, noise_m=0.0))
    assert found.velocity_m_per_year == pytest.approx([0.03, -0.01, 0.001], abs=1e-9)
    assert found.sigma_m_per_year == pytest.approx(0, abs=1e-9)


def test_time_reversed_gives_the_same_velocity():
    series = daily(4)
    kept = np.random.default_rng(3).random(len(series)) < 0.6
    t, enu = series.t_years[kept], series.enu_m[kept]
    ahead = midas.velocity_of(t, enu, [2012.3])
    back = midas.velocity_of(-t[::-1], -enu[::-1], [-2012.3])
    assert back.velocity_m_per_year == pytest.approx(ahead.velocity_m_per_year, abs=1e-12)
    assert back.pairs == ahead.pairs


def test_seasons_and_a_tenth_of_outliers_leave_the_velocity():
    series = daily(5)
    series.enu_m[:, 0] += 0.005 * np.sin(2 * np.pi * series.t_years)
    series.enu_m[::10] += 1.0
    found = midas.velocity(series)
    assert found.velocity_m_per_year == pytest.approx([0.03, -0.01, 0.001], abs=2e-4)


def test_a_known_step_is_not_taken_for_motion():
    series = daily(3)
    series.enu_m[series.t_years > 2011.5] += 0.05
    assert abs(midas.velocity(series).velocity_m_per_year[0] - 0.03) > 0.002
    found = midas.velocity(series, [2011.5, 1999.0])
    assert found.steps == (2011.5,)
    assert found.velocity_m_per_year == pytest.approx([0.03, -0.01, 0.001], abs=2e-4)


def test_rows_without_coordinate_or_of_great_sigma_are_left_out():
    series = daily(3)
    series.sigma_m[:] = 0.002
    clean = midas.velocity(series)
    series.enu_m[100:110, 2] = np.nan
    series.enu_m[200:205] += 50.0
    series.sigma_m[200:205, 1] = 0.031
    found = midas.velocity(series)
    assert found.epochs == clean.epochs - 15
    assert found.velocity_m_per_year == pytest.approx(clean.velocity_m_per_year, abs=1e-4)


@pytest.mark.parametrize(
    ("years", "steps", "reason"),
    [
        (0.0, [], "0 epochs, 6 needed"),
        (0.01, [], "3 epochs, 6 needed"),
        (1.0, [], "0.997 years, 1.017 needed"),
        (
            1.9,
            [2010.95],
            "0 pairs of epochs a year apart without a step between them, 10 needed",
        ),
    ],
)
def test_too_little_is_a_value_that_says_why(years, steps, reason):
    found = midas.velocity(daily(years), steps)
    assert found.reason == reason
    assert np.isnan(found.velocity_m_per_year).all()
    assert np.isnan(found.sigma_m_per_year).all()

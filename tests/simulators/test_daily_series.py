"""Daily series: their noise has the spectrum it should, and readers of others take the files."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stationd.drift.midas import velocity_of
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.drift.reading.tenv3 import read
from stationd_simulators.daily_series import (
    WHITE_M,
    SeriesStep,
    SeriesTruth,
    daily_series,
    decimal_years,
    drawn_truth,
    flicker,
    hosking,
    trajectory_m,
)
from stationd_simulators.tenv3 import HEADING, day_text, tenv3_lines, write_tenv3

FIRST_MJD = 60_000
QUIET = SeriesTruth(
    "Q000", 23.1, 113.3, 20.0, (0.0335, -0.0101, 0.0), white_m=(0, 0, 0), flicker_m=(0, 0, 0),
    lost_ratio=0.0,
)  # fmt: skip


def test_the_filter_of_flicker_noise_is_that_of_the_binomial_series():
    # Hosking (1981): the weights are the coefficients of (1 - x)^(-1/2).
    assert hosking(5) == pytest.approx([1.0, 1 / 2, 3 / 8, 5 / 16, 35 / 128], abs=1e-15)


def test_flicker_noise_has_a_spectrum_that_falls_with_frequency():
    days, draws = 4096, 60
    power = np.zeros(days // 2 - 1)
    for seed in range(draws):
        noise = flicker(np.random.default_rng(seed), days, 1.0)
        power += np.abs(np.fft.rfft(noise * np.hanning(days))[1 : days // 2]) ** 2
    frequency = np.arange(1, days // 2)
    middle = slice(8, 400)
    slope = np.polyfit(np.log(frequency[middle]), np.log(power[middle]), 1)[0]
    assert slope == pytest.approx(-1.0, abs=0.06)


def test_flicker_noise_has_the_amplitude_that_is_asked_for():
    # Williams (2003, J. Geod. 76, eq. 10) with index -1: the one-sided spectrum at a frequency f
    # in cycles a year is 2 (2 pi)^-1 amplitude^2 / sqrt(samples a year) / f.
    days, draws, amplitude_m = 4096, 80, 0.0025
    window = np.hanning(days)
    power = np.zeros(days // 2 + 1)
    for seed in range(draws):
        noise = flicker(np.random.default_rng(1000 + seed), days, amplitude_m)
        power += np.abs(np.fft.rfft(noise * window)) ** 2
    step_years = 1 / 365.25
    density = 2.0 * power / draws * step_years / (window**2).sum()
    per_year = np.fft.rfftfreq(days, step_years)
    band = slice(10, 200)
    found_m = np.sqrt(np.median(density[band] * per_year[band]) * np.pi * np.sqrt(365.25))
    assert found_m == pytest.approx(amplitude_m, rel=0.05)


def test_without_noise_midas_gives_the_velocity_back_exactly():
    series = daily_series(replace(QUIET, annual_sine_m=(0.002, 0.001, 0.004)), FIRST_MJD, 1500, 1)
    t_years = 2000.0 + (series.mjd - 51_544) / 365.25
    found = velocity_of(t_years, series.enu_m)
    assert found.velocity_m_per_year == pytest.approx(QUIET.velocity_m_per_year, abs=2e-5)


def test_velocities_scatter_as_much_as_that_noise_makes_them():
    # Of three years of white noise of 1 mm (up 3.5) and flicker of 2.5 mm/yr^0.25 (up 9), with
    # annual terms, MIDAS finds velocities to 0.36 mm/yr (up 1.2): measured with another generator.
    errors = []
    for number in range(60):
        truth = replace(
            drawn_truth(number, FIRST_MJD, 1096, 77), steps=(), outages=(), white_m=WHITE_M
        )
        series = daily_series(truth, FIRST_MJD, 1096, 77)
        found = velocity_of(decimal_years(series.mjd), series.enu_m)
        errors.append(found.velocity_m_per_year - truth.velocity_m_per_year)
    scatter_mm = np.sqrt(np.mean(np.square(errors), axis=0)) * 1e3
    assert scatter_mm == pytest.approx([0.36, 0.36, 1.2], rel=0.3)


def test_a_step_and_its_relaxation_stand_where_they_were_put():
    step = SeriesStep(FIRST_MJD + 100, (0.01, 0.0, -0.02), "monument", (0.004, 0.0, 0.0), 0.5)
    truth = replace(QUIET, velocity_m_per_year=(0.0, 0.0, 0.0), steps=(step,))
    path = trajectory_m(truth, np.arange(FIRST_MJD, FIRST_MJD + 400))
    assert np.all(path[:100] == 0.0)
    assert path[100] == pytest.approx([0.01, 0.0, -0.02])
    assert path[100 + 183, 0] == pytest.approx(0.01 + 0.004 * np.log(1 + 183 / 365.25 / 0.5))


def test_days_are_lost_singly_and_in_outages():
    truth = replace(QUIET, lost_ratio=0.1, outages=((FIRST_MJD + 50, FIRST_MJD + 69),))
    series = daily_series(truth, FIRST_MJD, 2000, 3)
    assert not np.isin(np.arange(FIRST_MJD + 50, FIRST_MJD + 70), series.mjd).any()
    assert len(series.mjd) == pytest.approx(1980 * 0.9, rel=0.03)


def test_the_same_seed_gives_the_same_file_and_another_one_does_not():
    def text(seed: int) -> str:
        truth = drawn_truth(4, FIRST_MJD, 800, seed)
        return "\n".join(tenv3_lines(daily_series(truth, FIRST_MJD, 800, seed)))

    assert text(7) == text(7)
    assert text(7) != text(8)


def test_the_file_has_the_columns_of_ngl_and_its_days(real_data):
    sample = (real_data / "timeseries" / "ngl_CLV1_IGS14_sample.tenv3").read_text().splitlines()
    assert sample[0].strip() == HEADING
    for line in sample[1:]:
        fields = line.split()
        mjd = int(fields[3])
        assert day_text(mjd) == fields[1]
        truth = replace(QUIET, station=fields[0])
        written = list(tenv3_lines(daily_series(truth, mjd, 1, 1)))[1].split()
        assert written[:6] == fields[:6]
        assert len(written) == len(fields)


def test_latitude_and_longitude_move_with_the_station():
    truth = replace(QUIET, velocity_m_per_year=(1.0, -2.0, 0.5))
    lines = list(tenv3_lines(daily_series(truth, FIRST_MJD, 366, 1)))
    first, last = ([float(field) for field in line.split()[20:]] for line in (lines[1], lines[-1]))
    # A degree of latitude has 111 km here, one of longitude the cosine of 23.1 degrees of that.
    years = 365 / 365.25
    assert first == pytest.approx([23.1, 113.3, 20.0])
    assert (last[1] - first[1]) * 111_319.49 * 0.919821 == pytest.approx(1.0 * years, rel=1e-4)
    assert (last[0] - first[0]) * 111_319.49 == pytest.approx(-2.0 * years, rel=1e-4)
    assert last[2] - first[2] == pytest.approx(0.5 * years, abs=1e-5)


def test_the_drift_reader_gets_back_what_was_simulated(tmp_path):
    series = daily_series(drawn_truth(1, FIRST_MJD, 900, 5), FIRST_MJD, 900, 5)
    path = write_tenv3(series, tmp_path)
    document = Document(path.name, tuple(path.read_text().splitlines()))
    found = read(document, ReadingOptions()).series[0]
    assert found.mjd.tolist() == pytest.approx((series.mjd + 0.5).tolist(), abs=0.51)
    offset_m = found.enu_m - series.enu_m
    assert np.abs(offset_m - offset_m[0]).max() < 2e-6
    assert found.sigma_m == pytest.approx(series.sigma_m, abs=1e-6)


def test_the_truth_lies_beside_the_file(tmp_path):
    step = SeriesStep(FIRST_MJD + 20, (0.01, 0.0, -0.02), "monument")
    truth = replace(QUIET, lost_ratio=0.5, steps=(step,))
    series = daily_series(truth, FIRST_MJD, 500, 5)
    write_tenv3(series, tmp_path)
    beside = json.loads((tmp_path / "Q000.truth.json").read_text())
    assert beside["velocity_m_per_year"] == [0.0335, -0.0101, 0.0]
    assert beside["steps"][0]["mjd"] == FIRST_MJD + 20
    assert beside["steps"][0]["enu_m"] == [0.01, 0.0, -0.02]
    lines = (tmp_path / "Q000.tenv3").read_text().splitlines()
    assert beside["days"] == len(lines) - 1 < 400

"""The yearly test: sigmas of displacements, verdicts, and networks of known truth."""

import numpy as np
import pytest
from drift import synthetic

from stationd.drift.displacement import (
    Displacement,
    displacement_of,
    flicker_variance,
)
from stationd.drift.series import Series
from stationd.drift.step_scan import scan_steps
from stationd.drift.steps import Step, StepState
from stationd.drift.yearly import Rules, Verdict, yearly_test

UP = 3.5  # how much noisier up is
PLATE = np.array([0.0329, -0.0103, 0.0])


def station(rng, name, years=3.0, velocity=PLATE, steps=(), first=2010.0) -> Series:
    t = synthetic.epochs(years, first)
    columns = [
        synthetic.component(
            t,
            rng,
            velocity[axis],
            white_m=synthetic.WHITE_M * scale,
            flicker_m=synthetic.FLICKER_M * scale,
            annual_m=synthetic.ANNUAL_M * scale / 1.4 if axis == 2 else synthetic.ANNUAL_M,
            steps=[(epoch, size[axis]) for epoch, size in steps],
        )
        for axis, scale in enumerate((1.0, 1.0, UP))
    ]
    enu_m = np.column_stack(columns)
    nothing = np.full_like(enu_m, np.nan)
    mjd = 55000.5 + np.round((t - t[0]) * 365.25)
    return Series(name, t, mjd, enu_m, nothing, nothing, "ITRF2020")


def moved(name="AAAA", enu_m=(0.0, 0.0, 0.0), sigma_m=(0.001, 0.001, 0.003), reason=""):
    nothing = np.zeros(3)
    values = np.array(enu_m) if not reason else np.full(3, np.nan)
    return Displacement(
        name, "ITRF2020", "sessions", 2020.0, 2021.0, 60, values, np.array(sigma_m), nothing,
        reason=reason,
    )  # fmt: skip


# geodesy.md, 1.6: sigma of a year's displacement by sessions of k days, measured by simulation.
@pytest.mark.parametrize(
    ("days", "horizontal_mm", "up_mm"),
    [(1, 1.9, 6.8), (3, 1.4, 5.0), (7, 1.2, 4.3), (30, 0.95, 3.4), (365, 0.54, 2.0)],
)
def test_sigma_of_a_years_displacement_by_the_length_of_sessions(days, horizontal_mm, up_mm):
    first = 2010.0 + np.arange(days) / 365.25
    flicker = flicker_variance(first, first + 1.0)
    for white_m, flicker_m, known_mm in (
        (0.0010, 0.0025, horizontal_mm),
        (0.0035, 0.0090, up_mm),
    ):
        sigma_mm = 1e3 * np.sqrt(2 * white_m**2 / days + flicker_m**2 * flicker)
        assert sigma_mm == pytest.approx(known_mm, rel=0.03)


def test_sigma_of_session_differences_is_what_simulated_ones_scatter_by():
    rng = np.random.default_rng(1)
    found = [displacement_of(station(rng, "AAAA", 1.2, np.zeros(3)), days=30) for _ in range(60)]
    assert {one.method for one in found} == {"sessions"}
    scatter = np.std([one.enu_m for one in found], axis=0)
    stated = np.mean([one.sigma_m for one in found], axis=0)
    # The annual term of the simulation is 2 and 5 mm, as supposed; sqrt(1/120) is 9 %.
    assert np.all(np.abs(scatter / stated - 1.0) < 0.30)


def test_sessions_at_one_season_have_no_bias_and_at_opposite_ones_say_it():
    rng = np.random.default_rng(2)
    same = displacement_of(station(rng, "AAAA", 1.0 + 30 / 365.25), days=30)
    opposite = displacement_of(station(rng, "AAAA", 0.5 + 30 / 365.25), days=30)
    assert np.all(same.season_m < 0.0001)
    assert opposite.season_m == pytest.approx([0.004, 0.004, 0.010], rel=0.01)
    assert opposite.sigma_m[2] > 1.5 * same.sigma_m[2]


def test_from_a_year_and_a_half_the_season_is_estimated_and_removed():
    rng = np.random.default_rng(3)
    found = [displacement_of(station(rng, "AAAA", 1.58, np.zeros(3))) for _ in range(20)]
    assert all((one.season_m == 0.0).all() for one in found)
    normed = np.array([one.enu_m / one.sigma_m for one in found])
    assert 0.5 < np.sqrt(np.mean(normed**2)) < 1.4


def test_no_velocity_is_stated_under_two_years():
    rng = np.random.default_rng(4)
    short, long = (displacement_of(station(rng, "AAAA", years)) for years in (1.9, 2.1))
    assert (short.method, short.velocity_m_per_year) == ("sessions", None)
    assert long.method == "velocity"
    miss = long.velocity_m_per_year - PLATE
    assert np.all(np.abs(miss) < 4 * long.velocity_sigma_m_per_year)


def test_too_little_is_insufficient_evidence_with_how_much_there_is():
    rng = np.random.default_rng(5)
    one = displacement_of(station(rng, "AAAA", 0.2), days=30)
    (found,) = yearly_test([one])
    assert found.verdict is Verdict.INSUFFICIENT
    assert "30 and 30 sessions in the first and last 30 days of 0.20 years" in found.sentence


def solutions(years, enu_m, sigma_m=np.nan) -> Series:
    t, nothing = np.array(years), np.full((len(years), 3), np.nan)
    places = np.array(enu_m)
    return Series("AAAA", t, 365.25 * t, places, np.full_like(places, sigma_m), nothing)


def test_two_annual_solutions_are_compared_with_the_noise_of_their_days():
    annual = solutions([2019.5, 2020.5, 2021.5], [[0, 0, 0], [0.1, 0, 0], [0.134, -0.010, 0.002]])
    one = displacement_of(annual, days=7)
    assert (one.method, one.first_years, one.years) == ("solutions", 2020.5, 1.0)
    assert one.enu_m == pytest.approx([0.034, -0.010, 0.002])
    assert 1e3 * one.sigma_m == pytest.approx([1.2, 1.2, 4.3], rel=0.03)  # geodesy.md, 1.6
    assert one.season_m == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    (found,) = yearly_test([one], {"AAAA": np.array([0.033, -0.010, 0.0])})
    assert found.parts["horizontal"].verdict is Verdict.NOT_SIGNIFICANT


def test_solutions_with_larger_sigmas_of_their_own_keep_them():
    one = displacement_of(solutions([2020.5, 2021.5], np.zeros((2, 3)), 0.010), days=7)
    assert np.all(one.sigma_m > np.sqrt(2) * 0.010)


def test_a_step_between_two_solutions_is_insufficient_evidence():
    step = Step("AAAA", 2021.0, "antenna replaced", StepState.CONFIRMED, "log")
    one = displacement_of(solutions([2020.5, 2021.5], np.zeros((2, 3))), [step])
    (found,) = yearly_test([one])
    assert found.verdict is Verdict.INSUFFICIENT
    assert "antenna replaced at 2021.000 lies between the last two solutions" in found.sentence


def test_a_known_step_is_taken_off_and_named():
    rng = np.random.default_rng(6)
    series = station(rng, "AAAA", steps=[(2011.5, (0.009, -0.004, 0.012))])
    step = Step("AAAA", 2011.5, "antenna replaced", StepState.CONFIRMED, "work order 17")
    one = displacement_of(series, [step])
    (found,) = yearly_test([one], {"AAAA": PLATE})
    assert found.verdict is Verdict.NOT_SIGNIFICANT
    assert "antenna replaced at 2011.500 moved it by" in found.sentence
    miss = np.array(one.removed[0].offset_m) - (0.009, -0.004, 0.012)
    assert np.all(np.abs(miss) < 4 * np.array(one.removed[0].sigma_m))


def test_each_verdict_follows_from_size_sigma_and_tolerance():
    rules = Rules(horizontal_m=0.010, up_m=0.020)
    cases = {
        (0.002, 0.0, 0.0): Verdict.NOT_SIGNIFICANT,
        (0.008, 0.0, 0.0): Verdict.WITHIN,
        (0.008, 0.008, 0.0): Verdict.EXCEEDS,
        (0.0, 0.0, -0.018): Verdict.WITHIN,
        (0.0, 0.0, -0.022): Verdict.EXCEEDS,
    }
    for enu_m, verdict in cases.items():
        (found,) = yearly_test([moved(enu_m=enu_m)], rules=rules)
        assert found.verdict is verdict, enu_m
    # Nothing seen, but a motion as large as the tolerance would not have been seen either.
    (vague,) = yearly_test([moved(sigma_m=(0.004, 0.004, 0.004))], rules=rules)
    assert vague.verdict is Verdict.INSUFFICIENT


def test_a_motion_that_all_stations_share_is_no_motion_within_the_network():
    everyone = [moved(f"S{k:03}", (0.030, -0.020, 0.0)) for k in range(6)]
    everyone.append(moved("LOST", (0.050, -0.020, 0.0)))
    found = {one.moved.station: one for one in yearly_test(everyone)}
    assert found["S000"].verdict is Verdict.NOT_SIGNIFICANT
    assert found["LOST"].verdict is Verdict.EXCEEDS
    assert found["LOST"].relative_m[0] == pytest.approx(0.020)
    assert found["LOST"].residual_m[0] == pytest.approx(0.050)


def test_a_verdict_says_what_the_station_was_held_against():
    (none,) = yearly_test([moved()])
    (adopted,) = yearly_test([moved()], {"AAAA": np.zeros(3)})
    network = yearly_test([moved(f"S{k}") for k in range(4)])
    assert none.against == "first position (no velocity is adopted)"
    assert (adopted.against, network[0].against) == ("adopted velocity", "network")


def test_more_stations_make_each_test_stricter():
    one = moved(enu_m=(0.0042, 0.0, 0.0))
    (alone,) = yearly_test([one])
    among = yearly_test([one, *(moved(f"S{k}") for k in range(400))])
    assert alone.verdict is Verdict.WITHIN
    assert among[0].verdict is Verdict.NOT_SIGNIFICANT


def network(rng) -> tuple[dict[str, Verdict], str, bool]:
    """Return the verdicts on 20 stations of three years, the sentence of the one whose antenna
    was replaced, and whether the scan finds that replacement by itself.
    """
    sentences, displacements, seen = {}, [], False
    for number in range(20):
        name = f"S{number:03}"
        velocity, steps, known = PLATE.copy(), [], []
        if number == 3:
            velocity[:2] += 0.004 * np.array([np.cos(1.0), np.sin(1.0)])
        if number == 7:
            velocity[2] -= 0.008
        if number == 11:
            steps = [(2011.4, (0.007, 0.004, 0.010))]
            known = [Step(name, 2011.4, "antenna replaced", StepState.CONFIRMED, "log")]
        series = station(rng, name, velocity=velocity, steps=steps)
        if known:
            near = [abs(s.t_years - 2011.4) < 21 / 365.25 for s in scan_steps(series).steps]
            seen = any(near)
        displacements.append(displacement_of(series, known))
    adopted = {one.station: PLATE for one in displacements}
    found = yearly_test(displacements, adopted)
    sentences = {one.moved.station: one.sentence for one in found}
    return {one.moved.station: one.verdict for one in found}, sentences["S011"], seen


def networks(count: int, seed: int) -> int:
    """Judge `count` networks; return in how many a station is named that did not move."""
    rng = np.random.default_rng(seed)
    wrong = 0
    for _ in range(count):
        verdicts, sentence, seen = network(rng)
        assert verdicts.pop("S003") in (Verdict.WITHIN, Verdict.EXCEEDS)
        assert verdicts.pop("S007") in (Verdict.WITHIN, Verdict.EXCEEDS)
        assert seen
        assert "antenna replaced at 2011.400 moved it by" in sentence
        wrong += any(one in (Verdict.WITHIN, Verdict.EXCEEDS) for one in verdicts.values())
    return wrong


def test_both_stations_that_drift_are_named_and_the_antenna_change_is_attributed():
    assert networks(5, seed=7) == 0


@pytest.mark.campaign
def test_a_hundred_networks_have_false_verdicts_at_the_stated_rate():
    wrong = networks(100, seed=8)
    print(f"{wrong} of 100 networks with a false verdict, 5 stated")
    assert wrong <= 11  # binomial, 99 %

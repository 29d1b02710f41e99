"""Faults between the sky and the measurements."""

import numpy as np
import pytest
from simulators.faults.faulty import NOW, STATION, fault, moment, scenario

from stationd_simulators.faults import signals
from stationd_simulators.faults.seam import Change, Seen
from stationd_simulators.stream import StationStream


def sky(*rows: tuple[str, str, float, float]) -> Seen:
    satellite, code, elevation_deg, azimuth_deg = zip(*rows, strict=True)
    return Seen(
        satellite,
        code,
        np.radians(elevation_deg),
        np.radians(azimuth_deg),
        np.full(len(rows), 0.19),
        np.zeros(len(rows)),
    )


SKY = sky(
    ("G01", "1C", 80.0, 0.0), ("G01", "2W", 80.0, 0.0), ("G02", "1C", 20.0, 100.0),
    ("R05", "1C", 40.0, 200.0), ("C30", "2I", 60.0, 350.0),
)  # fmt: skip


def test_a_jammer_weakens_the_bands_that_it_is_told():
    change = signals.cn0_drop(SKY, signals.Strength(12.0, ("G1", "C2")), NOW)
    assert change.cn0_db.tolist() == [-12.0, 0.0, -12.0, 0.0, -12.0]
    assert signals.cn0_drop(SKY, signals.Strength(12.0), NOW).cn0_db.tolist() == [-12.0] * 5


def test_a_jammer_takes_a_share_of_the_satellites_and_the_same_ones_each_time():
    many = sky(*((f"G{n:02d}", "1C", 45.0, 10.0 * n) for n in range(1, 33)))
    strong = signals.Strength(12.0, (), lost_share_ratio=0.5)
    kept = signals.cn0_drop(many, strong, moment(1.0)).kept
    assert 8 <= kept.sum() <= 24
    assert kept.tolist() == signals.cn0_drop(many, strong, moment(50.0)).kept.tolist()


def test_a_sector_is_lost_clockwise_and_across_north():
    east = signals.sector_lost(SKY, signals.Sector(90.0, 210.0), NOW)
    assert east.kept.tolist() == [True, True, False, False, True]
    north = signals.sector_lost(SKY, signals.Sector(340.0, 10.0, below_deg=70.0), NOW)
    assert north.kept.tolist() == [True, True, True, True, False]


def test_slips_are_whole_cycles_that_stay_and_restart_the_lock():
    storm = signals.Slips(per_minute=20.0)
    slipped = np.zeros(len(SKY))
    for second in range(90):
        change = signals.slip_storm(SKY, storm, moment(float(second)))
        cycles = change.phase_range_m / SKY.wavelength_m
        assert cycles == pytest.approx(np.round(cycles), abs=1e-9)
        changed = np.abs(cycles - slipped) > 0.5
        assert np.all(changed == (change.lock_time_s == 0.0))
        if second >= 60:
            assert not changed.any()
        slipped = cycles
    assert np.abs(slipped).min() >= 0.0
    assert (slipped != 0).any()


def test_scintillation_flickers_while_it_lasts_and_leaves_only_slips():
    many = sky(*((f"E{n:02d}", "1C", 45.0, 10.0 * n) for n in range(1, 33)))
    mild = signals.Scintillation(s4_ratio=0.5, slips_per_minute=0.0, share_ratio=1.0)
    db = np.stack(
        [signals.scintillation(many, mild, moment(float(s), 600.0)).cn0_db for s in range(300)]
    )
    intensity = 10.0 ** (db / 10.0)
    assert intensity.std() / intensity.mean() == pytest.approx(0.5, rel=0.1)  # S4
    after = signals.scintillation(many, mild, moment(700.0, 600.0))
    assert not after.cn0_db.any()
    assert not after.phase_range_m.any()


def test_multipath_grows_is_worst_near_the_horizon_and_repeats_every_sidereal_day():
    echo = signals.Multipath(2.0, growing_s=60.0, period_s=300.0)
    times = np.arange(60.0, 4000.0, 7.0)
    waves = np.stack(
        [signals.multipath_growth(SKY, echo, moment(s, 9e9)).pseudorange_m for s in times]
    )
    sizes = np.abs(waves).max(axis=0)
    assert sizes[0] == pytest.approx(2.0 * np.cos(np.radians(80.0)), rel=0.02)
    assert sizes[2] == pytest.approx(2.0 * np.cos(np.radians(20.0)), rel=0.02)
    assert not signals.multipath_growth(SKY, echo, moment(0.0)).pseudorange_m.any()
    today, next_day = (
        signals.multipath_growth(SKY, echo, moment(s, 9e9)).pseudorange_m
        for s in (1000.0, 1000.0 + 86_164.1)
    )
    assert today == pytest.approx(next_day, abs=1e-5)


def test_a_clock_jump_moves_all_ranges_by_a_light_millisecond():
    change = signals.clock_jump(SKY, signals.ClockJump(0.001), NOW)
    assert change.pseudorange_m == pytest.approx(299_792.458)
    assert change.phase_range_m == pytest.approx(299_792.458)


def test_phases_that_do_not_jump_with_the_clock_get_whole_cycles_and_begin_anew():
    code_only = signals.clock_jump(SKY, signals.ClockJump(0.001, phase_too=False), NOW)
    assert code_only.pseudorange_m == pytest.approx(299_792.458)
    cycles = code_only.phase_range_m / SKY.wavelength_m
    assert cycles == pytest.approx(np.rint(cycles), abs=1e-6)
    assert np.abs(code_only.phase_range_m - code_only.pseudorange_m).max() < 0.3  # MSM holds 1171 m
    assert code_only.lock_time_s.tolist() == [NOW.elapsed_s] * len(SKY)
    little = signals.clock_jump(SKY, signals.ClockJump(1e-6, phase_too=False), NOW)
    assert not little.phase_range_m.any()
    assert np.isinf(little.lock_time_s).all()


def test_a_spoofer_moves_the_position_that_ranges_give():
    rng = np.random.default_rng(1)
    elevation, azimuth = np.arcsin(rng.uniform(0.2, 1.0, 12)), rng.uniform(0.0, 2 * np.pi, 12)
    seen = Seen(("G01",) * 12, ("1C",) * 12, elevation, azimuth, np.full(12, 0.19), np.zeros(12))
    away = signals.PullOff((0.5, -0.2, 0.1), clock_m_per_s=3.0)
    change = signals.pull_off(seen, away, moment(20.0))
    design = np.column_stack(
        [
            -np.cos(elevation) * np.sin(azimuth), -np.cos(elevation) * np.cos(azimuth),
            -np.sin(elevation), np.ones(12),
        ]
    )  # fmt: skip
    solved = np.linalg.lstsq(design, change.pseudorange_m, rcond=None)[0]
    assert solved == pytest.approx([10.0, -4.0, 2.0, 60.0])


def test_power_that_comes_back_lets_every_lock_begin_anew():
    during = signals.locked_anew(SKY, signals.PowerCycle(), moment(30.0))
    after = signals.locked_anew(SKY, signals.PowerCycle(), moment(75.0))
    assert not during.kept.any()
    assert after.kept.all()
    assert after.lock_time_s.tolist() == [15.0] * 5


def test_changes_compose_by_adding_and_by_what_is_left():
    one = signals.cn0_drop(SKY, signals.Strength(3.0), NOW)
    other = signals.sector_lost(SKY, signals.Sector(90.0, 210.0), NOW)
    both = Change.none(5).then(one).then(other).then(one)
    assert both.cn0_db.tolist() == [-6.0] * 5
    assert both.kept.tolist() == other.kept.tolist()


def test_an_epoch_is_measured_with_its_faults():
    quiet = scenario()
    loud = scenario(fault("cn0-drop", depth_db=9.0), fault("sector-lost", from_deg=0, to_deg=180))
    one, other = (
        StationStream(each, STATION).observations(each.start_gpst_s + 120.0)
        for each in (quiet, loud)
    )
    east = np.mod(one.azimuth_rad, 2 * np.pi) < np.pi
    assert 0 < len(other) == (~east).sum()
    assert other.cn0_dbhz == pytest.approx(one.cn0_dbhz[~east] - 9.0)
    assert other.pseudorange_m == pytest.approx(one.pseudorange_m[~east], abs=1e-6)


def test_a_jammer_that_is_strong_enough_takes_the_signals_away():
    jammed = scenario(fault("cn0-drop", depth_db=24.0))
    quiet, other = (
        StationStream(each, STATION).observations(each.start_gpst_s + 120.0)
        for each in (scenario(), jammed)
    )
    assert 0 < len(other) < len(quiet)
    assert other.cn0_dbhz.min() >= 15.0

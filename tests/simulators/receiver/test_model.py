"""The receiver's observations against each other and against what was asked for."""

from dataclasses import replace

import numpy as np
import pytest

from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.receiver.model import ReceiverModel
from stationd_simulators.receiver.observations import EpochObservations
from stationd_simulators.scenario import FULL_ERRORS, Errors, Motion, Station, Step

START_GPST_S = 2408 * 604_800.0 + 20_000.0
STATION = Station("A", (-2324156.7901, 5386277.7283, 2495068.3542))
LIGHT_M_PER_S = 299_792_458.0
NONE = Errors()


@pytest.fixture(scope="module")
def satellites() -> Satellites:
    return Satellites(Constellations.make("GRECJ", START_GPST_S, 3))


@pytest.fixture(scope="module")
def model(satellites):
    def make(errors: Errors = NONE, station: Station = STATION, seed: int = 9) -> ReceiverModel:
        return ReceiverModel(satellites, station, errors, START_GPST_S, seed)

    return make


def by_cell(epoch: EpochObservations, column: np.ndarray) -> dict[tuple[str, str], float]:
    cells = zip(epoch.satellite.tolist(), epoch.code.tolist(), strict=True)
    return dict(zip(cells, column.tolist(), strict=True))


def test_without_errors_the_bands_of_a_satellite_differ_by_group_delays_alone(model, satellites):
    epoch = model(Errors(troposphere="none")).epoch(START_GPST_S + 100.0)
    code_m = by_cell(epoch, epoch.pseudorange_m)
    delays = satellites.orbits.group_delay_s
    for name in sorted({name for name, _ in code_m}):
        clear_m = [
            value - LIGHT_M_PER_S * delays(satellite, code)
            for (satellite, code), value in code_m.items()
            if satellite == name
        ]
        assert np.ptp(clear_m) < 1e-6
    assert len({delays(name, code) for name, code in code_m if name[0] == "G"}) > 10


def test_phases_are_whole_cycles_away_and_within_what_msm_can_say(model):
    epoch = model().epoch(START_GPST_S + 100.0)
    quiet = replace(STATION, signals={"G": ("1C",), "E": ("1C",)})
    one = model(station=quiet).epoch(START_GPST_S + 100.0)
    galileo = one.letter == "E"
    assert galileo.any()
    assert np.abs(epoch.phase_range_m - epoch.pseudorange_m).max() < 1171.0
    # E1 and L1 C/A without TGD: what code and phase differ by is the ambiguity.
    delay_m = np.array(
        [LIGHT_M_PER_S * model()._satellites.orbits.group_delay_s(n, "1C") for n in one.satellite]
    )
    cycles = (one.phase_range_m - one.pseudorange_m + delay_m) / one.wavelength_m
    assert cycles == pytest.approx(np.round(cycles), abs=1e-5)
    assert len(np.unique(np.round(cycles))) > 5


def test_the_ionosphere_delays_code_and_advances_phase_by_its_frequency_squared(model):
    calm = model(Errors(troposphere="none")).epoch(START_GPST_S + 100.0)
    stormy = model(Errors(troposphere="none", ionosphere_tecu=60.0)).epoch(START_GPST_S + 100.0)
    code_m = stormy.pseudorange_m - calm.pseudorange_m
    phase_m = stormy.phase_range_m - calm.phase_range_m
    assert code_m == pytest.approx(-phase_m, abs=1e-6)
    first = {name: m for (name, code), m in by_cell(calm, code_m).items() if code == "1C"}
    second = {name: m for (name, code), m in by_cell(calm, code_m).items() if code == "2W"}
    ratios = [second[name] / first[name] for name in second if name in first]
    assert ratios == pytest.approx([(1575.42 / 1227.60) ** 2] * len(ratios), abs=1e-4)
    assert 0.5 < min(first.values()) < max(first.values()) < 40.0


def test_range_rates_are_those_of_phases(model):
    receiver = model(Errors(clock_s=2e-4, clock_drift_ratio=1e-7))
    before, now, after = (receiver.epoch(START_GPST_S + second) for second in (99.5, 100.0, 100.5))
    change_m = after.phase_range_m - before.phase_range_m
    assert now.range_rate_m_per_s == pytest.approx(change_m, abs=1e-3, rel=0)


def test_a_clock_that_is_ahead_lengthens_every_range_alike(model):
    right = model().epoch(START_GPST_S + 100.0)
    ahead = model(Errors(clock_s=1e-6)).epoch(START_GPST_S + 100.0)
    longer_m = ahead.pseudorange_m - right.pseudorange_m
    moved_m = right.range_rate_m_per_s * 1e-6  # it measures a microsecond earlier
    assert longer_m == pytest.approx(299.792458 - moved_m, abs=1e-5)


def test_a_jumping_clock_stays_within_half_a_millisecond(model):
    errors = Errors(clock_s=4.9e-4, clock_drift_ratio=1e-6, clock_jumps=True)
    receiver = model(errors)
    offsets = [receiver.clock.offset_s(START_GPST_S + second) for second in range(60)]
    assert max(map(abs, offsets)) <= 0.5e-3
    steps = np.diff(offsets)
    assert (steps < -0.9e-3).sum() == 1
    jump = int(np.argmin(steps))
    before, after = (receiver.epoch(START_GPST_S + jump + k) for k in (0, 1))
    moved_m = (after.phase_range_m - before.phase_range_m) - before.range_rate_m_per_s
    assert moved_m == pytest.approx(-299_792.458, abs=3.0)
    assert np.abs(after.phase_range_m - after.pseudorange_m).max() < 1171.0
    assert receiver.clock.drift_ratio(START_GPST_S + jump) == pytest.approx(1e-6, rel=0.2)


def test_phases_may_stay_when_the_clock_jumps_and_then_begin_anew(model):
    jumping = Errors(clock_s=4.9e-4, clock_drift_ratio=1e-6, clock_jumps=True)
    receiver = model(replace(jumping, clock_jumps_in_phase=False))
    both = model(jumping)
    offsets = [receiver.clock.offset_s(START_GPST_S + second) for second in range(60)]
    jump = int(np.argmin(np.diff(offsets)))
    steady, moved = [], []
    for second in range(60):
        epoch = receiver.epoch(START_GPST_S + second)
        other = both.epoch(START_GPST_S + second)
        assert np.array_equal(epoch.pseudorange_m, other.pseudorange_m)
        assert np.abs(epoch.phase_range_m - epoch.pseudorange_m).max() < 1171.0
        since_s = epoch.lock_time_s.max()
        assert since_s == pytest.approx(second - (jump + 0.5 if second > jump else 0), abs=0.51)
        # All but whole cycles of the millisecond that the pseudoranges lost is left in the phases.
        added = (epoch.phase_range_m - other.phase_range_m) / epoch.wavelength_m
        left = 299_792.458 / epoch.wavelength_m if second > jump else np.zeros(len(added))
        (moved if second > jump else steady).append(added - left - np.rint(added - left))
    assert np.abs(np.concatenate(steady)).max() < 1e-6
    assert np.abs(np.concatenate(moved)).max() < 1e-4


def test_noise_has_the_size_that_was_asked_for_and_grows_downwards(model):
    quiet, noisy = model(), model(Errors(code_noise_m=0.3, phase_noise_m=0.002))
    code_m, phase_m = [], []
    for second in range(40):
        one, other = (receiver.epoch(START_GPST_S + second) for receiver in (quiet, noisy))
        scaled = np.sin(one.elevation_rad)
        gps = (one.letter == "G") & (one.code == "1C")
        code_m.append(((other.pseudorange_m - one.pseudorange_m) * scaled)[gps])
        phase_m.append(((other.phase_range_m - one.phase_range_m) * scaled)[gps])
    assert np.concatenate(code_m).std() == pytest.approx(0.3, rel=0.15)
    assert np.concatenate(phase_m).std() == pytest.approx(0.002, rel=0.15)


def test_multipath_returns_after_a_sidereal_day_of_two_gps_orbits(model):
    clear, reflected = model(), model(Errors(multipath_m=0.3))

    def delays(elapsed_s: float) -> dict[tuple[str, str], float]:
        one, other = (m.epoch(START_GPST_S + elapsed_s) for m in (clear, reflected))
        return by_cell(one, other.pseudorange_m - one.pseudorange_m)

    today, tomorrow, same_time = delays(600.0), delays(600.0 + 86_164.0), delays(600.0 + 86_400.0)
    cells = [cell for cell in today if cell[0][0] == "G" and cell in tomorrow and cell in same_time]
    assert len(cells) > 15
    sidereal = [abs(tomorrow[cell] - today[cell]) for cell in cells]
    solar = [abs(same_time[cell] - today[cell]) for cell in cells]
    assert np.median(sidereal) < 0.02
    assert np.median(solar) > 3.0 * np.median(sidereal)
    assert 0.05 < max(map(abs, today.values())) <= 0.31


def test_half_cycles_are_flagged_while_polarity_is_unknown(model):
    receiver = model(Errors(slips_per_hour=0.5))
    young, old = receiver.epoch(START_GPST_S + 1.0), receiver.epoch(START_GPST_S + 10.0)
    assert young.half_cycle.all()
    assert not old.half_cycle.any()
    moved_m = (old.phase_range_m - young.phase_range_m) - (old.pseudorange_m - young.pseudorange_m)
    halves = moved_m / (old.wavelength_m / 2.0)
    assert halves == pytest.approx(np.round(halves), abs=1e-4)
    assert {0.0, 1.0} <= set(np.abs(np.round(halves)).tolist())
    assert not model().epoch(START_GPST_S + 1.0).half_cycle.any()  # noise-free has no such thing


def test_strength_follows_elevation_and_fades_with_scintillation(model):
    calm = model().epoch(START_GPST_S)
    gps = (calm.letter == "G") & (calm.code == "1C")
    expected = 35.0 + 15.0 * np.sin(calm.elevation_rad[gps])
    assert calm.cn0_dbhz[gps] == pytest.approx(expected)
    evening_s = START_GPST_S + (21.5 - 5.55 - 7.55) * 3600.0  # local solar time, at 113 E
    fading = model(Errors(scintillation_ratio=0.8))
    swings = [fading.epoch(evening_s + second) for second in range(30)]
    strengths = [by_cell(epoch, epoch.cn0_dbhz) for epoch in swings]
    spread = {cell: np.std([s[cell] for s in strengths if cell in s]) for cell in strengths[0]}
    assert max(spread.values()) > 2.0
    assert min(spread.values()) < 0.1  # satellites outside the patches


def test_strong_scintillation_breaks_locks_after_sunset_only(model):
    receiver = model(Errors(scintillation_ratio=1.0))

    def slips(hour: float) -> int:
        begin_s = START_GPST_S + (hour - 5.55 - 7.55) * 3600.0  # local solar time, at 113 E
        broken, before = 0, None
        for minute in range(20):
            epoch = receiver.epoch(begin_s + 60.0 * minute)
            locks = by_cell(epoch, epoch.lock_time_s)
            if before is not None:
                broken += sum(locks[cell] < before[cell] for cell in locks if cell in before)
            before = locks
        return broken

    assert slips(14.0) == 0
    assert slips(22.0) > 10
    weak = model(Errors(scintillation_ratio=0.4)).epoch(START_GPST_S + 8.9 * 3600.0)
    assert weak.lock_time_s.max() > 8.8 * 3600.0


def test_a_displacement_is_in_the_ranges(model):
    step = Step(50.0, (0.0, 0.0, 0.10))
    still, moving = model(), model(station=replace(STATION, motion=Motion(steps=(step,))))
    for elapsed_s, up_m in ((49.0, 0.0), (50.0, 0.10)):
        one, other = (m.epoch(START_GPST_S + elapsed_s) for m in (still, moving))
        shorter_m = one.pseudorange_m - other.pseudorange_m
        # The zenith delay shrinks with height, too: not by a path that moves 10 cm.
        assert shorter_m == pytest.approx(up_m * np.sin(one.elevation_rad), abs=1e-4)


def test_stations_of_a_network_share_the_sky_and_not_the_noise(model):
    twin = replace(STATION, id="B")
    one, other = (m.epoch(START_GPST_S) for m in (model(FULL_ERRORS), model(FULL_ERRORS, twin)))
    assert one.satellite.tolist() == other.satellite.tolist()
    assert not np.isin(one.pseudorange_m, other.pseudorange_m).any()


def test_the_signals_are_those_that_satellites_of_their_generation_send(model):
    station = replace(
        STATION, mask_deg=-90.0,
        signals={"G": ("1C", "2W", "2L", "5Q"), "C": ("2I", "6I", "1P", "5P", "7I"),
                 "E": ("1C", "5Q", "7Q", "6C"), "R": ("1C", "2C"), "J": ("1C", "2L", "5Q")},
    )  # fmt: skip
    of = model(station=station).signals
    sent = set(zip(of.name.tolist(), of.code.tolist(), strict=True))
    assert ("G02", "1C") in sent
    assert ("G02", "5Q") not in sent
    assert ("G05", "2L") in sent
    assert ("G05", "5Q") not in sent
    assert ("G03", "5Q") in sent
    assert ("C19", "1P") in sent
    assert ("C19", "7I") not in sent
    assert ("C01", "7I") in sent
    assert ("C01", "5P") not in sent

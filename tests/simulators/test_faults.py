"""Faults: what each does to truth, measurements, frames and bytes; pyrtcm reads what is said."""

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from pyrtcm import RTCMReader

from stationd_simulators.encoding import station_messages
from stationd_simulators.faults import FAULTS, frame_bits, messages, orbits, signals, truth, way
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Change, Kind, Link, Moment, Seen
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.scenario import Fault, Scenario, Station
from stationd_simulators.scenario_files import load, names
from stationd_simulators.stream import StationStream, constellations
from stationd_simulators.timed_bytes import TimedBytes

ARP_M = (-2324156.7901, 5386277.7283, 2495068.3542)
STATION = Station("FLT1", ARP_M, station_id=7)
NOW = Moment(1_456_000_000.0, 10.0, 60.0, 4711)


def moment(elapsed_s: float, duration_s: float = 60.0, seed: int = 4711) -> Moment:
    return Moment(1_456_000_000.0 + elapsed_s, elapsed_s, duration_s, seed)


def scenario(*faults: Fault) -> Scenario:
    return Scenario("test", "", 1, 1_456_000_000.0, 300.0, (STATION,), faults=faults)


def fault(kind: str, start_s: float = 100.0, duration_s: float = 50.0, **parameters) -> Fault:
    made = FAULTS[kind].parameters(**parameters)
    return Fault(kind, start_s, duration_s, ("FLT1",), made)


# --- the table ---------------------------------------------------------------------------------

NO_HOOKS = ("parameters", "meaning", "link", "lasting", "ends")
HOOKS = [f.name for f in fields(Kind) if f.name not in NO_HOOKS]


KINDS_WITH_SCENARIO = {one.kind for file in names() for one in load(file).faults}


@pytest.mark.parametrize("name", FAULTS)
def test_every_kind_takes_hold_somewhere_and_has_a_scenario(name):
    kind = FAULTS[name]
    assert any(getattr(kind, hook) is not None for hook in HOOKS)
    assert kind.parameters() is not None
    assert name in KINDS_WITH_SCENARIO


def test_every_function_of_the_modules_of_faults_is_in_the_table():
    used = {getattr(kind, hook) for kind in FAULTS.values() for hook in HOOKS}
    for module in (messages, orbits, signals, truth, way):
        for function in vars(module).values():
            public = callable(function) and getattr(function, "__module__", "") == module.__name__
            if public and not isinstance(function, type) and function.__name__[0] != "_":
                assert function in used, f"{module.__name__}.{function.__name__}"


# --- truth -------------------------------------------------------------------------------------


def test_a_step_stays_a_drift_stops_and_a_tilted_pillar_sinks_little():
    assert truth.step(truth.Displaced((0.02, 0.0, 0.0)), moment(500.0)) == (0.02, 0.0, 0.0)
    creep = truth.Drift((1e-4, 0.0, -2e-4))
    assert truth.drift(creep, moment(30.0)) == pytest.approx((3e-3, 0.0, -6e-3))
    assert truth.drift(creep, moment(500.0)) == pytest.approx((6e-3, 0.0, -12e-3))
    leaning = truth.Tilt(pillar_m=3.0, rate_rad_per_s=1e-3, azimuth_deg=90.0)
    east, north, up = truth.tilt(leaning, moment(60.0))
    assert np.hypot(east, 3.0 + up) == pytest.approx(3.0)  # the pillar keeps its length
    assert (east, north) == pytest.approx((3.0 * np.sin(0.06), 0.0))


def test_displacements_add_up_from_when_they_begin():
    faults = StationFaults(
        scenario(
            fault("displacement-step", 100.0, enu_m=(0.01, 0.0, 0.0)),
            fault("displacement-step", 200.0, enu_m=(0.02, 0.0, 0.5)),
        ),
        "FLT1",
    )
    begin_s = 1_456_000_000.0
    assert faults.displacement_enu_m(begin_s + 99.9) == (0.0, 0.0, 0.0)
    assert faults.displacement_enu_m(begin_s + 150.0) == (0.01, 0.0, 0.0)
    assert faults.displacement_enu_m(begin_s + 290.0) == pytest.approx((0.03, 0.0, 0.5))


def test_a_fault_concerns_the_stations_that_it_names_and_all_where_it_names_none():
    one = fault("displacement-step")
    assert StationFaults(scenario(one), "REF1").displacement_enu_m(2e9) == (0.0, 0.0, 0.0)
    everywhere = Fault(one.kind, 0.0, 1.0, (), one.parameters)
    assert StationFaults(scenario(everywhere), "REF1").displacement_enu_m(2e9)[0] == 0.02


# --- observations ------------------------------------------------------------------------------


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


# --- frames ------------------------------------------------------------------------------------

FRAMES = [
    station_messages.encode_1005(7, ARP_M),
    station_messages.encode_1006(7, ARP_M, 0.1),
    station_messages.encode_1007(7, "TRM59800.00     SCIS", 3),
    station_messages.encode_1008(7, "TRM59800.00     SCIS", 3, "12345"),
    station_messages.encode_1033(7, "TRM59800.00     SCIS", 3, "12345", ("RX", "1.2", "99")),
]


def parsed(frames: list[bytes]) -> list:
    return [RTCMReader.parse(frame) for frame in frames]


def text(message, first: str, count: str) -> str:
    length = getattr(message, count)
    return "".join(getattr(message, f"{first}_{n:02d}") for n in range(1, length + 1))


def test_the_arp_is_off_by_what_was_asked_for_and_the_rest_is_as_it_was():
    off = messages.arp_offset(FRAMES[:2], messages.Offset((0.005, -2.0, 0.0001)), NOW)
    for before, after in zip(parsed(FRAMES[:2]), parsed(off), strict=True):
        moved_m = [getattr(after, df) - getattr(before, df) for df in ("DF025", "DF026", "DF027")]
        assert moved_m == pytest.approx([0.005, -2.0, 0.0001], abs=1e-6)
        assert (after.DF003, after.DF022, after.DF142, after.DF364) == (
            before.DF003, before.DF022, before.DF142, before.DF364,
        )  # fmt: skip
    height_m = parsed(off)[1].DF028
    assert height_m == pytest.approx(0.1)


def test_the_arp_is_a_receivers_default():
    for message in parsed(messages.arp_default(FRAMES[:2], messages.Nothing(), NOW)):
        assert (message.DF025, message.DF026, message.DF027) == (0.0, 0.0, 0.0)


def test_the_antenna_height_is_another_one():
    height = messages.antenna_height(FRAMES, messages.Height(1.5), NOW)
    height_m = parsed(height)[1].DF028
    assert height_m == pytest.approx(1.5)
    assert height[0] == FRAMES[0]


def test_another_antenna_is_told_and_the_receiver_is_the_same():
    swapped = messages.antenna_swap(FRAMES, messages.Swap("LEIAR25.R3      LEIT", "77"), NOW)
    for message in parsed(swapped)[2:]:
        assert text(message, "DF030", "DF029") == "LEIAR25.R3      LEIT"
        assert message.DF031 == 3
    assert text(parsed(swapped)[3], "DF033", "DF032") == "77"
    last = parsed(swapped)[4]
    assert text(last, "DF033", "DF032") == "77"
    assert text(last, "DF228", "DF227") == "RX"
    assert text(last, "DF230", "DF229") == "1.2"
    assert text(last, "DF232", "DF231") == "99"


def test_another_stations_id_stands_in_real_frames_that_have_one(real_data):
    data = (real_data / "rtcm" / "pyrtcm_pygpsdata-NTRIP-USCL00CHL0.log").read_bytes()
    frames = [piece for piece in frame_bits.pieces(data) if frame_bits.is_frame(piece)]
    assert len(frames) > 20
    changed = messages.wrong_station_id(frames, messages.WrongId(4001), NOW)
    for before, after in zip(parsed(frames), parsed(changed), strict=True):
        assert after.identity == before.identity
        if hasattr(before, "DF003"):
            assert after.DF003 == 4001
        else:
            assert after.payload == before.payload


def test_message_types_are_left_out():
    left = messages.missing_types(FRAMES, messages.Types((1006, 1033)), NOW)
    assert [m.identity for m in parsed(left)] == ["1005", "1007", "1008"]


@pytest.mark.parametrize(("epoch_ms", "sent"), [(604_790_000, 2**30 - 10_000), (1000, 1000)])
def test_beidou_times_before_their_week_are_negative(epoch_ms, sent):
    msm = frame_bits.framed(bytes([1127 >> 4, (1127 & 15) << 4, 7]) + bytes(20))
    msm = frame_bits.with_bits(msm, 24, 30, epoch_ms)
    (after,) = messages.beidou_unwrapped([msm], messages.Nothing(), NOW)
    assert frame_bits.bits_of(after, 24, 30) == sent


MEAN_ANOMALY = {"1019": "DF088", "1042": "DF500", "1044": "DF437", "1045": "DF299", "1046": "DF299"}


def test_altered_ephemerides_differ_in_the_mean_anomaly_alone():
    one = scenario()
    satellites = constellations(one)
    frames = [f for s in range(31) for f in satellites.frames_due(one.start_gpst_s + s, 1.0)]
    moved = orbits.altered(frames, orbits.Altered(along_m=500.0), NOW)
    seen = set()
    for before, after in zip(parsed(frames), parsed(moved), strict=True):
        name = MEAN_ANOMALY.get(before.identity)
        if name is None:
            assert before.identity == "1020"  # below
            continue
        seen.add(before.identity)
        # An angle in semicircles, of an orbit of 27 000 km: 500 m are 5.9e-6.
        turned = (getattr(after, name) - getattr(before, name) + 1.0) % 2.0 - 1.0
        assert turned == pytest.approx(500.0 / 2.7e7 / np.pi, abs=1e-9)
        others = {k: v for k, v in vars(before).items() if k[:2] == "DF" and k != name}
        assert others == {k: v for k, v in vars(after).items() if k[:2] == "DF" and k != name}
    assert seen == set(MEAN_ANOMALY)


def test_altered_ephemerides_of_glonass_differ_in_the_position_along_the_velocity():
    one = replace(scenario(), constellations=("R",))
    satellites = constellations(one)
    frames = [f for s in range(31) for f in satellites.frames_due(one.start_gpst_s + s, 1.0)]
    only = orbits.Altered(along_m=-500.0, satellites=("R02", "R03"))
    places, speeds = ("DF112", "DF115", "DF118"), ("DF111", "DF114", "DF117")
    moved = {}
    for before, after in zip(
        parsed(frames), parsed(orbits.altered(frames, only, NOW)), strict=True
    ):
        kept = {k: v for k, v in vars(before).items() if k[:2] == "DF" and k not in places}
        assert kept == {k: v for k, v in vars(after).items() if k[:2] == "DF" and k not in places}
        way_m = [1e3 * (getattr(after, name) - getattr(before, name)) for name in places]
        speed = np.array([getattr(before, name) for name in speeds])
        if before.DF038 in (2, 3):
            # Each axis is rounded to half a metre.
            assert way_m == pytest.approx(-500.0 * speed / np.linalg.norm(speed), abs=0.26)
            moved[before.DF038] = way_m
        else:
            assert way_m == [0.0, 0.0, 0.0]
    assert set(moved) == {2, 3}


def test_stale_ephemerides_are_those_sent_before_the_fault_in_the_same_rhythm():
    times = [orbits.stale(NOW.gpst_s + s, orbits.Stale(30.0), moment(s)) for s in range(100)]
    begin_s = NOW.gpst_s
    assert max(times) < begin_s
    assert min(times) == begin_s - 30.0
    assert times[:30] == times[30:60] == times[60:90]


def test_new_ephemerides_are_sent_but_where_they_are_stale():
    one = load("stale-ephemeris")
    issues = {"FLT1": set(), "REF1": set()}
    satellites = Satellites(constellations(one))
    for name, seen in issues.items():
        station = replace(one.station(name), signals=dict.fromkeys("GREJC", ()))
        stream = StationStream(one, station, satellites)
        for number in range(int(one.duration_s)):
            for piece in stream.second(one.start_gpst_s + number):
                for message in parsed(list(frame_bits.pieces(piece.data))):
                    if message.identity == "1019":
                        seen.add((message.DF009, message.DF071))
    satellites_seen = {satellite for satellite, _ in issues["REF1"]}
    assert len(issues["FLT1"]) == len(satellites_seen) > 20
    assert len(issues["REF1"]) == 2 * len(satellites_seen)
    assert issues["FLT1"] < issues["REF1"]


# --- bytes -------------------------------------------------------------------------------------

BEGIN_S = 1_456_000_000.0
STEPS = [TimedBytes(BEGIN_S + n, FRAMES[n % 5] + FRAMES[1]) for n in range(300)]


def on_the_way(kind: str, **parameters) -> list[TimedBytes]:
    return list(StationFaults(scenario(fault(kind, **parameters)), "FLT1").timed(STEPS))


def outside(items: list[TimedBytes]) -> list[TimedBytes]:
    return [i for i in items if not BEGIN_S + 100.0 <= i.due_gpst_s < BEGIN_S + 150.0]


@pytest.mark.parametrize("kind", [name for name, kind in FAULTS.items() if kind.timed])
def test_bytes_outside_the_fault_are_untouched_and_in_order_of_time(kind):
    items = on_the_way(kind)
    assert [i.due_gpst_s for i in items] == sorted(i.due_gpst_s for i in items)
    before = [i for i in items if i.due_gpst_s < BEGIN_S + 100.0]
    assert before == STEPS[:100]
    assert [i.data for i in items if i.due_gpst_s > BEGIN_S + 160.0] == [
        i.data for i in STEPS[161:]
    ]
    assert items != STEPS


@pytest.mark.parametrize("kind", ["drop-out", "half-open", "silent", "lying-sourcetable"])
def test_nothing_comes_while_the_link_is_away(kind):
    assert on_the_way(kind) == outside(STEPS)
    faults = StationFaults(scenario(fault(kind)), "FLT1")
    assert faults.link(BEGIN_S + 99.0) is Link.UP
    assert faults.link(BEGIN_S + 100.0) is FAULTS[kind].link is not Link.UP
    assert faults.link(BEGIN_S + 150.0) is Link.UP


def test_late_bytes_are_late_and_none_overtakes_them():
    items = on_the_way("late", delay_s=5.0)
    assert b"".join(i.data for i in items) == b"".join(i.data for i in STEPS)
    late_s = [i.due_gpst_s - s.due_gpst_s for i, s in zip(items, STEPS, strict=True)]
    assert late_s[100:150] == [5.0] * 50
    assert late_s[150:155] == [4.0, 3.0, 2.0, 1.0, 0.0]


def test_what_was_held_back_comes_at_once():
    items = on_the_way("burst")
    assert [i.due_gpst_s for i in items[100:150]] == [BEGIN_S + 150.0] * 50
    assert [i.data for i in items] == [i.data for i in STEPS]


def test_a_trickle_is_as_thin_as_it_was_asked_to_be():
    drops = [i for i in on_the_way("trickle", bytes_per_s=30) if i not in outside(STEPS)]
    assert sum(len(i.data) for i in drops) == 30 * 50
    assert all(len(i.data) <= 3 for i in drops)


def test_a_share_of_the_epochs_comes_twice():
    items = on_the_way("duplicated", share_ratio=0.4)
    twice = [a for a, b in pairwise(items) if a == b]
    assert len(twice) == len(items) - 300
    assert 10 <= len(twice) <= 30


def test_epochs_change_places_and_none_is_lost():
    items = on_the_way("out-of-order", share_ratio=0.4)
    assert len(b"".join(i.data for i in items)) == len(b"".join(i.data for i in STEPS))
    assert b"".join(i.data for i in items) != b"".join(i.data for i in STEPS)


def test_as_many_bits_are_wrong_as_were_asked_for():
    items = on_the_way("bit-errors", per_bit_ratio=1e-2)
    wrong = sum(
        (a ^ b).bit_count()
        for item, step in zip(items, STEPS, strict=True)
        for a, b in zip(item.data, step.data, strict=True)
    )
    bits = 8 * sum(len(s.data) for s in STEPS[100:150])
    assert wrong == pytest.approx(0.01 * bits, rel=0.25)


def sound(data: bytes) -> int:
    return sum(map(frame_bits.is_frame, frame_bits.pieces(data)))


@pytest.mark.parametrize(("kind", "shorter"), [("truncated", True), ("crc-storm", False)])
def test_a_share_of_the_frames_is_damaged(kind, shorter):
    items = on_the_way(kind, share_ratio=0.3)
    data = b"".join(i.data for i in items)
    assert (len(data) < sum(len(s.data) for s in STEPS)) == shorter
    assert 600 - sound(data) == pytest.approx(30, abs=14)


def test_pieces_joined_are_the_data_even_where_a_frame_begins_within_another():
    inner = frame_bits.framed(b"\xd3\x00\x01" + bytes(5))
    data = b"$GNGGA,x*00\r\n" + inner + b"\xd3\x00" + inner[:-1] + inner
    parts = list(frame_bits.pieces(data))
    assert b"".join(parts) == data
    assert [p for p in parts if frame_bits.is_frame(p) and p == inner] == [inner, inner]


@pytest.mark.parametrize("kind", ["bit-errors", "truncated", "duplicated"])
def test_the_same_seed_damages_the_same_and_another_one_does_not(kind):
    assert on_the_way(kind) == on_the_way(kind)
    other = scenario(fault(kind))
    other = StationFaults(
        Scenario("test", "", 2, other.start_gpst_s, 300.0, (STATION,), faults=other.faults), "FLT1"
    )
    assert list(other.timed(STEPS)) != on_the_way(kind)

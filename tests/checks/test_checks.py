"""Each check against the trap it exists for; none is green without evidence."""

import math
from dataclasses import replace

import pytest

from stationd.checks import CHECKS
from stationd.facts import Health
from stationd.inputs import Instant, LinkChange, LinkState
from stationd.station.reading import Reading
from stationd.station.registration import (
    AntennaRecord,
    Expectation,
    ReferenceCoordinate,
    Registration,
)
from stationd.station.state import BroadcastArp, NmeaFix, StationState

OK, UNKNOWN, WARNING, CRITICAL = Health.OK, Health.UNKNOWN, Health.WARNING, Health.CRITICAL
BY_NAME = {check.name: check for check in CHECKS}
REFERENCE = ReferenceCoordinate(-2_324_156.79, 5_386_277.73, 2_495_068.35, "ITRF2020", 2025.5)
REGISTRATION = Registration(
    id="T",
    reference=REFERENCE,
    antenna=AntennaRecord(descriptor="TRM59800.00     SCIS", height_m=0.1),
    expect=Expectation(constellations=("G",), messages={1077: 1.0, 1006: 10.0}, station_id=7),
)


def reading(state, now_s, *, clock=True, satellites=None, cn0=None):
    now = Instant(1e9 + now_s, now_s)
    now_s = now.monotonic_s
    return Reading(
        now, state.registration, state, clock, satellites or {}, cn0 or {},
        state.completeness(now_s), state.latency_s(now_s),
    )  # fmt: skip


def judged(name, state, now_s, limits=None, **more):
    check = BY_NAME[name]
    return check.judge(reading(state, now_s, **more), limits or check.limits())


def streaming(seconds=120, registration=REGISTRATION, *, types=((1077, 1), (1006, 10))):
    """Return a station that has sent one epoch a second, of 600 bytes, until `seconds`."""
    state = StationState(registration, 0.0)
    state.link(LinkChange(LinkState.CONNECTED, "connected", Instant(1e9, 0.0)))
    for second in range(seconds):
        at = Instant(1e9 + second + 0.4, float(second))
        state.received(600, at)
        state.frames += len(types)
        for number, interval in types:
            if second % interval == 0:
                state.counted(number, float(second))
        state.track("G").observe(
            float(second), daily=False, monotonic_s=second, interval_s=1.0, more=False
        )
        state.latencies.append((float(second), 0.4))
        state.sample(second + 0.5)
    return state


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_is_green_before_any_evidence(name):
    state = StationState(replace(REGISTRATION, expect=Expectation(nmea=True)), 0.0)
    for nmea_state in (state, StationState(REGISTRATION, 0.0)):
        verdict = judged(name, nmea_state, 1.0, clock=None)
        assert verdict is None or verdict.health is UNKNOWN, verdict


def test_an_open_socket_without_data_is_not_healthy():
    state = StationState(REGISTRATION, 0.0)
    state.link(LinkChange(LinkState.CONNECTED, "connected", Instant(1e9, 0.0)))
    assert judged("silence", state, 10).health is UNKNOWN
    assert judged("silence", state, 25).health is WARNING
    assert judged("silence", state, 901).health is CRITICAL


def test_silence_has_an_outage_limit_of_its_own():
    state = streaming(100)
    assert judged("silence", state, 100).health is OK
    assert judged("silence", state, 121).health is WARNING
    assert judged("silence", state, 1000).health is CRITICAL


def test_a_trickle_is_no_stream():
    state = StationState(REGISTRATION, 0.0)
    for second in range(120):
        state.received(50, Instant(None, float(second)))
    verdict = judged("silence", state, 120)
    assert verdict.health is WARNING
    assert "bytes a second" in verdict.reason


@pytest.mark.parametrize("clock", [None, False])
def test_latency_is_withdrawn_when_the_host_clock_is_not_known_to_be_right(clock):
    verdict = judged("latency", streaming(), 120, clock=clock)
    assert verdict.health is UNKNOWN
    assert verdict.evidence["latency_s"] is None


def test_latency_is_a_median_and_old_epochs_say_nothing():
    state = streaming()
    assert judged("latency", state, 120).health is OK
    assert judged("latency", state, 500).health is UNKNOWN
    state.latencies.clear()
    state.latencies.extend([(119.0, 12.0)] * 3)
    assert judged("latency", state, 120).health is CRITICAL
    state.latencies.extend([(119.0, -30.0)] * 9)
    assert "future" in judged("latency", state, 120).reason


def test_a_constellation_that_never_came_is_missing_and_not_unknown():
    expect = replace(REGISTRATION.expect, constellations=("G", "E"))
    verdict = judged("completeness", streaming(120, replace(REGISTRATION, expect=expect)), 120)
    assert verdict.health is CRITICAL
    assert verdict.evidence == {"E_ratio": 0.0, "G_ratio": 1.0}


def test_completeness_moves_again_after_hours_because_it_is_a_window():
    state = streaming(4000)
    assert judged("completeness", state, 4000).health is OK
    assert judged("completeness", state, 4300).health is CRITICAL


def test_two_bad_frames_in_six_hundred_are_a_warning_and_ten_are_critical():
    state = streaming(590)
    state.crc_failures = 2
    assert judged("crc", state, 591).health is CRITICAL  # of the last minute: 2 of 110
    for second in range(591, 690):
        state.sample(float(second))
    assert judged("crc", state, 690).health is WARNING  # of ten minutes: 2 of 1002


def test_a_missing_type_is_found_at_its_own_interval():
    state = streaming(120, types=((1077, 1),))
    verdict = judged("schedule", state, 120)
    assert verdict.health is CRITICAL
    assert "1006" in verdict.reason


def test_a_rate_of_half_is_critical_and_one_message_at_the_edge_is_nothing():
    assert judged("schedule", streaming(), 120).health is OK
    assert judged("schedule", streaming(types=((1077, 2), (1006, 10))), 120).health is CRITICAL


def test_a_foreign_station_id_is_critical():
    state = streaming()
    state.identified(7)
    assert judged("schedule", state, 120).health is OK
    state.identified(8)
    assert judged("schedule", state, 120).health is CRITICAL


def test_reconnects_are_counted_over_an_hour():
    state = streaming()
    for at_s in (200.0, 300.0):
        state.link(LinkChange(LinkState.CONNECTED, "again", Instant(None, at_s)))
        state.received(600, Instant(None, at_s))
    assert judged("reconnects", state, 310).health is WARNING
    assert judged("reconnects", state, 4000).health is OK


def test_many_tries_of_one_outage_are_one_reconnect():
    state = streaming()
    for at_s in range(200, 400, 20):
        state.link(LinkChange(LinkState.CONNECTED, "connected, and silent", Instant(None, at_s)))
    verdict = judged("reconnects", state, 410)
    assert verdict.health is OK
    assert verdict.evidence == {"reconnects_per_hour": 1}


@pytest.mark.parametrize(
    ("offset_m", "health"), [(0.0, OK), (0.005, WARNING), (3.0, CRITICAL), (math.nan, CRITICAL)]
)
def test_the_broadcast_arp_is_held_against_the_registered_one(offset_m, health):
    state = streaming()
    x_m = 0.0 if math.isnan(offset_m) else REFERENCE.x_m + offset_m
    y_m, z_m = (0.0, 0.0) if math.isnan(offset_m) else (REFERENCE.y_m, REFERENCE.z_m)
    state.arp = BroadcastArp(x_m, y_m, z_m, 0.1, at_s=119.0)
    verdict = judged("arp", state, 120)
    assert verdict.health is health
    shown = f"{verdict.reason} {verdict.evidence}"
    assert "2324156" not in shown
    assert "5386277" not in shown


def test_an_antenna_height_other_than_registered_is_a_warning_and_an_old_arp_unknown():
    state = streaming()
    state.arp = BroadcastArp(REFERENCE.x_m, REFERENCE.y_m, REFERENCE.z_m, 0.25, at_s=119.0)
    assert judged("arp", state, 120).health is WARNING
    state.arp = BroadcastArp(REFERENCE.x_m, REFERENCE.y_m, REFERENCE.z_m, 0.1, at_s=50.0)
    assert judged("arp", state, 120).health is UNKNOWN


def test_another_antenna_is_critical_and_padding_is_not():
    state = streaming()
    assert judged("descriptors", state, 120).health is UNKNOWN
    state.described({"antenna_descriptor": "TRM59800.00 SCIS"}, 119.0)
    assert judged("descriptors", state, 120).health is OK
    state.described({"antenna_descriptor": "LEIAR25.R4 LEIT"}, 119.0)
    assert judged("descriptors", state, 120).health is CRITICAL


@pytest.mark.parametrize(("count", "health"), [(9, OK), (7, WARNING), (3, CRITICAL), (0, CRITICAL)])
def test_too_few_satellites(count, health):
    assert judged("satellites", streaming(), 120, satellites={"G": count}).health is health


def test_satellites_of_a_constellation_without_a_fresh_epoch_are_unknown():
    assert judged("satellites", streaming(), 120, satellites={}).health is UNKNOWN


def test_weak_second_frequency_does_not_flood_the_staff_but_weak_signals_do():
    fine = {("G", "1C"): 44.0, ("G", "2W"): 31.0}
    assert judged("cn0", streaming(), 120, cn0=fine).health is OK
    assert judged("cn0", streaming(), 120, cn0={**fine, ("E", "1C"): 38.0}).health is WARNING
    assert judged("cn0", streaming(), 120, cn0={("G", "1C"): 30.0}).health is CRITICAL


@pytest.mark.parametrize(
    ("fix", "now_s", "health"),
    [
        (NmeaFix(1, 12, 0.8, 100.0), 110, OK),
        (NmeaFix(0, 0, 99.9, 100.0), 110, CRITICAL),
        (NmeaFix(8, 12, 0.8, 100.0), 110, CRITICAL),
        (NmeaFix(1, 3, 2.0, 100.0), 110, WARNING),
        (NmeaFix(1, 12, 0.8, 100.0), 140, UNKNOWN),
    ],
)
def test_the_receivers_own_fix(fix, now_s, health):
    state = streaming()
    state.fix = fix
    assert judged("fix", state, now_s).health is health


def test_an_epoch_that_takes_two_messages_of_a_type_comes_at_its_rate():
    twice = StationState(replace(REGISTRATION, expect=Expectation(messages={1077: 1.0})), 0.0)
    for second in range(120):
        at = Instant(None, float(second))
        twice.received(1200, at)
        for _ in range(2):
            twice.counted(1077, at.monotonic_s, epoch_ms=1000 * second)
        twice.sample(second + 0.5)
    assert twice.messages[1077].count == 240
    assert judged("schedule", twice, 120).health is OK
    for second in range(120, 240):
        twice.received(1200, Instant(None, float(second)))
        for part in range(2):
            twice.counted(1077, float(second), epoch_ms=1000 * second + 500 * part)
        twice.sample(second + 0.5)
    assert judged("schedule", twice, 240).health is CRITICAL

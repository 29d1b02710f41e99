"""What is published of a station is fresh, bounded, and shows no coordinate."""

import math

from stationd.inputs import Instant, LinkChange, LinkState
from stationd.station.measurements import IDENTITY_STALE_S, STALE_S, measurements
from stationd.station.reading import Reading
from stationd.station.registration import ReferenceCoordinate, Registration
from stationd.station.state import OTHER_TYPES, TYPES_KEPT, BroadcastArp, NmeaFix, StationState
from stationd.wire.framing import Framer

REFERENCE = ReferenceCoordinate(-2_324_156.79, 5_386_277.73, 2_495_068.35, "ITRF2020", 2025.5)


def seen(state, now_s, *, clock=True):
    reading = Reading(
        Instant(None, now_s), state.registration, state, clock, {"G": 9}, {},
        state.completeness(now_s), state.latency_s(now_s),
    )  # fmt: skip
    return measurements(reading, Framer())


def streaming(**registration):
    state = StationState(Registration(id="T", **registration), 0.0)
    state.received(100, Instant(1.7e9, 10.0))
    for letter in "GC":
        track = state.track(letter)
        track.observe(1.0, daily=False, monotonic_s=10.0, interval_s=1.0, more=False)
        track.last_utc_s = 1.7e9
    state.latencies.append((10.0, 0.5))
    return state


def test_the_values_of_a_dead_stream_are_not_published_and_its_counters_are():
    state = streaming()
    assert seen(state, 11.0)["latency_s"] == {(): 0.5}
    dead = seen(state, 10.0 + STALE_S + 1)
    assert not {"latency_s", "satellites", "last_epoch_utc_s", "byte_rate_bytes_per_s"} & set(dead)
    assert dead["epochs"] == {("G",): 1, ("C",): 1}
    assert dead["last_data_utc_s"] == {(): 1.7e9}


def test_a_constellation_that_fell_silent_loses_its_newest_epoch_while_others_go_on():
    state = streaming()
    now_s = 10.0 + STALE_S + 1
    state.received(100, Instant(1.7e9, now_s))
    state.tracks["G"].observe(62.0, daily=False, monotonic_s=now_s, interval_s=1.0, more=False)
    assert set(seen(state, now_s)["last_epoch_utc_s"]) == {("G",)}


def test_latency_is_withdrawn_while_the_clock_is_not_known_to_be_right():
    state = streaming()
    assert "latency_s" not in seen(state, 11.0, clock=False)
    assert "latency_s" not in seen(state, 11.0, clock=None)


def test_a_fix_counts_while_it_is_fresh():
    state = streaming()
    state.fix = NmeaFix(4, 12, 0.8, at_s=10.0)
    assert seen(state, 11.0)["fix_quality"] == {(): 4}
    assert "fix_quality" not in seen(state, 10.0 + STALE_S + 1)
    state.fix = NmeaFix(4, None, None, at_s=10.0)
    assert not {"fix_satellites", "fix_hdop"} & set(seen(state, 11.0))


def test_an_arp_offset_is_published_while_fresh_and_never_of_a_default():
    state = streaming(reference=REFERENCE)
    state.arp = BroadcastArp(REFERENCE.x_m + 0.5, REFERENCE.y_m, REFERENCE.z_m, None, at_s=10.0)
    assert math.isclose(seen(state, 11.0)["arp_offset_m"][()], 0.5, abs_tol=1e-9)
    state.received(1, Instant(None, 10.0 + IDENTITY_STALE_S + 1))
    assert "arp_offset_m" not in seen(state, 10.0 + IDENTITY_STALE_S + 1)
    state.arp = BroadcastArp(0.0, 0.0, 0.0, None, at_s=10.0)
    assert "arp_offset_m" not in seen(state, 11.0)
    assert "2324156" not in repr(state.arp)


def test_types_beyond_the_limit_are_counted_as_other():
    state = streaming()
    for number in range(TYPES_KEPT + 50):
        state.counted(number, 10.0)
    assert state.messages[OTHER_TYPES].count == 50
    assert seen(state, 11.0)["messages"]["other",] == 50


def test_reconnects_are_connections_after_the_first():
    state = streaming()
    for state_ in (LinkState.CONNECTED, LinkState.LOST, LinkState.CONNECTED):
        state.link(LinkChange(state_, "because", Instant(None, 10.0)))
    values = seen(state, 11.0)
    assert (values["connected"], values["reconnects"]) == ({(): 1.0}, {(): 1})


def test_without_an_expected_id_no_id_is_foreign():
    state = streaming()
    state.identified(5, 1.0)
    state.identified(6, 2.0)
    assert (state.station_id, state.foreign_station_id) == (6, None)

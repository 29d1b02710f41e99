"""What each message does to a station's state, and what hostile ones do not."""

import math
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from station.rtcm_writing import (
    beidou_ephemeris,
    descriptors,
    framed,
    glonass_observations,
    gps_observations,
    msm4,
    reference_point,
    sentence,
    system_parameters,
)

from stationd.facts import Health, event_json
from stationd.gnss.time import MJD_OF_UNIX_EPOCH
from stationd.inputs import Chunk, Instant
from stationd.pipeline import StationLine, StationSettings, decode, tick
from stationd.station.calendar import Calendar, Rank
from stationd.station.intake import Intake, printable
from stationd.station.registration import Expectation, Registration
from stationd.station.state import StationState
from stationd.wire.framing import Framer
from stationd.wire.rtcm3.msm import decode_msm
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS

HERE_M = (2_324_156.1234, 5_386_277.4321, 2_400_123.9876)
AUGUST_2024 = datetime(2024, 8, 18, 21, 14, 7, tzinfo=UTC).timestamp()  # a Sunday
MJD_2024 = MJD_OF_UNIX_EPOCH + int(AUGUST_2024 // 86_400)
SECOND_2024 = int(AUGUST_2024 % 86_400)
SUNDAY_TOW_MS = (SECOND_2024 + 18) * 1000  # GPS time is 18 s ahead


class Station:
    """An intake that is fed one frame a second, as the line feeds it."""

    def __init__(self, **expect):
        registration = Registration(id="ulb1", expect=Expectation(**expect))
        self.state = StationState(registration, 0.0)
        self.intake = Intake(self.state, Calendar())
        self._seconds = count()

    def hear(self, *items: bytes, at_s=None, utc_s=None):
        at = Instant(utc_s, float(next(self._seconds)) if at_s is None else at_s)
        for item in items:
            self.state.received(len(item), at)
            for frame in Framer().feed(item + b"\r\n" * item.startswith(b"$")):
                if item.startswith(b"$"):
                    self.intake.sentence(frame.data, at)
                elif frame.number in MSM_NUMBERS:
                    self.intake.msm(decode_msm(frame.data), at)
                else:
                    self.intake.frame(frame.number, frame.data, at)
        return self

    def events(self):
        return self.intake.take_events()


def test_1006_gives_the_arp_and_1005_leaves_its_height():
    station = Station().hear(reference_point(*HERE_M, height_m=0.1234))
    assert station.state.arp.ecef_m == HERE_M
    assert station.state.arp.height_m == 0.1234
    station.hear(reference_point(*HERE_M))
    assert station.state.arp.height_m == 0.1234
    assert station.state.arp.at_s == 1.0
    assert station.events() == []


def test_an_arp_that_moves_is_an_event_in_metres_without_a_coordinate():
    station = Station().hear(reference_point(*HERE_M))
    station.hear(reference_point(HERE_M[0] + 0.03, HERE_M[1], HERE_M[2] - 0.04))
    [event] = station.events()
    assert (event.kind, event.subject) == ("identity", "arp")
    assert event.reason == "the broadcast ARP moved by 0.0500 m"
    assert event.evidence == {"moved_m": 0.05, "changes": 1}
    assert not any(text in str(event_json(event)) for text in ("2324156", "5386277", "2400123"))
    assert station.events() == []


def test_an_arp_that_moved_and_is_back_is_told_as_such():
    station = Station().hear(reference_point(*HERE_M))
    station.hear(reference_point(HERE_M[0] + 1, *HERE_M[1:]), reference_point(*HERE_M))
    [event] = station.events()
    assert event.reason == "the broadcast ARP moved 2 times and is back"
    assert event.evidence == {"moved_m": 0.0, "changes": 2}


def test_an_arp_that_becomes_a_default_is_told_without_metres_which_would_be_a_coordinate():
    station = Station().hear(reference_point(*HERE_M)).hear(reference_point(0, 0, 0))
    [event] = station.events()
    assert event.reason == "the broadcast ARP became a default coordinate"
    assert "moved_m" not in event.evidence
    assert station.state.arp.is_default


def test_a_changed_antenna_is_an_event_that_names_the_old_and_the_new():
    station = Station().hear(descriptors("TRM59800.00     SCIS", receiver="TRIMBLE ALLOY"))
    assert station.state.descriptors == {
        "antenna_descriptor": "TRM59800.00     SCIS",
        "receiver_descriptor": "TRIMBLE ALLOY",
    }
    assert station.events() == []
    station.hear(descriptors("LEIAR25.R4      LEIT", receiver="TRIMBLE ALLOY"))
    [event] = station.events()
    assert event.subject == "antenna_descriptor"
    assert event.reason == (
        'the antenna descriptor changed from "TRM59800.00 SCIS" to "LEIAR25.R4 LEIT"'
    )


def test_other_padding_is_no_change_and_an_empty_field_no_statement():
    station = Station().hear(descriptors("TRM59800.00     SCIS", serial="123"))
    station.hear(descriptors("TRM59800.00 SCIS"))
    assert station.events() == []
    assert station.state.descriptors["antenna_serial"] == "123"


def test_a_descriptor_that_is_no_longer_said_is_forgotten():
    station = Station().hear(descriptors("TRM59800.00", serial="123"), at_s=0.0)
    station.hear(descriptors("TRM59800.00"), at_s=601.0)
    assert station.state.descriptors == {"antenna_descriptor": "TRM59800.00"}


def test_a_changed_antenna_height_station_id_and_leap_seconds_are_events():
    station = Station().hear(reference_point(*HERE_M, height_m=0.1))
    station.hear(system_parameters(MJD_2024, SECOND_2024, 18))
    station.hear(reference_point(*HERE_M, height_m=0.25, station_id=9))
    station.hear(system_parameters(MJD_2024, SECOND_2024 + 2, 19, station_id=9))
    reasons = {event.subject: event.reason for event in station.events()}
    assert reasons == {
        "antenna_height": "the antenna height (1006) changed from 0.1000 m to 0.2500 m",
        "station_id": "the station id changed from 7 to 9",
        "leap_seconds": "the leap seconds (1013) changed from 18 s to 19 s",
    }
    assert station.state.leap_seconds_s == 19


def test_two_stations_mixed_into_one_stream_send_few_events_in_a_day_and_the_foreign_id_stays():
    station = Station(station_id=7)
    events = []
    for second in range(86_400):
        mine = second % 2 == 0
        antenna = "TRM59800.00" if mine else "LEIAR25.R4"
        shift_m = 0.0 if mine else 30_000.0
        if second % 10 < 2:
            station.hear(
                descriptors(antenna, station_id=7 if mine else 8),
                reference_point(HERE_M[0] + shift_m, *HERE_M[1:], station_id=7 if mine else 8),
                at_s=float(second),
            )
            assert second == 0 or station.state.foreign_station_id == 8
        events += station.events()
    by_subject = {event.subject for event in events}
    assert by_subject == {"antenna_descriptor", "arp", "station_id"}
    assert len(events) <= 3 * 30
    assert len({event.id for event in events}) == len(events)
    assert any("changes" in event.reason or "again" in event.reason for event in events)


def test_a_foreign_id_is_forgotten_when_it_has_stayed_away():
    station = Station(station_id=7).hear(gps_observations(0, station_id=8), at_s=0.0)
    assert station.state.foreign_station_id == 8
    station.hear(gps_observations(1000), at_s=1.0)
    assert station.state.foreign_station_id == 8
    station.hear(gps_observations(60_000), at_s=60.0)
    assert station.state.foreign_station_id is None


def test_legacy_observations_are_epochs_with_cells():
    station = Station()
    for second in range(3):
        station.hear(gps_observations(second * 1000), glonass_observations(second * 1000))
    assert {letter: t.epochs for letter, t in station.state.tracks.items()} == {"G": 3, "R": 3}
    [cells] = station.state.fresh_tracks(2.0)["R"]
    assert cells.values[3].tolist() == [45.0]
    assert station.state.messages[1002].count == 3


@pytest.mark.parametrize(
    "frame",
    [
        gps_observations(604_800_000),
        gps_observations((1 << 30) - 1000),
        glonass_observations(86_401_000),
        msm4(1074, 604_800_000),
        msm4(1124, (1 << 30) - 14_000),
        msm4(1084, 3 << 27 | 86_401_000),
        system_parameters(MJD_2024, 86_401),
        system_parameters(0, 0),
        beidou_ephemeris(5000, 3600),
    ],
    ids=(
        "1002",
        "1002 negative",
        "1010",
        "1074",
        "1124 negative",
        "1084",
        "1013 s",
        "1013",
        "1042",
    ),
)
def test_an_impossible_time_is_counted_and_moves_nothing(frame):
    station = Station().hear(system_parameters(MJD_2024, SECOND_2024))
    station.hear(gps_observations(SUNDAY_TOW_MS))
    before = station.intake.calendar.gpst_s
    station.hear(frame)
    assert station.state.impossible_epochs == 1
    assert station.intake.calendar.gpst_s == before
    assert list(station.state.tracks) == ["G"]
    assert station.state.tracks["G"].epochs == 1


def test_the_last_second_of_a_leap_second_day_is_possible_in_glonass():
    station = Station().hear(glonass_observations(86_400_999))
    assert (station.state.impossible_epochs, station.state.tracks["R"].epochs) == (0, 1)


def test_beidou_times_below_zero_after_the_week_rollover_are_refused_and_the_date_is_kept():
    """Some receivers send DF427 = 2^30 - 14,000 to 2^30 - 1,000: RTKLIB steps a week at each."""
    settings_ = StationSettings(Registration(id="ulb1"), all_limits())
    calendar = Calendar()
    # Saturday 2024-08-24, ten seconds before the GPS week ends.
    end_utc_s = datetime(2024, 8, 25, tzinfo=UTC).timestamp() - 18
    calendar.note_utc(end_utc_s - 10, Rank.STREAM)
    line = StationLine(settings_, Instant(end_utc_s - 10, 0.0), calendar)
    for second in range(40):
        gps_ms = (604_790 + second) % 604_800 * 1000
        beidou_ms = gps_ms - 14_000 if gps_ms >= 14_000 else (1 << 30) + gps_ms - 14_000
        data = msm4(1074, gps_ms, more=1) + msm4(1124, beidou_ms)
        line.receive(Chunk(data, Instant(end_utc_s - 10 + second, float(second))))
        decode([line])
    state = line.state
    assert state.impossible_epochs == 14
    assert state.tracks["C"].epochs == 26
    assert state.tracks["G"].last_utc_s == state.tracks["C"].last_utc_s == end_utc_s + 29
    assert all(abs(latency_s) < 1e-6 for _, latency_s in state.latencies)


def all_limits():
    from stationd.checks import CHECKS  # noqa: PLC0415 - only this test needs them

    return {check.name: check.limits() for check in CHECKS}


def test_an_unsound_frame_is_counted_and_an_unknown_type_only_counted():
    station = Station().hear(framed((1005, 12), (7, 12)), framed((1019, 12), (5, 6)))
    assert station.state.decode_errors == 2
    station.hear(framed((4094, 12), (1, 60)), framed((2999, 12)), framed((1060, 12), (0, 12)))
    assert station.state.decode_errors == 2
    assert {4094, 2999, 1060} <= station.state.messages.keys()


def test_no_more_types_are_kept_apart_than_fit():
    station = Station()
    for number in range(2000, 2500):
        station.hear(framed((number, 12), (0, 12)))
    assert len(station.state.messages) <= 129
    assert sum(seen.count for seen in station.state.messages.values()) == 500


def test_gga_gives_the_fix_whatever_the_talker():
    station = Station().hear(
        sentence("GNGGA,132820.60,4134.49821229,N,09345.03351845,W,4,09,1.0,278.020,M,-31.4,M,,")
    )
    fix = station.state.fix
    assert (fix.quality, fix.satellites, fix.hdop, fix.at_s) == (4, 9, 1.0, 0.0)
    station.hear(sentence("QQGGA,132821.60,,,,,0,,,,M,,M,,"))
    assert (station.state.fix.quality, station.state.fix.hdop) == (0, None)


@pytest.mark.parametrize(
    "body",
    [
        "GPGGA,1,4134.4,N,09345.0,W,2,09,nan,1,M,1,M,,",
        "GPGGA,1,4134.4,N,09345.0,W,2,09,inf,1,M,1,M,,",
        "GPGGA,1,4134.4,N,09345.0,W,x,09,1,1,M,1,M,,",
        "GPGGA,1,9934.4,N,09345.0,W,2,09,1,1,M,1,M,,",
        "GPZDA,000000.00,31,02,2024,,",
        "GPZDA,000000.00,31,02,999999999999,,",
    ],
)
def test_a_sentence_of_hostile_values_is_counted_and_leaves_the_state_as_it_was(body):
    station = Station().hear(sentence(body))
    assert (station.state.decode_errors, station.state.fix) == (1, None)
    assert station.intake.calendar.rank is None


def test_rmc_and_zda_date_the_stream_unless_the_receiver_has_no_fix():
    warned = Station().hear(sentence("GNRMC,211407.00,V,,,,,,,180824,,,N"))
    assert warned.intake.calendar.rank is None
    blind = Station().hear(sentence("GPGGA,211407.00,,,,,0,,,,M,,M,,"))
    blind.hear(sentence("GPZDA,211407.00,18,08,2024,,"))
    assert blind.intake.calendar.rank is None
    for body in ("GNRMC,211407.00,A,,,,,,,180824,,,A", "GPZDA,211407.00,18,08,2024,,"):
        station = Station().hear(sentence(body)).hear(gps_observations(SUNDAY_TOW_MS))
        assert station.intake.calendar.rank is Rank.STREAM
        assert station.state.tracks["G"].last_utc_s == AUGUST_2024


def test_a_date_that_the_sentences_keep_contradicting_is_given_up():
    station = Station().hear(sentence("GPZDA,211407.00,18,08,2014,,"))
    for _ in range(40):  # one in ten is read, three must agree
        station.hear(sentence("GPZDA,211407.00,18,08,2024,,"))
    station.hear(gps_observations(SUNDAY_TOW_MS))
    assert station.state.tracks["G"].last_utc_s == AUGUST_2024


def test_descriptors_are_made_fit_for_a_log_line():
    assert printable("TRM59800.00\0\0  ") == "TRM59800.00"
    assert printable("A\x1b[31m\nB\x7f") == "A?[31m?B?"


def test_an_epoch_dated_by_the_stream_has_a_latency():
    station = Station().hear(system_parameters(MJD_2024, SECOND_2024))
    station.hear(gps_observations(SUNDAY_TOW_MS), utc_s=AUGUST_2024 + 0.7)
    [(_, latency_s)] = station.state.latencies
    assert latency_s == pytest.approx(0.7)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from((1002, 1005, 1013, 1019, 1020, 1033, 1042, 1046, 1074)),
                          st.binary(min_size=2, max_size=120)), max_size=40))  # fmt: skip
def test_any_content_leaves_a_state_that_can_be_judged(messages):
    line = StationLine(
        StationSettings(Registration(id="ulb1"), all_limits()), Instant(AUGUST_2024, 0.0)
    )
    for second, (number, content) in enumerate(messages):
        at = Instant(AUGUST_2024 + second, float(second))
        line.receive(
            Chunk(framed((number, 12), (content[0] & 15, 4), *((b, 8) for b in content)), at)
        )
    [facts] = tick([line], Instant(AUGUST_2024 + 60, 60.0), clock_synchronised=True)
    assert facts.health in Health
    assert all(
        math.isfinite(value) for values in facts.measurements.values() for value in values.values()
    )


def test_real_recordings_are_dated_by_what_is_in_them(real_data):
    expected = {
        "testglo.rtcm3": "2009-12-18",  # by the four years of 1020
        "asv_imu.rtcm3": "2023-06-14",  # 1042, 1046
        "Gine-Albrk.rtcm3": "2026-07-05",  # 1013
        "pygpsdata-rtcm3.log": "2022-02-08",  # RMC
    }
    for name, day in expected.items():
        station = Station()
        for item in Framer().feed((real_data / "rtcm" / name).read_bytes()):
            at = Instant(None, 0.0)
            if not hasattr(item, "number"):
                station.intake.sentence(item.data, at)
            elif item.number in MSM_NUMBERS:
                station.intake.msm(decode_msm(item.data), at)
            else:
                station.intake.frame(item.number, item.data, at)
        assert station.state.decode_errors == station.state.impossible_epochs == 0
        for track in station.state.tracks.values():
            seen = datetime.fromtimestamp(track.last_utc_s, UTC)
            assert str(seen.date()) == day, name

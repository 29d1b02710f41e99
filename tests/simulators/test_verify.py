"""What stationd says is held against what a scenario expects; the real stationd plays two."""

import json
import tomllib
from dataclasses import replace

import pytest

from stationd_simulators.faults import FAULTS
from stationd_simulators.playing import Broadcast, adjusted, write
from stationd_simulators.scenario import Expectation, Fault, Scenario, Station
from stationd_simulators.scenario_files import load
from stationd_simulators.verification import (
    CannotVerifyError,
    Mark,
    StationdError,
    needs_links,
    verified,
)
from stationd_simulators.verification.judgement import judged
from stationd_simulators.verification.processes import PLANNED, known_checks, replayed
from stationd_simulators.verification.registry import arp_m, toml_text, write_registry
from stationd_simulators.verification.replaying import verified_by_replay
from stationd_simulators.verification.timeline import Timeline, timelines

STATION = Station("FLT1", (-2324156.8, 5386277.7, 2495068.4))
EXPECTED = Expectation("FLT1", "cn0", "critical", 150.0, 60.0)
KNOWN = {"cn0", "silence"}


def scenario(*expected: Expectation, **more) -> Scenario:
    return Scenario("test", "", 1, 1.4e9, 400.0, (STATION,), expectations=expected, **more)


def told(*states: tuple[float, str, str], end_s: float = 400.0) -> dict[str, Timeline]:
    """Return a timeline from moments at which a check's health was told."""
    timeline = Timeline()
    for elapsed_s, check, health in states:
        timeline.state(elapsed_s, {check: {"health": health, "reason": f"it is {health}"}})
    timeline.end_s = end_s
    return {"FLT1": timeline}


def marks(outcomes) -> list[tuple[str, str]]:
    return [(outcome.mark.value, outcome.check) for outcome in outcomes]


def test_an_expectation_holds_when_the_health_comes_in_its_window():
    said = told((5.0, "cn0", "ok"), (180.0, "cn0", "warning"), (200.0, "cn0", "critical"))
    outcomes = judged(scenario(EXPECTED), said, KNOWN)
    assert marks(outcomes) == [("held", "cn0"), ("held", "")]
    assert outcomes[0].sentence == "critical after 50 of 60 s: it is critical"


@pytest.mark.parametrize(
    "states",
    [
        [(5.0, "cn0", "ok")],
        [(5.0, "cn0", "ok"), (180.0, "cn0", "warning")],
        [(5.0, "cn0", "ok"), (211.0, "cn0", "critical")],
        [],
    ],
)
def test_an_expectation_fails_when_the_health_comes_late_or_milder_or_never(states):
    assert marks(judged(scenario(EXPECTED), told(*states), KNOWN))[0] == ("failed", "cn0")


def test_a_health_that_came_before_the_fault_is_not_expected_and_held_on():
    said = told((5.0, "cn0", "ok"), (140.0, "cn0", "critical"))
    outcomes = marks(judged(scenario(EXPECTED), said, KNOWN))
    assert outcomes == [("held", "cn0"), ("failed", "cn0")]


def test_a_check_that_stationd_does_not_have_is_pending_and_not_hidden():
    outcomes = judged(scenario(replace(EXPECTED, check="slips")), told((5.0, "cn0", "ok")), KNOWN)
    assert marks(outcomes) == [("pending", "slips"), ("held", "")]


@pytest.mark.parametrize("health", ["warning", "critical", "unknown"])
def test_a_change_that_nobody_expected_fails(health):
    said = told((5.0, "silence", "ok"), (200.0, "silence", health), (205.0, "silence", "ok"))
    outcomes = judged(scenario(), said, KNOWN)
    assert marks(outcomes) == [("failed", "silence")]
    assert outcomes[0].sentence.startswith(f"{health} from 200 s was not expected")


def test_worse_than_expected_fails_too():
    mild = replace(EXPECTED, health="warning")
    said = told((5.0, "cn0", "ok"), (170.0, "cn0", "warning"), (180.0, "cn0", "critical"))
    assert marks(judged(scenario(mild), said, KNOWN)) == [("held", "cn0"), ("failed", "cn0")]


def test_evidence_may_lack_until_the_scenario_has_settled_and_no_longer():
    settled = told((1.0, "silence", "unknown"), (60.0, "silence", "ok"))
    assert marks(judged(scenario(), settled, KNOWN)) == [("held", "")]
    late = told((1.0, "silence", "unknown"), (91.0, "silence", "ok"))
    assert marks(judged(scenario(), late, KNOWN)) == [("failed", "silence")]
    never = told((1.0, "silence", "unknown"))
    assert marks(judged(scenario(), never, KNOWN)) == [("failed", "silence")]
    early = told((1.0, "silence", "warning"), (20.0, "silence", "ok"))
    assert marks(judged(scenario(), early, KNOWN)) == [("failed", "silence")]


CLEARED = replace(EXPECTED, cleared_by_s=320.0)
ALARM = [(5.0, "cn0", "ok"), (170.0, "cn0", "critical")]


def test_an_alarm_that_is_over_in_time_is_told_so():
    said = told(*ALARM, (305.0, "cn0", "warning"), (315.0, "cn0", "ok"))
    outcomes = judged(scenario(CLEARED), said, KNOWN)
    assert marks(outcomes) == [("held", "cn0"), ("held", "cn0"), ("held", "")]
    assert outcomes[1].sentence == "ok again at 315 s, by 320 s"


@pytest.mark.parametrize(
    "after",
    [
        [],
        [(315.0, "cn0", "warning")],
        [(321.0, "cn0", "ok")],
        [(315.0, "cn0", "ok"), (380.0, "cn0", "critical"), (381.0, "cn0", "ok")],
    ],
)
def test_an_alarm_that_sticks_or_comes_again_fails(after):
    outcomes = judged(scenario(CLEARED), told(*ALARM, *after), KNOWN)
    assert ("failed", "cn0") in marks(outcomes)
    assert any("should be ok from 320 s on, is" in one.sentence for one in outcomes)


def test_an_alarm_of_which_nothing_was_heard_after_it_should_be_over_fails():
    said = told(*ALARM, (310.0, "cn0", "ok"), end_s=320.0)
    assert marks(judged(scenario(CLEARED), said, KNOWN))[:2] == [("held", "cn0"), ("failed", "cn0")]


def test_a_check_that_is_no_longer_told_fails():
    said = told((5.0, "silence", "ok"), (6.0, "cn0", "ok"))["FLT1"]
    both = {name: {"health": "ok", "reason": ""} for name in ("silence", "cn0")}
    said.state(7.0, both)
    assert marks(judged(scenario(), {"FLT1": said}, KNOWN)) == [("failed", "silence")]
    said.state(400.0, {"cn0": both["cn0"]})
    assert ("failed", "silence") in marks(judged(scenario(), {"FLT1": said}, KNOWN))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"expectations": (replace(EXPECTED, check="cno"),)}, "test: stationd has no check cno: "),
        ({"also": ("schedul", "slips")}, "test: stationd has no check schedul, slips: "),
        ({"limits": {"aarp": {}}}, "test: stationd has no check aarp: "),
        ({"limits": {"arp": {"waning_m": 1.0}}}, r"^limits\.arp\.waning_m: no such key"),
        ({"limits": {"arp": {"warning_m": "a"}}}, r"^limits\.arp\.warning_m"),
    ],
)  # fmt: skip
def test_what_stationd_neither_has_nor_will_have_is_refused_at_once(tmp_path, wrong, sentence):
    with pytest.raises(CannotVerifyError, match=sentence):
        verified_by_replay(replace(scenario(), **wrong), tmp_path)
    assert not list(tmp_path.glob("*.rtcm3"))


def test_planned_checks_are_none_that_stationd_has(tmp_path):
    assert known_checks(PLANNED, tmp_path) == set()


def test_consequences_that_are_named_are_not_judged_where_the_fault_is():
    said = told((5.0, "silence", "ok"), (200.0, "silence", "critical"))
    faults = (Fault("silent", 150.0, 60.0, ("FLT1",), FAULTS["silent"].parameters()),)
    with_fault = scenario(also=("silence",), faults=faults)
    assert marks(judged(with_fault, said, KNOWN)) == [("held", "")]
    elsewhere = replace(with_fault, faults=(replace(faults[0], stations=("OTHER",)),))
    assert marks(judged(elsewhere, said, KNOWN)) == [("failed", "silence")]


def test_a_station_of_which_nothing_was_said_fails():
    assert marks(judged(scenario(), {}, KNOWN)) == [("failed", "")]
    assert marks(judged(scenario(), told(end_s=400.0), KNOWN)) == [("failed", "")]


def test_a_stationd_that_falls_silent_before_the_end_fails():
    said = told((5.0, "cn0", "ok"), end_s=20.0)
    (outcome,) = judged(scenario(), said, KNOWN)
    assert outcome.mark is Mark.FAILED
    assert outcome.sentence == "stationd's last word is of 20 s, the scenario goes on until 400 s"
    assert marks(judged(scenario(), told((5.0, "cn0", "ok"), end_s=391.0), KNOWN)) == [("held", "")]


def test_a_scenario_about_its_date_is_not_verified_live(tmp_path):
    with pytest.raises(CannotVerifyError, match=r"about its date, 2026-02-28 23:5.* --replay"):
        verified(load("week-rollover"), tmp_path, lambda _: None, live=True)


def test_timelines_are_dated_by_the_scenario_and_leave_out_what_was_withdrawn():
    ok = {"health": "ok", "reason": "", "withdrawn": False}
    gone = {"health": "unknown", "reason": "", "withdrawn": True}
    lines = [
        {"station": "A", "at_s": 1_772_323_210.0, "checks": {"silence": ok, "latency": gone}},
        {"station": "A", "at_s": 1_772_323_211.0, "subject": "silence"},
        {"station": "A", "at_s": None, "checks": {"crc": ok}},
        {"station": "B", "at_s": 1_772_323_250.0, "checks": {"silence": ok}},
    ]
    # 2026-03-01T00:00:00Z is 1456358418 s of GPS time: week 2408, day 0, 18 leap seconds.
    found = timelines(lines, 2408 * 604_800.0 + 18.0)
    assert found["A"].checks == ["silence"]
    assert found["A"].spans("silence")[0].begin_s == 10.0
    assert found["B"].end_s == 50.0


def test_toml_that_is_written_is_read_as_it_was():
    table = {
        "id": 'a "quoted" name', "x": -1.5, "flag": True, "list": ["G", "C"],
        "limits": {"cn0": {"warning_dbhz": 40.0, "odd key": 1}, "empty": {}},
        "messages": {"1006": 10.0},
    }  # fmt: skip
    assert tomllib.loads(toml_text(table)) == table


def test_the_registered_arp_is_above_the_marker_by_the_antenna_height():
    raised = replace(STATION, antenna=replace(STATION.antenna, height_m=1.5))
    up = [b - a for a, b in zip(arp_m(STATION), arp_m(raised), strict=True)]
    assert sum(d * d for d in up) == pytest.approx(1.5**2)
    assert sum(d * x for d, x in zip(up, STATION.position_m, strict=True)) > 0.0


def test_stationd_says_itself_which_checks_it_has(tmp_path):
    assert known_checks({"cn0", "silence", "no-such-check"}, tmp_path) == {"cn0", "silence"}


def test_what_stationd_has_to_say_of_a_recording_that_it_refuses_is_told(tmp_path):
    with pytest.raises(StationdError, match=r"stationd replay none\.rtcm3: .*none\.toml"):
        list(replayed(tmp_path / "none.rtcm3", tmp_path / "none.toml"))


def test_the_registry_that_is_written_is_sound_for_stationd(tmp_path):
    from stationd.config import load as load_configuration  # noqa: PLC0415 - only here

    city = load("city")
    sources = {one.id: {"type": "tcp", "host": "127.0.0.1", "port": 1} for one in city.stations}
    settings = load_configuration(write_registry(city, tmp_path, sources))
    assert len(settings.stations) == 8
    expect = settings.stations[0].line.registration.expect
    assert expect.messages[1127] == 1.0
    assert expect.constellations == ("G", "R", "E", "J", "C")


def test_only_what_happens_to_connections_needs_real_time():
    assert needs_links(load("drop-out"))
    assert needs_links(load("power-cycle"))
    assert not needs_links(load("crc-storm"))


SHORT = replace(
    load("arp-offset-metres"),
    duration_s=110.0,
    constellations=("G", "E"),
    faults=(replace(load("arp-offset-metres").faults[0], start_s=80.0),),
    expectations=(
        Expectation("FLT1", "arp", "critical", 80.0, 15.0),
        Expectation("FLT1", "displacement", "warning", 80.0, 15.0),
    ),
)


def test_the_real_stationd_finds_a_wrong_arp_and_nothing_else(tmp_path):
    outcomes = verified_by_replay(SHORT, tmp_path)
    assert [o.mark for o in outcomes if o.check == "arp"] == [Mark.HELD], outcomes
    assert {o.mark for o in outcomes if o.station == "REF1"} == {Mark.HELD}
    assert sorted(o.mark for o in outcomes) in (
        [Mark.HELD, Mark.HELD, Mark.HELD, Mark.PENDING],
        [Mark.FAILED, Mark.HELD, Mark.HELD, Mark.HELD],  # once there is a check "displacement"
    )


def test_a_fault_that_the_scenario_does_not_expect_makes_it_fail(tmp_path):
    silent = Fault("silent", 75.0, 60.0, ("REF1",), load("silent").faults[0].parameters)
    outcomes = verified_by_replay(replace(SHORT, faults=(silent,)), tmp_path)
    failed = {(o.station, o.check) for o in outcomes if o.mark is Mark.FAILED}
    assert ("FLT1", "arp") in failed
    assert ("REF1", "silence") in failed


def test_the_same_scenario_writes_the_same_bytes_and_another_seed_others(tmp_path):
    short = replace(load("crc-storm"), duration_s=6.0, constellations=("G", "C"))
    short = replace(short, faults=(replace(short.faults[0], start_s=2.0),))

    def written(name: str, one: Scenario) -> dict[str, bytes]:
        assert list(write(one, tmp_path / name))[-1] > 0.8
        files = sorted((tmp_path / name).glob("*.*"))
        return {file.name: file.read_bytes() for file in files}

    first, second = written("a", short), written("b", short)
    assert len(first) == 2 * 2 + 1
    assert all(first.values())
    assert first == second
    other = written("c", replace(short, seed=99))
    assert all(other[name] != data for name, data in first.items())


def test_the_truth_says_where_stations_are_and_what_was_done_to_them(tmp_path):
    short = replace(load("city-errors"), duration_s=660.0, constellations=("G",))
    for _ in write(adjusted(short, interval_s=30.0), tmp_path, nmea=False):
        pass
    truth = json.loads((tmp_path / "truth.json").read_text())
    harbour = truth["stations"]["GZ03"]
    assert harbour["position_m"] == list(short.station("GZ03").position_m)
    # 59 of 365 days, and a quarter
    assert (harbour["frame"], harbour["epoch"]) == ("ITRF2020", pytest.approx(2026.1623, abs=1e-4))
    assert harbour["motion"]["velocity_m_per_year"] == [0.0335, -0.0101, 0.0]
    kinds = [(fault["kind"], fault["start_s"]) for fault in harbour["faults"]]
    assert kinds == [("cn0-drop", 150.0), ("arp-offset", 600.0)]
    assert harbour["faults"][1]["parameters"] == {"xyz_m": [1.5, 0.0, 0.0]}
    assert truth["stations"]["GZ01"]["faults"] == []


def test_epochs_come_at_the_interval_that_is_asked_for():
    slow = adjusted(load("closure-gps"), duration_s=300.0, interval_s=30.0)
    due_s = [piece.due_gpst_s for piece in Broadcast(slow).rtcm("CLO1")]
    # Epochs lie on whole half minutes of GPS time; 12:00:00 UTC is 12:00:18 there.
    assert due_s == [slow.start_gpst_s + 12.0 + 30.0 * n for n in range(10)]

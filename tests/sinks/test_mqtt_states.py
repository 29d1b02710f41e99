"""When a station's state is due, and what its messages say."""

import json
import math
from collections import Counter
from dataclasses import replace

import pytest
from sinks.mqtt_facts import event, facts

from stationd.checks import CHECKS
from stationd.facts import Health, event_json, state_json
from stationd.inputs import Instant
from stationd.pipeline import StationLine, StationSettings, tick
from stationd.sinks.mqtt.payloads import (
    TOPICS,
    Topics,
    event_document,
    event_topic,
    metrics_document,
    state_document,
    status_document,
)
from stationd.sinks.mqtt.states import StationStates
from stationd.station.registration import Registration

STATIONS = [f"ST{number:04}" for number in range(1000)]


def test_a_thousand_stations_are_spread_over_the_interval():
    states = StationStates(60.0, None)
    for station in STATIONS:
        states.take(facts(station))
    assert len(states.take_due()) == 1000  # all are new
    sent = Counter()
    for number in range(1, 181):
        for station in STATIONS:
            states.take(facts(station, number))
        due = states.take_due()
        sent.update(due)
        # 16.7 on average; by chance (Poisson) a second has 40 once in 10^6.
        assert len(due) < 40
    assert set(sent.values()) == {3}


def test_a_change_of_verdicts_is_due_at_once_and_a_change_of_numbers_is_not():
    states = StationStates(60.0, None)
    states.take(facts())
    states.take_due()
    assert not states.take(replace(facts(), measurements={}))
    assert states.take(replace(facts(), revision=1))
    assert states.take_due() == ["BRUX00BEL0"]
    assert not states.take(replace(facts(), revision=1))
    assert states.take(replace(facts(), revision=1, health=Health.WARNING))


def test_the_line_says_by_its_revision_that_a_verdict_changed():
    """Hold the very pipeline to what the sink relies on."""
    limits = {check.name: check.limits() for check in CHECKS}
    line = StationLine(StationSettings(Registration(id="A"), limits), Instant(0.0, 0.0))
    sent, revision = None, -1
    changes = 0
    for second in range(1, 200):
        now = Instant(float(second), float(second))
        (judged,) = tick([line], now, clock_synchronised=True)
        verdicts = [(r.check, r.health) for r in judged.results]
        assert (verdicts != sent) == (judged.revision != revision)
        changes += verdicts != sent
        sent, revision = verdicts, judged.revision
    assert changes > 1


def test_a_station_that_changes_often_waits_once_with_its_newest_facts():
    states = StationStates(60.0, None)
    for number in range(10):
        states.take(facts(number=number, health=(Health.OK, Health.CRITICAL)[number % 2]))
    assert states.take_due() == ["BRUX00BEL0"]
    assert states.facts("BRUX00BEL0").at.monotonic_s == 1009.0


def test_a_forgotten_station_is_due_no_more():
    states = StationStates(60.0, 10.0)
    states.take(facts())
    states.forget("BRUX00BEL0")
    states.all_due()
    assert states.take_due() == []
    assert states.facts("BRUX00BEL0") is None
    assert list(states.names()) == []


def test_topics_are_those_of_the_interface():
    topics = Topics("gnss/net", "node1")
    documented = {t.format(prefix="gnss/net", node="node1", id="KIR0") for t, _, _ in TOPICS}
    event_of_kir0 = topics.below_node(event_topic("KIR0"))
    assert documented == {
        topics.status, topics.state("KIR0"), topics.metrics("KIR0"), event_of_kir0,
    }  # fmt: skip
    assert topics.status == "gnss/net/v1/node1/status"
    assert topics.state("KIR0") == "gnss/net/v1/node1/station/KIR0/state"
    assert topics.metrics("KIR0") == "gnss/net/v1/node1/station/KIR0/metrics"
    assert event_of_kir0 == "gnss/net/v1/node1/station/KIR0/event"


@pytest.mark.parametrize("name", ["a/b", "a+b", "#", "a%2Fb"])
def test_a_name_cannot_change_the_shape_of_a_topic(name):
    topic = Topics("p", name).state(name)
    assert topic.count("/") == 5
    assert not {"+", "#"} & set(topic)
    assert topic != Topics("p", "a/b").state("a%2Fb") or name == "a/b"


def test_documents_say_what_every_sink_says():
    assert json.loads(event_document(event(1)).payload) == event_json(event(1))
    assert json.loads(state_document(facts()).payload) == state_json(facts())
    for document in (event_document(event(1)), state_document(facts()), metrics_document(facts())):
        content = json.loads(document.payload)
        assert content["id"] == document.id
        assert content["schema"] == "stationd/1"
        assert content["at"].endswith("Z")
        assert isinstance(content["at_s"], float)


def test_messages_of_one_tick_have_ids_of_their_own():
    status = status_document("n", "s", "v", "online", reason="connected", at_utc_s=1.0)
    will = status_document("n", "s", "v", "offline", reason="lost", at_utc_s=None)
    documents = (event_document(event(0)), state_document(facts()), metrics_document(facts()))
    assert len({document.id for document in (*documents, status, will)}) == 5


def test_a_number_that_is_none_becomes_null_in_valid_json():
    broken = replace(event(1), evidence={"ratio": math.nan, "age_s": math.inf, "good_m": 1.5})
    content = json.loads(event_document(broken).payload, parse_constant=pytest.fail)
    assert content["evidence"] == {"ratio": None, "age_s": None, "good_m": 1.5}
    state = replace(facts(), measurements={"satellites": {("G",): math.nan}})
    content = json.loads(state_document(state).payload, parse_constant=pytest.fail)
    assert content["measurements"][0]["value"] is None


def test_text_is_utf8_and_a_recording_without_times_says_null():
    unnamed = replace(facts(), at=Instant(None, 5.0), labels={"name": "Ny-Ålesund"})
    payload = state_document(unnamed).payload
    assert "Ny-Ålesund".encode() in payload
    assert json.loads(payload)["at"] is None

"""The names, types and labels of metrics, and which of them a station has."""

import re

from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sinks.made_facts import facts, full_facts

from stationd.facts import QUANTITIES, Health
from stationd.sinks.daemon_facts import DaemonFacts, SinkCounters
from stationd.sinks.prometheus.metric_families import (
    Snapshot,
    SnapshotCollector,
    documented,
    label_text,
    take_snapshot,
)


def _parsed(snapshot: Snapshot):
    text = generate_latest(SnapshotCollector(snapshot)).decode()
    return {
        sample.name: family
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_documented_metric_follows_the_naming_rules():
    families = documented()
    assert len({family.name for family in families}) == len(families)
    for family in families:
        assert re.fullmatch(r"stationd_[a-z0-9_]+", family.name)
        assert family.kind in {"counter", "gauge"}
        assert (family.kind == "counter") == family.name.endswith("_total")
        assert all(re.fullmatch(r"[a-z]+", label) for label in family.labels)
        assert not set(family.meaning) & set('\\\n"')
        assert family.meaning


def test_what_the_page_shows_is_what_is_documented():
    daemon = DaemonFacts(
        loop_lag_s=0.01,
        loop_lag_p99_s=0.005,
        clock_synchronised=True,
        log_lines_dropped=0,
        restarts={"station ST0001": 3},
        bugs={"sink a": 1},
        config_reload_successful=True,
        config_reload_utc_s=1.75e9,
        sinks={"a": SinkCounters(True, 1, 2, 1.75e9, 3, {"full": 1}, {"connect": 2})},
    )
    shown = _parsed(Snapshot({"ST0001": full_facts(1, 5.0)}, (), daemon, "1.2.3"))
    ours = {name: family for name, family in shown.items() if name.startswith("stationd_")}
    rows = {family.name: family for family in documented()}
    assert ours.keys() == rows.keys()
    for name, family in ours.items():
        assert family.type == rows[name].kind
        assert family.documentation == rows[name].meaning
        for sample in family.samples:
            assert tuple(sorted(sample.labels)) == tuple(sorted(rows[name].labels))
    assert "process_resident_memory_bytes" in shown


def test_the_full_station_of_the_tests_has_every_quantity():
    assert full_facts(1, 5.0).measurements.keys() == QUANTITIES.keys()


def test_what_is_not_known_of_the_daemon_is_not_exported():
    shown = _parsed(Snapshot({}, (), DaemonFacts(sinks={"j": SinkCounters(queued_bytes=None)}), ""))
    assert "stationd_event_loop_lag_seconds" not in shown
    assert "stationd_config_last_reload_successful" not in shown
    assert "stationd_sink_connected" not in shown
    assert "stationd_sink_queued_bytes" not in shown
    assert shown["stationd_sink_queued_rows"].samples[0].value == 0.0


def test_a_station_without_fresh_facts_keeps_only_an_unknown_health():
    newest = {"A": facts("A", at_s=100.0), "B": facts("B", at_s=89.9)}
    shown = _parsed(take_snapshot(newest, 100.0, 10.0, DaemonFacts(), ""))
    stations = {
        name: {sample.labels["station"] for sample in family.samples}
        for name, family in shown.items()
        if family.samples and "station" in family.samples[0].labels
    }
    assert stations.pop("stationd_station_health") == {"A", "B"}
    assert stations
    assert all(names == {"A"} for names in stations.values())
    healths = {
        (sample.labels["station"], sample.labels["health"]): sample.value
        for sample in shown["stationd_station_health"].samples
    }
    assert {health for (name, health), value in healths.items() if name == "B" and value} == {
        Health.UNKNOWN
    }
    assert healths["A", "ok"] == 1.0


def test_facts_are_fresh_up_to_and_with_the_limit():
    newest = {"A": facts("A", at_s=90.0)}
    assert take_snapshot(newest, 100.0, 10.0, DaemonFacts(), "").stale == ()
    assert take_snapshot(newest, 100.001, 10.0, DaemonFacts(), "").stale == ("A",)


def test_control_characters_and_surrogates_are_replaced_in_labels_and_nothing_else_is():
    assert label_text('TRM\x00 "x"\\\n\udcff\x7f\x85') == 'TRM\ufffd "x"\\\n\ufffd\ufffd\ufffd'
    assert label_text("北京 房山\u3000é\xa0") == "北京 房山\u3000é\xa0"

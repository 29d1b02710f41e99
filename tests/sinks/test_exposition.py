"""The fast writer against prometheus-client's own text of the same snapshot."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families
from sinks.made_facts import facts, full_facts, instant

from stationd.facts import QUANTITIES, CheckResult, Health, StationFacts
from stationd.sinks.daemon_facts import DaemonFacts, SinkCounters
from stationd.sinks.prometheus import exposition
from stationd.sinks.prometheus.exposition import Dialect, page_pieces
from stationd.sinks.prometheus.metric_families import Snapshot, SnapshotCollector

ORACLES = {Dialect.TEXT: generate_latest, Dialect.OPENMETRICS: openmetrics.generate_latest}


def written(snapshot: Snapshot, dialect: Dialect = Dialect.TEXT) -> str:
    return b"".join(page_pieces(snapshot, dialect)).decode()


def without_process(text: str) -> list[str]:
    """Lines without the process' own, whose numbers move between two readings."""
    return [line for line in text.splitlines() if not line.split("# HELP ")[-1].startswith("proc")
            and not line.startswith(("# TYPE proc", "process_"))]  # fmt: skip


text_values = st.text(
    st.characters() | st.sampled_from('"\\\n\r\t\x00\x85\u2028\ud800\udcff,{}= '), max_size=8
)
numbers = st.floats() | st.integers(-(10**12), 10**12) | st.sampled_from([1e6, 999999.9, 1e16])


@st.composite
def measurements(draw):
    made = {}
    for name in draw(st.sets(st.sampled_from(sorted(QUANTITIES)), max_size=6)):
        keys = st.tuples(*[text_values for _ in QUANTITIES[name].labels])
        made[name] = draw(st.dictionaries(keys, numbers, max_size=3))
    return made


@st.composite
def stations(draw, name: str) -> StationFacts:
    results = tuple(
        CheckResult(check, draw(st.sampled_from(Health)), "", {}, {})
        for check in draw(st.lists(text_values, max_size=3, unique=True))
    )
    labels = draw(st.dictionaries(st.sampled_from(["name", "antenna", "zone"]), text_values))
    return StationFacts(
        name, instant(0.0), draw(st.sampled_from(Health)), results, draw(measurements()), (), labels
    )


@st.composite
def snapshots(draw) -> Snapshot:
    names = draw(st.lists(text_values, max_size=5, unique=True))
    count = draw(st.integers(0, len(names)))
    fresh = {name: draw(stations(name)) for name in names[:count]}
    tasks = draw(st.dictionaries(text_values, st.integers(0, 10**9), max_size=2))
    sinks = {name: SinkCounters(dropped=tasks) for name in tasks}
    daemon = DaemonFacts(
        loop_lag_s=0.25, restarts=tasks, bugs=tasks, config_reload_successful=False, sinks=sinks
    )
    return Snapshot(fresh, tuple(names[count:]), daemon, draw(text_values))


@pytest.mark.parametrize("dialect", Dialect)
@settings(deadline=None)
@given(snapshots())
def test_the_text_is_byte_for_byte_that_of_prometheus_client(dialect, snapshot):
    theirs = ORACLES[dialect](SnapshotCollector(snapshot)).decode()
    assert without_process(written(snapshot, dialect)) == without_process(theirs)


def test_the_text_is_the_same_over_many_steps():
    fresh = {made.station: made for made in (full_facts(n, 1e5) for n in range(120))}
    snapshot = Snapshot(fresh, ("GONE",), DaemonFacts(), "1")
    theirs = generate_latest(SnapshotCollector(snapshot)).decode()
    pieces = list(page_pieces(snapshot, Dialect.TEXT))
    assert len(pieces) > 3 * len(QUANTITIES)
    assert max(map(len, pieces)) < 200_000
    assert without_process(b"".join(pieces).decode()) == without_process(theirs)


def test_both_dialects_parse_to_the_same_families():
    snapshot = Snapshot({"ST0007": full_facts(7, 1e6)}, ("GONE",), DaemonFacts(0.1), "1")
    plain = text_string_to_metric_families(written(snapshot))
    strict = openmetrics_parser.text_string_to_metric_families(
        written(snapshot, Dialect.OPENMETRICS)
    )

    def ours(families):
        return {f.name: (f.type, f.documentation, f.samples) for f in families
                if f.name.startswith("stationd")}  # fmt: skip

    assert ours(plain) == ours(strict)


@settings(deadline=None)
@given(text_values, text_values)
def test_label_values_come_back_from_the_parser_as_they_went_in(station, antenna):
    snapshot = Snapshot(
        {station: facts(station, labels={"antenna": antenna})}, (), DaemonFacts(), ""
    )
    families = text_string_to_metric_families(written(snapshot))
    info = next(f for f in families if f.name == "stationd_station_info").samples[0]
    assert info.labels["station"] == exposition.label_text(station)
    assert info.labels["antenna"] == exposition.label_text(antenna)


@pytest.mark.parametrize("number", [1e6, -1e6, 999_999.99, 1e21, float("inf"), float("-inf"), -0.0])
def test_numbers_at_the_edge_of_the_short_way_are_written_as_go_writes_them(number):
    snapshot = Snapshot(
        {"A": facts("A", measurements={"latency_s": {(): number}})}, (), DaemonFacts(), ""
    )
    theirs = generate_latest(SnapshotCollector(snapshot)).decode()
    assert without_process(written(snapshot)) == without_process(theirs)

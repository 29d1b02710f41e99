"""What goes over MQTT: topics, and documents as UTF-8 JSON. Both are an interface: see README."""

from typing import Any, Final, NamedTuple

from stationd.facts import SCHEMA, Event, StationFacts, event_json, message_id, state_json, utc_text
from stationd.sinks.json_text import json_line

# Topic, how it is sent, what it holds: the README's table, and tests hold `Topics` against it.
TOPICS: Final = (
    (
        "{prefix}/v1/{node}/status",
        "QoS 1, retained; the Last Will says offline: its stations' states are unknown then",
        "`status` (online, offline), `reason`, `session`, `version`, `schema`, `at`, `at_s`",
    ),
    (
        "{prefix}/v1/{node}/station/{id}/state",
        "QoS 1, retained; when a verdict changes, and every `state_interval_s`",
        "health, checks with their evidence, measurements; empty once the station is removed",
    ),
    (
        "{prefix}/v1/{node}/station/{id}/event",
        "QoS 1; at least once, kept on disk until the broker has it",
        "one change; a duplicate has the same `id`",
    ),
    (
        "{prefix}/v1/{node}/station/{id}/metrics",
        "QoS 0; only with `metrics_interval_s`",
        "`schema`, `id`, `station`, `at`, `at_s`, `measurements`",
    ),
)

# These have a meaning of their own in a topic.
_ESCAPED: Final = str.maketrans({"/": "%2F", "+": "%2B", "#": "%23", "%": "%25"})


class Topics(NamedTuple):
    """Where one node publishes."""

    prefix: str
    node: str

    @property
    def status(self) -> str:
        return self.below_node("status")

    def state(self, station: str) -> str:
        return self.below_node(f"station/{station.translate(_ESCAPED)}/state")

    def metrics(self, station: str) -> str:
        return self.below_node(f"station/{station.translate(_ESCAPED)}/metrics")

    def below_node(self, rest: str) -> str:
        return f"{self.prefix}/v1/{self.node.translate(_ESCAPED)}/{rest}"


def event_topic(station: str) -> str:
    """Return an event's topic below its node: that part holds when the node is renamed."""
    return f"station/{station.translate(_ESCAPED)}/event"


class Document(NamedTuple):
    """A payload and its id, which a duplicate shares."""

    id: str
    payload: bytes


def event_document(event: Event) -> Document:
    return _document(event_json(event))


def state_document(facts: StationFacts) -> Document:
    return _document(state_json(facts))


def metrics_document(facts: StationFacts) -> Document:
    """Return the measurements alone."""
    state = state_json(facts)
    kept = ("schema", "station", "at", "at_s", "measurements")
    id_ = message_id(facts.station, *facts.at, "metrics")
    return _document({"id": id_, **{key: state[key] for key in kept}})


def status_document(
    node: str, session: str, version: str, status: str, *, reason: str, at_utc_s: float | None
) -> Document:
    """Return what a node says of itself; a will has no time: `at_utc_s` None."""
    return _document(
        {
            "schema": SCHEMA,
            "id": message_id(node, session, "status", status, at_utc_s),
            "node": node,
            "status": status,
            "reason": reason,
            "session": session,
            "version": version,
            "at": utc_text(at_utc_s),
            "at_s": at_utc_s,
        }
    )


def _document(content: dict[str, Any]) -> Document:
    return Document(content["id"], json_line(content))

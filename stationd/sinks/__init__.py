"""Where facts leave the daemon; one kind of sink is one file and one line in `SINKS`."""

from collections.abc import Mapping
from typing import Final

from stationd.sinks import jsonl, mqtt, prometheus
from stationd.sinks.sink import SinkKind

SINKS: Final[Mapping[str, SinkKind]] = {
    "jsonl": SinkKind(jsonl.Settings, jsonl.JsonlSink),
    "mqtt": SinkKind(mqtt.Settings, mqtt.MqttSink),
    "prometheus": SinkKind(prometheus.Settings, prometheus.PrometheusSink),
}

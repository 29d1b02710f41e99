"""MQTT: a node's status, each station's retained state, and its events by way of the outbox."""

from stationd.sinks.mqtt.settings import Settings
from stationd.sinks.mqtt.sink import MqttSink

__all__ = ["MqttSink", "Settings"]

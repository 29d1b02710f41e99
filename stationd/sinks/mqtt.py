"""MQTT: a node's status, each station's retained state, and its events by way of the outbox."""

from stationd.facts import StationFacts
from stationd.sinks.daemon_facts import SinkCounters
from stationd.sinks.mqtt_settings import Settings
from stationd.sinks.sink import Surroundings

__all__ = ["MqttSink", "Settings"]


class MqttSink:
    """One connection to one broker, with everything that must outlive it."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self) -> None:
        """Deliver until cancelled."""
        raise NotImplementedError

    def publish(self, facts: StationFacts) -> None:
        """Queue what these facts make."""

    def forget(self, station: str) -> None:
        """Clear the station's retained topic."""

    def counters(self) -> SinkCounters:
        """Return messages waiting, delivered and dropped."""
        return SinkCounters()

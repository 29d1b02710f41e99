"""Facts to publish over MQTT in tests."""

from pathlib import Path
from typing import Any

from stationd.facts import CheckResult, Event, Health, StationFacts
from stationd.inputs import Instant
from stationd.sinks.mqtt.settings import Settings
from stationd.sinks.sink import Surroundings

CHECKS = (
    "silence", "latency", "completeness", "crc", "schedule", "reconnects", "arp", "descriptors",
    "satellites", "cn0", "fix",
)  # fmt: skip


def result(check: str, health: Health = Health.OK) -> CheckResult:
    return CheckResult(check, health, "as it should be", {"age_s": 0.4}, {"warning_s": 5.0})


def facts(
    station: str = "BRUX00BEL0",
    number: int = 0,
    *,
    health: Health = Health.OK,
    events: tuple[Event, ...] = (),
) -> StationFacts:
    """Return the facts of tick `number` (a second each)."""
    return StationFacts(
        station=station,
        at=Instant(1_700_000_000.0 + number, 1_000.0 + number),
        health=health,
        results=(result(CHECKS[0], health), *map(result, CHECKS[1:])),
        measurements={
            "received_bytes": {(): 2_100.0 * number},
            "satellites": {("G",): 9.0, ("E",): 8.0},
        },
        events=events,
        labels={"name": "Brussels"},
    )


def event(number: int, station: str = "BRUX00BEL0") -> Event:
    at = Instant(1_700_000_000.0 + number, 1_000.0 + number)
    return Event(station, at, "check", "silence", "ok", "critical", "quiet", {"number": number})


def surroundings(folder: Path, **changes: Any) -> Surroundings:
    given = {"name": "mqtt", "node": "node1", "session": "s1", "version": "0.0", **changes}
    return Surroundings(state_folder=folder, **given)


def settings(port: int, **changes: Any) -> Settings:
    return Settings(**{"host": "127.0.0.1", "port": port, **changes})

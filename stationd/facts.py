"""What the line publishes: measurements, verdicts with their evidence, and events.

A verdict that lacks evidence is `unknown`, never `ok`: nothing starts green, and nothing stays
green on old data. The JSON forms at the foot are shared by every sink, so that a message, a log
line and a replay say the same thing in the same words.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from stationd.inputs import Instant

SCHEMA: Final = "stationd/1"  # of every JSON object that leaves the daemon; see CHANGELOG.md

# The numbers behind a verdict. A key ends in its unit; None says "not known".
Evidence = Mapping[str, float | int | str | None]


class Health(StrEnum):
    """A verdict; `GRAVITY` says which weighs more."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"


# Missing evidence weighs more than a good verdict and less than a bad one.
GRAVITY: Final = {Health.OK: 0, Health.UNKNOWN: 1, Health.WARNING: 2, Health.CRITICAL: 3}


def worst(healths: Iterable[Health]) -> Health:
    """Return the gravest of the verdicts; `unknown` where there are none."""
    return max(healths, key=GRAVITY.__getitem__, default=Health.UNKNOWN)


class CheckResult(NamedTuple):
    """One check's verdict on one station, with the evidence and the limits it was held against.

    `withdrawn`: the host lacks the means to judge; it weighs nothing in the station's health.
    """

    check: str
    health: Health
    reason: str  # one sentence that a technician understands, without coordinates or secrets
    evidence: Evidence
    limits: Evidence
    since: Instant | None = None  # when this health began
    withdrawn: bool = False


class Quantity(NamedTuple):
    """What a measurement is, wherever it is published. `labels` name what its values differ by."""

    metric: str  # its Prometheus name
    kind: str  # "gauge" or "counter"
    labels: tuple[str, ...]
    meaning: str


# Everything that is measured of one station: the name inside -> how it is published.
# Constellations are letters as in RINEX ("G"), signals a letter and an observation code ("G1C").
QUANTITIES: Final[Mapping[str, Quantity]] = {
    "last_data_utc_s": Quantity(
        "stationd_last_data_timestamp_seconds", "gauge", (), "When the newest byte arrived"
    ),
    "last_epoch_utc_s": Quantity(
        "stationd_last_epoch_timestamp_seconds",
        "gauge",
        ("constellation",),
        "Observation epoch of the newest MSM or 1001-1012 message",
    ),
    "latency_s": Quantity(
        "stationd_latency_seconds",
        "gauge",
        (),
        "Arrival of the newest epoch less the epoch; absent unless the host clock is right",
    ),
    "received_bytes": Quantity("stationd_received_bytes_total", "counter", (), "Bytes received"),
    "skipped_bytes": Quantity(
        "stationd_skipped_bytes_total",
        "counter",
        (),
        "Bytes that belong to no RTCM 3 frame and no NMEA sentence",
    ),
    "byte_rate_bytes_per_s": Quantity(
        "stationd_received_bytes_per_second", "gauge", (), "Bytes received, mean of the last 60 s"
    ),
    "frames": Quantity(
        "stationd_frames_total", "counter", (), "RTCM 3 frames that passed their CRC"
    ),
    "crc_failures": Quantity(
        "stationd_crc_failures_total", "counter", (), "RTCM 3 frames that failed their CRC"
    ),
    "crc_good_ratio": Quantity(
        "stationd_crc_good_ratio", "gauge", (), "Share of frames that passed their CRC, last 60 s"
    ),
    "decode_errors": Quantity(
        "stationd_decode_errors_total",
        "counter",
        (),
        "Frames and sentences with a good checksum whose content is unsound",
    ),
    "sentences": Quantity(
        "stationd_nmea_sentences_total", "counter", (), "NMEA sentences with a good checksum"
    ),
    "sentence_failures": Quantity(
        "stationd_nmea_checksum_failures_total",
        "counter",
        (),
        "NMEA sentences whose checksum is wrong or missing",
    ),
    "messages": Quantity(
        "stationd_messages_total", "counter", ("type",), "Messages received, by RTCM 3 type"
    ),
    "epochs": Quantity(
        "stationd_epochs_total", "counter", ("constellation",), "Observation epochs received"
    ),
    "missing_epochs": Quantity(
        "stationd_missing_epochs_total",
        "counter",
        ("constellation",),
        "Epochs that never came, seen as steps between those that did",
    ),
    "impossible_epochs": Quantity(
        "stationd_impossible_epochs_total",
        "counter",
        (),
        "Messages whose epoch time cannot exist (outside its week or day)",
    ),
    "epoch_completeness_ratio": Quantity(
        "stationd_epoch_completeness_ratio",
        "gauge",
        ("constellation",),
        "Epochs received against epochs expected, last 600 s",
    ),
    "reconnects": Quantity(
        "stationd_reconnects_total", "counter", (), "Connections made after the first"
    ),
    "connected": Quantity("stationd_connected", "gauge", (), "1 while the source is connected"),
    "satellites": Quantity(
        "stationd_satellites",
        "gauge",
        ("constellation",),
        "Satellites observed in the newest epoch",
    ),
    "cn0_median_dbhz": Quantity(
        "stationd_cn0_median_dbhz",
        "gauge",
        ("constellation", "signal"),
        "Median carrier-to-noise density over the satellites of the newest epoch",
    ),
    "arp_offset_m": Quantity(
        "stationd_arp_offset_meters",
        "gauge",
        (),
        "Distance of the broadcast ARP (1005/1006) from the registered one",
    ),
    "fix_quality": Quantity(
        "stationd_fix_quality", "gauge", (), "Fix quality indicator of the newest NMEA GGA"
    ),
    "fix_satellites": Quantity(
        "stationd_fix_satellites", "gauge", (), "Satellites used, of the newest NMEA GGA"
    ),
    "fix_hdop": Quantity(
        "stationd_fix_hdop", "gauge", (), "Horizontal dilution of precision of the newest NMEA GGA"
    ),
}

# name -> label values (in the order of Quantity.labels) -> value
Measurements = Mapping[str, Mapping[tuple[str, ...], float]]


def message_id(*parts: object) -> str:
    """Return 128 bits as hexadecimal, the same for the same parts."""
    seed = "|".join(map(str, parts))
    return hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed, once. Delivered at least once; `id` makes a duplicate harmless."""

    station: str
    at: Instant
    kind: str  # "check", "station" or "identity"
    subject: str  # the check's name, or what of the station changed
    before: str
    after: str
    reason: str
    evidence: Evidence = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same event however often it is sent; 128 bits."""
        return message_id(self.station, *self.at, self.kind, self.subject, self.before, self.after)


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What one tick says of one station. Measurements whose evidence is stale are not in it.

    `revision` grows whenever a check's health changes, or a check comes or goes.
    """

    station: str
    at: Instant
    health: Health  # the worst of `results`
    results: tuple[CheckResult, ...]
    measurements: Measurements
    events: tuple[Event, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)  # name, receiver, antenna … (for _info)
    revision: int = 0


def utc_text(utc_s: float | None) -> str | None:
    """Return RFC 3339 text in milliseconds, None for an unknown time."""
    if utc_s is None:
        return None
    text = datetime.fromtimestamp(utc_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def event_json(event: Event) -> dict[str, Any]:
    """Return the event as the JSON object that every sink sends."""
    return {
        "schema": SCHEMA,
        "id": event.id,
        "station": event.station,
        "at": utc_text(event.at.utc_s),
        "at_s": event.at.utc_s,
        "kind": event.kind,
        "subject": event.subject,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "evidence": dict(event.evidence),
    }


def state_json(facts: StationFacts) -> dict[str, Any]:
    """Return the station's whole state as the JSON object that every sink sends."""
    return {
        "schema": SCHEMA,
        "id": message_id(facts.station, *facts.at, "state"),
        "station": facts.station,
        "at": utc_text(facts.at.utc_s),
        "at_s": facts.at.utc_s,
        "health": facts.health.value,
        "checks": {
            result.check: {
                "health": result.health.value,
                "reason": result.reason,
                "since": utc_text(result.since.utc_s) if result.since else None,
                "withdrawn": result.withdrawn,
                "evidence": dict(result.evidence),
                "limits": dict(result.limits),
            }
            for result in facts.results
        },
        "measurements": [
            {
                "name": name,
                "value": value,
                **dict(zip(QUANTITIES[name].labels, labels, strict=True)),
            }
            for name, values in facts.measurements.items()
            for labels, value in values.items()
        ],
        "labels": dict(facts.labels),
    }

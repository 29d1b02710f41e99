"""Facts that tests of sinks publish: one station, or many, as a tick would make them."""

from collections.abc import Mapping

from stationd.checks import CHECKS
from stationd.facts import CheckResult, Event, Health, Measurements, StationFacts
from stationd.inputs import Instant

SIGNALS = ("G1C", "G2W", "G5Q", "R1C", "R2C", "E1C", "E5Q", "E7Q", "J1C", "J5Q", "C2I", "C6I")
CONSTELLATIONS = ("G", "R", "E", "J", "C")
TYPES = ("1005", "1008", "1033", "1077", "1087", "1097", "1117", "1127", "1230")


def instant(at_s: float) -> Instant:
    return Instant(1.75e9 + at_s, at_s)


def results(health: Health = Health.OK) -> tuple[CheckResult, ...]:
    return tuple(CheckResult(check.name, health, "made", {}, {}) for check in CHECKS)


def facts(
    station: str = "KIR1",
    at_s: float = 0.0,
    health: Health = Health.OK,
    measurements: Measurements | None = None,
    labels: Mapping[str, str] | None = None,
    events: tuple[Event, ...] = (),
) -> StationFacts:
    return StationFacts(
        station,
        instant(at_s),
        health,
        results(health),
        {"connected": {(): 1.0}} if measurements is None else measurements,
        events,
        {} if labels is None else labels,
    )


def event(station: str = "KIR1", at_s: float = 0.0, subject: str = "silence") -> Event:
    return Event(station, instant(at_s), "check", subject, "ok", "warning", "silent for 21 s")


def full_facts(number: int, at_s: float) -> StationFacts:
    """Return a station with every measurement that a healthy five-constellation stream has."""
    seconds = int(at_s) + number
    once = {
        "last_data_utc_s": 1.75e9 + at_s + 0.123,
        "latency_s": 0.31 + number / 7e4,
        "received_bytes": 2100.0 * seconds,
        "skipped_bytes": 0.0,
        "byte_rate_bytes_per_s": 2100.0 + number / 3,
        "frames": 6.0 * seconds,
        "crc_failures": float(number % 3),
        "crc_good_ratio": 1.0 - number / 1e6,
        "decode_errors": 0.0,
        "sentences": float(seconds),
        "sentence_failures": 0.0,
        "impossible_epochs": 0.0,
        "reconnects": float(number % 5),
        "connected": 1.0,
        "arp_offset_m": number / 1e5,
        "fix_quality": 4.0,
        "fix_satellites": 31.0,
        "fix_hdop": 0.6,
    }
    made: dict[str, dict[tuple[str, ...], float]] = {
        name: {(): value} for name, value in once.items()
    }
    made["messages"] = {(kind,): float(seconds + index) for index, kind in enumerate(TYPES)}
    made["last_epoch_utc_s"] = {(letter,): 1.75e9 + int(at_s) for letter in CONSTELLATIONS}
    made["epochs"] = {(letter,): float(seconds) for letter in CONSTELLATIONS}
    made["missing_epochs"] = dict.fromkeys(made["epochs"], 0.0)
    made["epoch_completeness_ratio"] = {(letter,): 0.998 for letter in CONSTELLATIONS}
    made["satellites"] = {(letter,): float(6 + seconds % 5) for letter in CONSTELLATIONS}
    made["cn0_median_dbhz"] = {
        (signal[0], signal): 38.0 + (seconds + index) % 90 / 16
        for index, signal in enumerate(SIGNALS)
    }
    labels = {
        "name": f"Station {number}",
        "antenna": "TRM59800.00     SCIS",
        "receiver": "TRIMBLE",
        "source": "tcp://h:1",
        "limits": "0123",
    }
    return facts(f"ST{number:04d}", at_s, measurements=made, labels=labels)

"""Puts a change of identity into words, without a coordinate (Order 190, art. 25)."""

import math
from typing import Final

from stationd.facts import Event, Evidence
from stationd.station.identity import Change
from stationd.station.state import is_default

_LABELS: Final = {
    "station_id": "station id",
    "leap_seconds": "leap seconds (1013)",
    "antenna_height": "antenna height (1006)",
    "antenna_descriptor": "antenna descriptor",
    "antenna_serial": "antenna serial number",
    "receiver_descriptor": "receiver descriptor",
    "receiver_firmware": "receiver firmware",
    "receiver_serial": "receiver serial number",
}
_UNITS: Final = {"antenna_height": " m", "leap_seconds": " s"}


def identity_event(station: str, change: Change) -> Event:
    """Return the event that tells of a change."""
    match change:
        case Change("arp", tuple(before), tuple(after)):
            told = _arp(before, after, change.times)
        case _:
            told = _named(change)
    before_text, after_text, reason, evidence = told
    return Event(
        station, change.at, "identity", change.subject, before_text, after_text, reason,
        {**evidence, "changes": change.times},
    )  # fmt: skip


def _named(change: Change) -> tuple[str, str, str, Evidence]:
    label = _LABELS.get(change.subject, change.subject)
    before, after = (_shown(change.subject, value) for value in (change.before, change.after))
    if before == after:
        reason = f"the {label} changed {change.times} times and is {after} again"
    else:
        reason = f"the {label} changed from {before} to {after}{_often(change.times)}"
    return before, after, reason, {}


def _shown(subject: str, value: object) -> str:
    match value:
        case float():
            return f"{value:.4f}{_UNITS.get(subject, '')}"
        case str():
            return f'"{value}"'
    return f"{value}{_UNITS.get(subject, '')}"


def _arp(
    before: tuple[float, float, float], after: tuple[float, float, float], times: int
) -> tuple[str, str, str, Evidence]:
    kinds = (_kind(before), _kind(after))
    match kinds:
        case ("given", "default"):
            reason = "the broadcast ARP became a default coordinate"
        case ("default", "given"):
            reason = "the broadcast ARP is no longer a default coordinate"
        case ("default", "default"):
            reason = "the broadcast ARP is another default coordinate"
        case _:
            # No metres where one end is a default: from the earth's centre they are a coordinate.
            moved_m = math.dist(before, after)
            if moved_m == 0.0:
                reason = f"the broadcast ARP moved {times} times and is back"
                return "", "back", reason, {"moved_m": 0.0}
            reason = f"the broadcast ARP moved by {moved_m:.4f} m{_often(times)}"
            return "", f"moved by {moved_m:.4f} m", reason, {"moved_m": round(moved_m, 4)}
    return kinds[0], kinds[1], reason + _often(times), {}


def _kind(ecef_m: tuple[float, float, float]) -> str:
    return "default" if is_default(ecef_m) else "given"


def _often(times: int) -> str:
    return "" if times == 1 else f", after {times} changes"

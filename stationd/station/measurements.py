"""The numbers of one station that are published, by the names of `facts.QUANTITIES`.

What is stale is left out: a sink never sees the last value of a dead stream. Counters stay.
"""

import math

from stationd.facts import Measurements
from stationd.station.reading import Reading
from stationd.station.state import OTHER_TYPES
from stationd.wire.framing import Framer

STALE_S = 60.0
RATE_SPAN_S = 60.0
IDENTITY_STALE_S = 300.0

_NO_LABEL = ()


def measurements(reading: Reading, framer: Framer) -> Measurements:
    """Return name -> label values -> value."""
    state, now_s = reading.state, reading.now.monotonic_s
    values: dict[str, dict[tuple[str, ...], float]] = {
        "received_bytes": {_NO_LABEL: framer.received_bytes},
        "skipped_bytes": {_NO_LABEL: framer.skipped_bytes},
        "frames": {_NO_LABEL: framer.frames},
        "crc_failures": {_NO_LABEL: framer.crc_failures},
        "decode_errors": {_NO_LABEL: state.decode_errors},
        "sentences": {_NO_LABEL: framer.sentences},
        "sentence_failures": {_NO_LABEL: framer.sentence_failures},
        "impossible_epochs": {_NO_LABEL: state.impossible_epochs},
        "messages": {
            ("other" if number == OTHER_TYPES else str(number),): seen.count
            for number, seen in state.messages.items()
        },
        "epochs": {(letter,): track.epochs for letter, track in state.tracks.items()},
        "missing_epochs": {(letter,): track.missing for letter, track in state.tracks.items()},
    }
    if state.has_link:
        values["connected"] = {_NO_LABEL: float(state.connected)}
        values["reconnects"] = {_NO_LABEL: max(0, state.connections - 1)}
    if state.last_data is not None:
        if state.last_data.utc_s is not None:
            values["last_data_utc_s"] = {_NO_LABEL: state.last_data.utc_s}
        if reading.age_s(state.last_data.monotonic_s) <= STALE_S:
            _fresh(values, reading)
    fix = state.fix
    if fix is not None and now_s - fix.at_s <= STALE_S:
        values["fix_quality"] = {_NO_LABEL: fix.quality}
        if fix.satellites is not None:
            values["fix_satellites"] = {_NO_LABEL: fix.satellites}
        if fix.hdop is not None:
            values["fix_hdop"] = {_NO_LABEL: fix.hdop}
    return values


def _fresh(values: dict[str, dict[tuple[str, ...], float]], reading: Reading) -> None:
    """Add what only a live stream has."""
    state, now_s = reading.state, reading.now.monotonic_s
    rate = state.byte_rate_bytes_per_s(now_s, RATE_SPAN_S)
    values["byte_rate_bytes_per_s"] = {_NO_LABEL: rate}
    good, bad = state.frame_window(now_s, RATE_SPAN_S)
    if good + bad:
        values["crc_good_ratio"] = {_NO_LABEL: good / (good + bad)}
    values["last_epoch_utc_s"] = {
        (letter,): track.last_utc_s
        for letter, track in state.tracks.items()
        if track.last_utc_s is not None and reading.age_s(track.last_monotonic_s) <= STALE_S
    }
    values["epoch_completeness_ratio"] = {
        (letter,): share for letter, share in reading.completeness.items()
    }
    values["satellites"] = {(letter,): n for letter, n in reading.satellites.items()}
    values["cn0_median_dbhz"] = {
        (letter, letter + code): value for (letter, code), value in reading.cn0_median_dbhz.items()
    }
    if reading.latency_s is not None and reading.clock_synchronised:
        values["latency_s"] = {_NO_LABEL: reading.latency_s}
    if state.arp is not None and now_s - state.arp.at_s <= IDENTITY_STALE_S:
        offset_m = state.arp_offset_m()
        if not math.isnan(offset_m) and not state.arp.is_default:
            values["arp_offset_m"] = {_NO_LABEL: offset_m}

"""The numbers of one station that are published, by the names of `facts.QUANTITIES`.

What is stale is left out: a sink never sees the last value of a dead stream. Counters stay.

Numbers are taken every second and read once in many: what is taken are the numbers as they are,
and the tables are made of them when somebody reads the first one.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from stationd.station.reading import Reading
from stationd.station.state import OTHER_TYPES, NmeaFix
from stationd.wire.framing import Framer

STALE_S: Final = 60.0
RATE_SPAN_S: Final = 60.0
IDENTITY_STALE_S: Final = 300.0

Table = dict[tuple[str, ...], float]
_NO_LABEL: Final = ()
_COUNTERS: Final = (
    "received_bytes", "skipped_bytes", "frames", "crc_failures", "decode_errors", "sentences",
    "sentence_failures", "impossible_epochs",
)  # fmt: skip


# Letter, epochs, missing epochs, and UTC of the newest while it is not stale: a plain tuple, since
# five are made a second and station.
_Track = tuple[str, int, int, float | None]


class _Live(NamedTuple):
    """What only a live stream has."""

    rate_bytes_per_s: float
    good_frames: int
    bad_frames: int
    completeness: Mapping[str, float]
    satellites: Mapping[str, int]
    cn0_median_dbhz: Mapping[tuple[str, str], float]
    latency_s: float | None
    arp_offset_m: float  # NaN where there is none


class _Taken(NamedTuple):
    counters: tuple[int, ...]
    messages: list[tuple[int, int]]
    tracks: list[_Track]
    connected: bool | None
    connections: int
    last_data_utc_s: float | None
    live: _Live | None
    fix: NmeaFix | None


class Measured(Mapping[str, Mapping[tuple[str, ...], float]]):
    """Name -> label values -> value, as it was at one instant."""

    __slots__ = ("_made", "_taken")

    def __init__(self, taken: _Taken) -> None:
        self._taken = taken
        self._made: dict[str, Table] | None = None

    def __getitem__(self, name: str) -> Table:
        return self._tables()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables())

    def __len__(self) -> int:
        return len(self._tables())

    def __repr__(self) -> str:
        return f"Measured({self._tables()!r})"

    def _tables(self) -> dict[str, Table]:
        if self._made is None:
            self._made = _tables(self._taken)
        return self._made


def measurements(reading: Reading, framer: Framer) -> Measured:
    """Take the numbers as they are now; nothing that changes later is kept."""
    state, now_s = reading.state, reading.now.monotonic_s
    oldest_s = now_s - STALE_S
    last = state.last_data
    fix = state.fix
    return Measured(
        _Taken(
            counters=(
                framer.received_bytes, framer.skipped_bytes, framer.frames, framer.crc_failures,
                state.decode_errors, framer.sentences, framer.sentence_failures,
                state.impossible_epochs,
            ),
            messages=[(number, seen.count) for number, seen in state.messages.items()],
            tracks=[
                (
                    letter, track.epochs, track.missing,
                    track.last_utc_s if track.last_monotonic_s >= oldest_s else None,
                )
                for letter, track in state.tracks.items()
            ],
            connected=state.connected if state.has_link else None,
            connections=state.connections,
            last_data_utc_s=None if last is None else last.utc_s,
            live=None if last is None or last.monotonic_s < oldest_s else _live(reading),
            fix=None if fix is None or fix.at_s < oldest_s else fix,
        )
    )  # fmt: skip


def _live(reading: Reading) -> _Live:
    state, now_s = reading.state, reading.now.monotonic_s
    good, bad = state.frame_window(now_s, RATE_SPAN_S)
    offset_m = math.nan
    if state.arp is not None and now_s - state.arp.at_s <= IDENTITY_STALE_S:
        offset_m = math.nan if state.arp.is_default else state.arp_offset_m()
    return _Live(
        state.byte_rate_bytes_per_s(now_s, RATE_SPAN_S),
        good,
        bad,
        reading.completeness,
        reading.satellites,
        reading.cn0_median_dbhz,
        reading.latency_s if reading.clock_synchronised else None,
        offset_m,
    )


def _tables(taken: _Taken) -> dict[str, Table]:
    tables: dict[str, Table] = {
        name: {_NO_LABEL: count} for name, count in zip(_COUNTERS, taken.counters, strict=True)
    }
    tables["messages"] = {
        ("other" if number == OTHER_TYPES else str(number),): count
        for number, count in taken.messages
    }
    tables["epochs"] = {(letter,): epochs for letter, epochs, _, _ in taken.tracks}
    tables["missing_epochs"] = {(letter,): missing for letter, _, missing, _ in taken.tracks}
    if taken.connected is not None:
        tables["connected"] = {_NO_LABEL: float(taken.connected)}
        tables["reconnects"] = {_NO_LABEL: max(0, taken.connections - 1)}
    if taken.last_data_utc_s is not None:
        tables["last_data_utc_s"] = {_NO_LABEL: taken.last_data_utc_s}
    if taken.live is not None:
        tables |= _of_live(taken.live)
        tables["last_epoch_utc_s"] = {
            (letter,): utc_s for letter, _, _, utc_s in taken.tracks if utc_s is not None
        }
    fix = taken.fix
    if fix is not None:
        tables["fix_quality"] = {_NO_LABEL: fix.quality}
        if fix.satellites is not None:
            tables["fix_satellites"] = {_NO_LABEL: fix.satellites}
        if fix.hdop is not None:
            tables["fix_hdop"] = {_NO_LABEL: fix.hdop}
    return tables


def _of_live(live: _Live) -> dict[str, Table]:
    tables: dict[str, Table] = {
        "byte_rate_bytes_per_s": {_NO_LABEL: live.rate_bytes_per_s},
        "epoch_completeness_ratio": {(x,): share for x, share in live.completeness.items()},
        "satellites": {(letter,): count for letter, count in live.satellites.items()},
        "cn0_median_dbhz": {
            (letter, letter + code): value for (letter, code), value in live.cn0_median_dbhz.items()
        },
    }
    frames = live.good_frames + live.bad_frames
    if frames:
        tables["crc_good_ratio"] = {_NO_LABEL: live.good_frames / frames}
    if live.latency_s is not None:
        tables["latency_s"] = {_NO_LABEL: live.latency_s}
    if not math.isnan(live.arp_offset_m):
        tables["arp_offset_m"] = {_NO_LABEL: live.arp_offset_m}
    return tables

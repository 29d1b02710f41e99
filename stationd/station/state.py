"""What is known of one station: its link, stream, epochs, identity and fix, each with its age.

Bounded: histories are rings, tables have a limit, and what is beyond it is counted as "other".
Monotonic readings end in `_s` and say when something was last heard.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from stationd.inputs import Instant, LinkChange, LinkState
from stationd.station.epochs import Cells, EpochTrack
from stationd.station.history import CountHistory, Key, Window
from stationd.station.registration import ReferenceCoordinate, Registration

COMPLETENESS_SPAN_S: Final = 600.0
COMPLETENESS_EVERY_S: Final = 5.0  # as often as it is judged
LATENCIES_KEPT: Final = 15
LATENCY_STALE_S: Final = 60.0
RECONNECTS_KEPT: Final = 100
TYPES_KEPT: Final = 128  # message types counted apart; a sound stream has some twenty
OTHER_TYPES: Final = -1
FRESH_EPOCHS: Final = 3.0  # intervals after which the newest epoch is stale
FRESH_LEAST_S: Final = 5.0
FORGOTTEN_DESCRIPTOR_S: Final = 600.0  # one that is not said among those that are
FOREIGN_ID_KEPT_S: Final = 30.0  # so that a second station in the stream is not missed between
FORGOTTEN_TRACK_S: Final = 3600.0  # a constellation not seen for so long is no longer expected
EARTH_INSIDE_M: Final = 6_300_000.0  # no antenna is nearer to the centre of the earth


class MessageCount:
    """How often and when a message type came.

    `sendings`: what comes at a rate. An epoch with more than 64 cells takes two messages of one
    type; they are counted twice, and are one sending.
    """

    __slots__ = ("count", "epoch_ms", "last_s", "sendings")

    def __init__(self) -> None:
        self.count = 0
        self.sendings = 0
        self.epoch_ms: int | None = None
        self.last_s = -math.inf


@dataclass(frozen=True, slots=True, repr=False)
class BroadcastArp:
    """The ARP of 1005 or 1006, ECEF metres; its `repr` shows no coordinate."""

    x_m: float
    y_m: float
    z_m: float
    height_m: float | None  # marker to ARP, 1006 only
    at_s: float

    @property
    def is_default(self) -> bool:
        """True for zeros and other places inside the earth, which receivers send unconfigured."""
        return is_default(self.ecef_m)

    @property
    def ecef_m(self) -> tuple[float, float, float]:
        return (self.x_m, self.y_m, self.z_m)

    def distance_m(self, reference: ReferenceCoordinate) -> float:
        return math.dist(self.ecef_m, (reference.x_m, reference.y_m, reference.z_m))


def is_default(ecef_m: tuple[float, float, float]) -> bool:
    """Return whether a position is inside the earth."""
    return math.hypot(*ecef_m) < EARTH_INSIDE_M


@dataclass(frozen=True, slots=True)
class NmeaFix:
    """What a GGA sentence says of the receiver's own fix, its position left out."""

    quality: int
    satellites: int | None
    hdop: float | None
    at_s: float


class StationState:
    """Mutable state of one station, changed by the pipeline only."""

    def __init__(self, registration: Registration, started_s: float) -> None:
        self.registration = registration
        self.watched_since_s = started_s
        # The link.
        self.has_link = False
        self.connected = False
        self.connections = 0
        self.link_reason = ""
        self._delivered = False  # whether the newest connection has brought anything
        self.reconnects_s: deque[float] = deque(maxlen=RECONNECTS_KEPT)
        # Bytes and frames.
        self.first_data_s = started_s
        self.last_data: Instant | None = None
        self.history = CountHistory()
        self.received_bytes = 0
        self.frames = 0
        self.crc_failures = 0
        self.decode_errors = 0
        self.impossible_epochs = 0
        self.messages: dict[int, MessageCount] = {}
        self.station_id: int | None = None
        self.foreign_station_id: int | None = None
        self._foreign_s = 0.0
        # Epochs.
        self.tracks: dict[str, EpochTrack] = {}
        self._completeness: dict[str, float] = {}
        self._completeness_of = (-math.inf, 0.0)  # until when, and of which interval
        self.latencies: deque[tuple[float, float]] = deque(maxlen=LATENCIES_KEPT)
        # Identity.
        self.arp: BroadcastArp | None = None
        self.descriptors: dict[str, str] = {}
        self.descriptors_s = started_s
        self._descriptor_s: dict[str, float] = {}
        self.leap_seconds_s: int | None = None  # GPS time less UTC, as 1013 says
        self.fix: NmeaFix | None = None

    def link(self, change: LinkChange) -> None:
        """Take what the source says of its connection."""
        self.link_reason = change.reason
        if change.state is LinkState.CONNECTED:
            self.has_link = True
            # Of an outage with many tries, only the first is a connection that did not last.
            if self._delivered:
                self.reconnects_s.append(change.at.monotonic_s)
            self._delivered = False
            self.connections += 1
            self.connected = True
        else:
            self.has_link = self.has_link or change.state is not LinkState.ENDED
            self.connected = False

    def received(self, size_bytes: int, at: Instant) -> None:
        """Take that bytes came."""
        if self.last_data is None:
            self.first_data_s = at.monotonic_s
            self.history.begin(at.monotonic_s)
        self.last_data = at
        self.received_bytes += size_bytes
        self._delivered = True

    def sample(self, now_s: float) -> None:
        """Keep the running counts, where it is time to."""
        if self.history.due(now_s):
            self.history.sample(now_s, self._counts())

    def _counts(self) -> Iterator[tuple[Key, int]]:
        yield "bytes", self.received_bytes
        yield "frames", self.frames
        yield "crc", self.crc_failures
        for number, seen in self.messages.items():
            yield number, seen.sendings
        for letter, track in self.tracks.items():
            yield letter, track.epochs

    def frame_window(self, now_s: float, span_s: float) -> tuple[int, int]:
        """Return frames that passed and that failed their CRC, over up to `span_s`."""
        good = self.history.window("frames", self.frames, now_s, span_s)
        bad = self.history.window("crc", self.crc_failures, now_s, span_s)
        return good.counted, bad.counted

    def message_window(self, number: int, now_s: float, span_s: float) -> Window:
        """Return sendings of a type, over up to `span_s`."""
        seen = self.messages.get(number)
        return self.history.window(number, seen.sendings if seen else 0, now_s, span_s)

    def counted(self, number: int, at_s: float, epoch_ms: int | None = None) -> None:
        """Take that a message of a type came, of an epoch where it has one."""
        seen = self.messages.get(number)
        if seen is None:
            if len(self.messages) >= TYPES_KEPT:
                number = OTHER_TYPES
            seen = self.messages.setdefault(number, MessageCount())
        seen.count += 1
        if epoch_ms is None or epoch_ms != seen.epoch_ms:
            seen.sendings += 1
            seen.epoch_ms = epoch_ms
        seen.last_s = at_s

    def identified(self, station_id: int, at_s: float = 0.0) -> None:
        """Take the station id (DF003) of a message.

        An id other than the expected one is remembered for a while: where two stations share a
        stream, whichever came last would hide the other.
        """
        self.station_id = station_id
        expected = self.registration.expect.station_id
        if expected is None:
            return
        if station_id != expected:
            self.foreign_station_id = station_id
            self._foreign_s = at_s
        elif self.foreign_station_id is not None and at_s - self._foreign_s > FOREIGN_ID_KEPT_S:
            self.foreign_station_id = None

    def track(self, letter: str) -> EpochTrack:
        track = self.tracks.get(letter)
        if track is None:
            track = self.tracks[letter] = EpochTrack()
        return track

    def described(self, said: dict[str, str], at_s: float) -> None:
        """Take descriptors by name. One that is no longer said among the others is forgotten."""
        self.descriptors.update(said)
        self.descriptors_s = at_s
        self._descriptor_s.update(dict.fromkeys(said, at_s))
        for name, said_s in list(self._descriptor_s.items()):
            if at_s - said_s > FORGOTTEN_DESCRIPTOR_S:
                del self.descriptors[name], self._descriptor_s[name]

    def arp_offset_m(self) -> float:
        """Return the distance of the broadcast ARP from the registered one; NaN without both."""
        if self.arp is None or self.registration.reference is None:
            return math.nan
        return self.arp.distance_m(self.registration.reference)

    def fresh_tracks(self, now_s: float) -> dict[str, list[Cells]]:
        """Return each constellation's newest whole epoch, where it is not stale."""
        limit_s = max(FRESH_LEAST_S, FRESH_EPOCHS * self.registration.expect.epoch_interval_s)
        return {
            letter: list(track.newest(now_s))
            for letter, track in self.tracks.items()
            if now_s - track.last_monotonic_s <= limit_s
        }

    def byte_rate_bytes_per_s(self, now_s: float, span_s: float) -> float:
        """Return the mean rate over up to `span_s`; 0 before anything could come."""
        count, covered_s = self.history.window("bytes", self.received_bytes, now_s, span_s)
        return count / covered_s if covered_s > 0 else 0.0

    def latency_s(self, now_s: float) -> float | None:
        """Return the median latency of the newest epochs; None where none is fresh and dated."""
        oldest_s = now_s - LATENCY_STALE_S
        if not self.latencies or self.latencies[-1][0] < oldest_s:
            return None
        return median([value_s for at_s, value_s in self.latencies if at_s >= oldest_s])

    def completeness(self, now_s: float) -> dict[str, float]:
        """Return each constellation's share of epochs received, over up to 600 s, 5 s old at most.

        The share is of whole intervals, so that the epoch which is just due is not yet missing.
        """
        window, interval_s = self.history.window, self.registration.expect.epoch_interval_s
        until_s, of_s = self._completeness_of
        if now_s < until_s and interval_s == of_s:
            return self._completeness
        shares = {}
        for letter, track in self.tracks.items():
            if now_s - track.last_monotonic_s > FORGOTTEN_TRACK_S:
                continue
            count, covered_s = window(letter, track.epochs, now_s, COMPLETENESS_SPAN_S)
            expected = int(covered_s / interval_s)
            if expected:
                # An epoch more or less at the window's edges proves nothing.
                shares[letter] = 1.0 if count >= expected - 1 > 0 else count / expected
        self._completeness = shares
        self._completeness_of = (now_s + COMPLETENESS_EVERY_S, interval_s)
        return shares

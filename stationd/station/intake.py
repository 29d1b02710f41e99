"""Takes decoded messages into a station's state: what each type says of the station."""

from typing import Final

from stationd.facts import Event
from stationd.gnss.ephemerides import GlonassEphemeris, KeplerEphemeris
from stationd.gnss.time import utc_from_gpst, utc_from_mjd
from stationd.inputs import Instant
from stationd.station.calendar import Calendar
from stationd.station.dating import Dating
from stationd.station.epochs import Cells, EpochTrack
from stationd.station.identity import Identity
from stationd.station.identity_events import identity_event
from stationd.station.state import BroadcastArp, NmeaFix, StationState
from stationd.units import SECONDS_PER_DAY
from stationd.wire.errors import DecodeError
from stationd.wire.nmea0183.sentences import Gga, Rmc, Zda, decode_sentence, sentence_type
from stationd.wire.rtcm3.decoders import DECODERS
from stationd.wire.rtcm3.legacy import LegacyObservations
from stationd.wire.rtcm3.msm import LEAP_DAY_MS, WEEK_MS, Msm
from stationd.wire.rtcm3.msm_layout import LETTERS
from stationd.wire.rtcm3.station_messages import (
    Descriptors,
    GlonassBiases,
    ReferencePoint,
    SystemParameters,
    Text,
)

UNKNOWN_DAY: Final = 7  # DF416
NO_FIX: Final = 0  # GGA fix quality
DATED_SENTENCES: Final = ("RMC", "ZDA")
# Of the sentences that only repeat a date which is known, one in so many is read: each costs 50
# microseconds, and three a second of a thousand stations would be a seventh of a core.
READ_EVERY: Final = 10


class Intake:
    """Writes one station's state; collects the events that are not verdicts."""

    __slots__ = ("_dated", "_dating", "_identity", "calendar", "state")

    def __init__(self, state: StationState, calendar: Calendar) -> None:
        self.state = state
        self.calendar = calendar
        self._dating = Dating(calendar)
        self._identity = Identity()
        self._dated = 0  # sentences with a date

    def take_events(self) -> list[Event]:
        """Return what happened since last asked."""
        state = self.state
        if state.last_data is None:
            return []
        changes = self._identity.news(state.last_data.monotonic_s)
        return [identity_event(state.registration.id, change) for change in changes]

    def msm(self, message: Msm | DecodeError, at: Instant) -> None:
        """Take an MSM, or that a frame said to be one is none."""
        state = self.state
        if message.__class__ is not Msm:
            state.decode_errors += 1
            return
        # Thousands come in a second: unpacked once, and no property is computed twice.
        number, station_id, epoch_ms, day, more, columns, start, stop = message
        state.counted(number, at.monotonic_s, epoch_ms)
        self._identified(station_id, at)
        if epoch_ms >= (WEEK_MS if day is None else LEAP_DAY_MS):
            state.impossible_epochs += 1
            return
        track = self._epoch(LETTERS[number // 10], epoch_ms / 1000, day, at, more=more)
        if track is not None:
            track.gather(
                Cells(columns.satellite_index, columns.signal_index, columns.values, start, stop)
            )
        if not more:
            for one in state.tracks.values():
                one.complete()

    def frame(self, number: int, data: bytes, at: Instant) -> None:
        """Take any other frame. A type without a decoder is counted and no more."""
        state = self.state
        decode = DECODERS.get(number)
        if decode is None:
            state.counted(number, at.monotonic_s)
            return
        try:
            message = decode(data)
        except DecodeError:
            state.decode_errors += 1
            return
        state.counted(number, at.monotonic_s)
        self._take(message, at)

    def _take(self, message: object, at: Instant) -> None:
        match message:
            case LegacyObservations():
                self._legacy(message, at)
            case ReferencePoint():
                self._reference_point(message, at)
            case Descriptors():
                self._descriptors(message, at)
            case SystemParameters():
                self._identified(message.station_id, at)
                self._date(message.mjd, message.second_of_day_s)
                self.state.leap_seconds_s = message.leap_seconds_s
                self._identity.observe("leap_seconds", message.leap_seconds_s, at)
            case Text():
                self._identified(message.station_id, at)
                self._date(message.mjd, message.second_of_day_s)
            case KeplerEphemeris() | GlonassEphemeris():
                if not self._dating.ephemeris(message):
                    self.state.impossible_epochs += 1
            case GlonassBiases():
                self._identified(message.station_id, at)

    def sentence(self, data: bytes, at: Instant) -> None:
        """Take an NMEA sentence. Types that the state has no use for are not read."""
        kind = sentence_type(data)
        if kind in DATED_SENTENCES:
            self._dated += 1
            if not self._dating.wanted and self._dated % READ_EVERY:
                return
        elif kind != "GGA":
            return
        try:
            value = decode_sentence(data)
        except DecodeError:
            self.state.decode_errors += 1
            return
        fix = self.state.fix
        match value:
            case Gga(quality=int(quality)):
                self.state.fix = NmeaFix(quality, value.satellites, value.hdop, at.monotonic_s)
            case Rmc(utc_s=float(utc_s), valid=True):
                self._dating.instant(utc_s)
            # A ZDA does not say whether its date is good; a receiver without a fix may not know.
            case Zda(utc_s=float(utc_s)) if fix is None or fix.quality != NO_FIX:
                self._dating.instant(utc_s)

    def _identified(self, station_id: int, at: Instant) -> None:
        state = self.state
        if station_id != state.station_id:
            self._identity.observe("station_id", station_id, at)
        elif state.registration.expect.station_id is None:
            return  # five times a second and station: nothing can have changed
        state.identified(station_id, at.monotonic_s)

    def _epoch(
        self, letter: str, epoch_s: float, day: int | None, at: Instant, *, more: bool
    ) -> EpochTrack | None:
        """Take a message's epoch; return its track, None where its cells count for nothing."""
        state, monotonic_s = self.state, at.monotonic_s
        track = state.track(letter)
        daily = letter == "R" and (day is None or day >= UNKNOWN_DAY)
        of_period_s = epoch_s if daily or day is None else day * SECONDS_PER_DAY + epoch_s
        late = track.out_of_order
        interval_s = state.registration.expect.epoch_interval_s
        if track.observe(
            of_period_s, daily=daily, monotonic_s=monotonic_s, interval_s=interval_s, more=more
        ):
            gpst_s = self._dating.epoch(letter, epoch_s, day, monotonic_s)
            if gpst_s is not None:
                track.last_utc_s = utc_from_gpst(gpst_s)
                if at.utc_s is not None:
                    state.latencies.append((monotonic_s, at.utc_s - track.last_utc_s))
        return track if track.out_of_order == late else None

    def _legacy(self, message: LegacyObservations, at: Instant) -> None:
        self._identified(message.station_id, at)
        if not message.epoch_is_possible:
            self.state.impossible_epochs += 1
            return
        for letter, columns in message.columns.items():
            # DF005 speaks of other constellations: of its own, a message holds the whole epoch.
            track = self._epoch(letter, message.epoch_s, None, at, more=False)
            if track is not None:
                cells = Cells(
                    columns.satellite_index,
                    columns.signal_index,
                    columns.values,
                    0,
                    len(columns.satellite_index),
                )
                track.gather(cells)

    def _date(self, mjd: int, second_of_day_s: int) -> None:
        """Take a date of 1013 or 1029 (DF051, DF052)."""
        possible = second_of_day_s <= SECONDS_PER_DAY  # a leap second is the 86,401st
        if not possible or not self._dating.instant(utc_from_mjd(mjd, second_of_day_s)):
            self.state.impossible_epochs += 1

    def _reference_point(self, message: ReferencePoint, at: Instant) -> None:
        self._identified(message.station_id, at)
        before = self.state.arp
        # 1005 says nothing of the height: what a 1006 said of it holds on.
        height_m = message.height_m
        if height_m is None and before is not None:
            height_m = before.height_m
        self.state.arp = BroadcastArp(
            message.x_m, message.y_m, message.z_m, height_m, at.monotonic_s
        )
        self._identity.observe("arp", self.state.arp.ecef_m, at)
        if message.height_m is not None:
            self._identity.observe("antenna_height", message.height_m, at)

    def _descriptors(self, message: Descriptors, at: Instant) -> None:
        self._identified(message.station_id, at)
        sent = {
            "antenna_descriptor": message.antenna,
            "antenna_serial": message.antenna_serial,
            "receiver_descriptor": message.receiver,
            "receiver_firmware": message.receiver_firmware,
            "receiver_serial": message.receiver_serial,
        }
        # An empty field is no statement: stations send 1008 in full and 1033 half empty.
        said = {name: text for name, value in sent.items() if (text := printable(value or ""))}
        if said:
            self.state.described(said, at.monotonic_s)
        for name, text in said.items():
            self._identity.observe(name, " ".join(text.split()), at)


def printable(text: str) -> str:
    """Return a descriptor fit for a log line and a label: padding off, control characters as ?."""
    return "".join(c if c.isprintable() else "?" for c in text.strip("\0 \t\r\n"))

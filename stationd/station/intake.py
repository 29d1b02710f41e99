"""Takes decoded messages into a station's state: what each type says of the station."""

from typing import Final

from stationd.facts import Event
from stationd.gnss.time import utc_from_gpst
from stationd.inputs import Instant
from stationd.station.calendar import Calendar
from stationd.station.epochs import Cells
from stationd.station.state import StationState
from stationd.units import SECONDS_PER_DAY
from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.msm import Msm

UNKNOWN_DAY: Final = 7  # DF416


class Intake:
    """Writes one station's state; collects the events that are not verdicts."""

    __slots__ = ("_events", "calendar", "state")

    def __init__(self, state: StationState, calendar: Calendar) -> None:
        self.state = state
        self.calendar = calendar
        self._events: list[Event] = []

    def take_events(self) -> list[Event]:
        """Return what happened since last asked."""
        events, self._events = self._events, []
        return events

    def msm(self, message: Msm | DecodeError, at: Instant) -> None:
        """Take an MSM, or that a frame said to be one is none."""
        state = self.state
        if message.__class__ is not Msm:
            state.decode_errors += 1
            return
        state.counted(message.number, at.monotonic_s)
        state.identified(message.station_id)
        if not message.epoch_is_possible:
            state.impossible_epochs += 1
            return
        if self._epoch(
            message.constellation,
            message.epoch_s,
            message.glonass_day,
            at,
            more=message.more_follows,
        ):
            columns = message.columns
            state.tracks[message.constellation].gather(
                Cells(
                    columns.satellite_index,
                    columns.signal_index,
                    columns.values,
                    message.start,
                    message.stop,
                )
            )

    def _epoch(
        self, letter: str, epoch_s: float, day: int | None, at: Instant, *, more: bool
    ) -> bool:
        """Take a message's epoch; False where it is late and its cells count for nothing."""
        track = self.state.track(letter)
        daily = letter == "R" and (day is None or day >= UNKNOWN_DAY)
        of_period_s = epoch_s if daily or day is None else day * SECONDS_PER_DAY + epoch_s
        late = track.out_of_order
        new = track.observe(
            of_period_s,
            daily=daily,
            monotonic_s=at.monotonic_s,
            interval_s=self.state.registration.expect.epoch_interval_s,
            more=more,
        )
        if new:
            gpst_s = self.calendar.date(letter, epoch_s, day)
            if gpst_s is not None:
                track.last_utc_s = utc_from_gpst(gpst_s)
                if at.utc_s is not None:
                    self.state.latencies.append((at.monotonic_s, at.utc_s - track.last_utc_s))
        return track.out_of_order == late

    def frame(self, number: int, data: bytes, at: Instant) -> None:
        self.state.counted(number, at.monotonic_s)

    def sentence(self, data: bytes, at: Instant) -> None:
        pass

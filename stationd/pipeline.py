"""One station's way from bytes to facts, and the tick that judges many stations together.

    receive(chunk)   framing; frames wait                         as bytes come
    decode(lines)    MSM of all stations in one batch, into state some times a second
    tick(lines, now) newest epochs stacked, checks, facts         once a second

Everything here is a pure function of bytes and times: no clock is read, nothing is sent. The same
recording gives the same facts however it is chunked and however stations are grouped.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stationd.checks import CHECKS
from stationd.checks.fingerprint import fingerprint
from stationd.checks.hysteresis import Settled, settle
from stationd.checks.verdict import Settling
from stationd.facts import (
    CheckResult,
    Event,
    Evidence,
    Health,
    StationFacts,
    worst,
)
from stationd.inputs import Chunk, Instant, LinkChange
from stationd.solutions.signal_quality import SignalQuality, signal_quality
from stationd.station.calendar import Calendar, Rank
from stationd.station.intake import Intake
from stationd.station.measurements import measurements
from stationd.station.reading import Reading
from stationd.station.registration import Registration
from stationd.station.state import StationState
from stationd.wire.framing import Frame, Framer, Sentence
from stationd.wire.rtcm3.msm_batch import decode_msm_batch
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS

TICK_S: Final = 1.0
MOST_WAITING: Final = 4096  # frames of one station; a burst beyond it is decoded at once


@dataclass(frozen=True, slots=True)
class StationSettings:
    """What the line needs to know of a station. `limits`: check name -> its limits."""

    registration: Registration
    limits: Mapping[str, Settling]


class StationLine:
    """The line of one station.

    `live`: its bytes are of now, so that the host's clock dates them; a recording's are not.
    `health`: what was last said of the station, where a line takes over from another.
    `peer`: who brings the bytes, without credentials: stations that share it fail together.
    """

    def __init__(
        self,
        settings: StationSettings,
        started: Instant,
        calendar: Calendar | None = None,
        *,
        live: bool = True,
        health: Health = Health.UNKNOWN,
        peer: str = "",
    ) -> None:
        self.state = StationState(settings.registration, started.monotonic_s)
        self.framer = Framer()
        self.live = live
        self.peer = peer
        self.waiting: list[tuple[Frame | Sentence, Instant]] = []
        self.intake = Intake(self.state, calendar or Calendar())
        self._settled: dict[str, Settled] = {}
        self._health = health
        self._revision = 0
        self.configure(settings)

    def configure(self, settings: StationSettings) -> None:
        """Judge by these settings from now on; what is known of the station stays known."""
        self.settings = settings
        self.state.registration = settings.registration
        self._judges = [
            (check, limits, limits.shown())
            for check in CHECKS
            for limits in (settings.limits[check.name],)
        ]
        self._fingerprint = fingerprint(settings.limits)
        # Every check is asked at the next tick, whenever it was asked last.
        self._settled = {
            name: settled._replace(asked_s=-math.inf) for name, settled in self._settled.items()
        }

    @property
    def station(self) -> str:
        return self.settings.registration.id

    @property
    def health(self) -> Health:
        """What was last said of the station."""
        return self._health

    def receive(self, chunk: Chunk) -> None:
        """Take bytes."""
        data, at = chunk
        framer, state = self.framer, self.state
        state.received(len(data), at)
        for item in framer.feed(data):
            self.waiting.append((item, at))
        state.frames = framer.frames
        state.crc_failures = framer.crc_failures
        if len(self.waiting) > MOST_WAITING:
            decode([self])

    def link(self, change: LinkChange) -> None:
        """Take what the source says of its connection."""
        self.state.link(change)

    def facts(self, now: Instant, quality: SignalQuality, *, clock: bool | None) -> StationFacts:
        """Judge the station and return what is to be published of it."""
        self.state.sample(now.monotonic_s)
        reading = Reading(
            now, self.settings.registration, self.state, clock,
            quality.satellites, quality.cn0_median_dbhz,
            self.state.completeness(now.monotonic_s), self.state.latency_s(now.monotonic_s),
        )  # fmt: skip
        events = self.intake.take_events()
        results = self._judged(reading, events)
        # What is withdrawn says nothing of the station: the host lacks the means to judge.
        health = worst([result.health for result in results if not result.withdrawn])
        if health is not self._health:
            reason, evidence = _why(health, results)
            events.append(
                Event(
                    self.station, now, "station", "health", self._health, health, reason, evidence
                )
            )
            self._health = health
        return StationFacts(
            station=self.station,
            at=now,
            health=health,
            results=results,
            measurements=measurements(reading, self.framer),
            events=tuple(events),
            labels=self.labels(),
            revision=self._revision,
        )

    def labels(self) -> dict[str, str]:
        """Return what the station is, from the registry and, beyond it, from the stream."""
        registered = self.settings.registration
        heard = self.state.descriptors
        return {
            "name": registered.name,
            "source": self.peer,
            "limits": self._fingerprint,
            "antenna": registered.antenna.descriptor or heard.get("antenna_descriptor", ""),
            "receiver": registered.receiver.descriptor or heard.get("receiver_descriptor", ""),
        }

    def _judged(self, reading: Reading, events: list[Event]) -> tuple[CheckResult, ...]:
        results = []
        settled_before = self._settled
        now_s = reading.now.monotonic_s
        for check, limits, shown in self._judges:
            name = check.name
            previous = settled_before.get(name)
            if previous is not None and now_s < previous.asked_s + check.every_s:
                results.append(previous.result)
                continue
            verdict = check.judge(reading, limits)
            if verdict is None:
                if previous is not None:
                    del settled_before[name]
                    self._revision += 1
                continue
            settled = settle(name, previous, verdict, limits, shown, reading.now)
            settled_before[name] = settled
            result = settled.result
            results.append(result)
            if previous is None or result.health is not previous.result.health:
                self._revision += 1
                before = previous.result.health if previous else Health.UNKNOWN
                if not {before, result.health} <= _NO_NEWS:
                    events.append(self._check_event(result, before, reading.now))
        return tuple(results)

    def _check_event(self, result: CheckResult, before: Health, now: Instant) -> Event:
        return Event(
            self.station, now, "check", result.check, before, result.health,
            result.reason, result.evidence,
        )  # fmt: skip


def _why(health: Health, results: Sequence[CheckResult]) -> tuple[str, Evidence]:
    """Return what a station's health rests on, in words and numbers."""
    if health is Health.OK:
        return "every check that is made is in order", {}
    gravest = next((r for r in results if r.health is health and not r.withdrawn), None)
    if gravest is None:
        return "nothing is checked", {}
    return f"{gravest.check}: {gravest.reason}", gravest.evidence


# Evidence that goes and comes is told once, as the station's health, and not by every check.
_NO_NEWS: Final = {Health.UNKNOWN, Health.OK}


def decode(lines: Sequence[StationLine]) -> None:
    """Decode what waits in all lines, MSM in one batch, and take it into their state, in order.

    A line whose bytes raise keeps them; those before it have lost nothing and take nothing twice.
    """
    frames = [
        item.data
        for line in lines
        for item, _ in line.waiting
        if item.__class__ is Frame and item.number in MSM_NUMBERS
    ]
    decoded = iter(decode_msm_batch(frames))
    for line in lines:
        intake = line.intake
        for item, at in line.waiting:
            if item.__class__ is not Frame:
                intake.sentence(item.data, at)
            elif item.number in MSM_NUMBERS:
                intake.msm(next(decoded), at)
            else:
                intake.frame(item.number, item.data, at)
        line.waiting = []


def judge(
    lines: Sequence[StationLine], now: Instant, *, clock_synchronised: bool | None
) -> Iterator[StationFacts]:
    """Stack the newest epochs of all lines, judge each at `now`, and yield its facts, in order.

    `clock_synchronised`: whether the host's clock is known to be right; None where unknown.
    """
    if now.utc_s is not None:
        rank = Rank.TRUSTED if clock_synchronised else Rank.HOST_CLOCK
        for line in lines:
            if line.live:
                line.intake.calendar.note_utc(now.utc_s, rank)
    qualities = signal_quality([line.state.fresh_tracks(now.monotonic_s) for line in lines])
    for line, quality in zip(lines, qualities, strict=True):
        yield line.facts(now, quality, clock=clock_synchronised)


def tick(
    lines: Sequence[StationLine], now: Instant, *, clock_synchronised: bool | None
) -> list[StationFacts]:
    """Decode what waits and judge: what the daemon does once a second with every station."""
    decode(lines)
    return list(judge(lines, now, clock_synchronised=clock_synchronised))


def replay(
    line: StationLine, chunks: Iterable[Chunk], *, clock_synchronised: bool | None
) -> Iterator[StationFacts]:
    """Play stamped chunks through a line, with the ticks that fall between them."""
    due_s: float | None = None
    last: Instant | None = None
    for chunk in chunks:
        at = chunk.at
        if due_s is None:
            due_s = at.monotonic_s + TICK_S
        while due_s <= at.monotonic_s:
            back_s = at.monotonic_s - due_s
            now = Instant(None if at.utc_s is None else at.utc_s - back_s, due_s)
            yield from tick([line], now, clock_synchronised=clock_synchronised)
            due_s += TICK_S
        line.receive(chunk)
        last = at
    if last is not None:
        for item in line.framer.finish():
            line.waiting.append((item, last))
        after = Instant(
            None if last.utc_s is None else last.utc_s + TICK_S, last.monotonic_s + TICK_S
        )
        yield from tick([line], after, clock_synchronised=clock_synchronised)

"""Plays a recording through the very pipeline of `run`: facts as JSON objects.

A recording with a time-tag file keeps its arrival times; any other is paced by its own epochs,
and its latency is unknown. The same recording gives the same objects every time.
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stationd.facts import StationFacts, event_json, state_json
from stationd.gnss.time import gpst_from_utc
from stationd.inputs import Chunk, Instant
from stationd.pipeline import StationLine, StationSettings
from stationd.pipeline import replay as replay_line
from stationd.recordings.inspection import Inspection
from stationd.sources.recording import has_times, timed_chunks
from stationd.station.calendar import Calendar, Rank
from stationd.station.pacing import Pacer

BLOCK_BYTES = 1 << 16


def play(
    path: Path,
    settings: StationSettings,
    speed: float | None,
    around_utc_s: float | None,
    every_s: float,
) -> Iterator[dict[str, Any]]:
    """Yield events, and the state on a change of health, every `every_s`, and at the end.

    `speed`: times real time, None for as fast as possible. `every_s`: 0 for changes only.
    """
    timed = has_times(path)
    calendar = Calendar()
    if timed:
        chunks: Iterable[Chunk] = timed_chunks(path)
    else:
        start_utc_s = around_utc_s if around_utc_s is not None else _start_utc_s(path)
        if start_utc_s is not None:
            calendar.note_utc(start_utc_s, Rank.TRUSTED)
        start = None if start_utc_s is None else gpst_from_utc(start_utc_s)
        chunks = Pacer(start).chunks(_blocks(path))
    line = StationLine(settings, Instant(None, 0.0), calendar, live=timed)
    # Who recorded with arrival times vouches for the clock; without them there is no latency.
    facts = replay_line(line, chunks, clock_synchronised=True if timed else None)
    return _told(facts if speed is None else _slowly(facts, speed), every_s)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _start_utc_s(path: Path) -> float | None:
    """Return when the recording begins, by what it says itself; None where it does not."""
    inspection = Inspection()
    for block in _blocks(path):
        inspection.feed(block)
    inspection.finish()
    return inspection.first_utc_s()


def _slowly(facts: Iterable[StationFacts], speed: float) -> Iterator[StationFacts]:
    begin_s: float | None = None
    started_s = time.monotonic()
    for one in facts:
        begin_s = one.at.monotonic_s if begin_s is None else begin_s
        due_s = started_s + (one.at.monotonic_s - begin_s) / speed
        time.sleep(max(0.0, due_s - time.monotonic()))
        yield one


def _told(facts: Iterable[StationFacts], every_s: float) -> Iterator[dict[str, Any]]:
    told_s: float | None = None
    health: tuple[Any, ...] | None = None
    last: StationFacts | None = None
    for one in facts:
        for event in one.events:
            yield {**event_json(event), "elapsed_s": event.at.monotonic_s}
        now_s = one.at.monotonic_s
        healths = tuple((result.check, result.health) for result in one.results)
        due = told_s is None or (every_s > 0 and now_s - told_s >= every_s)
        last = one
        if due or healths != health:
            told_s, health, last = now_s, healths, None
            yield {**state_json(one), "elapsed_s": now_s}
    if last is not None:
        yield {**state_json(last), "elapsed_s": last.at.monotonic_s}

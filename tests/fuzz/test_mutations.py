"""Hostile streams crash nothing, cost no good frame and no memory."""

import json
import math
import os
import random

import psutil
import pytest
from authorities.independent_scan import frames_at_every_byte, one_after_another
from fuzz.mutations import blocks
from hypothesis import given, settings
from hypothesis import strategies as st

from stationd.checks import CHECKS
from stationd.facts import event_json, state_json
from stationd.inputs import Chunk, Instant
from stationd.pipeline import StationLine, StationSettings, tick
from stationd.recordings.inspection import Inspection
from stationd.station.registration import Registration
from stationd.wire.framing import FOREIGN_LONGEST_BYTES, Frame, Framer

SHORT = 20_000
CAMPAIGN = int(os.environ.get("FUZZ_FRAMES", "1000000"))
GROWTH_BYTES = 24_000_000  # what the process may grow by once its caches are full
UTC_S = 1_781_438_400.0  # 2026-06-14


def new_line(*, live: bool) -> StationLine:
    limits = {check.name: check.limits() for check in CHECKS}
    settings = StationSettings(Registration(id="F"), limits)
    return StationLine(settings, Instant(UTC_S if live else None, 0.0), live=live)


def strict_json(value) -> str:
    return json.dumps(value, allow_nan=False)


def run(seed: int, count: int, *, dated: bool) -> dict[str, float]:
    """Play mutations through a line in chunks of all sizes; return what was counted.

    `dated`: with a host clock that is right; else all dates come from the hostile stream itself.
    """
    rng = random.Random(seed + 1)
    line = new_line(live=dated)

    def instant(at_s: float) -> Instant:
        return Instant(UTC_S + at_s if dated else None, at_s)

    process = psutil.Process()
    seen = {"frames": 0, "expected": 0, "grown_bytes": 0, "bytes": 0}
    now_s = 0.0
    full = None  # memory once a third has passed
    for number, data in enumerate(blocks(seed, count)):
        position = 0
        while position < len(data):
            size = rng.choice((1, 7, 100, 1460, 16_384))
            now_s += 0.01
            line.receive(Chunk(data[position : position + size], instant(now_s)))
            assert len(line.framer._tail) <= FOREIGN_LONGEST_BYTES
            position += size
        now_s += 1.0
        for facts in tick([line], instant(now_s), clock_synchronised=dated or None):
            strict_json(state_json(facts))
            for event in facts.events:
                strict_json(event_json(event))
        seen["expected"] += len(one_after_another(frames_at_every_byte(data)))
        seen["bytes"] += len(data)
        assert line.framer.frames == seen["expected"], f"block {number} of seed {seed}"
        if full is None and number * 500 >= count / 3:
            full = process.memory_info().rss
    seen["frames"] = line.framer.frames
    seen["grown_bytes"] = process.memory_info().rss - full
    seen["decode_errors"] = line.state.decode_errors
    seen["crc_failures"] = line.framer.crc_failures
    return seen


def judged(seen: dict[str, float], count: int) -> None:
    assert seen["frames"] > count / 4  # the good fifth, and the mutations with a good CRC
    assert seen["decode_errors"] > count / 50
    assert seen["crc_failures"] > count / 50
    assert seen["grown_bytes"] < GROWTH_BYTES


@pytest.mark.parametrize("dated", [True, False])
def test_ten_thousand_mutations_crash_nothing_and_cost_no_good_frame(dated):
    judged(run(seed=2026 + dated, count=SHORT // 2, dated=dated), SHORT // 2)


@pytest.mark.campaign
def test_a_million_mutations_crash_nothing_and_cost_no_good_frame():
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    for dated in (True, False):
        seen = run(seed=seed + dated, count=CAMPAIGN // 2, dated=dated)
        print(f"\n{CAMPAIGN // 2} things, host clock {'right' if dated else 'absent'}: {seen}")
        judged(seen, CAMPAIGN // 2)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=10))
def test_any_bytes_give_facts_that_can_be_told(chunks):
    line, inspection = new_line(live=True), Inspection()
    for at_s, data in enumerate(chunks):
        line.receive(Chunk(data, Instant(UTC_S + at_s, float(at_s))))
        inspection.feed(data)
        for facts in tick([line], Instant(UTC_S + at_s, float(at_s)), clock_synchronised=True):
            strict_json(state_json(facts))
            assert all(
                math.isfinite(v) for row in facts.measurements.values() for v in row.values()
            )
    inspection.finish()
    strict_json(inspection.report())


def test_the_frames_of_a_hostile_stream_are_those_of_a_scan_of_every_byte():
    for data in blocks(seed=7, count=2_000):
        framer = Framer()
        items = [*framer.feed(data), *framer.finish()]
        expected = [frame.data for frame in one_after_another(frames_at_every_byte(data))]
        assert [item.data for item in items if isinstance(item, Frame)] == expected


def test_a_hostile_recording_is_inspected():
    inspection = Inspection()
    for data in blocks(seed=8, count=4_000):
        inspection.feed(data)
    inspection.finish()
    report = inspection.report()
    strict_json(report)
    assert report["frames"] == sum(report["messages"].values())

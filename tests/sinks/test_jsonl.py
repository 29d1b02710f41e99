"""The JSON-lines sink: which lines, whole ones, and what happens when nobody takes them."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sinks.made_facts import event, facts, full_facts

from stationd.facts import Health, event_json, state_json
from stationd.sinks.json_text import json_line
from stationd.sinks.jsonl import JsonlSink, Settings
from stationd.sinks.line_file import LineFile
from stationd.sinks.sink import Surroundings
from stationd.supervise import UnavailableError

AROUND = Surroundings("lines", "node", "s", Path("/nowhere"), "1")
FULL = Path("/dev/full")  # its every write fails as on a full disk


def made(path: Path, standard_output: int = 1, **settings: object) -> JsonlSink:
    return JsonlSink(Settings(path=path, **settings), AROUND, standard_output)


@asynccontextmanager
async def running(sink: JsonlSink):
    task = asyncio.create_task(sink.run())
    await asyncio.sleep(0)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def idle(sink: JsonlSink) -> None:
    while sink.counters().queued_rows:  # noqa: ASYNC110 - the sink's thread tells nobody
        await asyncio.sleep(0)


def objects(path: Path) -> list[dict]:
    text = path.read_text()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


async def test_events_and_changed_states_become_the_lines_that_every_sink_sends(tmp_path):
    path = tmp_path / "facts.jsonl"
    sink = made(path)
    first = full_facts(1, 1.0)
    second = facts("ST0001", 2.0, events=(event("ST0001", 2.0),))
    async with running(sink):
        sink.publish(first)
        sink.publish(facts("ST0001", 1.5))  # the same healths: no line
        sink.publish(second)
        sink.publish(facts("ST0001", 3.0, health=Health.WARNING))
    expected = [
        state_json(first),
        event_json(second.events[0]),
        state_json(facts("ST0001", 3.0, health=Health.WARNING)),
    ]
    assert objects(path) == json.loads(json.dumps(expected))
    assert sink.counters().delivered == 3
    assert sink.counters().queued_rows == 0


@pytest.mark.parametrize(("states", "expected"), [("never", 0), ("on_change", 1), ("always", 3)])
async def test_states_are_written_never_on_change_or_each_time(tmp_path, states, expected):
    sink = made(tmp_path / "a", states=states)
    async with running(sink):
        for at_s in range(3):
            sink.publish(facts(at_s=float(at_s), events=(event(at_s=float(at_s)),)))
    written = objects(tmp_path / "a")
    assert sum("checks" in line for line in written) == expected
    assert sum("kind" in line for line in written) == 3


async def test_a_change_of_one_check_is_news_though_the_station_is_as_before(tmp_path):
    sink = made(tmp_path / "a")
    before = facts(health=Health.WARNING)
    one, *others = before.results
    better = [type(one)(one.check, Health.OK, "", {}, {}), *others]
    async with running(sink):
        sink.publish(before)
        sink.publish(
            type(before)("KIR1", before.at, Health.WARNING, tuple(better), before.measurements)
        )
    assert len(objects(tmp_path / "a")) == 2


async def test_a_forgotten_station_that_comes_back_is_news(tmp_path):
    sink = made(tmp_path / "a")
    async with running(sink):
        sink.publish(facts())
        sink.forget("KIR1")
        sink.publish(facts())
    assert len(objects(tmp_path / "a")) == 2


async def test_lines_are_in_the_file_while_the_sink_runs(tmp_path):
    sink = made(tmp_path / "a")
    async with running(sink):
        for at_s in range(20):
            sink.publish(facts(at_s=float(at_s), events=(event(at_s=float(at_s)),)))
            await idle(sink)
            assert objects(tmp_path / "a")[-1]["at_s"] == event(at_s=float(at_s)).at.utc_s


@pytest.mark.skipif(not FULL.exists(), reason="/dev/full is not here")
async def test_a_full_disk_is_told_counted_and_loses_nothing_until_the_queue_is_full(tmp_path):
    sink = made(FULL, queue_max_rows=10, states="never")
    sink.publish(facts(events=(event(at_s=0.0),)))
    with pytest.raises(UnavailableError, match="/dev/full: disk is full: make room"):
        await sink.run()
    assert sink.counters().failures == {"write": 1}
    assert sink.counters().queued_rows == 1
    assert sink.counters().oldest_utc_s == event(at_s=0.0).at.utc_s
    sink.publish(facts(events=tuple(event(at_s=1.0 + n) for n in range(13))))
    assert sink.counters().dropped == {"queue_full": 3}
    sink._settings = Settings(path=tmp_path / "room", states="never")
    async with running(sink):
        await idle(sink)
    times = [line["at_s"] - 1.75e9 for line in objects(tmp_path / "room")]
    assert times == [0.0, *(4.0 + n for n in range(10))]


async def test_a_closed_standard_output_is_unavailable_with_a_sentence():
    reading, writing = os.pipe()
    os.close(reading)
    sink = made(Path("-"), writing)
    sink.publish(facts())
    with pytest.raises(UnavailableError, match="standard output: nobody reads it any more"):
        await sink.run()
    os.close(writing)


async def test_a_reader_of_standard_output_gets_every_line_and_may_be_slow():
    reading, writing = os.pipe()
    sink = made(Path("-"), writing, states="always")
    async with running(sink):
        for number in range(100):  # some 600 kB: a pipe holds 64
            sink.publish(full_facts(number, 1.0))
        pipe = asyncio.StreamReader(limit=2**20)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(pipe), os.fdopen(reading, "rb")
        )
        for number in range(100):
            line = json.loads(await pipe.readline())
            assert line["station"] == f"ST{number:04d}"
        transport.close()
    os.close(writing)


async def test_a_reader_that_does_not_read_neither_holds_up_the_loop_nor_the_end():
    reading, writing = os.pipe()
    settings = Settings(path=Path("-"), states="always", queue_max_rows=50)
    sink = JsonlSink(settings, AROUND, writing, farewell_s=0.05)
    async with running(sink):
        for number in range(2000):
            sink.publish(full_facts(number % 100, 1.0))
            await asyncio.sleep(0)
    counters = sink.counters()
    assert counters.queued_rows <= 50 + 500
    assert counters.dropped["queue_full"] > 1000
    os.close(reading)
    os.close(writing)


def test_files_are_turned_over_by_size_and_the_oldest_go(tmp_path):
    path = tmp_path / "a.jsonl"
    file = LineFile(path, max_bytes=100, keep_files=2, descriptor=None)
    file.open()
    waiting = deque(b"%039d\n" % number for number in range(11))
    file.append(waiting)
    file.close()
    assert not waiting
    assert file.written == 11
    numbers = {
        name.name: [int(line) for line in name.read_text().split()] for name in tmp_path.iterdir()
    }
    assert numbers == {"a.jsonl": [10], "a.jsonl.1": [8, 9], "a.jsonl.2": [6, 7]}


def test_without_kept_files_a_full_file_begins_anew_and_a_long_line_has_its_own(tmp_path):
    path = tmp_path / "a.jsonl"
    file = LineFile(path, max_bytes=50, keep_files=0, descriptor=None)
    file.open()
    file.append(deque([b"x" * 30 + b"\n", b"y" * 90 + b"\n"]))
    file.close()
    assert path.read_bytes() == b"y" * 90 + b"\n"
    assert list(tmp_path.iterdir()) == [path]


@settings(deadline=None)
@given(st.binary(max_size=40), st.integers(0, 3))
def test_what_a_crash_left_of_a_line_is_moved_aside(tmp_path_factory, rest, whole):
    path = tmp_path_factory.mktemp("crash") / "a"
    rest = rest.replace(b"\n", b"")
    kept = b'{"a":1}\n' * whole
    path.write_bytes(kept + rest)
    file = LineFile(path, 10**6, 1, None)
    file.open()
    file.append(deque([b'{"b":2}\n']))
    file.close()
    assert path.read_bytes() == kept + b'{"b":2}\n'
    partial = path.with_name("a.partial")
    assert (partial.read_bytes() if partial.exists() else b"") == rest


def test_a_partial_line_longer_than_what_is_read_at_once_is_moved_too(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"{}\n" + b"x" * 200_000)
    file = LineFile(path, 10**6, 1, None)
    file.open()
    file.close()
    assert path.read_bytes() == b"{}\n"
    assert len((tmp_path / "a.partial").read_bytes()) == 200_000


def test_a_file_that_someone_moved_away_is_begun_anew(tmp_path):
    path = tmp_path / "a"
    file = LineFile(path, 10**6, 1, None)
    file.open()
    file.append(deque([b"1\n"]))
    path.rename(tmp_path / "rotated")
    file.append(deque([b"2\n"]))
    file.close()
    assert (tmp_path / "rotated").read_bytes() == b"1\n"
    assert path.read_bytes() == b"2\n"


def test_two_writers_of_one_file_are_refused(tmp_path):
    first, second = (LineFile(tmp_path / "a", 10**6, 1, None) for _ in range(2))
    first.open()
    with pytest.raises(UnavailableError, match="another process writes to it"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_a_missing_folder_and_a_pipe_without_reader_say_what_to_do(tmp_path):
    with pytest.raises(UnavailableError, match=r"folder .*/none does not exist: make it"):
        LineFile(tmp_path / "none" / "a", 10**6, 1, None).open()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UnavailableError, match="nobody reads it"):
        LineFile(tmp_path / "fifo", 10**6, 1, None).open()


def test_a_write_that_fails_half_way_leaves_no_half_line(tmp_path):
    code = """
import resource, signal, sys
from collections import deque
from pathlib import Path
from stationd.sinks.line_file import LineFile
from stationd.supervise import UnavailableError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # what goes beyond is written in part
file = LineFile(Path(sys.argv[1]), 10**6, 1, None)
file.open()
waiting = deque([b"x" * 599 + b"\\n"])
file.append(waiting)
waiting.append(b"y" * 599 + b"\\n")
try:
    file.append(waiting)
except UnavailableError as error:
    print(len(waiting), error)
"""
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a")], check=True, capture_output=True
    )
    assert result.stdout.startswith(b"1 ")
    assert b"cannot be written: File too large" in result.stdout
    assert (tmp_path / "a").read_bytes() == b"x" * 599 + b"\n"


def test_after_kill_9_all_lines_but_the_last_are_whole(tmp_path):
    code = """
import sys
from collections import deque
from pathlib import Path
from stationd.sinks.line_file import LineFile
file = LineFile(Path(sys.argv[1]), 10**9, 1, None)
file.open()
print("open", flush=True)
number = 0
while True:
    file.append(deque(b'{"n":%d}\\n' % n for n in range(number, number + 100)))
    number += 100
"""
    path = tmp_path / "a"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        while path.stat().st_size < 100_000:
            pass
        process.send_signal(signal.SIGKILL)
    file = LineFile(path, 10**9, 1, None)
    file.open()
    file.append(deque([b'{"n":-1}\n']))
    file.close()
    numbers = [line["n"] for line in objects(path)]
    assert numbers == [*range(len(numbers) - 1), -1]


text = st.text(st.characters() | st.sampled_from('\ud800\udcff\x00\n\u2028"\\'))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
)


@settings(deadline=None)
@given(st.dictionaries(text, values, max_size=4))
def test_any_object_is_one_line_of_strict_json(content):
    line = json_line(content)

    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is not JSON")

    assert b"\n" not in line
    back = json.loads(line, parse_constant=refuse)
    with contextlib.suppress(ValueError):
        assert back == json.loads(json.dumps(content, allow_nan=False))

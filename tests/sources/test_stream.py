"""One connection's bytes, on a clock that the test turns."""

import asyncio
import selectors

import pytest

from stationd.sources.stream import Stream
from stationd.supervise import SilentError, UnavailableError


class TurnedClock(asyncio.SelectorEventLoop):
    """An event loop that does not wait for a timer: it turns its clock to it."""

    def __init__(self):
        selector = selectors.SelectSelector()
        self.now_s = 1000.0
        wait = selector.select

        def turn(timeout_s=None):
            events = wait(0)
            if not events and timeout_s:
                self.now_s += timeout_s
            return events

        selector.select = turn
        super().__init__(selector)

    def time(self):
        return self.now_s


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.aborted = 0

    def abort(self):
        self.aborted += 1


class Bench:
    """A stream with a transport that is none; `arrive` is what the loop does with bytes."""

    def __init__(self, take=None, silent_after_s=20.0):
        self.loop = asyncio.get_running_loop()
        self.taken = []
        self.buffer = memoryview(bytearray(16))
        self.stream = Stream(take or self.taken.append, silent_after_s, self.buffer)
        self.transport = Transport()
        self.began_s = self.loop.time()
        self.stream.connection_made(self.transport)

    def arrive(self, data):
        self.stream.get_buffer(-1)[: len(data)] = data
        self.stream.buffer_updated(len(data))

    def arrive_after(self, wait_s, data):
        self.loop.call_later(wait_s, self.arrive, data)

    async def over(self):
        error = await self.stream.over()
        return error, self.loop.time() - self.began_s


def run(scene):
    with asyncio.Runner(loop_factory=TurnedClock) as runner:
        return runner.run(scene())


def test_bytes_are_copied_out_of_the_shared_buffer():
    async def scene():
        bench = Bench()
        bench.arrive(b"first")
        bench.arrive(b"next!")
        bench.stream.close()
        return bench.taken

    assert run(scene) == [b"first", b"next!"]


@pytest.mark.parametrize("silent_after_s", [0.5, 20.0, 300.0])
def test_silence_is_noticed_at_most_a_quarter_of_its_limit_late(silent_after_s):
    async def scene():
        bench = Bench(silent_after_s=silent_after_s)
        bench.arrive_after(silent_after_s * 0.9, b"x")
        bench.arrive_after(silent_after_s * 1.83, b"x")
        return await bench.over()

    error, after_s = run(scene)
    assert type(error) is SilentError
    assert 2.83 * silent_after_s <= after_s + 1e-6
    assert after_s <= 3.08 * silent_after_s + 0.01
    assert "connected, and silent for" in str(error)


def test_whoever_keeps_talking_is_never_silent():
    async def scene():
        bench = Bench(silent_after_s=20.0)
        for second in range(0, 100_000, 19):
            bench.arrive_after(second, b"x")
        bench.loop.call_later(100_000, bench.stream.eof_received)
        return await bench.over()

    error, after_s = run(scene)
    assert type(error) is UnavailableError
    assert after_s >= 100_000


def test_an_expectation_ends_the_connection_whatever_comes():
    async def scene():
        bench = Bench(silent_after_s=5.0)
        reason = UnavailableError("late")
        bench.stream.expect(60.0, reason)
        for second in range(100):
            bench.arrive_after(second, b"x")
        error, after_s = await bench.over()
        return error is reason, after_s, len(bench.taken)

    same, after_s, taken = run(scene)
    assert same
    assert after_s == pytest.approx(60.0, abs=0.1)
    assert 59 <= taken <= 61


def test_an_expectation_that_is_met_gives_way_to_the_watch_for_silence():
    async def scene():
        bench = Bench(silent_after_s=5.0)
        bench.stream.expect(60.0, UnavailableError("late"))
        bench.loop.call_later(50.0, bench.stream.bear_silence, 100.0)
        return await bench.over()

    error, after_s = run(scene)
    assert type(error) is SilentError
    assert 150.0 <= after_s <= 175.1


def test_the_first_reason_counts_and_nothing_is_taken_after_it():
    async def scene():
        bench = Bench()
        bench.stream.end(UnavailableError("first"))
        bench.stream.end(UnavailableError("second"))
        bench.stream.eof_received()
        bench.arrive(b"late")
        bench.stream.bear_silence(1.0)
        bench.stream.expect(1.0, UnavailableError("third"))
        error, _ = await bench.over()
        bench.stream.connection_lost(None)
        return str(error), bench.taken, bench.transport.aborted

    assert run(scene) == ("first", [], 1)


def test_a_taker_that_says_why_it_can_take_no_more_ends_the_connection():
    async def scene():
        def take(data):
            raise UnavailableError(f"unsound: {data!r}")

        bench = Bench(take)
        bench.arrive(b"a")
        bench.arrive(b"b")
        return str((await bench.over())[0])

    assert run(scene) == "unsound: b'a'"


def test_the_taker_may_be_replaced_while_bytes_come():
    async def scene():
        bodies = []

        def head(data):
            bench.stream.take = bodies.append

        bench = Bench(head)
        for data in (b"head", b"body", b"more"):
            bench.arrive(data)
        bench.stream.close()
        return bodies

    assert run(scene) == [b"body", b"more"]


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        (None, "the connection was closed"),
        (ConnectionResetError(104, "Connection reset by peer"), "broke: Connection reset by peer"),
        (OSError(), "broke: OSError"),
        (UnavailableError("as it was said"), "as it was said"),
    ],
)
def test_a_lost_connection_says_how(lost, sentence):
    async def scene():
        bench = Bench()
        bench.stream.connection_lost(lost)
        return await bench.over()

    error, after_s = run(scene)
    assert str(error).endswith(sentence)
    assert after_s < 0.1


def test_a_bug_in_whoever_takes_the_bytes_is_not_hidden():
    async def scene():
        bench = Bench()
        bench.stream.connection_lost(ZeroDivisionError("a bug"))
        await bench.stream.over()

    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(scene)


def test_an_end_that_is_waited_for_and_cancelled_lets_go_of_the_connection():
    async def scene():
        bench = Bench()
        task = asyncio.create_task(bench.stream.over())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        waiting = [handle for handle in bench.loop._scheduled if not handle.cancelled()]
        return bench.transport.aborted, waiting

    assert run(scene) == (1, [])

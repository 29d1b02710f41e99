"""The MQTT sink against a real Mosquitto."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from broker import Broker, free_port
from sinks.mqtt_facts import event, facts, settings, surroundings

from stationd.facts import Health
from stationd.sinks.mqtt import MqttSink
from stationd.supervise import LoginRefusedError, RefusedError, UnavailableError, keep_running

STATE = "stationd/v1/node1/station/BRUX00BEL0/state"
EVENT = "stationd/v1/node1/station/BRUX00BEL0/event"
STATUS = "stationd/v1/node1/status"
TESTS = Path(__file__).parent.parent


@asynccontextmanager
async def running(sink):
    """Run the sink; whatever ends it early fails the test."""
    task = asyncio.create_task(sink.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait((task,))
    if not task.cancelled():
        task.result()


async def never(_s):
    await asyncio.get_running_loop().create_future()


def make(broker, tmp_path, *, around=None, **changes):
    return MqttSink(
        settings(broker.port, **changes),
        surroundings(tmp_path / "state", **{"sleep": never, **(around or {})}),
    )


async def test_a_node_says_online_and_at_a_clean_stop_offline(broker, tmp_path):
    async with broker.listening() as listener:
        async with running(make(broker, tmp_path)):
            await listener.until(lambda: listener.of("status"), "online")
        await listener.until(lambda: len(listener.of("status")) == 2, "offline")
    online, offline = listener.documents("status")
    assert (online["status"], offline["status"]) == ("online", "offline")
    assert offline["reason"] == "stopped"
    assert online["session"] == offline["session"] == "s1"
    assert online["version"] == "0.0"
    assert offline["at"].endswith("Z")
    assert offline["at_s"] >= online["at_s"]
    async with broker.listening() as later:
        await later.until(lambda: later.of("status"), "retained status")
    assert later.messages[0].retain
    assert later.documents("status") == [offline]


async def test_the_will_says_offline_when_the_process_is_killed(broker, tmp_path):
    async with broker.listening() as listener:
        child = await begin_child(tmp_path / "state", broker.port, first=0, count=1)
        await listener.until(lambda: listener.of("state"), "a state")
        child.kill()
        await child.wait()
        await listener.until(lambda: len(listener.of("status")) == 2, "the will")
    online, will = listener.documents("status")
    assert (will["status"], will["session"]) == ("offline", online["session"])
    assert will["reason"] == "the connection was lost"
    assert will["at"] is will["at_s"] is None


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_state_is_retained_and_complete(broker, tmp_path, version):
    sink = make(broker, tmp_path, version=version)
    sink.publish(facts(number=5))
    async with broker.listening() as listener, running(sink):
        await listener.until(lambda: listener.of("state"), "a state")
    async with broker.listening(STATE) as later:
        await later.until(lambda: later.messages, "the retained state")
    (message,) = later.messages
    assert message.retain
    state = json.loads(message.payload)
    assert state["schema"] == "stationd/1"
    assert state["station"] == "BRUX00BEL0"
    assert state["health"] == "ok"
    assert len(state["checks"]) == 11
    assert state["checks"]["silence"]["evidence"] == {"age_s": 0.4}
    assert {"name": "satellites", "constellation": "G", "value": 9.0} in state["measurements"]
    assert (state["at"], state["at_s"]) == ("2023-11-14T22:13:25.000Z", 1_700_000_005.0)
    if version == "5":
        assert message.properties.UserProperty == [("id", state["id"])]
        assert message.properties.ContentType == "application/json"


async def test_a_state_is_sent_on_change_and_in_its_turn_and_not_otherwise(broker, tmp_path):
    sink = make(broker, tmp_path, state_interval_s=60)
    async with broker.listening() as listener, running(sink):
        seen = []
        for number in range(180):
            health = Health.CRITICAL if number == 100 else Health.OK
            sink.publish(facts(number=number, health=health))
            while sink._retained._states._states_due:
                seen.append(number)
                await listener.until(lambda: len(listener.of("state")) == len(seen), "a state")
        sent = [int(state["at_s"] - 1_700_000_000) for state in listener.documents("state")]
    assert sent == seen
    assert sent[0] == 0
    assert {100, 101} <= set(sent)
    turns = [number for number in sent[1:] if number not in (100, 101)]
    assert len(turns) == 3
    assert {late - early for late, early in zip(turns[1:], turns, strict=False)} == {60}


async def test_events_arrive_with_their_id_even_those_before_the_first_connection(broker, tmp_path):
    sink = make(broker, tmp_path)
    sink.publish(facts(events=(event(1), event(2))))
    async with broker.listening() as listener, running(sink):
        await listener.until(lambda: len(listener.of("event")) == 2, "the early events")
        sink.publish(facts(number=3, events=(event(3),)))
        await listener.until(lambda: len(listener.of("event")) == 3, "the late event")
        while sink.counters().queued_rows:
            await sink._mail.outbox.written()
        counters = sink.counters()
    assert [m.topic.value for m in listener.of("event")] == [EVENT] * 3
    assert not any(m.retain for m in listener.of("event"))
    documents = listener.documents("event")
    assert [document["evidence"]["number"] for document in documents] == [1, 2, 3]
    assert [document["id"] for document in documents] == [event(n).id for n in (1, 2, 3)]
    assert counters.connected
    assert counters.delivered >= 4
    assert counters.oldest_utc_s is None


async def test_measurements_are_sent_only_when_asked_for(broker, tmp_path):
    for interval_s in (None, 10.0):
        sink = make(broker, tmp_path, metrics_interval_s=interval_s)
        async with broker.listening() as listener, running(sink):
            for number in range(31):
                sink.publish(facts(number=number))
                if sink._retained._states._metrics_due:
                    before = len(listener.of("metrics"))
                    await listener.until(
                        lambda: len(listener.of("metrics")) > before,  # noqa: B023 - used at once
                        "measurements",
                    )
            sink.publish(facts(number=31, events=(event(31),)))
            await listener.until(lambda: listener.of("event"), "the last word")
        assert len(listener.of("metrics")) == (0 if interval_s is None else 3)
    assert set(listener.documents("metrics")[0]) == {
        "schema", "id", "station", "at", "at_s", "measurements",
    }  # fmt: skip


async def test_a_removed_station_is_cleared_from_the_broker(broker, tmp_path):
    sink = make(broker, tmp_path)
    async with broker.listening() as listener, running(sink):
        sink.publish(facts())
        sink.publish(facts("KIR0"))
        await listener.until(lambda: len(listener.of("state")) == 2, "both states")
        sink.forget("BRUX00BEL0")
        await listener.until(lambda: listener.of("state")[-1].payload == b"", "the clearing")
    assert listener.of("state")[-1].topic.value == STATE
    await expect_retained(broker, tmp_path, {"KIR0"})


async def test_a_station_that_comes_back_is_not_cleared(broker, tmp_path):
    sink = make(broker, tmp_path)
    sink.publish(facts())
    sink.forget("BRUX00BEL0")
    sink.publish(facts(number=1))
    async with broker.listening() as listener, running(sink):
        await listener.until(lambda: listener.documents("state"), "the state")
    await expect_retained(broker, tmp_path, {"BRUX00BEL0"})


async def test_a_station_removed_while_the_daemon_was_off_is_cleared(broker, tmp_path):
    sink = make(broker, tmp_path)
    for station in ("BRUX00BEL0", "KIR0"):
        sink.publish(facts(station))
    async with broker.listening() as listener, running(sink):
        await listener.until(lambda: len(listener.of("state")) == 2, "both states")

    grace_over = asyncio.Event()

    async def grace(_s):
        await grace_over.wait()

    again = make(broker, tmp_path, around={"sleep": grace})
    again.publish(facts("KIR0", number=9))
    async with broker.listening() as listener, running(again):
        fresh = lambda: [s for s in listener.documents("state") if s["at_s"] > 1_700_000_005]  # noqa: E731
        await listener.until(fresh, "the state of the station that stayed")
        assert not [m for m in listener.of("state") if m.payload == b""]
        grace_over.set()
        await listener.until(lambda: [m for m in listener.of("state") if not m.payload], "clearing")
    await expect_retained(broker, tmp_path, {"KIR0"})


async def test_another_node_name_clears_the_old_topics(broker, tmp_path):
    async def at_once(_s):
        return

    sink = make(broker, tmp_path)
    sink.publish(facts())
    async with broker.listening() as listener, running(sink):
        await listener.until(lambda: listener.of("state"), "the state")
    renamed = make(broker, tmp_path, around={"node": "node2", "sleep": at_once})
    renamed.publish(facts())
    async with broker.listening("stationd/v1/node1/#") as listener, running(renamed):
        await listener.until(
            lambda: {m.topic.value for m in listener.messages if not m.payload} == {STATE, STATUS},
            "the old topics cleared",
        )


async def expect_retained(broker, tmp_path, stations):
    """Check which stations' states the broker keeps, up to a mark sent after them."""
    async with broker.listening() as listener:
        await listener._client.publish("mark", b"{}", qos=1)
        await listener.until(lambda: listener.of("mark"), "the mark")
    assert {document["station"] for document in listener.documents("state")} == stations


async def begin_child(folder, port, *, first, count):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sinks.mqtt_child", str(folder), str(port), str(first), str(count),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(TESTS)},
    )  # fmt: skip


# What goes wrong


async def test_an_absent_broker_is_told_with_its_place(tmp_path):
    port = free_port()
    sink = MqttSink(settings(port), surroundings(tmp_path))
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{port}.*see that it runs there"):
        await sink.run()
    assert sink.counters().failures["connect"] == 1
    assert sink.counters().connected is False


async def test_a_silent_broker_is_given_up(tmp_path):
    async def say_nothing(_reader, writer):
        accepted.append(writer)

    accepted = []
    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        sink = MqttSink(settings(port, timeout_s=0.2), surroundings(tmp_path))
        with pytest.raises(UnavailableError, match="timed out"):
            await sink.run()
        for writer in accepted:
            writer.close()


async def test_a_sink_that_is_stopped_while_it_connects_leaves_nothing_behind(tmp_path):
    met = asyncio.Event()
    accepted = []

    async def say_nothing(_reader, writer):
        accepted.append(writer)
        met.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        sink = MqttSink(settings(port, timeout_s=0.5), surroundings(tmp_path))
        task = asyncio.create_task(sink.run())
        await met.wait()
        task.cancel()
        await asyncio.wait((task,))
        assert task.cancelled()
        for writer in accepted:
            writer.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_events_that_no_disk_took_are_told_at_the_end(broker, tmp_path, caplog):
    (tmp_path / "state").write_text("a file where the folder should be")
    sink = make(broker, tmp_path)
    async with broker.listening() as listener, running(sink):
        await listener.until(lambda: listener.of("status"), "online")
        broker.kill()
        sink.publish(facts(events=(event(1), event(2))))
        assert sink.counters().queued_rows == 2
        task = next(task for task in asyncio.all_tasks() if task.get_coro().__name__ == "run")
        task.cancel()
        await asyncio.wait((task,))
    (line,) = [record.message for record in caplog.records if "lost" in record.message]
    assert "lost_events=2" in line
    assert f"{tmp_path}/state" in line
    assert sink.counters().failures["store"] > 0


@pytest.fixture
def guarded(peer, tmp_path):
    """Start a broker that knows one user, who may write below one prefix only."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    passwords, rights = folder / "passwords", folder / "rights"
    passwords.write_text("watcher:correct horse\n")
    subprocess.run([peer("mosquitto_passwd"), "-U", str(passwords)], check=True)
    rights.write_text("user watcher\ntopic readwrite stationd/#\n")
    broker = Broker(
        peer("mosquitto"), folder,
        "allow_anonymous false", f"password_file {passwords}", f"acl_file {rights}",
    ).start()  # fmt: skip
    yield broker
    broker.stop()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("login", [{}, {"username": "watcher", "password": "battery staple"}])
async def test_a_refused_login_is_told_without_the_password(guarded, tmp_path, login, version):
    sink = make(guarded, tmp_path, version=version, **login)
    with pytest.raises(LoginRefusedError, match="refuses the login") as caught:
        await sink.run()
    assert "staple" not in f"{caught.value}{caught.value!r}{sink._settings!r}"


async def test_a_message_that_the_broker_refuses_is_kept_and_told(guarded, tmp_path):
    login = {"username": "watcher", "password": "correct horse"}
    sink = make(guarded, tmp_path, prefix="elsewhere", **login)
    sink.publish(facts(events=(event(1),)))
    with pytest.raises(RefusedError, match=r"refuses a message .*elsewhere/v1"):
        await sink.run()
    assert await sink._mail.outbox.written()
    assert sink.counters().queued_rows == 1
    allowed = make(guarded, tmp_path, **login)
    allowed.publish(facts())
    async with guarded.listening("stationd/#", **login) as listener, running(allowed):
        await listener.until(lambda: listener.of("state"), "a state where it is allowed")


# Nothing is lost


class Witness:
    """Keeps what the supervisor was told."""

    def __init__(self):
        self.away: list[UnavailableError] = []
        self.bugs: list[Exception] = []

    def unavailable(self, error, wait_s):
        self.away.append(error)

    def bug(self, error, wait_s):
        self.bugs.append(error)


async def test_no_event_is_lost_when_the_broker_is_killed_and_started_again(broker, tmp_path):
    sink = make(broker, tmp_path, timeout_s=5)
    witness = Witness()
    came: dict[str, int] = {}
    listening = asyncio.Event()

    async def once_somebody_listens(_s):
        # What an own broker acknowledges while nobody subscribes to it is not the sink's loss.
        await listening.wait()

    def produce(first, count):
        for number in range(first, first + count):
            sink.publish(facts(number=number, events=(event(number),)))

    def count(listener):
        for document in listener.documents("event"):
            came[document["id"]] = came.get(document["id"], 0) + 1

    keeping = asyncio.create_task(
        keep_running(
            sink.run, witness, monotonic=lambda: 0.0, jitter=lambda: 0.0,
            sleep=once_somebody_listens,
        )
    )  # fmt: skip
    for life in range(3):
        async with broker.listening() as listener:
            listening.set()
            produce(500 * life, 400)
            await listener.until(lambda: len(listener.of("event")) > 50, "some events")
            listening.clear()
            broker.kill()
            produce(500 * life + 400, 100)
            await listener.ended.wait()
        count(listener)
        broker.start()
    async with broker.listening() as listener:
        listening.set()
        await listener.until(
            lambda: len({*came, *(d["id"] for d in listener.documents("event"))}) >= 1500,
            "every event",
        )
        while sink.counters().queued_rows:
            await sink._mail.outbox.written()
    count(listener)
    keeping.cancel()
    await asyncio.wait((keeping,))
    assert came.keys() == {event(number).id for number in range(1500)}
    assert witness.bugs == []
    assert len(witness.away) >= 3
    assert sum(sink.counters().dropped.values()) == 0
    print(f"1500 events in 4 lives of a broker, {sum(came.values()) - 1500} duplicates")


async def test_no_event_is_lost_when_the_daemon_is_killed_twenty_times(broker, tmp_path):
    accepted: set[int] = set()
    first, kills, per_life = 0, 20, 10_000
    async with broker.listening() as listener:
        for life in range(kills):
            child = await begin_child(tmp_path / "state", broker.port, first=first, count=per_life)
            # Killed before it has connected, while it does, and in the middle of its work.
            for _ in range((1, 4, 15, 60, 200)[life % 5]):
                accepted.add(int(await child.stdout.readline()))
            child.send_signal(signal.SIGKILL)
            accepted.update(map(int, (await child.stdout.read()).split()))
            await child.wait()
            first += per_life
        child = await begin_child(tmp_path / "state", broker.port, first=first, count=0)
        assert await child.wait() == 0
        arrived = lambda: {d["evidence"]["number"] for d in listener.documents("event")}  # noqa: E731
        await listener.until(lambda: accepted <= arrived(), "every accepted event")
    ids: dict[int, set[str]] = {}
    for document in listener.documents("event"):
        ids.setdefault(document["evidence"]["number"], set()).add(document["id"])
    assert len(accepted) >= 4 * (1 + 4 + 15 + 60 + 200)
    assert all(len(of_one) == 1 for of_one in ids.values())
    print(f"accepted {len(accepted)}, arrived {len(listener.of('event'))}")

"""Killed twenty times, with the broker coming and going: every event arrives, at least once."""

import asyncio
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import aiomqtt
import rtcm_writer
from broker import Broker
from end_to_end.daemon_process import HEAD, DaemonProcess, Pusher, station

KILLS = 20


def on_disk(folder: Path, round_number: int) -> bool:
    """Whether the round's event is in the outbox."""
    path = folder / "state" / "broker.outbox.sqlite"
    if not path.exists():
        return False
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT payload FROM message").fetchall()
    return any(told_firmware(json.loads(row[0])) == f"{round_number}.1" for row in rows)


def told_firmware(event: dict) -> str:
    return event["after"].strip('"')


class Arrived:
    """Events as a subscriber got them: the firmware they tell of, to their ids."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = defaultdict(list)

    async def take(self, broker: Broker, listener) -> None:
        """Take everything that the broker had when we ask: a marker comes after it."""
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.publish("stationd/marker", qos=1)
        await listener.until(lambda: listener.of("/marker"), "the marker")
        for document in listener.documents("/event"):
            if document["subject"] == "receiver_firmware":
                self.ids[told_firmware(document)].append(document["id"])
        listener.messages.clear()


async def changed_firmware(receiver: Pusher, number: int) -> None:
    """Have the station tell one firmware and then another: one event."""
    for part in range(2):
        receiver.send(
            rtcm_writer.descriptors_1033(1, "ANT             NONE", "RECEIVER", f"{number}.{part}")
        )


async def test_every_event_arrives_through_twenty_kills(tmp_path, peer):
    broker = Broker(peer("mosquitto"), tmp_path / "broker")
    arrived = Arrived()
    text = HEAD + (f'[sinks.broker]\ntype = "mqtt"\nhost = "127.0.0.1"\nport = {broker.port}\n')
    async with Pusher().serving() as receiver:
        text += station("A", receiver.port)
        for number in range(KILLS):
            async with AsyncExitStack() as stack:
                listener = None
                if number % 2:
                    broker.start()
                    stack.callback(broker.kill)
                    listener = await stack.enter_async_context(broker.listening("stationd/#"))
                await one_life(tmp_path, text, receiver, number, listener)
                if listener:
                    await arrived.take(broker, listener)
        await drained(tmp_path, text, broker, arrived, receiver)
    assert sorted(arrived.ids, key=float) == [f"{number}.1" for number in range(KILLS)]
    assert all(len(set(ids)) == 1 for ids in arrived.ids.values())


async def one_life(folder: Path, text: str, receiver: Pusher, number: int, listener) -> None:
    """Start the daemon, have it meet an event, and kill it once the event is in safety."""
    receiver.connected.clear()
    daemon = DaemonProcess(folder, text)
    await daemon.start()
    await receiver.connected.wait()
    await changed_firmware(receiver, number)
    await daemon.until(lambda: daemon.events("A"), f"event {number}")

    def safe() -> bool:
        came = listener is not None and any(
            told_firmware(d) == f"{number}.1" for d in listener.documents("/event")
        )
        return came or on_disk(folder, number)

    await asyncio.wait_for(until(safe), 20)
    await daemon.kill()


async def until(condition: Callable[[], bool]) -> None:
    """Look at a file again and again: nothing tells when another process has written it."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


async def drained(
    folder: Path, text: str, broker: Broker, arrived: Arrived, receiver: Pusher
) -> None:
    """Run once more, with the broker there, until the outbox is empty."""
    broker.start()
    try:
        async with broker.listening("stationd/#") as listener:
            receiver.connected.clear()
            daemon = DaemonProcess(folder, text)
            await daemon.start()
            # The outbox may be empty already: a daemon that has not begun cannot be told to stop.
            await receiver.connected.wait()
            await listener.until(
                lambda: not any(on_disk(folder, n) for n in range(KILLS)), "an empty outbox"
            )
            await arrived.take(broker, listener)
            assert await daemon.stop() == 0
    finally:
        broker.stop()

"""A process with a real MQTT sink, to be killed: prints the number of each event that is on disk.

Arguments: state folder, broker's port, first event's number, how many; with no events it ends by
itself when the outbox is empty.
"""

import asyncio
import random
import sys
import time
from pathlib import Path

from sinks.mqtt_facts import event, facts, settings, surroundings

from stationd.sinks.mqtt import MqttSink
from stationd.sinks.mqtt.connection import quiet_paho
from stationd.supervise import UnavailableError, keep_running


class Witness:
    """Tells the test why the sink was begun again."""

    def unavailable(self, error: UnavailableError, wait_s: float) -> None:
        print(f"unavailable {error}", file=sys.stderr, flush=True)

    def bug(self, error: Exception, wait_s: float) -> None:
        print(f"bug {error!r}", file=sys.stderr, flush=True)


async def main(folder: Path, port: int, first: int, count: int) -> None:
    asyncio.get_running_loop().set_exception_handler(quiet_paho)
    sink = MqttSink(settings(port), surroundings(folder))
    # The first event comes before the sink ever connected.
    accepting = asyncio.create_task(accept(sink, first, count))
    running = asyncio.create_task(
        keep_running(
            sink.run, Witness(), monotonic=time.monotonic, jitter=lambda: random.random() / 20
        )
    )
    await accepting
    if count:
        await running  # until killed
    while not await sink._mail.outbox.written() or sink.counters().queued_rows:
        pass  # the thread's answer is what is waited for
    running.cancel()
    await asyncio.wait((running,))


async def accept(sink: MqttSink, first: int, count: int) -> None:
    sink.publish(facts(number=first))
    for number in range(first, first + count):
        sink.publish(facts(number=number, events=(event(number),)))
        if await sink._mail.outbox.written():
            print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))

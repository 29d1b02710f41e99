"""Measures the simulated caster: 1,000 mountpoints with a client each, prepared bytes, one core.

caster.py             prints the figures
caster.py PORT N      the clients' side, in a process of its own: N clients, until the caster ends
"""

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from figure import Figure

from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.pacing import Pacer
from stationd_simulators.timed_bytes import TimedBytes

MOUNTPOINTS = int(os.environ.get("BENCH_STATIONS", "1000"))
SECONDS = min(float(os.environ.get("BENCH_SECONDS", "10")), 60.0)
EPOCH_BYTES = 2_100
MOST_SHARE = 0.2  # of a core


class Listening(asyncio.Protocol):
    """A client that counts, and costs as little as can be."""

    received_bytes = 0

    def __init__(self, name, gone):
        self._request = f"GET /{name} HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n".encode()
        self._gone = gone

    def connection_made(self, transport):
        transport.write(self._request)

    def data_received(self, data):
        Listening.received_bytes += len(data)

    def connection_lost(self, exc):
        self._gone()


async def listen(port, count):
    """Hold `count` clients, and print how much they heard when the caster has ended."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in range(count):
        await loop.create_connection(
            lambda number=number: Listening(f"M{number:04d}", ended.set), "127.0.0.1", port
        )
    await ended.wait()
    print(Listening.received_bytes)


def station(number, seconds_s):
    """Yield an epoch a second; stations are spread over the second."""
    epoch = bytes([number % 256]) * EPOCH_BYTES
    for second in range(int(seconds_s)):
        yield TimedBytes(second + number / MOUNTPOINTS, epoch)


async def measure():
    """Return the share of a core, bytes that clients heard, bytes sent, and the worst delay."""
    names = [f"M{number:04d}" for number in range(MOUNTPOINTS)]
    async with Caster(map(Mountpoint, names)) as caster:
        listeners = await asyncio.create_subprocess_exec(
            sys.executable, Path(__file__), str(caster.port), str(MOUNTPOINTS),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            for name in names:
                await caster.feed(name).room()
        pacer = Pacer(0.0)
        began_s, cpu_s = time.monotonic(), time.process_time()
        async with asyncio.timeout(SECONDS + 60):
            await asyncio.gather(
                *(caster.play(name, station(n, SECONDS), pacer) for n, name in enumerate(names))
            )
        share = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
        sent_bytes = sum(caster.feed(name).delivered_bytes for name in names)
        slow = caster.slow_clients
    heard_bytes = int((await listeners.communicate())[0])
    return share, heard_bytes, sent_bytes, pacer.worst_delay_s, slow


def figures():
    """Measure, and return the figures."""
    with contextlib.suppress(ValueError):  # 1,000 clients need as many descriptors
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    share, heard_bytes, sent_bytes, delay_s, slow = asyncio.run(measure())
    assert slow == 0
    assert heard_bytes >= sent_bytes  # heads and chunk sizes come on top
    conditions = (
        f"{MOUNTPOINTS} mountpoints, a client each in another process, NTRIP 2 in chunks, "
        f"{EPOCH_BYTES} bytes a second each, {SECONDS:g} s"
    )
    return [
        Figure("caster_core_share", share, "of a core", conditions, at_most=MOST_SHARE),
        Figure("caster_worst_delay_s", delay_s, "s", conditions),
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(listen(int(sys.argv[1]), int(sys.argv[2])))
    else:
        for one in figures():
            print(f"{one.name:<24} {one.value:.4g} {one.unit} {one.wanted}")
            print(f"    {one.conditions}")

"""Serves many stations on one loopback port: to each connection five MSM7 a second, one by one.

    feeder.py SECONDS     prints its port, ends by itself after SECONDS

The epoch is GPS time of now; a station's five messages are five writes, and stations are spread
over the second. A few varieties of content are shared, so that feeding costs less than watching.
"""

import asyncio
import contextlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import rtcm_writer

GPS_EPOCH_UTC_S = 315_964_800
LEAP_S = 18
STEPS = 50  # writes of a second are spread over so many steps
VARIETIES = 8  # different contents
ARP_EACH_S = 10
ARP_M = (-2324156.7901, 5386277.7283, 2495068.3542)


class Feeder:
    def __init__(self) -> None:
        self.connections: list[asyncio.StreamWriter] = []
        self.sent_epochs = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        self.connections.remove(writer)
        writer.close()

    def epoch_frames(self, utc_s: int) -> list[list[bytes]]:
        """Return this second's frames, ready made: a few varieties that stations share."""
        tow_ms = (utc_s - GPS_EPOCH_UTC_S + LEAP_S) % 604_800 * 1000
        frames = [rtcm_writer.station_epoch(1 + v, tow_ms, seed=10 * v) for v in range(VARIETIES)]
        if utc_s % ARP_EACH_S == 0:
            for number, of_station in enumerate(frames, start=1):
                of_station[-1] += rtcm_writer.arp_1006(number, *ARP_M)
        return frames

    async def feed(self) -> None:
        due_s = int(time.time()) + 2
        frames = await asyncio.to_thread(self.epoch_frames, due_s)
        while True:
            coming = asyncio.create_task(asyncio.to_thread(self.epoch_frames, due_s + 1))
            await asyncio.sleep(due_s - time.time())
            for step in range(STEPS):
                for message in range(5):
                    for place in range(step, len(self.connections), STEPS):
                        self.connections[place].write(frames[place % VARIETIES][message])
                    await asyncio.sleep(0)
                await asyncio.sleep(max(0.0, due_s + (step + 1) * 0.8 / STEPS - time.time()))
            frames = await coming
            due_s += 1


async def main() -> None:
    feeder = Feeder()
    server = await asyncio.start_server(feeder.accept, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(feeder.feed(), float(sys.argv[1]))


if __name__ == "__main__":
    asyncio.run(main())

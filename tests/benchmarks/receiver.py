"""Receives many stations with stationd's own TCP source, and decodes, or does not.

    receiver.py PORT STATIONS SECONDS receive|decode

Prints one JSON object: CPU seconds after the warm-up, bytes, frames, and the loop's lag.
"""

import asyncio
import gc
import json
import sys
import time

from stationd.host.loop_lag import LoopLag
from stationd.host.memory import keep_freed_memory
from stationd.inputs import Chunk
from stationd.sources.source import Surroundings
from stationd.sources.tcp import Settings, TcpSource
from stationd.wire.framing import Frame, Framer
from stationd.wire.rtcm3.msm_batch import decode_msm_batch

WARM_UP_S = 4.0
DECODE_EACH_S = 0.1  # a tenth of the stations at a time, as the daemon's rounds


class Station:
    def __init__(self, *, decode: bool) -> None:
        self.bytes = 0
        self.framer = Framer() if decode else None
        self.waiting: list[bytes] = []

    def receive(self, chunk: Chunk) -> None:
        self.bytes += len(chunk.data)
        if self.framer is not None:
            for item in self.framer.feed(chunk.data):
                if item.__class__ is Frame:
                    self.waiting.append(item.data)

    def link(self, change) -> None:
        del change


async def main(port: int, count: int, seconds: float, what: str) -> None:
    decode = what == "decode"
    stations = [Station(decode=decode) for _ in range(count)]
    buffer = Surroundings("").buffer
    messages = 0

    async def decoding() -> None:
        nonlocal messages
        for number in range(10**9):
            await asyncio.sleep(DECODE_EACH_S)
            frames = []
            for station in stations[number % 10 :: 10]:
                frames += station.waiting
                station.waiting = []
            messages += len(decode_msm_batch(frames))

    lag = LoopLag()
    tasks = [asyncio.create_task(lag.run())]
    if decode:
        tasks.append(asyncio.create_task(decoding()))
    settings = Settings(host="127.0.0.1", port=port)
    for station in stations:
        source = TcpSource(settings, Surroundings("x", buffer=buffer))
        tasks.append(asyncio.create_task(source.run(station)))
        await asyncio.sleep(0)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    keep_freed_memory()
    await asyncio.sleep(WARM_UP_S)
    begin_cpu_s, begin_bytes, begin = time.process_time(), sum(s.bytes for s in stations), messages
    await asyncio.sleep(seconds)
    print(
        json.dumps(
            {
                "cpu_s_per_s": (time.process_time() - begin_cpu_s) / seconds,
                "bytes_per_s": (sum(s.bytes for s in stations) - begin_bytes) / seconds,
                "messages_per_s": (messages - begin) / seconds,
                "lag_p99_s": lag.quantile_s(0.99),
            }
        )
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))

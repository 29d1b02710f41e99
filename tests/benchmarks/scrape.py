"""Measures what a scrape of many stations costs the loop: stall, CPU, and prometheus-client beside.

    python tests/benchmarks/scrape.py [stations] [rounds]

Ways of making the page take turns within each round. The stall is the lateness of a 1 ms timer
while a page is made; the live scrapes go over a socket to a reader in a process of its own.
"""

import asyncio
import gc
import json
import statistics
import sys
import time
import tracemalloc
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from prometheus_client.exposition import generate_latest
from sinks.made_facts import full_facts
from sinks.scraper import serving

from stationd.sinks.daemon_facts import DaemonFacts
from stationd.sinks.prometheus.exposition import Dialect, page_pieces
from stationd.sinks.prometheus.metric_families import Snapshot, SnapshotCollector
from stationd.sinks.prometheus.rendering import Form, Renderer

PROBE_S = 0.001

# Scrapes once for each line it is told: "gzip" or "identity"; answers with the body's length.
READER = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
for line in sys.stdin:
    connection.request("GET", "/metrics", headers={"Accept-Encoding": line.strip()})
    print(len(connection.getresponse().read()), flush=True)
"""


async def probe(lateness_s: list[float]) -> None:
    """Note how late a short timer is, again and again, until cancelled."""
    while True:
        due_s = time.perf_counter() + PROBE_S
        await asyncio.sleep(PROBE_S)
        lateness_s.append(time.perf_counter() - due_s)


async def timed(work: Callable[[], Awaitable[object]]) -> dict[str, float]:
    lateness_s: list[float] = []
    watching = asyncio.create_task(probe(lateness_s))
    await asyncio.sleep(PROBE_S * 3)
    lateness_s.clear()
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    await work()
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    await asyncio.sleep(PROBE_S * 2)  # the stall that the end of the work was hidden in
    watching.cancel()
    await asyncio.wait({watching})
    lateness_s.sort()
    return {
        "stall_max_ms": 1e3 * lateness_s[-1],
        "stall_p99_ms": 1e3 * lateness_s[int(0.99 * (len(lateness_s) - 1))],
        "cpu_ms": 1e3 * cpu_s,
        "wall_ms": 1e3 * wall_s,
    }


@asynccontextmanager
async def reader_of(port: int):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READER, str(port), stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        process.stdin.close()
        await process.wait()


async def scrape(reader: Process, coding: str) -> int:
    reader.stdin.write(f"{coding}\n".encode())
    return int(await reader.stdout.readline())


def ways(
    snapshot: Snapshot, sink_scrape: Callable[[str], Awaitable[int]]
) -> dict[str, Callable[[], Awaitable[object]]]:
    clock = iter(range(10**9))
    renderer = Renderer(lambda: snapshot, lambda: float(next(clock)) * 10)

    async def inline() -> bytes:
        return generate_latest(SnapshotCollector(snapshot))

    return {
        "ours, in steps on the loop": lambda: renderer.page(Form(Dialect.TEXT, gzip=False)),
        "ours, in steps, gzip": lambda: renderer.page(Form(Dialect.TEXT, gzip=True)),
        "ours, in a thread": lambda: asyncio.to_thread(
            lambda: b"".join(page_pieces(snapshot, Dialect.TEXT))
        ),
        "prometheus-client, in a thread": lambda: asyncio.to_thread(
            generate_latest, SnapshotCollector(snapshot)
        ),
        "prometheus-client, on the loop": inline,
        "live scrape, plain": lambda: sink_scrape("identity"),
        "live scrape, gzip": lambda: sink_scrape("gzip"),
    }


async def measure(stations: int = 1000, rounds: int = 5) -> dict[str, dict[str, float]]:
    """Return way -> figure -> median over the rounds (of the stall: also the worst)."""
    fresh = {made.station: made for made in (full_facts(n, 1e5) for n in range(stations))}
    snapshot = Snapshot(fresh, (), DaemonFacts(0.001), "bench")
    now_s = [1e5]
    found: dict[str, list[dict[str, float]]] = {}
    async with serving({"stale_after_s": 1e9}, monotonic=lambda: now_s[0]) as sink:
        for facts in fresh.values():
            sink.publish(facts)
        async with reader_of(sink.port) as reader:

            async def sink_scrape(coding: str) -> int:
                now_s[0] += 10.0  # older pages are not shared
                return await scrape(reader, coding)

            for _ in range(rounds):
                for name, work in ways(snapshot, sink_scrape).items():
                    gc.collect()
                    found.setdefault(name, []).append(await timed(work))
        figures = {
            name: {key: statistics.median(one[key] for one in many) for key in many[0]}
            | {"stall_worst_ms": max(one["stall_max_ms"] for one in many)}
            for name, many in found.items()
        }
        began = time.perf_counter()
        for _ in range(100):
            for facts in fresh.values():
                sink.publish(facts)
        publish_us = 1e6 * (time.perf_counter() - began) / (100 * stations)
        figures["publish"] = {"us": publish_us}
    figures["page"] = page_figures(snapshot)
    return figures


def page_figures(snapshot: Snapshot) -> dict[str, float]:
    tracemalloc.start()
    page = b"".join(page_pieces(snapshot, Dialect.TEXT))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"lines": page.count(b"\n"), "megabytes": len(page) / 1e6, "peak_mb": peak_bytes / 1e6}


def main() -> None:
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    figures = asyncio.run(measure(stations, rounds))
    page, publish = figures.pop("page"), figures.pop("publish")
    print(f"{stations} stations, {page['lines']:.0f} lines, {page['megabytes']:.1f} MB a page; "
          f"publish {publish['us']:.2f} us; medians of {rounds} rounds")  # fmt: skip
    print(f"{'':34}{'CPU ms':>8}{'wall ms':>9}{'stall p99':>11}{'max':>8}{'worst':>8}")
    for name, row in figures.items():
        print(f"{name:34}{row['cpu_ms']:8.0f}{row['wall_ms']:9.0f}{row['stall_p99_ms']:11.2f}"
              f"{row['stall_max_ms']:8.2f}{row['stall_worst_ms']:8.2f}")  # fmt: skip
    print(json.dumps({"page": page, "publish": publish, **figures}, indent=None))


if __name__ == "__main__":
    main()

"""`make bench`: measures every figure, prints them and writes build/bench.json.

BENCH_RECORDING=FILE points the decoding part at another recording; BENCH_STATIONS and
BENCH_SECONDS size the daemon's part; `bench.py decoding scrape` measures only those parts.
"""

import asyncio
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import caster  # noqa: E402 - a script beside its folder
import decoding  # noqa: E402 - ditto
import drift  # noqa: E402 - ditto
import scrape  # noqa: E402 - ditto
import simulated_stations  # noqa: E402 - ditto
import stations  # noqa: E402 - ditto
from figure import Figure  # noqa: E402 - ditto

OUTPUT = HERE.parent.parent / "build" / "bench.json"


def decoding_figures() -> list[Figure]:
    given = os.environ.get("BENCH_RECORDING")
    return [
        Figure(one.name, one.value, one.unit, one.conditions, at_least=one.target)
        for one in decoding.figures(Path(given) if given else None)
    ]


def scrape_figures(rounds: int = 9) -> list[Figure]:
    """Measure how a scrape holds up the loop, in turns with prometheus-client's own rendering."""
    measured = asyncio.run(scrape.measure(stations.STATIONS, rounds))
    ours, library = measured["live scrape, gzip"], measured["prometheus-client, in a thread"]
    conditions = (
        f"{stations.STATIONS} stations, {measured['page']['lines']:.0f} lines, gzip, over loopback "
        f"from another process, {rounds} rounds"
    )
    return [
        Figure("scrape_stall_worst_s", ours["stall_worst_ms"] / 1e3, "s", conditions, at_most=0.03),
        Figure("scrape_stall_p99_s", ours["stall_p99_ms"] / 1e3, "s", conditions),
        Figure("scrape_cpu_s", ours["cpu_ms"] / 1e3, "s", conditions),
        Figure("scrape_cpu_of_library_s", library["cpu_ms"] / 1e3, "s", conditions),
    ]


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "decoding": decoding_figures,
    "scrape": scrape_figures,
    "stations": stations.figures,
    "caster": caster.figures,
    "drift": drift.figures,
    "simulated": simulated_stations.figures,
}


def shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    for name in wanted or PARTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found += PARTS[name]()
    print(f"{'figure':<34} {'value':>14} {'unit':<10} {'must be':<10}")
    for one in found:
        mark = {True: "ok", False: "MISSED", None: ""}[one.met]
        print(f"{one.name:<34} {shown(one.value):>14} {one.unit:<10} {one.wanted:<12} {mark}")
        print(f"    {one.conditions}")
    OUTPUT.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    report = {one.name: {**one._asdict(), "met": one.met, "machine": machine} for one in found}
    OUTPUT.write_text(json.dumps(report, indent=1) + "\n")
    return any(one.met is False for one in found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measures many stations in one process, and one: CPU, loop lag, memory, lost epochs, start.

Receiving alone and receiving with decoding are compared in turns, in processes that differ in
nothing else. The whole daemon is `stationd run` itself, with a real broker and a real scraper.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from prometheus_client.parser import text_string_to_metric_families

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from broker import Broker, free_port  # noqa: E402 - a script beside its folder
from figure import Figure  # noqa: E402 - ditto

STATIONS = int(os.environ.get("BENCH_STATIONS", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
WARM_UP_S = 75.0  # every check has its evidence, and the start is out of the loop's lag
SCRAPE_EACH_S = 15.0
EPOCHS = ("G", "R", "E", "J", "C")


@contextlib.contextmanager
def feeder(seconds: float) -> Iterator[int]:
    """Serve stations for at most `seconds`; yield the port."""
    process = subprocess.Popen(
        [sys.executable, HERE / "feeder.py", str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def stopping(broker: Broker) -> Iterator[Broker]:
    try:
        yield broker
    finally:
        broker.stop()


def received(port: int, what: str, seconds: float) -> dict[str, float]:
    command = [sys.executable, HERE / "receiver.py", str(port), str(STATIONS), str(seconds), what]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def receive_against_decode(rounds: int = 3, seconds: float = 8.0) -> list[Figure]:
    """Compare receiving with receiving and decoding, in turns."""
    ratios, receive, decode = [], [], []
    with feeder(rounds * 2 * (seconds + 10) + 30) as port:
        for _ in range(rounds):
            alone = received(port, "receive", seconds)
            both = received(port, "decode", seconds)
            assert both["messages_per_s"] > 0.98 * 5 * STATIONS, both
            ratios.append(both["cpu_s_per_s"] / alone["cpu_s_per_s"])
            receive.append(alone["cpu_s_per_s"])
            decode.append(both["cpu_s_per_s"])
    conditions = (
        f"{STATIONS} loopback TCP stations, 1 Hz, 5 MSM7 of 383 bytes each, median of {rounds}"
    )
    return [
        Figure("receive_cpu_ratio", statistics.median(receive), "of a core", conditions),
        Figure("receive_decode_cpu_ratio", statistics.median(decode), "of a core", conditions),
        Figure(
            "receive_decode_to_receive", statistics.median(ratios), "times", conditions, at_most=2.0
        ),
    ]


CONFIGURATION = """
node = "bench"
state_folder = "state"

[sinks.metrics]
type = "prometheus"
port = {metrics}

[sinks.broker]
type = "mqtt"
host = "127.0.0.1"
port = {broker}
"""

STATION = """
[[station]]
id = "S{number:04d}"
source = {{ type = "tcp", host = "127.0.0.1", port = {port} }}
[station.reference]
x_m = -2324156.7901
y_m = 5386277.7283
z_m = 2495068.3542
frame = "ITRF2020"
epoch = 2025.5
[station.expect]
constellations = ["G", "R", "E", "J", "C"]
messages = {{ 1077 = 1.0, 1087 = 1.0, 1097 = 1.0, 1117 = 1.0, 1127 = 1.0 }}
"""


def configuration(folder: Path, stations: int, feed: int, metrics: int, broker: int) -> Path:
    path = folder / "stationd.toml"
    text = CONFIGURATION.format(metrics=metrics, broker=broker)
    text += "".join(STATION.format(number=n, port=feed) for n in range(stations))
    path.write_text(text)
    return path


def scraped(port: int) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return metric name -> (labels, value)."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        text = reply.read().decode()
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def waited_for_metrics(port: int, name: str, within_s: float) -> float:
    """Return after how long `name` is on the page."""
    began = time.perf_counter()
    while time.perf_counter() - began < within_s:
        with contextlib.suppress(OSError):
            if name in scraped(port):
                return time.perf_counter() - began
        time.sleep(0.02)
    raise TimeoutError(f"{name} did not appear within {within_s} s")


@contextlib.contextmanager
def daemon(path: Path) -> Iterator[psutil.Process]:
    """Run `stationd run` in a process of its own."""
    with (path.parent / "stationd.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "stationd", "run", path], stdout=log, stderr=log
        )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)
    if process.returncode:
        raise RuntimeError((path.parent / "stationd.log").read_text()[-3000:])


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def whole_daemon() -> list[Figure]:
    """Watch all stations with every check and both sinks for a while."""
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        raise SystemExit("mosquitto is not installed: apt-get install mosquitto")
    with (
        tempfile.TemporaryDirectory() as name,
        stopping(Broker(program, Path(name) / "broker").start()) as broker,
        feeder(SECONDS + WARM_UP_S + 60) as feed,
    ):
        metrics = free_port()
        path = configuration(Path(name), STATIONS, feed, metrics, broker.port)
        with daemon(path) as process:
            waited_for_metrics(metrics, "stationd_satellites", 60)
            time.sleep(WARM_UP_S)
            begin, begin_s, epochs = cpu_s(process), time.perf_counter(), epoch_counts(metrics)
            for _ in range(round(SECONDS / SCRAPE_EACH_S)):
                time.sleep(SCRAPE_EACH_S)
                page = scraped(metrics)
            used = (cpu_s(process) - begin) / (time.perf_counter() - begin_s)
            missing = lost_epochs(epochs, epoch_counts(metrics))
            rss = process.memory_info().rss
            health = {
                labels["health"]
                for labels, value in page["stationd_station_health"]
                if value == 1.0
            }
    conditions = (
        f"{STATIONS} stations, all checks, MQTT to Mosquitto, scraped each {SCRAPE_EACH_S:.0f} s, "
        f"{SECONDS:.0f} s; health seen: {', '.join(sorted(health))}"
    )
    lag = page["stationd_event_loop_lag_p99_seconds"][0][1]
    longest = page["stationd_event_loop_lag_seconds"][0][1]
    return [
        Figure("daemon_cpu_ratio", used, "of a core", conditions, at_most=0.25),
        Figure("daemon_lost_epochs", missing, "epochs", conditions, at_most=0),
        Figure("daemon_loop_lag_p99_s", lag, "s", conditions, at_most=0.05),
        Figure("daemon_loop_lag_longest_s", longest, "s", conditions),
        Figure("daemon_memory_bytes", rss, "bytes", conditions, at_most=150e6),
    ]


# Station and constellation -> epochs that came, and that never came.
Counts = dict[tuple[str, str], tuple[float, float]]


def epoch_counts(port: int) -> Counts:
    page = scraped(port)
    came, missing = (
        {(labels["station"], labels["constellation"]): value for labels, value in page[name]}
        for name in ("stationd_epochs_total", "stationd_missing_epochs_total")
    )
    return {key: (came[key], missing[key]) for key in came}


def lost_epochs(before: Counts, after: Counts) -> float:
    """Return how many epochs are lost: steps between those that came, and tracks that stay behind.

    At 1 Hz all tracks advance by the same number. Each page may fall just before or just after an
    epoch of a station is judged: a difference of two is no loss.
    """
    steps = [after[key][0] - before[key][0] for key in before]
    assert len(steps) == STATIONS * len(EPOCHS), (len(steps), STATIONS)
    behind = sum(max(0.0, max(steps) - 2 - step) for step in steps)
    return behind + sum(after[key][1] - before[key][1] for key in before)


def one_station() -> list[Figure]:
    """Start with one station: time to the first metric of it, and memory."""
    with tempfile.TemporaryDirectory() as name, feeder(60) as feed:
        metrics = free_port()
        path = configuration(Path(name), 1, feed, metrics, free_port())
        began = time.perf_counter()
        with daemon(path) as process:
            waited_for_metrics(metrics, "stationd_build_info", 30)
            first_s = time.perf_counter() - began
            waited_for_metrics(metrics, "stationd_satellites", 30)
            station_s = time.perf_counter() - began
            time.sleep(5)
            rss = process.memory_info().rss
    conditions = "one TCP station, Prometheus and MQTT sinks, no broker there"
    return [
        Figure("one_station_first_metric_s", first_s, "s", conditions, at_most=2.0),
        Figure("one_station_first_satellites_s", station_s, "s", conditions),
        Figure("one_station_memory_bytes", rss, "bytes", conditions, at_most=90e6),
    ]


def figures() -> list[Figure]:
    """Return everything measured here."""
    return [*receive_against_decode(), *whole_daemon(), *one_station()]


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name:32} {figure.value:14.4f} {figure.unit:10} {figure.conditions}")

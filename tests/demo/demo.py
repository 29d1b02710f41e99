"""`make demo`: three stations on the air, stationd watching them, and where to look.

DEMO1 comes by way of RTKLIB's str2str as an NTRIP caster where that is installed; the others by
TCP. A Mosquitto is started where there is one. Everything listens on 127.0.0.1 and ends with
Ctrl-C, or after DEMO_SECONDS.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from demo_stations import ANTENNA, FIRMWARE, RECEIVER, STATIONS, Station, serve

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from broker import Broker, free_port

PATH = os.environ["PATH"] + ":/usr/sbin"
MOUNTPOINT = "DEMO1"


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def source_of(station: Station, caster_port: int | None) -> str:
    if station.number == 1 and caster_port:
        return (
            f'{{ type = "ntrip", host = "127.0.0.1", port = {caster_port}, '
            f'mountpoint = "{MOUNTPOINT}", username = "demo", '
            'password = { env = "DEMO_PASSWORD" } }'
        )
    return f'{{ type = "tcp", host = "127.0.0.1", port = {station.port} }}'


def station_table(station: Station, caster_port: int | None) -> str:
    x_m, y_m, z_m = station.arp_m
    return f"""
[[station]]
id = "{station.name}"
name = "made by the demo"
confidential = false
source = {source_of(station, caster_port)}
reference = {{ x_m = {x_m}, y_m = {y_m}, z_m = {z_m}, frame = "ITRF2020", epoch = 2025.5 }}
antenna = {{ descriptor = "{ANTENNA}" }}
receiver = {{ descriptor = "{RECEIVER}", firmware = "{FIRMWARE}" }}

[station.expect]
constellations = ["G", "R", "E", "J", "C"]
messages = {{ 1077 = 1, 1087 = 1, 1097 = 1, 1117 = 1, 1127 = 1, 1006 = 5, 1033 = 5 }}

[station.limits.silence]
critical_s = 30.0

[station.limits.cn0]
worsen_after_s = 10.0
"""


def configuration(folder: Path, metrics: int, broker: Broker | None, caster: int | None) -> Path:
    text = f"""
node = "demo"
state_folder = "state"

[sinks.metrics]
type = "prometheus"
port = {metrics}

[sinks.lines]
type = "jsonl"
path = "-"
states = "never"
"""
    if broker:
        text += f'\n[sinks.broker]\ntype = "mqtt"\nhost = "127.0.0.1"\nport = {broker.port}\n'
    text += "".join(station_table(station, caster) for station in STATIONS)
    path = folder / "stationd.toml"
    path.write_text(text)
    return path


async def follow(lines: asyncio.StreamReader) -> None:
    """Print events as the daemon writes them."""
    async for line in lines:
        event = json.loads(line)
        say(
            f"{event['station']}  {event['subject']}: {event['before']} -> {event['after']}"
            f"  ({event['reason']})"
        )


async def start_caster(station: Station) -> tuple[asyncio.subprocess.Process, int] | None:
    """Serve a station's stream by RTKLIB's caster; None where it is not installed."""
    program = shutil.which("str2str", path=PATH)
    if program is None:
        return None
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        program, "-in", f"tcpcli://127.0.0.1:{station.port}",
        "-out", f"ntripc://demo:demo@:{port}/{MOUNTPOINT}",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return process, port


def start_broker(folder: Path) -> Broker | None:
    program = shutil.which("mosquitto", path=PATH)
    return Broker(program, folder / "broker").start() if program else None


def where_to_look(folder: Path, metrics: int, broker: Broker | None, caster: int | None) -> None:
    say("three stations are on the air: DEMO1 is well, DEMO2 falls silent, DEMO3 is disturbed")
    say(f"  configuration   {folder / 'stationd.toml'}")
    say(f"  stations        http://127.0.0.1:{metrics}/")
    say(f"  metrics         http://127.0.0.1:{metrics}/metrics")
    if caster:
        say(f"  DEMO1 by NTRIP  str2str serves http://127.0.0.1:{caster}/{MOUNTPOINT}")
    else:
        say("  DEMO1 by TCP: str2str is not installed (apt-get install rtklib)")
    if broker:
        say(f"  MQTT            mosquitto_sub -p {broker.port} -t 'stationd/#' -v")
    else:
        say("  no MQTT: mosquitto is not installed (apt-get install mosquitto)")
    say("events follow as they happen; Ctrl-C ends it")


async def demo(folder: Path, seconds: float | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    tasks = []
    for station in STATIONS:
        station.port = free_port()
        tasks.append(asyncio.create_task(serve(station, lambda t: say(f"(made) {t}"), time.time())))
    caster = await start_caster(STATIONS[0])
    broker = start_broker(folder)
    metrics = free_port()
    path = configuration(folder, metrics, broker, caster[1] if caster else None)
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stationd", "run", path,
        env={**os.environ, "DEMO_PASSWORD": "demo"},
        stdout=asyncio.subprocess.PIPE, stderr=(folder / "stationd.log").open("w"),
    )  # fmt: skip
    where_to_look(folder, metrics, broker, caster[1] if caster else None)
    tasks.append(asyncio.create_task(follow(daemon.stdout)))
    try:
        ending = [asyncio.create_task(daemon.wait()), asyncio.create_task(stopped.wait())]
        await asyncio.wait(ending, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        tasks += ending
    finally:
        if daemon.returncode is None:
            daemon.terminate()
            await daemon.wait()
        if caster and caster[0].returncode is None:
            caster[0].kill()  # it has been seen to ignore a polite end
            await caster[0].wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if broker:
            broker.stop()
    if daemon.returncode:
        raise SystemExit((folder / "stationd.log").read_text())
    say("ended")


if __name__ == "__main__":
    given = os.environ.get("DEMO_SECONDS")
    with tempfile.TemporaryDirectory(prefix="stationd-demo-") as name:
        asyncio.run(demo(Path(name), float(given) if given else None))

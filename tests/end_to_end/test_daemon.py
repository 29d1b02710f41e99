"""The daemon as its users meet it: a process with a configuration, a station and sinks."""

import asyncio
import json
import time
import urllib.request
from contextlib import asynccontextmanager

import rtcm_writer
from broker import free_port
from end_to_end.daemon_process import HEAD, Pusher, running, station

GPS_EPOCH_UTC_S = 315_964_800


def epoch_now(station_id: int = 1) -> bytes:
    tow_ms = (int(time.time()) - GPS_EPOCH_UTC_S + 18) % 604_800 * 1000
    return b"".join(rtcm_writer.station_epoch(station_id, tow_ms))


def check(state: dict, name: str) -> str:
    return state["checks"].get(name, {}).get("health", "")


@asynccontextmanager
async def watched(folder, head=HEAD):
    """Run the daemon over one station."""
    receiver = Pusher()
    receiver.port = free_port()
    text = head + station("A", receiver.port)
    async with receiver.serving(), running(folder, text) as daemon:
        yield receiver, daemon


async def test_nothing_is_green_without_evidence(tmp_path):
    async with watched(tmp_path) as (receiver, daemon):
        first = await daemon.state("A", lambda s: True, "a first state")
        assert first["health"] == "unknown"
        assert {c["health"] for c in first["checks"].values()} <= {"unknown", "ok"}
        assert "ok" not in {check(first, n) for n in ("silence", "satellites", "crc", "cn0")}
        receiver.send(epoch_now())
        known = await daemon.state("A", lambda s: check(s, "satellites") == "ok", "satellites")
        assert known["health"] == "unknown"  # nobody has watched for a minute yet
        seen = {m["name"]: m["value"] for m in known["measurements"] if m["name"] == "frames"}
        assert seen == {"frames": 5}


async def test_an_absent_port_is_told_and_tried_again_until_it_is_there(tmp_path):
    receiver = Pusher()
    receiver.port = free_port()
    async with running(tmp_path, HEAD + station("A", receiver.port)) as daemon:
        await daemon.until(lambda: "refuses connections" in daemon.log, "a line of log")
        line = json.loads(daemon.log.splitlines()[-1])
        assert (line["station"], line["link"], line["level"]) == ("A", "unavailable", "warning")
        async with receiver.serving():
            await daemon.until(lambda: '"link": "connected"' in daemon.log, "the connection")
        # Lost, and refused at the next try: within a moment the newest is told.
        await daemon.until(
            lambda: (
                daemon.log.count('"link": "unavailable"') == 2 or '"link": "lost"' in daemon.log
            ),
            "its loss",
        )


async def test_a_reload_touches_only_what_changed(tmp_path):
    async with Pusher().serving() as one, Pusher().serving() as other:
        a, b = station("A", one.port), station("B", other.port)
        async with running(tmp_path, HEAD + a + b) as daemon:
            await one.connected.wait()
            await other.connected.wait()
            kept = one.writers[0]
            rejudged = station("A", one.port, "limits.silence.warning_s = 7.0")
            daemon.reload(HEAD + rejudged + station("C", other.port))
            state = await daemon.state(
                "A", lambda s: s["checks"]["silence"]["limits"]["warning_s"] == 7.0, "new limits"
            )
            assert state["checks"]["reconnects"]["evidence"] == {"reconnects_per_hour": 0}
            assert one.writers == [kept]
            await daemon.state("C", lambda s: True, "the new station")
            seen = len(daemon.states("B"))
            await daemon.state("C", lambda s: True, "another round")
            assert len(daemon.states("B")) == seen


async def test_a_wrong_configuration_is_refused_at_a_reload_and_the_old_one_kept(tmp_path):
    async with Pusher().serving() as receiver:
        port = free_port()
        metrics = f'[sinks.page]\ntype = "prometheus"\nport = {port}\n'
        good = HEAD + metrics + station("A", receiver.port)
        async with running(tmp_path, good) as daemon:
            await daemon.state("A", lambda s: True, "a first state")
            daemon.reload(good + station("A", receiver.port))
            await daemon.until(lambda: '"reload": "refused"' in daemon.log, "the refusal")
            await daemon.state("A", lambda s: True, "the old station")
            await shown(port, "stationd_config_last_reload_successful 0.0")
            daemon.reload(good)
            await daemon.until(lambda: '"reload": "done"' in daemon.log, "the good one")
            await shown(port, "stationd_config_last_reload_successful 1.0")


async def shown(port: int, line: str) -> None:
    """Scrape until the page has a line; one page serves everybody for up to a second."""

    def scrape() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
            return reply.read().decode()

    async with asyncio.timeout(20):
        while line not in await asyncio.to_thread(scrape):
            pass


async def test_an_unreachable_broker_is_told_and_nothing_else_suffers(tmp_path):
    text = HEAD + f'[sinks.broker]\ntype = "mqtt"\nhost = "127.0.0.1"\nport = {free_port()}\n'
    async with watched(tmp_path, text) as (receiver, daemon):
        await daemon.until(lambda: '"sink": "broker"' in daemon.log, "a line about the broker")
        await receiver.connected.wait()
        receiver.send(epoch_now())
        await daemon.state("A", lambda s: check(s, "satellites") == "ok", "satellites")


async def test_no_password_is_told_anywhere(tmp_path):
    text = (
        HEAD
        + f"""
[[station]]
id = "A"

[station.source]
type = "ntrip"
host = "127.0.0.1"
port = {free_port()}
mountpoint = "M"
username = "somebody"
password = {{ env = "TEST_PASSWORD" }}
"""
    )
    async with running(tmp_path, text) as daemon:
        await daemon.until(lambda: '"link"' in daemon.log, "a line about the link")
        await daemon.state("A", lambda s: True, "a state")
        everything = daemon.log + json.dumps(daemon.lines)
    assert "secret-of-the-test" not in everything


async def test_it_ends_at_once_and_cleanly_when_told(tmp_path):
    async with watched(tmp_path) as (receiver, daemon):
        await receiver.connected.wait()
        assert await daemon.stop() == 0
        assert '"stopped"' in daemon.log
        assert "Traceback" not in daemon.log


async def test_two_daemons_on_one_state_folder_are_refused(tmp_path):
    async with watched(tmp_path) as (_, daemon):
        await daemon.state("A", lambda s: True, "a first state")
        async with running(tmp_path, daemon.path.read_text()) as other:
            await other.process.wait()
            assert other.process.returncode == 1
        assert "in use by another stationd" in other.log
        assert "Traceback" not in other.log

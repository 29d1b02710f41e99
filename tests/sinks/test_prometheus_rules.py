"""The rules in config/prometheus: sound, tested, and speaking of metrics that exist."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from sinks.made_facts import full_facts
from sinks.scraper import serving

from stationd.checks import CHECKS
from stationd.facts import Health
from stationd.sinks.daemon_facts import DaemonFacts
from stationd.sinks.prometheus import Settings
from stationd.sinks.prometheus.metric_families import documented

FOLDER = Path(__file__).resolve().parents[2] / "config" / "prometheus"
RULES = (FOLDER / "rules.yml").read_text()
TESTS = (FOLDER / "tests.yml").read_text()


def labels_of(name: str) -> set[str]:
    return set(re.findall(rf'\b{name}=~?"([^"]+)"', RULES))


def test_promtool_finds_the_rules_sound_and_their_tests_pass(peer):
    promtool = peer("promtool")
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "tests.yml"]):
        result = subprocess.run(
            [promtool, *command], cwd=FOLDER, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_finds_the_example_configuration_sound(peer):
    subprocess.run([peer("promtool"), "check", "config", "prometheus.yml"], cwd=FOLDER, check=True)
    example = (FOLDER / "prometheus.yml").read_text()
    assert f"localhost:{Settings().port}" in example
    assert "job_name: stationd" in example


def test_every_rule_has_a_test():
    alerts = re.findall(r"- alert: (\w+)", RULES)
    records = re.findall(r"- record: (\S+)", RULES)
    assert len(alerts) >= 6
    for alert in alerts:
        # One case at least in which it calls.
        assert re.search(rf"alertname: {alert}\n\s+exp_alerts:\n", TESTS), alert
    for record in records:
        assert f"expr: {record}" in TESTS, record


def test_every_metric_and_label_value_that_a_rule_names_exists():
    expressions = re.sub(r"\b(instance|station):\w+:\w+", "", RULES)
    named = set(re.findall(r"\bstationd_\w+", expressions))
    assert named
    assert named <= {family.name for family in documented()}
    for values in labels_of("health"):
        assert set(values.split("|")) <= set(Health)
    checks = {check.name for check in CHECKS}
    for values in labels_of("check"):
        assert set(values.split("|")) <= checks


def test_every_series_of_the_rules_tests_exists():
    rows = {family.name: family for family in documented()}
    series = re.findall(r"series: '(\w+)\{([^}]*)\}'", TESTS)
    assert series
    for name, labels in series:
        if name == "up":
            continue
        used = set(re.findall(r"(\w+)=", labels)) - {"job", "instance"}
        assert used == set(rows[name].labels), name


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def queried(port: int, expression: str) -> dict[str, float]:
    query = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?{query}") as answer:
        found = json.load(answer)["data"]["result"]
    return {row["metric"].get("station", ""): float(row["value"][1]) for row in found}


async def test_a_real_prometheus_scrapes_the_page_and_stores_its_series(peer, tmp_path):
    program, port = peer("prometheus"), free_port()
    scrapes: asyncio.Queue[None] = asyncio.Queue()
    clock = iter(range(10**6))

    def daemon_facts() -> DaemonFacts:
        scrapes.put_nowait(None)
        return DaemonFacts(0.25)

    shutil.copy(FOLDER / "rules.yml", tmp_path)
    settings = {"stale_after_s": 1e9}
    async with serving(
        settings, daemon_facts=daemon_facts, monotonic=lambda: 10.0 * next(clock)
    ) as sink:
        for number in range(3):
            sink.publish(full_facts(number, 0.0))
        text = (FOLDER / "prometheus.yml").read_text()
        text = text.replace("9787", str(sink.port)).replace(": 15s", ": 200ms")
        (tmp_path / "prometheus.yml").write_text(text)
        process = await asyncio.create_subprocess_exec(
            program, f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{port}",
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            for _ in range(3):  # with the third, the first is stored
                await asyncio.wait_for(scrapes.get(), 60)
            stored = await asyncio.to_thread(queried, port, "stationd_satellites")
            up = await asyncio.to_thread(queried, port, 'up{job="stationd"}')
            kinds = await asyncio.to_thread(
                queried, port, 'stationd_station_health{health="ok"} == 1'
            )
        finally:
            process.terminate()
            await process.wait()
    assert stored.keys() == {"ST0000", "ST0001", "ST0002"}
    assert kinds == dict.fromkeys(stored, 1.0)
    assert up == {"": 1.0}

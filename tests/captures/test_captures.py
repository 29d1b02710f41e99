"""Every capture replays to what was kept of it, line by line."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from captures.made_cases import CASES

from stationd.config import load_station
from stationd.recordings.playback import play

FOLDER = Path(__file__).resolve().parent
FOLDERS = sorted(path.parent.name for path in FOLDER.glob("*/station.toml"))
KEEP = os.environ.get("STATIOND_KEEP_CAPTURES") == "1"


def told(line: dict[str, Any]) -> dict[str, Any]:
    """Return what a line says of the station: verdicts, reasons, times; not limits and ids."""
    if "checks" not in line:
        return {
            key: line[key] for key in ("elapsed_s", "at", "subject", "before", "after", "reason")
        }
    checks = {name: [c["health"], c["reason"]] for name, c in line["checks"].items()}
    return {"elapsed_s": line["elapsed_s"], "at": line["at"], "health": line["health"]} | checks


def replayed(folder: Path) -> list[str]:
    """Return what `stationd replay --json` prints, as far as it is kept."""
    around = folder / "around.txt"
    utc_s = (
        datetime.fromisoformat(around.read_text().strip()).timestamp() if around.exists() else None
    )
    settings = load_station(folder / "station.toml")
    return [
        json.dumps(told(line)) for line in play(folder / "input.bin", settings, None, utc_s, 60.0)
    ]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_capture_replays_to_what_was_kept(name):
    folder = FOLDER / name
    lines = replayed(folder)
    expected = folder / "expected.jsonl"
    if KEEP:
        expected.write_text("".join(f"{line}\n" for line in lines))
    kept = expected.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [json.loads(line) for line in kept]
    assert lines == kept


@pytest.mark.parametrize("name", CASES)
def test_a_made_input_is_what_its_maker_makes(name):
    path = FOLDER / name / "input.bin"
    if KEEP:
        path.write_bytes(CASES[name]())
    assert path.read_bytes() == CASES[name]()


def test_every_made_case_is_a_capture():
    assert set(CASES) <= set(FOLDERS)


def events(name, subject):
    path = FOLDER / name / "expected.jsonl"
    return [
        line
        for line in map(json.loads, path.read_text().splitlines())
        if "before" in line and line["subject"] == subject
    ]


@pytest.mark.parametrize(
    ("name", "subject", "earliest_s"),
    [
        ("constellation_lost", "completeness", 60),
        ("damaged_link", "crc", 80),
        ("arp_moved", "arp", 70),
    ],
)
def test_the_fault_of_a_made_case_is_told_when_it_comes_and_not_before(name, subject, earliest_s):
    worse = [e for e in events(name, subject) if e["after"] in {"warning", "critical"}]
    assert worse
    assert min(e["elapsed_s"] for e in worse) >= earliest_s


def test_a_beidou_time_below_zero_moves_no_date_and_is_missed():
    path = FOLDER / "beidou_below_zero" / "expected.jsonl"
    last = json.loads(path.read_text().splitlines()[-1])
    assert last["at"] == "2026-06-14T00:00:42.000Z"
    assert last["completeness"] == [
        "critical",
        "83.7% of C epochs in the last 86 s; the last gap, of 14 epochs, ended 42 s ago",
    ]

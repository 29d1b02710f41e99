"""What the README promises is what the code does."""

import re
import subprocess

import readme_tables
from conftest import ROOT

TEXT = readme_tables.README.read_text("utf-8")


def test_its_tables_are_those_of_the_code():
    message = "make them anew: .venv/bin/python tests/readme_tables.py"
    assert readme_tables.rewritten(TEXT) == TEXT, message


def test_it_has_every_table():
    assert set(re.findall(r"<!-- table: (\w+) -->", TEXT)) == set(readme_tables.TABLES)


def test_every_make_target_it_names_exists():
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "check", "bench"} <= named <= targets


def test_every_path_it_names_exists():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    paths = set(re.findall(r"`((?:stationd|simulators|tests|config|systemd|\.ci)/[\w./-]+)`", TEXT))
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path
        if tracked:
            assert any(name.startswith(path) for name in tracked), f"{path} is not in git"

"""Configurations written for a test, and what is said of them."""

import textwrap

import pytest

from stationd.config import ConfigError, load

STATION = """
id = "AAAA"
[source]
type = "tcp"
host = "receiver.example"
port = 5001
"""
MAIN = """
node = "edge"
stations = "stations/*.toml"
[sinks.page]
type = "prometheus"
"""


@pytest.fixture
def write(tmp_path):
    """Write files (name -> text, without its indentation, or bytes); return the main file."""

    def write_files(files):
        for name, text in {"main.toml": MAIN, **files}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            plain = isinstance(text, bytes)
            file.write_bytes(text if plain else textwrap.dedent(text).lstrip("\n").encode())
        return tmp_path / "main.toml"

    return write_files


@pytest.fixture
def faults(write, tmp_path):
    """Return the lines of the error that loading these files gives, without the folder."""

    def faults_of(files, environ=None):
        with pytest.raises(ConfigError) as caught:
            load(write(files), environ or {})
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return faults_of


@pytest.fixture
def station_faults(faults):
    """Return what is wrong with a station of which these lines are the rest."""

    def faults_of(rest):
        text = STATION.lstrip("\n") + textwrap.dedent(rest).lstrip("\n")
        where = "stations/a.toml:"
        lines = faults({"stations/a.toml": text})
        return [line.removeprefix(where) for line in lines]

    return faults_of

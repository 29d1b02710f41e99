"""The shipped example: it loads, it has every key, and it says the true defaults."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from stationd.config import load, load_station
from stationd.config.limit_tables import DEFAULT_LIMITS, LIMIT_TABLES
from stationd.config.main_table import DefaultsTable, MainTable
from stationd.config.station_tables import (
    AntennaTable,
    ExpectTable,
    MarkTable,
    ReceiverTable,
    ReferenceTable,
    StationTable,
)
from stationd.config.stations import CASTER_KIND
from stationd.sinks import SINKS
from stationd.sources import SOURCES

FOLDER = Path(__file__).parents[2] / "config"
STATION_FILES = {
    "ntrip": "ntrip.toml",
    "tcp": "tcp.toml",
    "tcp-server": "tcp-server.toml",
    "serial": "serial.toml",
    "file": "file.toml.example",
    "stdin": "stdin.toml.example",
}
SINK_NAMES = {"prometheus": "prometheus", "mqtt": "mqtt", "jsonl": "lines"}
# The coordinates of ntrip.toml stand there twice, in two ways of which only one may be taken.
_SECOND_WAY = re.compile(r"^#(latitude_deg|longitude_deg|height_m) .*$", re.MULTILINE)
_DISABLED = re.compile(r"^#(?=[\w\[])", re.MULTILINE)


def everything(name):
    """Return an example's values with all that is disabled in it taken as set."""
    text = _DISABLED.sub("", (FOLDER / name).read_text())
    return tomllib.loads(text)


def lacking(model, table):
    """Return lines to add to an example, and what it says wrongly of a default."""
    lines = []
    for key, field in model.model_fields.items():
        default = field.default_factory() if field.default_factory else field.default
        if isinstance(default, tuple):
            default = list(default)
        if key not in table:
            lines.append(f"#{key} = {default}  # {field.description}")
        elif default not in (None, PydanticUndefined, [], {}) and not field.is_required():
            shown = str(default) if isinstance(default, Path) else default
            if table[key] != shown:
                lines.append(f"{key}: the example says {table[key]}, the default is {shown}")
    lines += [f"{key}: no such key" for key in table if key not in model.model_fields]
    return lines


@pytest.mark.parametrize("kind", SINKS)
def test_every_key_of_a_sink_is_in_the_example_with_its_default(kind):
    table = everything("stationd.toml")["sinks"][SINK_NAMES[kind]]
    assert table.pop("type") == kind
    assert lacking(SINKS[kind].settings, table) == []


@pytest.mark.parametrize("kind", SOURCES)
def test_every_key_of_a_source_is_in_an_example_with_its_default(kind):
    values = everything(f"stations/{STATION_FILES[kind]}")
    table = values["source"]
    assert table.pop("type") == kind
    if kind == CASTER_KIND:
        main = everything("stationd.toml")
        table = main["casters"][table.pop("caster")] | table
    assert lacking(SOURCES[kind].settings, table) == []


@pytest.mark.parametrize("check", LIMIT_TABLES)
def test_every_limit_is_in_the_example_with_its_default(check):
    table = everything("stationd.toml")["defaults"]["limits"][check]
    assert lacking(LIMIT_TABLES[check], table) == []


def test_every_key_of_the_main_file_and_of_a_station_is_in_the_example():
    main = everything("stationd.toml")
    assert set(main) == set(MainTable.model_fields)
    assert set(main["defaults"]) == set(DefaultsTable.model_fields)
    assert lacking(ExpectTable, main["defaults"]["expect"]) == []
    station = everything("stations/ntrip.toml")
    assert set(station) == set(StationTable.model_fields)
    for key, model in {
        "reference": ReferenceTable,
        "antenna": AntennaTable,
        "receiver": ReceiverTable,
        "expect": ExpectTable,
        "mark": MarkTable,
    }.items():
        assert lacking(model, station[key]) == [], key


def test_the_example_loads_as_it_is_and_warns_of_nothing():
    settings = load(FOLDER / "stationd.toml", {})
    assert settings.warnings == ()
    assert {station.source_kind for station in settings.stations} == {
        kind for kind, name in STATION_FILES.items() if name.endswith(".toml")
    }
    assert settings.stations[0].line.limits["satellites"].least["G"] == 6


def test_the_example_loads_with_all_that_is_disabled_in_it(tmp_path):
    folder = tmp_path / "config"
    shutil.copytree(FOLDER, folder)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for name in ("example-caster", "mqtt", "grafana"):
        (credentials / name).write_text("made up")
        (credentials / name).chmod(0o400)
    (folder / "tls").mkdir()
    for name in ("ca.pem", "own.pem", "own.key"):
        (folder / "tls" / name).write_text("made up")
    for file in [folder / "stationd.toml", *(folder / "stations").iterdir()]:
        text = _DISABLED.sub("", _SECOND_WAY.sub("", file.read_text()))
        file.write_text(text.replace("tls = false", "tls = true"))
        if file.suffix == ".example":
            file.rename(file.with_suffix(""))
    (folder / "stations" / "recording.rtcm3").write_bytes(b"")
    settings = load(folder / "stationd.toml", {"CREDENTIALS_DIRECTORY": str(credentials)})
    assert {station.source_kind for station in settings.stations} == set(SOURCES)
    assert {sink.kind for sink in settings.sinks.values()} == set(SINKS)
    assert settings.node == "edge-1"


@pytest.mark.parametrize("name", STATION_FILES.values())
def test_a_station_of_the_example_may_be_replayed(name):
    station = load_station(FOLDER / "stations" / name)
    assert station.limits.keys() == DEFAULT_LIMITS.keys()


def check_config(*arguments):
    command = [sys.executable, "-m", "stationd", "check-config", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_check_config_says_what_the_example_would_run():
    said = check_config(FOLDER / "stationd.toml")
    assert (said.returncode, said.stderr) == (0, "")
    assert "4 stations: 1 ntrip, 1 serial, 1 tcp, 1 tcp-server" in said.stdout
    assert "1 sink: prometheus (prometheus)" in said.stdout
    summary = json.loads(check_config(FOLDER / "stationd.toml", "--json").stdout)
    assert summary["ok"]
    assert summary["stations"]["EXTC00XXX"]["peer"] == "tcp://receiver.example.org:5001"


def test_check_config_tells_all_faults_and_ends_with_78(write):
    main = write({"stations/a.toml": 'id = "A"\nnmae = 1\n[source]\ntype = "tpc"'})
    said = check_config(main)
    assert (said.returncode, said.stdout) == (78, "")
    assert len(said.stderr.splitlines()) == 2
    said = check_config(main, "--json")
    assert said.returncode == 78
    told = json.loads(said.stdout)
    assert (told["ok"], len(told["errors"])) == (False, 2)


def test_check_config_warns_and_ends_with_0(write):
    station = '[[station]]\nid = "S{}"\nsource = {{ type = "tcp", host = "h", port = 1 }}\n'
    said = check_config(write({"main.toml": "".join(map(station.format, range(30)))}))
    assert said.returncode == 0
    lines = said.stderr.splitlines()
    assert "no [sinks.NAME]" in lines[0]
    assert lines[-1] == "warning: and 11 more; --json shows all"
    assert len(lines) == 21

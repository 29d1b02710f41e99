"""However a configuration is damaged: settings or a `ConfigError`, and never a secret in it."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stationd.config import ConfigError, load, load_station

FOLDER = Path(__file__).parents[2] / "config"
SECRET = "correct horse"
_DISABLED = re.compile(r"^#(?=[\w\[])", re.MULTILINE)
MAIN = _DISABLED.sub("", (FOLDER / "stationd.toml").read_text())
MAIN = re.sub(r"\{ credential = .*? \}", f'"{SECRET}"', MAIN)  # where no secret may stand
STATION = _DISABLED.sub("", (FOLDER / "stations" / "ntrip.toml").read_text())

VALUES = [
    "3", '"x"', "[]", "{}", "[{}]", "true", "-1", "2026-03-31", "07:00:00", "2026-03-31T07:00:00Z",
    "1e300", "1e-300", "inf", "nan", '[1, "a"]', "{ a = 1 }", '{ env = "NO" }', '{ file = "x" }',
    '""', '"' + "y" * 500 + '"', "99999999999999999999999999", '"\\u0000"', '"G"', '["G"]',
    "{ G = 1 }", '{ "中" = 1 }', "[[]]", "{ a = { b = { c = 1 } } }", "[", "'", "",
    "9" * 5000, "[[[[[[[[]]]]]]]]", '"\\ud800"', '"-"', '"/dev/null"',
]  # fmt: skip
HEADERS = [
    "[[station]]", "[station.source]", "[sinks.b]", "[casters]", "[sinks]", "[limits]", "id = 5",
    "defaults = 3", "stations = 3", "station = 3", "sinks = 1", "reference = 3", "casters = 1",
    "expect = 1", "source = 1", "limits = { silence = 3 }", "casters.example = 3",
]  # fmt: skip
edits = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(VALUES + HEADERS)), max_size=4
)


def damaged(text, changes):
    """Return a text some of whose values, or lines, are others."""
    lines = text.splitlines()
    for place, token in changes:
        at = int(place * len(lines))
        key, equals, _ = lines[at].partition("=")
        lines[at] = token if token in HEADERS or not equals else f"{key}= {token}"
    return "\n".join(lines)


def said(read, path):
    """Return the error's text; "" where there is none."""
    try:
        read(path)
    except ConfigError as error:
        return str(error) or "an error without a word"
    return ""


def load_alone(path):
    return load(path, {})


@pytest.mark.parametrize("read", [load_alone, load_station])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(main=edits, station=edits)
def test_a_damaged_configuration_gives_settings_or_sentences(main, station, read, tmp_path):
    (tmp_path / "stations").mkdir(exist_ok=True)
    (tmp_path / "stations" / "a.toml").write_text(damaged(STATION, station))
    (tmp_path / "main.toml").write_text(damaged(MAIN, main))
    for path in (tmp_path / "main.toml", tmp_path / "stations" / "a.toml"):
        assert SECRET not in said(read, path)


@pytest.mark.parametrize("start", ["", 'id = "A"\n', 'stations = "*.none"\n', "[sinks.b]\n"])
def test_a_short_and_odd_configuration_gives_sentences(start, tmp_path):
    file = tmp_path / "main.toml"
    for token in VALUES + HEADERS:
        file.write_text(f"{start}{token}\n{start}")
        assert said(load_alone, file)
        assert SECRET not in said(load_station, file)

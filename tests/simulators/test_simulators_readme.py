"""simulators/README.md says what there is: tables of keys and faults, a scenario that can be read.

`python tests/simulators/test_simulators_readme.py` writes keys, defaults and ranges of the table of
keys anew; what each means is written by hand, in the README.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path

from stationd_simulators.faults import FAULTS
from stationd_simulators.scenario import (
    FULL_ERRORS,
    Antenna,
    Errors,
    Expectation,
    Fault,
    Motion,
    Quake,
    Receiver,
    Scenario,
    Station,
    Step,
)
from stationd_simulators.scenario_bounds import AT_SOME_TIME, BOUNDS, MOVED, PER_YEAR, PLACE
from stationd_simulators.scenario_files import names, parsed
from stationd_simulators.verification import Mark
from stationd_simulators.verification.replaying import verified_by_replay

PATH = Path(__file__).parents[2] / "simulators" / "README.md"
README = PATH.read_text()
NOUNS = {
    "": Scenario, "errors.": Errors, "station.": Station, "station.antenna.": Antenna,
    "station.receiver.": Receiver, "station.motion.": Motion, "station.motion.steps.": Step,
    "station.motion.quakes.": Quake, "fault.": Fault, "expect.": Expectation,
}  # fmt: skip
# Tables of their own, and what files say in other words.
ELSEWHERE = {
    Scenario: {"stations", "errors", "faults", "expectations"},
    Station: {"antenna", "receiver", "motion"},
    Motion: {"steps", "quakes"},
    Fault: {"parameters"},
}
IN_FILES = {"start_gpst_s": ["start"], "position_m": [*PLACE, "x_m", "y_m", "z_m"]}
# Filled in by scenario_files.py, as no dataclass has a default for them.
OPTIONAL = {"fault.duration_s": "inf", "fault.stations": "all"}
NEEDED = "needed"


def shown(value: object) -> str:
    match value:
        case tuple():
            return "[" + ", ".join(map(shown, value)) + "]"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case str():
            return f'"{value}"'
        case dict():
            return "{ " + ", ".join(f"{key} = {shown(one)}" for key, one in value.items()) + " }"
    return str(value)


def default_of(key: str, field: Field) -> str:
    if key in OPTIONAL:
        return OPTIONAL[key]
    if field.default_factory is not MISSING:
        made = field.default_factory()
        return f"`{shown(made)}`" if made else "none"
    if field.default is MISSING:
        return NEEDED
    value = "none" if field.default in ((), {}) else f"`{shown(field.default)}`"
    if key.startswith("errors.") and getattr(FULL_ERRORS, field.name) != field.default:
        value += f", full: `{shown(getattr(FULL_ERRORS, field.name))}`"
    return value


def key_rows() -> Iterator[tuple[str, str, str]]:
    """Yield keys as files have them, their defaults and their ranges."""
    for before, noun in NOUNS.items():
        if noun is Errors:
            yield "errors.preset", '`"none"`', ""
        for field in fields(noun):
            if field.name in ELSEWHERE.get(noun, ()):
                continue
            for name in IN_FILES.get(field.name, [field.name]):
                bound = BOUNDS.get(noun, {}).get(name, PLACE.get(name))
                is_told = bound not in (None, MOVED, PER_YEAR, AT_SOME_TIME)
                told = str(bound) if is_told else ""
                yield before + name, default_of(before + name, field), told
        if noun is Fault:
            yield "fault.every_s", "once", "at least 1"


def table_of(name: str) -> list[list[str]]:
    table = README.split(f"<!-- table: {name} -->\n")[1].split("<!-- end -->")[0]
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


def key_lines() -> list[str]:
    """Return the lines of the table of keys; meanings are those that the README has."""
    meanings = {row[0]: row[-1] for row in table_of("keys")}
    return [
        f"| `{key}` | {default} | {bound} | {meanings.get(f'`{key}`', 'TO BE SAID')} |"
        for key, default, bound in key_rows()
    ]


def test_the_table_of_keys_has_every_key_with_its_default_and_range():
    table = README.split("<!-- table: keys -->\n")[1].split("<!-- end -->")[0]
    assert table.splitlines()[2:] == key_lines()
    assert "TO BE SAID" not in table


def test_every_key_of_the_table_is_one_that_files_may_have():
    text = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]
    told = tomllib.loads(text)
    known = {key for key, _, _ in key_rows()}
    assert {key for key in told if not isinstance(told[key], dict | list)} <= known
    for name, table in (("errors", told["errors"]), ("expect", told["expect"][0])):
        assert {f"{name}.{key}" for key in table} <= known


def test_the_table_of_faults_has_every_kind_with_its_parameters():
    rows = []
    for name, kind in FAULTS.items():
        standard = kind.parameters()
        columns = [f"`{f.name}` = {shown(getattr(standard, f.name))}" for f in fields(standard)]
        rows.append(f"| `{name}` | {kind.meaning} | {', '.join(columns)} |")
    table = README.split("<!-- table: faults -->\n")[1].split("<!-- end -->")[0]
    assert table.splitlines()[2:] == rows


def test_the_scenario_that_it_shows_is_judged_as_it_says(tmp_path):
    text = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]
    scenario = parsed(tomllib.loads(text), "README.md")
    assert [fault.kind for fault in scenario.faults] == ["antenna-height"]
    assert scenario.errors.code_noise_m > 0.0
    outcomes = verified_by_replay(scenario, tmp_path)
    assert [(one.mark, one.check) for one in outcomes] == [
        (Mark.HELD, "arp"), (Mark.HELD, "arp"), (Mark.HELD, ""),
    ]  # fmt: skip


def test_the_tests_that_it_shows_pass(tmp_path):
    shown = tmp_path / "test_shown.py"
    shown.write_text(re.search(r"```python\n(.*?)```", README, re.DOTALL)[1])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(shown)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout


def test_the_scenarios_that_it_names_come_along():
    assert set(re.findall(r"stationd-sim (?:write|caster|serial|tcp|verify) (\S+)", README)) <= set(
        names()
    )


if __name__ == "__main__":
    head, rest = README.split("<!-- table: keys -->\n")
    table, after = rest.split("<!-- end -->", 1)
    lines = [*table.splitlines()[:2], *key_lines()]
    PATH.write_text(f"{head}<!-- table: keys -->\n{chr(10).join(lines)}\n<!-- end -->{after}")

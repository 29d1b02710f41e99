"""simulators/README.md says what there is: its table of faults, and a scenario that can be read."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from stationd_simulators.faults import FAULTS
from stationd_simulators.scenario_files import names, parsed

README = (Path(__file__).parents[2] / "simulators" / "README.md").read_text()


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
    return str(value)


def test_the_table_of_faults_has_every_kind_with_its_parameters():
    rows = []
    for name, kind in FAULTS.items():
        standard = kind.parameters()
        columns = [f"`{f.name}` = {shown(getattr(standard, f.name))}" for f in fields(standard)]
        rows.append(f"| `{name}` | {kind.meaning} | {', '.join(columns)} |")
    table = README.split("<!-- table: faults -->\n")[1].split("<!-- end -->")[0]
    assert table.splitlines()[2:] == rows


def test_the_scenario_that_it_shows_can_be_read():
    text = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]
    scenario = parsed(tomllib.loads(text), "README.md")
    assert [fault.kind for fault in scenario.faults] == ["antenna-height"]
    assert scenario.errors.code_noise_m > 0.0


def test_the_scenarios_that_it_names_come_along():
    assert set(re.findall(r"stationd-sim (?:write|caster|serial|verify) (\S+)", README)) <= set(
        names()
    )

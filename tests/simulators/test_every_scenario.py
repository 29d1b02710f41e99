"""Every scenario that comes along, verified by the real stationd: minutes, and so a campaign.

The same as `stationd-sim verify SCENARIO` for each.
"""

import asyncio

import pytest

from stationd_simulators.scenario_files import load, names
from stationd_simulators.verification import Mark, needs_links
from stationd_simulators.verification.living import verified_live
from stationd_simulators.verification.replaying import verified_by_replay

# The closures are long, at half-minute epochs, and for another judge: test_closure.py.
NAMES = [name for name in names() if not name.startswith("closure")]
RECORDED = [name for name in NAMES if not needs_links(load(name))]
LINKED = [name for name in NAMES if needs_links(load(name))]


def failed(outcomes) -> list[str]:
    return [
        f"{one.station} {one.check}: {one.sentence}" for one in outcomes if one.mark is Mark.FAILED
    ]


@pytest.mark.campaign
@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_scenario_is_judged_as_it_expects(name, tmp_path):
    outcomes = verified_by_replay(load(name), tmp_path)
    assert failed(outcomes) == []
    assert any(one.mark is Mark.HELD for one in outcomes)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
async def test_scenarios_of_links_are_judged_live_as_they_expect(tmp_path):
    """All at once: each takes as long as it says."""
    async with asyncio.TaskGroup() as tasks:
        running = {
            name: tasks.create_task(verified_live(load(name), tmp_path / name)) for name in LINKED
        }
    wrong = {name: failed(task.result()) for name, task in running.items()}
    assert wrong == {name: [] for name in LINKED}

"""Every scenario that comes along, verified by the real stationd: minutes, and so a campaign.

The same as `stationd-sim verify SCENARIO` for each.
"""

import asyncio
import math
from dataclasses import replace

import numpy as np
import pytest

from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.scenario_files import load, names
from stationd_simulators.stream import StationStream, constellations
from stationd_simulators.verification import Mark, needs_links
from stationd_simulators.verification.living import verified_live
from stationd_simulators.verification.processes import PLANNED
from stationd_simulators.verification.replaying import verified_by_replay

RECORDED = [name for name in names() if not needs_links(load(name))]
LINKED = [name for name in names() if needs_links(load(name))]
# Their windows are of ten minutes and of an hour: they do not clear within a scenario.
LONG_WINDOWS = ("completeness", "crc", "reconnects")
SKY = Satellites(constellations(load("city")))  # all scenarios have the same seed and start
TO_CLEAR_S = 115.0  # a window of a minute, and the time that a recovery has to last


def failed(outcomes) -> list[str]:
    return [
        f"{one.station} {one.check}: {one.sentence}" for one in outcomes if one.mark is Mark.FAILED
    ]


@pytest.mark.parametrize("name", names())
def test_every_expectation_says_when_it_is_over_where_the_scenario_sees_that(name):
    scenario = load(name)
    for one in scenario.expectations:
        faults = [fault for fault in scenario.faults if fault.concerns(one.station)]
        # Without a fault it is the truth that changes, for good.
        over_s = max((fault.start_s + fault.duration_s for fault in faults), default=math.inf)
        seen = over_s + TO_CLEAR_S <= scenario.duration_s
        judged = one.check not in PLANNED and one.check not in LONG_WINDOWS
        if seen and judged:
            assert one.cleared_by_s < scenario.duration_s, f"{one.station} {one.check}"


@pytest.mark.parametrize("name", ["city", *LINKED])
def test_what_is_played_now_has_a_sky_within_its_limits_at_any_time_of_day(name):
    scenario = replace(load(name), faults=())
    stream = StationStream(scenario, scenario.stations[-1], SKY)
    strongest, satellites = scenario.limits["cn0"], scenario.limits["satellites"]
    for begin_s in range(0, 86_400, 900):
        epoch = stream.observations(scenario.start_gpst_s + begin_s)
        for letter in scenario.constellations:
            of = epoch.only(epoch.letter == letter)
            assert len(set(of.satellite)) >= satellites["least"][letter]
            medians = [np.median(of.cn0_dbhz[of.code == code]) for code in set(of.code)]
            assert max(medians) > strongest["warning_dbhz"] + 0.5


@pytest.mark.campaign
@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_scenario_is_judged_as_it_expects(name, tmp_path):
    scenario = load(name)
    outcomes = verified_by_replay(scenario, tmp_path)
    assert failed(outcomes) == []
    held = [one.check for one in outcomes if one.mark is Mark.HELD and one.check]
    judged = [one for one in scenario.expectations if one.check not in PLANNED]
    assert len(held) == len(judged) + sum(math.isfinite(one.cleared_by_s) for one in judged)


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

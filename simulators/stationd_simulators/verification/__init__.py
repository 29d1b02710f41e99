"""Whether stationd finds in a scenario what it should find, and nothing else."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.seam import Link
from stationd_simulators.scenario import Scenario
from stationd_simulators.verification.judgement import Mark, Outcome
from stationd_simulators.verification.living import verified_live
from stationd_simulators.verification.processes import StationdError
from stationd_simulators.verification.replaying import verified_by_replay

__all__ = ["Mark", "Outcome", "StationdError", "needs_links", "verified"]


def needs_links(scenario: Scenario) -> bool:
    """Return whether something happens to connections: a recording cannot show that."""
    return any(FAULTS[fault.kind].link is not Link.UP for fault in scenario.faults)


def verified(
    scenario: Scenario, folder: Path, progress: Callable[[float], None], *, live: bool
) -> list[Outcome]:
    """Return what became of each expectation; `live` takes as long as the scenario does."""
    if live:
        return asyncio.run(verified_live(scenario, folder, progress))
    return verified_by_replay(scenario, folder, progress)

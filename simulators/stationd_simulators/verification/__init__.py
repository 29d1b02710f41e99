"""Whether stationd finds in a scenario what it should find, and nothing else."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from stationd.gnss.time import utc_from_gpst
from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.seam import Link
from stationd_simulators.scenario import Scenario
from stationd_simulators.verification.judgement import Mark, Outcome
from stationd_simulators.verification.living import verified_live
from stationd_simulators.verification.processes import CannotVerifyError, StationdError
from stationd_simulators.verification.replaying import verified_by_replay

__all__ = ["CannotVerifyError", "Mark", "Outcome", "StationdError", "needs_links", "verified"]


def needs_links(scenario: Scenario) -> bool:
    """Return whether something happens to connections: a recording cannot show that."""
    return any(FAULTS[fault.kind].link is not Link.UP for fault in scenario.faults)


def verified(
    scenario: Scenario, folder: Path, progress: Callable[[float], None], *, live: bool
) -> list[Outcome]:
    """Return what became of each expectation; `live` takes as long as the scenario does.

    Raises CannotVerifyError for a scenario that is about its date, live, and where stationd fails.
    """
    if live and scenario.dated:
        date = datetime.fromtimestamp(utc_from_gpst(scenario.start_gpst_s), UTC)
        raise CannotVerifyError(
            f"{scenario.name} is about its date, {date:%Y-%m-%d %H:%M:%S} UTC, and live it begins "
            "now: verify it by --replay"
        )
    if live:
        return asyncio.run(verified_live(scenario, folder, progress))
    return verified_by_replay(scenario, folder, progress)

"""Verifies a scenario by recordings with arrival times: hours pass as fast as they are computed."""

from collections.abc import Callable
from pathlib import Path

from stationd_simulators.playing import write
from stationd_simulators.scenario import Scenario
from stationd_simulators.verification.judgement import Outcome, judged
from stationd_simulators.verification.processes import checks_of, replayed
from stationd_simulators.verification.registry import write_registry
from stationd_simulators.verification.timeline import Timeline, timelines


def verified_by_replay(
    scenario: Scenario, folder: Path, progress: Callable[[float], None] = lambda _: None
) -> list[Outcome]:
    """Write the scenario's streams to `folder`, let stationd replay them, and judge what it says.

    What becomes of a connection is no part of a recording: a closed one is silent here.
    """
    known = checks_of(scenario, folder)
    for share in write(scenario, folder, nmea=False, lines=True, time_tags=True):
        progress(share)
    recordings = {one.id: folder / f"{one.id}.rtcm3" for one in scenario.stations}
    sources = {
        name: {"type": "file", "path": str(path.resolve())} for name, path in recordings.items()
    }
    write_registry(scenario, folder, sources)
    told: dict[str, Timeline] = {}
    for name, recording in recordings.items():
        lines = replayed(recording, folder / "stations" / f"{name}.toml")
        told |= timelines(lines, scenario.start_gpst_s)
    return judged(scenario, told, known)

"""The real stationd in a process of its own: replay, its checks, its store of series.

Only its command line is used, as anyone would: the simulators share no code with what they judge.
"""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from stationd_simulators.scenario import Scenario
from stationd_simulators.verification.registry import toml_text

STATIOND: Final = (sys.executable, "-m", "stationd")
_FILES_AT_ONCE: Final = 200  # of one command line
NO_LIMITS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
# Checks that stationd does not have yet and is to have; an expectation of any other is a mistake.
PLANNED: Final = frozenset(
    {
        "clock", "displacement", "ephemerides", "interference", "ionosphere", "multipath",
        "position", "slips",
    }
)  # fmt: skip


class CannotVerifyError(RuntimeError):
    """A scenario cannot be verified so; the sentence says why."""


class StationdError(CannotVerifyError):
    """stationd ended with an error; the sentence has what it said."""


def replayed(recording: Path, station_file: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON lines that `stationd replay` prints."""
    command = [*STATIOND, "replay", str(recording), "--station", str(station_file)]
    done = subprocess.run(  # noqa: S603 - our own program, files that we have written
        [*command, "--json", "--every", "0"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StationdError(f"stationd replay {recording.name}: {done.stderr.strip()}")
    for line in done.stdout.splitlines():
        yield json.loads(line)


def import_series(files: Sequence[Path], store: Path, frame: str) -> Iterator[float]:
    """Import series files into a store; yield the share that is done."""
    for first in range(0, len(files), _FILES_AT_ONCE):
        some = files[first : first + _FILES_AT_ONCE]
        command = [*STATIOND, "drift", "import", *map(str, some), "--store", str(store)]
        done = subprocess.run(  # noqa: S603 - as above
            [*command, "--frame", frame], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StationdError(done.stderr.strip().removeprefix("stationd: "))
        yield min(1.0, (first + len(some)) / len(files))


def checks_of(scenario: Scenario, folder: Path) -> frozenset[str]:
    """Return the checks that a scenario names and stationd has.

    Raises CannotVerifyError where it names what stationd neither has nor is to have, or limits
    that stationd refuses.
    """
    expected = {one.check for one in scenario.expectations}
    elsewhere = {*scenario.also, *scenario.limits}
    known = known_checks(expected | elsewhere, folder, scenario.limits)
    wrong = sorted((expected - known - PLANNED) | (elsewhere - known))
    if wrong:
        raise CannotVerifyError(
            f"{scenario.name}: stationd has no check {', '.join(wrong)}: see README.md, Checks"
        )
    return known


def known_checks(
    names: Collection[str], folder: Path, limits: Mapping[str, Mapping[str, Any]] = NO_LIMITS
) -> frozenset[str]:
    """Return those of `names` that are checks of stationd: it refuses the limits of any other.

    Raises CannotVerifyError where it refuses one of `limits` of a check that it has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / "limits.toml"
    table = {
        "state_folder": str(folder / "state"),
        "station": {"id": "X", "source": {"type": "stdin"}},
        "defaults": {"limits": {name: limits.get(name, {}) for name in names}},
    }
    # [[station]] is an array of tables.
    probe.write_text(toml_text(table).replace("[station]", "[[station]]"), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - as above
        [*STATIOND, "check-config", str(probe), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    errors = json.loads(done.stdout).get("errors", [])
    # Of other things: the probe is no whole configuration.
    told = [error.partition("defaults.")[2] for error in errors]
    refused = [error for error in told if error and "no such check" not in error]
    if refused:
        raise CannotVerifyError("; ".join(refused))
    return frozenset(
        name for name in names if not any(f"{name}: no such check" in error for error in errors)
    )

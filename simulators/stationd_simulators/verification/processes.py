"""The real stationd in a process of its own: replay, its checks, its store of series.

Only its command line is used, as anyone would: the simulators share no code with what they judge.
"""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from stationd_simulators.verification.registry import toml_text

STATIOND: Final = (sys.executable, "-m", "stationd")
_FILES_AT_ONCE: Final = 200  # of one command line


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
            raise StationdError(f"stationd drift import: {done.stderr.strip()}")
        yield min(1.0, (first + len(some)) / len(files))


def known_checks(names: Collection[str], folder: Path) -> frozenset[str]:
    """Return those of `names` that are checks of stationd: it refuses the limits of any other."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / "limits.toml"
    table = {
        "state_folder": str(folder / "state"),
        "station": {"id": "X", "source": {"type": "stdin"}},
        "defaults": {"limits": {name: {} for name in names}},
    }
    # [[station]] is an array of tables.
    probe.write_text(toml_text(table).replace("[station]", "[[station]]"), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - as above
        [*STATIOND, "check-config", str(probe), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    errors = json.loads(done.stdout).get("errors", [])
    return frozenset(
        name for name in names if not any(f"{name}: no such check" in error for error in errors)
    )

"""RTKLIB as a judge of recordings: convbin to RINEX, rnx2rtkp to positions."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from stationd.gnss.time import utc_from_gpst

# Every key that matters is explicit: defaults differ between RTKLIB's builds.
SINGLE = {
    "pos1-posmode": "single",
    "pos1-frequency": "l1",
    "pos1-elmask": "5",
    "pos1-ionoopt": "off",
    "pos1-tropopt": "saas",
    "pos1-sateph": "brdc",
    "pos1-navsys": "63",
    "out-solformat": "xyz",
    "out-timesys": "gpst",
}
DOUBLE = {"pos1-frequency": "l1+l2", "pos1-ionoopt": "dual-freq"}
# Of GPS and Galileo, the ionosphere eliminated, zenith delays estimated, ambiguities left real.
STATIC = SINGLE | {
    "pos1-posmode": "static",
    "pos1-frequency": "l1+l2",
    "pos1-soltype": "forward",
    "pos1-elmask": "10",
    "pos1-navsys": "9",
    "pos1-ionoopt": "dual-freq",
    "pos1-tropopt": "est-ztd",
    "pos2-armode": "off",
    "pos2-gloarmode": "off",
    "pos2-bdsarmode": "off",
    "pos2-slipthres": "0.05",
    "out-solstatic": "single",
    "ant2-postype": "xyz",
}


@dataclass(frozen=True, slots=True)
class Solver:
    """Runs in a folder; `peer` finds the programs."""

    peer: Callable[[str], str]
    folder: Path

    def rinex(self, recording: Path, near_gpst_s: float) -> tuple[Path, Path]:
        """Return observation and navigation file of a recording that begins near an instant."""
        day = datetime.fromtimestamp(utc_from_gpst(near_gpst_s), UTC) - timedelta(minutes=1)
        observations, navigation = (recording.with_suffix(end) for end in (".obs", ".nav"))
        command = [self.peer("convbin"), "-r", "rtcm3", "-v", "3.04", "-od", "-os"]
        command += ["-tr", f"{day:%Y/%m/%d}", f"{day:%H:%M:%S}"]
        command += ["-o", str(observations), "-n", str(navigation), str(recording)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return observations, navigation

    def positions(
        self, options: dict[str, str], files: Sequence[Path]
    ) -> tuple[list[str], np.ndarray]:
        """Return times, and positions with the number of satellites (n, 4), of a solution."""
        configuration, solution = self.folder / "solver.conf", self.folder / "solver.pos"
        configuration.write_text("".join(f"{key}={value}\n" for key, value in options.items()))
        command = [self.peer("rnx2rtkp"), "-k", str(configuration), "-o", str(solution)]
        command += map(str, files)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, timeout=280, **quiet)
        rows = [
            line.split()
            for line in solution.read_text().splitlines()
            if line and not line.startswith("%")
        ]
        numbers = [[*map(float, row[2:5]), float(row[6])] for row in rows]
        return [f"{row[0]} {row[1]}" for row in rows], np.array(numbers).reshape(-1, 4)

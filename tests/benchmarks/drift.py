"""Measures the estimators of drift: MIDAS, trajectories with noise, and hector-ts beside them.

    python tests/benchmarks/drift.py

Measured in a process of its own with one thread for linear algebra: more than one only wait for
each other at these sizes, and that waiting is CPU time too. hector-ts takes part where
BENCH_HECTOR names a Python that has it (its licence is non-commercial: to compare, not to use).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "drift")]
import numpy as np  # noqa: E402 - a script beside its folder
from figure import Figure  # noqa: E402 - ditto
from synthetic import component, epochs  # noqa: E402 - ditto
from timing import cpu_of, in_turns  # noqa: E402 - ditto

from stationd.drift import midas  # noqa: E402 - ditto
from stationd.drift.noise import NoiseKind  # noqa: E402 - ditto
from stationd.drift.series import Series  # noqa: E402 - ditto
from stationd.drift.step_scan import scan_steps  # noqa: E402 - ditto
from stationd.drift.trajectory import fit, fit_each  # noqa: E402 - ditto

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
ROUNDS = 5
FIRST_MJD = 55197  # of epochs()
GLS_YEARS, MIDAS_YEARS = 12, 20
CONTROL = """DataFile S.mom
DataDirectory {folder}
OutputFile {folder}/out.mom
periodicsignals 365.25 182.625
estimateoffsets no
NoiseModels {noise}
GGM_1mphi 6.9e-06
ScaleFactor 1.0
PhysicalUnit mm
Verbose no
"""
# Its import is not counted, only the estimate.
HECTOR = """import contextlib, io, sys, time
import hector.estimatetrend
taken = []
for _ in range(3):
    sys.argv = ["estimatetrend", "-i", "control"]
    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        hector.estimatetrend.main()
    taken.append(time.process_time() - began)
print(min(taken))
"""


def three(years: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    t = epochs(years)
    return t, np.stack([component(t, rng, 0.01) for _ in range(3)], axis=1)


def stations_figure() -> Figure:
    """Measure MIDAS and step scan of ten years, and reckon what a thousand stations take."""
    t, enu = three(10)
    enu[len(t) // 2 :, :2] += 0.008  # a step to be found: the scan goes round once more
    nothing = np.full_like(enu, np.nan)
    series = Series("TEST", t, FIRST_MJD + np.arange(len(t), dtype=float), enu, nothing, nothing)
    assert len(scan_steps(series).steps) == 1
    taken = in_turns({"both": cpu_of(lambda: (midas.velocity(series), scan_steps(series)))}, ROUNDS)
    one_s = statistics.median(taken["both"])
    conditions = f"MIDAS + step scan of 10 years with one step, {one_s:.3f} s of CPU a station"
    return Figure("thousand_stations_s", 500 * one_s, "s", f"{conditions}, 2 cores", at_most=600.0)


def hector_s(t: np.ndarray, y_m: np.ndarray, noise: str, days: int) -> float | None:
    """Return the CPU seconds that hector-ts takes for one component, None without it."""
    python = os.environ.get("BENCH_HECTOR")
    if python is None:
        return None
    whole = len(t) // days * days
    position_mm = 1000 * y_m[:whole].reshape(-1, days).mean(axis=1)
    mjd = FIRST_MJD + np.arange(whole).reshape(-1, days).mean(axis=1)
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"{a:.1f} {b:.5f}\n" for a, b in zip(mjd, position_mm, strict=True)]
        Path(folder, "S.mom").write_text("".join([f"# sampling period {days}.0\n", *lines]))
        Path(folder, "control").write_text(CONTROL.format(folder=folder, noise=noise))
        done = subprocess.run(
            [python, "-c", HECTOR], cwd=folder, check=True, capture_output=True, text=True
        )
    return float(done.stdout.split()[-1])


def measured() -> list[Figure]:
    t20, enu20 = three(MIDAS_YEARS)
    t12, enu12 = three(GLS_YEARS)
    east = enu12[:, 0]
    taken = in_turns(
        {
            "midas": cpu_of(lambda: midas.velocity_of(t20, enu20)),
            "flicker": cpu_of(lambda: fit(t12, east)),
            "power law": cpu_of(lambda: fit(t12, east, None, None, NoiseKind.WHITE_POWER_LAW)),
            "three": cpu_of(lambda: fit_each(t12, enu12)),
        },
        ROUNDS,
    )
    one = {way: statistics.median(each) for way, each in taken.items()}
    how = f"synthetic, CPU of one thread, median of {ROUNDS} rounds"
    gls = f"{GLS_YEARS} years of days as weekly means, {how}"
    found = [
        Figure("midas_s", one["midas"], "s", f"20 years of days, E N U, {how}", at_most=0.15),
        Figure("gls_flicker_s", one["flicker"], "s", f"one component, {gls}", at_most=2.0),
        Figure("gls_free_index_s", one["power law"], "s", f"one component, {gls}", at_most=2.0),
        Figure("gls_flicker_three_s", one["three"], "s", f"E N U together, {gls}"),
        stations_figure(),
    ]
    for way, noise, ours_s in (
        ("flicker", "FlickerGGM White", one["three"] / 3),
        ("free_index", "GGM White", one["power law"]),
    ):
        for days, means in ((1, "daily"), (7, "weekly")):
            theirs_s = hector_s(t12, east, noise, days)
            if theirs_s is not None:
                conditions = f"hector-ts {noise}, {means}, {theirs_s:.3f} s a component; {gls}"
                most = 0.25 if days == 1 else None
                name = f"gls_{way}_of_hector_{means}"
                found.append(Figure(name, ours_s / theirs_s, "ratio", conditions, at_most=most))
    return found


def figures() -> list[Figure]:
    """Measure in a process that has one thread from its start."""
    done = subprocess.run(
        [sys.executable, __file__, "--json"],
        env={**os.environ, **ONE_THREAD},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [Figure(*one) for one in json.loads(done.stdout)]


def main() -> None:
    if "--json" in sys.argv:
        print(json.dumps(measured()))
        return
    for one in figures():
        print(f"{one.name:<32} {one.value:8.4f} {one.unit:<6} {one.wanted:<10} {one.conditions}")


if __name__ == "__main__":
    main()

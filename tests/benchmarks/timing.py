"""Measures CPU time of several ways of doing the same work, taken in turns within one run.

The machine's speed drifts by tens of per cent while a benchmark runs; ratios of neighbours drift
by little. So a round measures each way once, and a comparison is the median of rounds' ratios.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Seconds = Callable[[], float]


def cpu_of(work: Callable[[], object], least_s: float = 0.02) -> Seconds:
    """Return a measurement of `work`: CPU seconds of this process for one run of it.

    Short work is repeated until `least_s` have passed, and the mean is taken.
    """

    def measure() -> float:
        began = time.process_time()
        times = 0
        while True:
            work()
            times += 1
            used = time.process_time() - began
            if used >= least_s:
                return used / times

    return measure


def cpu_of_program(command: Sequence[str | Path]) -> Seconds:
    """Return a measurement of a program: CPU seconds of it and its children, start included."""

    def measure() -> float:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return usage.ru_utime + usage.ru_stime

    return measure


def in_turns(ways: dict[str, Seconds], rounds: int) -> dict[str, list[float]]:
    """Return each way's CPU seconds, round by round; one round before that warms up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for measure in ways.values():
        measure()
    for number in range(rounds):
        names = list(ways)
        names = names[number % len(names) :] + names[: number % len(names)]
        for name in names:
            taken[name].append(ways[name]())
    return taken


def ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """Return the median over rounds of how many times faster `fast` is."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))

"""Reports on many files at once: a process a core, a progress bar where someone watches.

A file that fails is said on standard error and the others go on; the exit code is then 1.
"""

import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import typer

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reports import REPORTS, Asked, NoAnswerError, Report
from stationd.drift.series import Series
from stationd.drift.session import Session, collected
from stationd.drift.wording import worded
from stationd.drift_commands.files import EXIT_FAILED
from stationd.drift_commands.sources import UNREADABLE, Source, reading_of, split

FEWEST_FOR_PROCESSES = 6  # below, they take longer to start than to work
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Task(NamedTuple):
    """What a worker does with one file."""

    source: Source
    options: ReadingOptions
    report: str
    asked: Asked


class Done(NamedTuple):
    """What came of one file: reports, sessions to be collected over all files, sentences."""

    reports: list[Report]
    sessions: tuple[Session, ...]
    notices: tuple[str, ...]
    errors: tuple[str, ...]


def report_on(
    report: str, files: list[Path], options: ReadingOptions, asked: Asked, *, as_json: bool
) -> None:
    """Print the reports on all files, JSON or text; an object for one, an array for several."""
    done = list(
        spread(work, [Task(source, options, report, asked) for source in split(files, options)])
    )
    sessions = [session for one in done for session in one.sessions]
    reports = [found for one in done for found in one.reports]
    errors = [error for one in done for error in one.errors]
    try:
        collecting = _reported(collected(sessions), report, asked)
    except SeriesFileError as error:
        collecting = ([], [str(error)])
    reports += collecting[0]
    errors += collecting[1]
    for sentence in (*(notice for one in done for notice in one.notices), *errors):
        typer.echo(f"stationd: {sentence}", err=True)
    for found in reports:
        for warning in found.get("warnings", ()):
            typer.echo(f"stationd: warning: {warning}", err=True)
    if as_json and reports:
        typer.echo(json.dumps(reports[0] if len(reports) == len(files) == 1 else reports))
    elif reports:
        typer.echo(worded(report, reports))
    if errors:
        raise typer.Exit(EXIT_FAILED)


def work(task: Task) -> Done:
    """Read one file and report on its series: what a worker process runs."""
    try:
        reading = reading_of(task.source, task.options)
    except OSError as error:
        return Done([], (), (), (f"{task.source.path}: {error.strerror or error}",))
    except UNREADABLE as error:
        return Done([], (), (), (str(error),))
    reports, errors = _reported(reading.series, task.report, task.asked)
    return Done(reports, reading.sessions, reading.notices, tuple(errors))


def _reported(many: Sequence[Series], report: str, asked: Asked) -> tuple[list[Report], list[str]]:
    reports, errors = [], []
    for series in many:
        try:
            reports.append(REPORTS[report](series, asked))
        except NoAnswerError as error:
            errors.append(str(error))
    return reports, errors


def spread(function: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[_Result]:
    """Yield what a function makes of each item, in order; several go to a process a core."""
    cores = len(os.sched_getaffinity(0))
    if len(items) < FEWEST_FOR_PROCESSES or cores < 2:
        yield from map(function, items)
        return
    workers = min(cores, len(items))
    with (
        _one_thread_each(),
        ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        yield from watched(pool.map(function, items), len(items))


def watched(done: Iterator[_Result], count: int) -> Iterator[_Result]:
    """Yield the same, with a progress bar where someone watches."""
    if not sys.stderr.isatty():
        yield from done
        return
    from rich.console import Console  # noqa: PLC0415 - only for a person at a terminal
    from rich.progress import track  # noqa: PLC0415 - as above

    yield from track(done, "series", count, console=Console(stderr=True))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let each worker's linear algebra keep to one thread: they share the cores already."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

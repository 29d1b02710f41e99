"""What the commands read: series, step lists, and what a person says about them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

import typer

from stationd.drift.decisions import read_decisions
from stationd.drift.errors import SeriesFileError
from stationd.drift.known_step import KnownStep
from stationd.drift.noise import NoiseKind
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.steps.place_lists import read_places
from stationd.drift.reading.steps.table import read_steps
from stationd.drift.reports import Asked
from stationd.drift.series import Series
from stationd.drift.session import Session, collected
from stationd.drift.step_scan import THRESHOLD
from stationd.drift.steps import Step
from stationd.drift.writing import as_csv, as_tenv3
from stationd.drift_commands.sources import UNREADABLE, Source, reading_of

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    typer.echo(f"stationd: {message}", err=True)
    raise typer.Exit(code)


def asked(
    *,
    method: str = "midas",
    steps: Path | None = None,
    places: Path | None = None,
    decisions: Path | None = None,
    threshold: float = THRESHOLD,
    noise: str = NoiseKind.WHITE_FLICKER,
) -> Asked:
    """Return what a person asks for; what makes no sense ends with exit code 2."""
    if method not in ("midas", "gls"):
        fail(f'--method "{method}": write midas or gls', EXIT_USAGE)
    if not threshold > 0:
        fail(f"--threshold {threshold:g}: write a number above 0", EXIT_USAGE)
    kinds = [str(kind) for kind in NoiseKind]
    if noise not in kinds:
        fail(f'--kind "{noise}": write {", ".join(kinds)}', EXIT_USAGE)
    return Asked(
        method=method,
        known=known_steps(steps, places),
        decisions=decided_steps(decisions),
        threshold=threshold,
        noise=NoiseKind(noise),
    )


def options_of(columns: str | None, unit: str, station: str, frame: str) -> ReadingOptions:
    """Return what a person says about files; what makes no sense ends with exit code 2."""
    mapped = {}
    for part in filter(None, (columns or "").split(",")):
        key, equals, name = part.partition("=")
        if not equals or not key.strip() or not name.strip():
            fail(f'--columns "{part}": write pairs such as day=time,east=lon', EXIT_USAGE)
        mapped[key.strip()] = name.strip()
    try:
        return ReadingOptions(station=station, frame=frame, columns=mapped, unit=unit)
    except ValueError as error:
        fail(f"--unit: {error}", EXIT_USAGE)


def known_steps(path: Path | None, places: Path | None = None) -> tuple[KnownStep, ...]:
    """Return the steps of a file that a person hands in; what cannot be read ends with 1.

    `places`: where the stations are, which a catalogue of earthquakes needs.
    """
    if path is None:
        return ()
    file = f"--places {places}"
    try:
        known = {} if places is None else read_places(places.read_bytes(), str(places))
        file = f"--steps {path}"
        return read_steps(path.read_bytes(), str(path), known)
    except OSError as error:
        fail(f"{file}: {error.strerror or error}")
    except SeriesFileError as error:
        fail(str(error))


def decided_steps(path: Path | None) -> tuple[Step, ...]:
    """Return the decisions of a file; what cannot be read ends with exit code 1."""
    if path is None:
        return ()
    try:
        return read_decisions(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--decisions {path}: {getattr(error, 'strerror', None) or error}")
    except SeriesFileError as error:
        fail(str(error))


def series_of(files: Sequence[Path], options: ReadingOptions) -> tuple[Series, ...]:
    """Return the series of all files; the first that cannot be read ends with exit code 1."""
    series: list[Series] = []
    sessions: list[Session] = []
    try:
        for path in files:
            reading = reading_of(Source(path), options)
            series += reading.series
            sessions += reading.sessions
            for notice in reading.notices:
                typer.echo(f"stationd: {notice}", err=True)
        return (*series, *collected(sessions))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror or error}")
    except UNREADABLE as error:
        fail(str(error))


def converted(many: Sequence[Series], to: str) -> str:
    """Return series as text of a format; what cannot be written so ends with an exit code."""
    if to == "csv":
        return as_csv(many)
    if to != "tenv3":
        fail(f'--to "{to}": write csv or tenv3', EXIT_USAGE)
    if len(many) != 1:
        fail(f"--to tenv3: holds one station, here are {len(many)}; write csv", EXIT_USAGE)
    try:
        return as_tenv3(many[0])
    except SeriesFileError as error:
        fail(str(error))


def write(content: bytes, output: Path) -> None:
    """Write a file, or standard output for "-"."""
    if str(output) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        fail(f"--output {output}: {error.strerror or error}")

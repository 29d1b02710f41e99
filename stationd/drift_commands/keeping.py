"""`drift import` and `drift list`: series that are kept in a store of one file."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer

from stationd.drift.epochs import date_of_mjd
from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.series import Series
from stationd.drift.session import Session, collected
from stationd.drift_commands.files import EXIT_USAGE, fail
from stationd.drift_commands.sources import UNREADABLE, Source, reading_of
from stationd.drift_commands.working import watched
from stationd.store import coordinates
from stationd.store.coordinates import Added, Kept, OtherSolutionError
from stationd.store.database import Database
from stationd.store.errors import StoreError
from stationd.units import MILLIMETRES_PER_METRE


class Imported(NamedTuple):
    """What became of all files: of each series, and what went wrong."""

    added: list[Added]
    errors: list[str]


def import_into(
    store: Path, files: Sequence[Path], options: ReadingOptions, *, replace: bool
) -> Imported:
    """Keep the series of all files; a file that fails is told, and the others go on.

    Ends with a sentence and exit code 1 where the store itself cannot be used.
    """
    path = coordinates.file_of(store)
    if path.resolve() in {file.resolve() for file in files}:
        fail(f"{path}: a store cannot be imported into itself", EXIT_USAGE)
    try:
        if path.exists() and path.stat().st_size:
            with coordinates.reading(path):
                pass  # it is one of ours
        return asyncio.run(_import(path, files, options, replace=replace))
    except OSError as error:
        fail(f"--store {path}: {error.strerror or error}")
    except StoreError as error:
        fail(str(error))


def kept_in(store: Path) -> list[Kept]:
    """Return what a store holds; what cannot be read ends with exit code 1."""
    try:
        with coordinates.reading(store) as db:
            return coordinates.listed(db)
    except StoreError as error:
        fail(str(error))


def added_text(added: Sequence[Added]) -> Iterator[str]:
    """Yield a line for each series that was imported."""
    for one in added:
        line = f"{one.station} {one.frame or '(no frame)'}: {one.added} sessions added"
        if one.known:
            line += f", {one.known} known"
        if one.replaced:
            line += f", in place of {one.replaced}"
        if one.moved_m:
            line += f", moved by {one.moved_m * MILLIMETRES_PER_METRE:.1f} mm to the kept origin"
        yield line


def kept_text(kept: Sequence[Kept]) -> Iterator[str]:
    """Yield a line for each series of a store."""
    for one in kept:
        first, last = date_of_mjd(one.first_mjd), date_of_mjd(one.last_mjd)
        frame = one.frame or "(no frame)"
        yield f"{one.station:9} {frame:10} {one.sessions:6} sessions  {first} - {last}"


def kept_json(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """Return the same as plain data."""
    return [one._asdict() for one in kept]


async def _import(
    path: Path, files: Sequence[Path], options: ReadingOptions, *, replace: bool
) -> Imported:
    database = Database(
        path, coordinates.SCHEMA, utc=time.time,
        tell=lambda sentence: typer.echo(f"stationd: {sentence}", err=True),
    )  # fmt: skip
    database.keep_open()
    done = Imported([], [])
    sessions: list[Session] = []

    async def keep(many: Sequence[Series]) -> None:
        for series in many:
            try:
                done.added.append(
                    await database.run(lambda db: coordinates.add(db, series, replace=replace))  # noqa: B023 - awaited here
                )
            except OtherSolutionError as error:
                done.errors.append(str(error))

    try:
        for file in watched(iter(files), len(files)):
            try:
                found = reading_of(Source(file), options)
            except OSError as error:
                done.errors.append(f"{file}: {error.strerror or error}")
                continue
            except UNREADABLE as error:
                done.errors.append(str(error))
                continue
            for notice in found.notices:
                typer.echo(f"stationd: {notice}", err=True)
            sessions += found.sessions
            await keep(found.series)
        try:
            await keep(collected(sessions))
        except SeriesFileError as error:
            done.errors.append(str(error))
    finally:
        await database.close()
    return done

"""Where series come from: files of any format, and stores that `drift import` made."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Final, NamedTuple

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read
from stationd.store import coordinates
from stationd.store.errors import StoreError

UNREADABLE: Final = (SeriesFileError, StoreError)  # the text of each names the file


class Source(NamedTuple):
    """A file; `series`: station and frame of one series of a store, None for all that it holds."""

    path: Path
    series: tuple[str, str] | None = None


def split(paths: Iterable[Path], options: ReadingOptions) -> list[Source]:
    """Return the files with each store as its single series, so that they can be spread.

    What cannot be split is returned whole: whoever reads it finds out why.
    """
    sources: list[Source] = []
    for path in paths:
        series: list[Source] = []
        with suppress(OSError, StoreError):
            if coordinates.is_database(path):
                with coordinates.reading(path) as db:
                    series = [Source(path, key) for key in _wanted(db, options)]
        sources += series or [Source(path)]
    return sources


def reading_of(source: Source, options: ReadingOptions) -> Reading:
    """Return what a source holds.

    Station and frame of `options` are told to files that do not say theirs, and choose from a
    store.  Raises OSError, and one of UNREADABLE for what is no series.
    """
    if not (source.path.is_dir() or coordinates.is_database(source.path)):
        return read(source.path.read_bytes(), str(source.path), options)
    with coordinates.reading(source.path) as db:
        wanted = [source.series] if source.series else _wanted(db, options)
        series = tuple(coordinates.series_of(db, *key) for key in wanted)
    if not series:
        chosen = " ".join(filter(None, (options.station, options.frame)))
        raise SeriesFileError(
            str(source.path),
            None,
            f"holds no series{f' of {chosen}' if chosen else ''}; `stationd drift list` says which",
        )
    return Reading(series)


def _wanted(db: Connection, options: ReadingOptions) -> list[tuple[str, str]]:
    return [
        (kept.station, kept.frame)
        for kept in coordinates.listed(db)
        if options.station in ("", kept.station) and options.frame in ("", kept.frame)
    ]

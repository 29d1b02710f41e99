"""Coordinate series that stay: sessions are added to what is kept, and nothing changes in silence.

A station has one series a frame. What is added must share sessions with it and agree there: that
alone shows that both count from one origin and come from one solution. Where they differ by the
same amount everywhere, the origin is another one and the new sessions are moved; where they
differ in any other way they are refused, since two solutions in one series make a step that the
station never made. Only displacements are kept: precise coordinates are confidential (Order 190,
art. 25).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.drift.series import Floats, Series
from stationd.store.errors import StoreError

SCHEMA: Final = "coordinates"
FILE_NAME: Final = "coordinates.sqlite"
SAME_M: Final = 1e-4  # formats round to 0.1 mm at worst
FEWEST_TO_MOVE: Final = 3  # shared sessions that must differ alike, or the origin is not proven
_MAGIC: Final = b"SQLite format 3\0"
_SAME_MOMENT_DAYS: Final = 1e-6
_NUMBERS: Final = (
    "mjd", "t_years", "east_m", "north_m", "up_m", "sigma_east_m", "sigma_north_m", "sigma_up_m",
    "correlation_east_north", "correlation_east_up", "correlation_north_up",
)  # fmt: skip


class OtherSolutionError(StoreError):
    """What is to be added does not continue what is kept."""


class Added(NamedTuple):
    """What became of a series: `added` sessions are new, `known` ones were kept already."""

    station: str
    frame: str
    added: int
    known: int
    moved_m: float = 0.0  # by how much the new ones were moved to the origin of those kept
    replaced: int = 0  # sessions that were kept before and are gone


class Kept(NamedTuple):
    """One series of a store."""

    station: str
    frame: str
    sessions: int
    first_mjd: float
    last_mjd: float
    source: str


def add(db: Connection, series: Series, *, replace: bool = False) -> Added:
    """Add a series' sessions to what is kept of its station and frame, or put them in its place.

    Raises OtherSolutionError where they do not continue it, or where it cannot be seen which
    series they continue: the frame of one is not said.
    """
    key = (series.station, series.frame)
    series_id = _series_id(db, *key)
    if series_id is None:
        _refuse_half_named(db, series)
    replaced = 0
    if series_id is not None and replace:
        replaced = db.execute("DELETE FROM session WHERE series_id = ?", (series_id,)).rowcount
    kept = None if series_id is None or replace else _read(db, series_id, *key)
    moved_m = np.zeros(3) if kept is None else _offset_m(kept, series)
    fresh = (
        np.ones(len(series), bool) if kept is None else ~np.isin(_moments(series), _moments(kept))
    )
    if series_id is None:
        inserting = "INSERT INTO series (station, frame, source) VALUES (?, ?, ?)"
        series_id = db.execute(inserting, (*key, series.source)).lastrowid
    elif fresh.any():
        db.execute("UPDATE series SET source = ? WHERE series_id = ?", (series.source, series_id))
    _insert(db, series_id, series, series.enu_m + moved_m, fresh)
    known, size_m = int(np.sum(~fresh)), float(np.linalg.norm(np.nan_to_num(moved_m)))
    return Added(*key, int(fresh.sum()), known, size_m, replaced)


def listed(db: Connection) -> list[Kept]:
    """Return all series, sorted by station and frame."""
    rows = db.execute(
        "SELECT station, frame, count(*), min(mjd), max(mjd), source "
        "FROM series JOIN session USING (series_id) GROUP BY series_id ORDER BY station, frame"
    )
    return [Kept(*row) for row in rows]


def series_of(db: Connection, station: str, frame: str) -> Series:
    """Return one series; `LookupError` where there is none."""
    series_id = _series_id(db, station, frame)
    if series_id is None:
        raise LookupError(f"{station} {frame}")
    return _read(db, series_id, station, frame)


def file_of(path: Path) -> Path:
    """Return the store's file: of a folder, the one of the usual name in it."""
    return path / FILE_NAME if path.is_dir() else path


def is_database(path: Path) -> bool:
    """Say whether a file is one of SQLite's; OSError as `open` raises it."""
    with file_of(path).open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """Open a store to read it; StoreError where there is none or it is damaged."""
    file = file_of(path)
    try:
        if not is_database(file):
            raise StoreError(f"{file} is no store; `stationd drift import` makes one")
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
            names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            if not {"series", "session"} <= names:
                raise StoreError(
                    f"{file} is a database without coordinate series: name the one that "
                    "`stationd drift import` made"
                )
            yield db
    except OSError as error:
        what = (
            "there is no store in this folder; name its file" if path.is_dir() else error.strerror
        )
        raise StoreError(f"{file}: {what or error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{file}: {error}; put a copy from your backup in its place") from error


def _series_id(db: Connection, station: str, frame: str) -> int | None:
    found = db.execute(
        "SELECT series_id FROM series WHERE station = ? AND frame = ?", (station, frame)
    ).fetchone()
    return None if found is None else int(found[0])


def _refuse_half_named(db: Connection, series: Series) -> None:
    """Refuse a series without frame beside one with a frame, and the other way round."""
    kept = [frame for (frame,) in db.execute(
        "SELECT frame FROM series WHERE station = ? ORDER BY frame", (series.station,)
    )]  # fmt: skip
    named = [frame for frame in kept if frame]
    if not series.frame and named:
        raise OtherSolutionError(
            f"{series.source}: {series.station} is kept in {', '.join(named)}, and this file does "
            f"not say its frame: --frame {named[0]}, if it is that"
        )
    if series.frame and kept and not named:
        raise OtherSolutionError(
            f"{series.source}: {series.station} is kept without a frame, and this file is in "
            f"{series.frame}: import what is kept anew, with --frame, into a new store"
        )


def _moments(series: Series) -> NDArray[np.int64]:
    moments: NDArray[np.int64] = np.rint(series.mjd / _SAME_MOMENT_DAYS).astype(np.int64)
    return moments


def _offset_m(kept: Series, series: Series) -> Floats:
    """Return what to add (3,) to displacements of `series` to count from the origin of `kept`."""
    _, of_kept, of_new = np.intersect1d(_moments(kept), _moments(series), return_indices=True)
    what = f"{series.source}: {series.station}"
    advice = "give a file that reaches back into what is kept, or --replace what is kept"
    if not of_kept.size:
        raise OtherSolutionError(
            f"{what} has no session in common with the {len(kept)} that are kept, so that nothing "
            f"shows whether both count from one origin; {advice}"
        )
    given = np.isfinite(kept.enu_m).any(axis=0)
    if np.any(given != np.isfinite(series.enu_m).any(axis=0)):
        raise OtherSolutionError(f"{what} has other components than what is kept; {advice}")
    difference_m = (kept.enu_m[of_kept] - series.enu_m[of_new])[:, given]
    offset_m = np.zeros(3)
    if np.abs(difference_m).max() > SAME_M and len(difference_m) >= FEWEST_TO_MOVE:
        offset_m[given] = np.median(difference_m, axis=0)
    apart = np.abs(difference_m - offset_m[given]).max(axis=1) > SAME_M
    if apart.any():
        worst_mm = 1e3 * float(np.abs(difference_m[apart]).max())
        raise OtherSolutionError(
            f"{what} differs from what is kept in {int(apart.sum())} of {len(apart)} common "
            f"sessions, by up to {worst_mm:.1f} mm: it is of another solution; `stationd drift "
            "import --replace` puts it in the place of what is kept"
        )
    return offset_m


def _insert(
    db: Connection,
    series_id: int | None,
    series: Series,
    enu_m: Floats,
    rows: NDArray[np.bool_],
) -> None:
    columns = np.column_stack(
        (series.mjd, series.t_years, enu_m, series.sigma_m, series.correlation)
    )
    antennas = series.antenna or (None,) * len(series)
    # SQLite keeps NaN as NULL by itself.
    db.executemany(
        f"INSERT INTO session (series_id, {', '.join(_NUMBERS)}, antenna) "  # noqa: S608 - our own names
        f"VALUES (?, {', '.join('?' * len(_NUMBERS))}, ?)",
        (
            (series_id, *columns[row].tolist(), antennas[row])
            for row in np.flatnonzero(rows).tolist()
        ),
    )


def _read(db: Connection, series_id: int, station: str, frame: str) -> Series:
    rows = db.execute(
        f"SELECT {', '.join(_NUMBERS)}, antenna FROM session "  # noqa: S608 - our own names
        "WHERE series_id = ? ORDER BY mjd",
        (series_id,),
    ).fetchall()
    numbers = np.array([row[:-1] for row in rows], dtype=np.float64).reshape(-1, len(_NUMBERS))
    antennas = tuple(row[-1] for row in rows)
    (source,) = db.execute("SELECT source FROM series WHERE series_id = ?", (series_id,)).fetchone()
    return Series(
        station=station,
        t_years=numbers[:, 1],
        mjd=numbers[:, 0],
        enu_m=numbers[:, 2:5],
        sigma_m=numbers[:, 5:8],
        correlation=numbers[:, 8:11],
        frame=frame,
        antenna=None if None in antennas or not antennas else antennas,
        source=source,
    )

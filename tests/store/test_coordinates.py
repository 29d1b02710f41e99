"""The store of coordinate series: what continues a series is added, another solution is refused."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from stationd.drift.epochs import julian_year
from stationd.drift.series import Series
from stationd.store import coordinates
from stationd.store.coordinates import Added, OtherSolutionError
from stationd.store.database import Database
from stationd.store.errors import StoreError

FIRST_MJD = 60_000.5


def series(first: int = 0, days: int = 400, **changed) -> Series:
    """Days `first` … of one station's life, the same whichever part is asked for."""
    mjd = FIRST_MJD + np.arange(1000.0)
    random = np.random.default_rng(1)
    whole = Series(
        station="GZ01",
        t_years=np.array([julian_year(one) for one in mjd]),
        mjd=mjd,
        enu_m=random.normal(0.0, 0.003, (1000, 3)) + np.outer(mjd - mjd[0], [9e-5, -3e-5, 0.0]),
        sigma_m=random.uniform(0.001, 0.003, (1000, 3)),
        correlation=random.uniform(-0.5, 0.5, (1000, 3)),
        frame="IGS20",
        antenna=("A",) * 500 + ("B",) * 500,
        source="first.tenv3",
    )
    return replace(part(whole, first, days), **changed)


def part(whole: Series, first: int, days: int) -> Series:
    rows = slice(first, first + days)
    return replace(
        whole,
        t_years=whole.t_years[rows],
        mjd=whole.mjd[rows],
        enu_m=whole.enu_m[rows],
        sigma_m=whole.sigma_m[rows],
        correlation=whole.correlation[rows],
        antenna=whole.antenna[rows],
    )


def added(path, one: Series, **how) -> Added:
    database = Database(path, coordinates.SCHEMA, utc=lambda: 1.7e9, tell=pytest.fail)
    return database.execute(lambda db: coordinates.add(db, one, **how))


def kept(path, station="GZ01", frame="IGS20") -> Series:
    with coordinates.reading(path) as db:
        return coordinates.series_of(db, station, frame)


def same(one: Series, other: Series) -> bool:
    columns = ("t_years", "mjd", "enu_m", "sigma_m", "correlation")
    return (one.station, one.frame, one.antenna) == (
        other.station,
        other.frame,
        other.antenna,
    ) and (all(np.array_equal(getattr(one, c), getattr(other, c), equal_nan=True) for c in columns))


def test_what_was_put_in_comes_out_to_the_last_bit(tmp_path):
    path = tmp_path / "c.sqlite"
    assert added(path, series()) == Added("GZ01", "IGS20", 400, 0)
    assert same(kept(path), series())
    assert kept(path).source == "first.tenv3"


def test_what_a_source_does_not_give_stays_not_given(tmp_path):
    path = tmp_path / "c.sqlite"
    nothing = np.full((400, 3), np.nan)
    bare = series(sigma_m=nothing, correlation=nothing, antenna=None)
    bare.enu_m[:, 2] = np.nan
    added(path, bare)
    assert same(kept(path), bare)


def test_a_longer_file_adds_its_new_sessions_only(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    later = series(300, 200, source="second.tenv3")
    assert added(path, later) == Added("GZ01", "IGS20", 100, 100)
    assert same(kept(path), series(0, 500))
    assert added(path, later) == Added("GZ01", "IGS20", 0, 200)


def test_a_gap_may_be_filled_and_the_past_be_added(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(200, 100))
    assert added(path, series(0, 400)).added == 300
    assert same(kept(path), series(0, 400))


def test_sessions_of_another_origin_are_moved_to_the_one_that_is_kept(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    moved = series(390, 100)
    moved.enu_m[:] -= [1.0, -2.0, 0.5]
    found = added(path, moved)
    assert (found.added, found.known) == (90, 10)
    assert found.moved_m == pytest.approx(np.sqrt(5.25))
    assert kept(path).enu_m == pytest.approx(series(0, 490).enu_m, abs=1e-12)


@pytest.mark.parametrize("shared", [1, 2])
def test_one_or_two_common_sessions_do_not_prove_another_origin(tmp_path, shared):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    moved = series(400 - shared, 100)
    moved.enu_m[:] += [0.01, 0.0, 0.0]
    with pytest.raises(OtherSolutionError, match=rf"{shared} of {shared} common .* 10.0 mm"):
        added(path, moved)
    assert same(kept(path), series(0, 400))


def test_another_solution_is_refused_with_its_size_and_nothing_is_changed(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    other = series(300, 200)
    other.enu_m[20] += [0.0, 0.004, 0.0]
    with pytest.raises(OtherSolutionError, match=r"in 1 of 100 common sessions, by up to 4\.0 mm"):
        added(path, other)
    assert same(kept(path), series(0, 400))


def test_a_file_that_shares_no_session_is_refused(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    with pytest.raises(OtherSolutionError, match="no session in common with the 400"):
        added(path, series(400, 100))


def test_a_file_with_other_components_is_refused(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    level = series(0, 500)
    level.enu_m[:, 2] = np.nan
    with pytest.raises(OtherSolutionError, match="other components"):
        added(path, level)


def test_who_asks_for_it_replaces_what_is_kept(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    other = series(300, 200, source="reprocessed.tenv3")
    other.enu_m[:] *= 1.1
    assert added(path, other, replace=True) == Added("GZ01", "IGS20", 200, 0, replaced=400)
    assert same(kept(path), other)
    assert kept(path).source == "reprocessed.tenv3"


def test_frames_of_a_station_are_series_of_their_own(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    added(path, series(900, 50, frame="CGCS2000"))
    with coordinates.reading(path) as db:
        rows = [(one.frame, one.sessions, one.first_mjd) for one in coordinates.listed(db)]
        with pytest.raises(LookupError):
            coordinates.series_of(db, "GZ01", "IGS14")
    assert rows == [("CGCS2000", 50, FIRST_MJD + 900), ("IGS20", 400, FIRST_MJD)]


def test_a_series_without_frame_is_not_laid_beside_one_that_has_one(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series(0, 400))
    with pytest.raises(OtherSolutionError, match=r"kept in IGS20, .* --frame IGS20, if it is that"):
        added(path, series(0, 500, frame=""))
    bare = tmp_path / "bare.sqlite"
    added(bare, series(0, 400, frame=""))
    with pytest.raises(OtherSolutionError, match=r"kept without a frame, .* into a new store"):
        added(bare, series(0, 500))
    assert added(bare, series(0, 500, frame="")).added == 100


def test_other_databases_and_files_are_no_stores(tmp_path):
    other, text, none = tmp_path / "o.sqlite", tmp_path / "t.csv", tmp_path / "none"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE message (id TEXT)")
    text.write_text("station,year\n")
    for path, sentence in ((other, "without coordinate series"), (text, "is no store"),
                           (none, "No such file")):  # fmt: skip
        with pytest.raises(StoreError, match=sentence), coordinates.reading(path):
            pytest.fail(f"{path} was opened")


def test_a_damaged_store_says_so_and_is_left_as_it_is(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series())
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"c\.sqlite: .*backup"):
        kept(path)
    assert path.read_bytes() == content


def test_no_absolute_coordinate_has_a_place_in_it(tmp_path):
    path = tmp_path / "c.sqlite"
    added(path, series())
    with closing(sqlite3.connect(path)) as db:
        names = {row[1] for table in ("series", "session")
                 for row in db.execute(f"PRAGMA table_info({table})")}  # fmt: skip
    assert not [name for name in names if "latitude" in name or name in ("x_m", "y_m", "z_m")]

"""Coordinate solutions read as their text shows, and are collected into series of ENU."""

from pathlib import Path

import numpy as np
import pyproj
import pytest

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read, read_all


def sessions_of(real_data: Path, name: str, options: ReadingOptions | None = None):
    content = (real_data / name).read_bytes()
    return read(content, name, options or ReadingOptions()).sessions


def topocentric(origin_m, xyz_m) -> np.ndarray:
    """PROJ's own east, north, up, as an authority (EPSG method 9836)."""
    x, y, z = origin_m
    turn = pyproj.Transformer.from_pipeline(
        f"+proj=topocentric +ellps=GRS80 +X_0={x:.9f} +Y_0={y:.9f} +Z_0={z:.9f}"
    )
    return np.array(turn.transform(*xyz_m))


def geocentric(latitude: float, longitude: float, height_m: float) -> np.ndarray:
    turn = pyproj.Transformer.from_pipeline("+proj=cart +ellps=GRS80")
    return np.array(turn.transform(longitude, latitude, height_m))


def test_a_daily_sinex_gives_coordinates_epoch_frame_and_antenna(real_data: Path):
    brux, tro1, zimm = sessions_of(real_data, "sinex/F1_231600.SNX")
    assert [s.station for s in (brux, tro1, zimm)] == ["BRUX", "TRO1", "ZIMM"]
    assert {s.frame for s in (brux, tro1, zimm)} == {"IGS20"}
    # Day 160 of 2023 is the ninth of June; second 43 200 is noon.
    assert brux.mjd == mjd_of_iso("2023-06-09T12:00:00")[0]
    np.testing.assert_array_equal(
        brux.xyz_m, [4027881.33401966, 306998.806716803, 4919499.05151735]
    )
    np.testing.assert_allclose(
        np.sqrt(np.diag(zimm.covariance_m2)), [0.781493e-3, 0.281766e-3, 0.898737e-3]
    )
    assert tro1.antenna == "TRM59800.00 SCIS"
    assert brux.antenna == "JAVRINGANT_DM SCIS"


def test_two_days_of_sinex_become_three_series(real_data: Path):
    names = ["sinex/F1_231600.SNX", "sinex/F1_231610.SNX"]
    reading = read_all((name, (real_data / name).read_bytes()) for name in names)
    assert [series.station for series in reading.series] == ["BRUX", "TRO1", "ZIMM"]
    zimm = reading.series[2]
    assert (len(zimm), zimm.frame) == (2, "IGS20")
    np.testing.assert_array_equal(zimm.mjd, [60104.5, 60105.5])
    first = (4331296.81744137, 567556.210215289, 4633134.15047110)
    second = (4331296.81538614, 567556.212208189, 4633134.14963625)
    np.testing.assert_array_equal(zimm.enu_m[0], 0.0)
    np.testing.assert_allclose(zimm.enu_m[1], topocentric(first, second), rtol=0, atol=2e-9)


def test_the_covariance_of_a_sinex_is_that_of_its_matrix(real_data: Path):
    sessions = sessions_of(real_data, "sinex/STR1AUSPOS.SNX")
    assert len(sessions) == 15
    str1 = next(session for session in sessions if session.station == "STR1")
    # Parameters 28, 29 and 30; the elements stand in the file, one above the other.
    xx, xy, yy = 0.19270486454271e-5, -0.98238948570818e-6, 0.11011532078946e-5
    xz, yz, zz = 0.10878689789092e-5, -0.71677631109229e-6, 0.13146635319986e-5
    np.testing.assert_array_equal(str1.covariance_m2, [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    (series,) = (s for s in read_all(
        [("STR1.SNX", (real_data / "sinex/STR1AUSPOS.SNX").read_bytes())]
    ).series if s.station == "STR1")  # fmt: skip
    # A rotation keeps the trace; at Mount Stromlo up is known worst.
    assert np.sum(series.sigma_m**2) == pytest.approx(xx + yy + zz, rel=1e-9)
    assert series.sigma_m[0, 2] > 2 * max(series.sigma_m[0, :2])


def test_a_weekly_solution_without_covariance_gives_every_station(real_data: Path):
    sessions = sessions_of(real_data, "sinex/igs20P2131_wocov.snx.gz")
    assert len(sessions) == 549
    assert {session.mjd for session in sessions} == {59164.5}
    # The 20 in its name is the year; the file itself states no frame.
    assert {session.frame for session in sessions} == {""}
    zouf = sessions[-1]
    assert zouf.station == "ZOUF"
    np.testing.assert_array_equal(
        zouf.xyz_m, [4.28270978893027e06, 9.86659729509492e05, 4.60946998202826e06]
    )


def test_a_sinex_of_sites_alone_has_no_coordinate(real_data: Path):
    for name in ("gnss_sinex_igs", "sinex_site", "sinex_events", "sinex_discontinuities"):
        with pytest.raises(SeriesFileError, match=f"{name}: has no SOLUTION/ESTIMATE"):
            sessions_of(real_data, f"sinex/{name}")


def test_an_ssc_table_gives_positions_and_velocities_of_each_solution(real_data: Path):
    sessions = sessions_of(real_data, "sinex/ssc_site")
    names = ["BRUX"] * 2 + ["POTS"] * 5 + ["ZIMM"] * 2
    assert [session.station for session in sessions] == names
    assert [session.solution for session in sessions] == list("124567812")
    last = sessions[-1]
    assert (last.frame, last.mjd) == ("IGb14", 55197.0)  # the first of January 2010
    np.testing.assert_array_equal(last.xyz_m, [4331296.996, 567555.967, 4633133.993])
    np.testing.assert_array_equal(last.velocity_m_per_year, [-0.0139, 0.0180, 0.0118])


def test_a_cumulative_solution_is_no_series(real_data: Path):
    content = (real_data / "sinex/ssc_site").read_bytes()
    with pytest.raises(SeriesFileError, match="line 11: BRUX has a second coordinate"):
        read_all([("ssc_site", content)])


def test_a_bernese_crd_gives_the_stations_with_a_flag(real_data: Path):
    content = (real_data / "pos/bernese_crd").read_bytes()
    reading = read(content, "bernese_crd")
    stations = [session.station for session in reading.sessions]
    assert stations == ["0ABI", "AASC", "ADAC", "REYK", "RIGA", "RIND"]
    assert reading.notices == ("bernese_crd: REYZ without a flag left out: not estimated",)
    reyk = reading.sessions[3]
    assert (reyk.frame, reyk.mjd) == ("IGS14", 58394.5)
    np.testing.assert_array_equal(reyk.xyz_m, [2587383.89197, -1043033.60556, 5716564.19973])
    assert np.all(np.isnan(reyk.covariance_m2))


def test_a_gipsyx_summary_needs_the_day_it_does_not_hold(real_data: Path):
    with pytest.raises(SeriesFileError, match="holds no epoch; state the day"):
        sessions_of(real_data, "pos/gipsyx_summary")
    options = ReadingOptions(epoch_mjd=58849.5, frame="IGS14")
    (session,) = sessions_of(real_data, "pos/gipsyx_summary", options)
    assert (session.station, session.frame, session.mjd) == ("USN3", "IGS14", 58849.5)
    np.testing.assert_array_equal(
        session.xyz_m, [1112162.030692846, -4842853.530993107, 3985496.0296113]
    )


def test_the_last_epoch_of_an_rtklib_file_is_its_last_line(real_data: Path):
    name = "pos/madocalib_MIZU_20250401-0000.pppar.pos"
    (session,) = sessions_of(real_data, name, ReadingOptions(daily="last"))
    assert session.station == "MIZU00JPN"  # of the first input file that the heading names
    assert session.mjd == mjd_of_iso("2025-04-01T00:59:30")[0]
    expected = geocentric(39.135150712, 141.132871996, 117.3796)
    np.testing.assert_allclose(session.xyz_m, expected, rtol=0, atol=1e-6)
    (series,) = read_all(
        [(name, (real_data / name).read_bytes())], ReadingOptions(daily="last")
    ).series
    # sdn 0.0220, sde 0.0180, sdu 0.0430; sdne 0.0071: the covariance is +0.0071 squared.
    np.testing.assert_allclose(series.sigma_m[0], [0.0180, 0.0220, 0.0430], rtol=1e-6)
    np.testing.assert_allclose(
        series.correlation[0],
        [
            0.0071**2 / (0.018 * 0.022),
            -(0.0183**2) / (0.018 * 0.043),
            -(0.0123**2) / (0.022 * 0.043),
        ],
        rtol=1e-6,
    )


def test_the_mean_of_an_rtklib_day_is_of_its_fixed_epochs(real_data: Path):
    name = "pos/madocalib_MIZU_20250401-0000.pppar.pos"
    content = (real_data / name).read_bytes()
    reading = read(content, name)
    (session,) = reading.sessions
    lines = [line.split() for line in content.decode().splitlines() if not line.startswith("%")]
    fixed = [line for line in lines if line[5] == "1"]
    assert 0 < len(fixed) < len(lines)
    assert reading.notices == (
        f"{name}: {len(lines) - len(fixed)} epochs of less quality than their day's best left out",
    )
    assert session.mjd == 60766.5
    points = np.array([geocentric(*(float(field) for field in line[2:5])) for line in fixed])
    low, high = points.min(axis=0), points.max(axis=0)
    assert np.all((session.xyz_m > low) & (session.xyz_m < high))
    weights = np.array([1 / sum(float(sd) ** 2 for sd in line[7:10]) for line in fixed])
    mean = (weights @ points) / weights.sum()
    np.testing.assert_allclose(session.xyz_m, mean, rtol=0, atol=1e-6)


def test_a_day_without_fixed_epochs_is_its_mean_of_ppp(real_data: Path):
    (session,) = sessions_of(real_data, "pos/madocalib_MIZU_20250401-0000.pp.pos")
    ahead = session.xyz_m - geocentric(39.135150512, 141.132871411, 117.4272)
    assert np.linalg.norm(ahead) < 0.2  # its last line, after an hour of convergence


def test_terrapos_states_its_frame_and_sigmas(real_data: Path):
    (session,) = sessions_of(real_data, "pos/terrapos_position", ReadingOptions(daily="last"))
    assert session.frame == "ITRF2014"
    # Week 1972, second 518 880: Saturday 2017-10-28, 00:08:00.
    assert session.mjd == pytest.approx(mjd_of_iso("2017-10-28T00:08:00")[0], abs=1e-9)
    expected = geocentric(70.083263000, 29.735364350, 57.2780)
    np.testing.assert_allclose(session.xyz_m, expected, rtol=0, atol=1e-6)
    trace = 5.450**2 + 5.979**2 + 9.800**2
    assert np.trace(session.covariance_m2) == pytest.approx(trace)


def test_a_glab_file_without_output_lines_has_no_coordinate(real_data: Path):
    with pytest.raises(SeriesFileError, match="glab_output: has no OUTPUT lines"):
        sessions_of(real_data, "pos/glab_output")


def test_glab_output_lines_give_the_last_coordinate():
    lines = [
        "OUTPUT 2016 061 0.00 9.9 4331297.0 567556.0 4633134.0 0 0 0 3.0 2.0 3.0 46.8 7.4 956.3",
        "OUTPUT 2016 061 300.00 0.1 4331297.1 567556.1 4633134.2 0 0 0 0.03 0.02 0.04 46.8 7.4 956",
    ]
    (session,) = read("\n".join(lines).encode(), "ZIMM.glab", ReadingOptions(daily="last")).sessions
    assert session.station == "ZIMM"
    assert session.mjd == pytest.approx(mjd_of_iso("2016-03-01T00:05:00")[0], abs=1e-9)
    np.testing.assert_array_equal(session.xyz_m, [4331297.1, 567556.1, 4633134.2])
    np.testing.assert_allclose(np.sqrt(np.diag(session.covariance_m2)), [0.03, 0.02, 0.04])


def test_a_session_shows_nothing_of_its_coordinate(real_data: Path):
    for session in sessions_of(real_data, "sinex/F1_231600.SNX"):
        for value in session.xyz_m:
            assert str(abs(int(value))) not in repr(session)

"""Formats of which no real file is at hand, by published sample lines and their own redundancy."""

import numpy as np
import pytest

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.table import read, read_all
from stationd.drift.session import collected

PBO_HEADING = """\
PBO Station Position Time Series. Reference Frame : IGS08
Format Version: 1.1.0
4-character ID: AB11
Station name  : Nome_AnvilAK2006
First Epoch   : 20060721 120000
Last Epoch    : 20070310 120000
Release Date  : 20070404 073140
XYZ Reference position :  -2658010.23252  -693674.79470  5737338.58385 (IGS08)
NEU Reference position :    64.5644967742  194.6265414893  349.44237 (IGS08/WGS84)
Start Field Description
YYYYMMDD      Year, month, day for the given position epoch
End Field Description
*YYYYMMDD HHMMSS JJJJJ.JJJJ X Y Z Sx Sy Sz Rxy Rxz Ryz NLat Elong Height dN dE dU Sn Se Su Rne Rnu Reu Soln
"""  # noqa: E501 - the line of column names is one line in the format
RTKLIB_HEADING = (
    "%  {}  x-ecef(m) y-ecef(m) z-ecef(m) Q ns sdx(m) sdy(m) sdz(m) sdxy sdyz sdzx age ratio\n"
)
# A line of station AB11 as UNAVCO published it.
PBO_LINE = (
    " 20060721 120000 53937.5000 -2658010.23592  -693674.79682  5737338.58572  0.00407  0.00260  "
    "0.00736  0.505 -0.677 -0.528      64.5644967558  194.6265415143  349.44631    -0.00264   "
    "0.00119   0.00333    0.00282  0.00219  0.00805 -0.006 -0.003  0.295 suppf\n"
)


def test_a_pbo_line_gives_its_displacement_in_the_order_east_north_up():
    (series,) = read((PBO_HEADING + PBO_LINE).encode(), "AB11.pbo.igs08.pos").series
    assert (series.station, series.frame, series.mjd[0]) == ("AB11", "IGS08", 53937.5)
    assert series.t_years[0] == pytest.approx(2006.5517, abs=1e-4)
    np.testing.assert_array_equal(series.enu_m[0], [0.00119, -0.00264, 0.00333])
    np.testing.assert_array_equal(series.sigma_m[0], [0.00219, 0.00282, 0.00805])
    # The file's order is north-east, north-up, east-up.
    np.testing.assert_array_equal(series.correlation[0], [-0.006, 0.295, -0.003])


def test_geocentric_columns_of_pbo_turn_into_its_own_displacements():
    # The same epoch and the reference position as txyz2: PBO states both, so our turning of
    # coordinates and covariances is held against UNAVCO's.
    lines = (
        "AB11 06JUL20 2006.5489 -2658010.23252 -693674.79470 5737338.58385 "
        "0.00407 0.00260 0.00736 0.505 -0.677 -0.528 0.0083\n"
        "AB11 06JUL21 2006.5517 -2658010.23592 -693674.79682 5737338.58572 "
        "0.00407 0.00260 0.00736 0.505 -0.677 -0.528 0.0083\n"
    )
    reading = read(lines.encode(), "AB11.IGS08.txyz2")
    (series,) = collected(reading.sessions)
    assert (series.station, series.frame, series.antenna) == ("AB11", "IGS08", ("0.0083",) * 2)
    np.testing.assert_allclose(series.enu_m[1], [0.00119, -0.00264, 0.00333], atol=2e-5)
    np.testing.assert_allclose(series.sigma_m[1], [0.00219, 0.00282, 0.00805], atol=1.5e-5)
    np.testing.assert_allclose(series.correlation[1], [-0.006, 0.295, -0.003], atol=5e-3)


def test_the_oldest_tenv3_has_no_heading_and_sets_whole_metres_anew():
    # The line that NGL's README explains, and one after a jump of twenty metres.
    lines = (
        "COVE 10JUL28 2010.5708 55405 1594 4 -112.8  -3815 -0.41548   4276712 0.86481  1687  "
        "0.35637  0.1800 0.00065 0.00067 0.00328  0.05829 -0.56488  0.04405\n"
        "COVE 10JUL29 2010.5736 55406 1594 5 -112.8  -3795 -0.41548   4276712 0.86481  1687  "
        "0.35637  0.1800 0.00065 0.00067 0.00328  0.05829 -0.56488  0.04405\n"
    )
    (series,) = read(lines.encode(), "COVE.tenv3").series
    np.testing.assert_allclose(
        series.enu_m, [[-0.41548, 0.86481, 0.35637], [19.58452, 0.86481, 0.35637]]
    )
    np.testing.assert_array_equal(series.sigma_m[0], [0.00065, 0.00067, 0.00328])
    np.testing.assert_array_equal(series.correlation[0], [0.05829, -0.56488, 0.04405])
    assert series.antenna == ("0.1800", "0.1800")


def test_a_pbo_file_with_two_frames_is_refused():
    text = (PBO_HEADING + PBO_LINE).replace("Reference Frame : IGS08", "Reference Frame : NAM14")
    with pytest.raises(
        SeriesFileError, match=r"AB11\.pos, line 1: is in NAM14, its reference position in IGS08"
    ):
        read(text.encode(), "AB11.pos")


def test_a_pbo_line_that_lost_a_column_is_refused():
    short = " ".join(PBO_LINE.split()[:20])
    with pytest.raises(SeriesFileError, match=r"line 14: has 20 columns"):
        read((PBO_HEADING + short).encode(), "AB11.pos")


def test_a_gipsyx_line_whose_seconds_are_of_another_year_is_refused():
    line = (
        "1998.41546410 -0.129049 -0.184509 -0.104704 0.000704 0.000885 0.004622 0.057219 0.479851 "
        "0.539105 -81561750.00 1997 6 1 11 57 30"
    )
    with pytest.raises(SeriesFileError, match=r"line 1: 1998.41546410 is not -81561750.00 s after"):
        read(line.encode(), "USN3.series")


def test_rtklib_times_by_week_and_in_jst_are_turned():
    body = " 4331297.1 567556.1 4633134.2 1 9 0.01 0.01 0.01 0.001 0.001 0.001 0.0 9.9\n"
    by_week = RTKLIB_HEADING.format("GPST") + "2360 172860.000" + body
    jst = RTKLIB_HEADING.format("JST") + "2025/04/01 09:01:00.000" + body
    last = ReadingOptions(daily="last")
    (one,) = read(by_week.encode(), "ZIMM.pos", last).sessions
    (other,) = read(jst.encode(), "ZIMM.pos", last).sessions
    # The heading of a real file: 2025/04/01 00:00:00.0 GPST (week2360 172800.0s).
    assert one.mjd == pytest.approx(60766 + 60 / 86400, abs=1e-9)
    assert other.mjd == pytest.approx(one.mjd, abs=1e-9)
    np.testing.assert_array_equal(one.xyz_m, [4331297.1, 567556.1, 4633134.2])


def test_a_run_over_midnight_gives_two_days_and_leaves_out_the_worse_epochs():
    heading = RTKLIB_HEADING.format("GPST")
    line = "{} {} 567556.0 4633134.0 {} 9 {} {} {} 0 0 0 0.0 9.9\n"
    text = heading + "".join(
        line.format(moment, x, quality, sd, sd, sd)
        for moment, x, quality, sd in [
            ("2025/04/01 23:59:00.000", 4331297.0, 1, 0.01),
            ("2025/04/01 23:59:30.000", 4331298.0, 1, 0.02),
            ("2025/04/01 23:59:45.000", 4331300.0, 2, 0.01),
            ("2025/04/02 00:00:00.000", 4331290.0, 5, 1.0),
        ]
    )
    reading = read(text.encode(), "ZIMM.pos")
    first, second = reading.sessions
    # Weights of 4 to 1: a fifth of the metre between them; the float epoch counts nothing.
    np.testing.assert_allclose(first.xyz_m, [4331297.2, 567556.0, 4633134.0], atol=1e-8)
    # Neighbouring epochs share their errors: the mean variance, not a fraction of it.
    np.testing.assert_allclose(np.diag(first.covariance_m2), (4 * 0.01**2 + 0.02**2) / 5)
    np.testing.assert_array_equal(second.xyz_m, [4331290.0, 567556.0, 4633134.0])
    assert (first.mjd, second.mjd) == (60766.5, 60767.5)
    assert reading.notices == ("ZIMM.pos: 1 epochs of less quality than their day's best left out",)


def test_rtklib_baselines_are_refused():
    text = (
        "%  GPST  e-baseline(m) n-baseline(m) u-baseline(m) Q ns sde sdn sdu sden sdnu sdue a r\n"
    )
    with pytest.raises(SeriesFileError, match="line 1: holds baselines"):
        read(text.encode(), "A.pos")


def test_sinex_correlations_and_an_upper_triangle_are_read_too():
    lines = [
        "%=SNX 2.02 XXX 24:001:00000 XXX 24:001:00000 24:002:00000 P 00003 2 S",
        "+SOLUTION/ESTIMATE",
        "     1 STAX   ZIMM  A    1 24:001:43200 m    2 4.33129681744137E+06 2.00000E-03",
        "     2 STAY   ZIMM  A    1 24:001:43200 m    2 5.67556210215289E+05 1.00000E-03",
        "     3 STAZ   ZIMM  A    1 24:001:43200 m    2 4.63313415047110E+06 4.00000E-03",
        "-SOLUTION/ESTIMATE",
        "+SOLUTION/MATRIX_ESTIMATE U CORR",
        "     1     1  0.20000000000000E-02  0.50000000000000E+00 -0.25000000000000E+00",
        "     2     2  0.10000000000000E-02  0.12500000000000E+00",
        "     3     3  0.40000000000000E-02",
        "-SOLUTION/MATRIX_ESTIMATE U CORR",
        "%ENDSNX",
    ]
    (session,) = read("\n".join(lines).encode(), "a.snx").sessions
    np.testing.assert_allclose(
        session.covariance_m2 * 1e6,
        [[4.0, 1.0, -2.0], [1.0, 1.0, 0.5], [-2.0, 0.5, 16.0]],
    )


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        ("43200 m    2 4.3", "43200 km   2 4.3", r"line 3: STAX is in km, not in m"),
        ("24:001:43200 m    2 5", "00:000:00000 m    2 5", r"line 4: STAY of ZIMM has no epoch"),
        ("2 STAY", "2 STAX", r"line 4: STAX of ZIMM solution 1 stands there twice"),
        ("2 STAY", "2 RANG", r"estimates no station's X, Y and Z"),
        (" 1.00000E-03", "", r"line 4: has 9 fields, an estimate has 10"),
    ],
)
def test_an_odd_estimate_of_a_sinex_is_refused(written: str, instead: str, sentence: str):
    lines = [
        "%=SNX 2.02 XXX 24:001:00000 XXX 24:001:00000 24:002:00000 P 00003 2 S",
        "+SOLUTION/ESTIMATE",
        "     1 STAX   ZIMM  A    1 24:001:43200 m    2 4.33129681744137E+06 2.00000E-03",
        "     2 STAY   ZIMM  A    1 24:001:43200 m    2 5.67556210215289E+05 1.00000E-03",
        "     3 STAZ   ZIMM  A    1 24:001:43200 m    2 4.63313415047110E+06 4.00000E-03",
        "-SOLUTION/ESTIMATE",
    ]
    text = "\n".join(lines)
    assert written in text
    with pytest.raises(SeriesFileError, match=sentence):
        read(text.replace(written, instead).encode(), "a.snx")


def test_an_ssc_position_without_its_velocity_is_refused():
    heading = (
        "               CLASS_A EPN STATION POSITIONS AND VELOCITIES\n"
        "               REFERENCE FRAME:    IGb14    AT EPOCH OF 2010.0\n"
    )
    position = (
        "14001M004 ZIMM              GPS ZIMM  4331296.990   567555.966  4633133.989  0.001  "
        "0.001  0.001  1 96:001:00000 98:309:86370 10:001:00000\n"
    )
    with pytest.raises(SeriesFileError, match=r"line 4: is not the velocity of line 3"):
        read((heading + position * 2).encode(), "a.ssc")
    with pytest.raises(SeriesFileError, match=r"a\.ssc: ends without a position and its velocity"):
        read((heading + position).encode(), "a.ssc")


def test_files_of_many_stations_and_formats_are_read_together():
    tenv = (
        "DUTC 14APR02 2014.2505 56749 1786 3 0.0 0.0 0.0 0.0083 0.0005 0.0007 0.0019 0.1 -0.1 0.0\n"
        "DUTD 14APR02 2014.2505 56749 1786 3 0.0 0.0 0.0 0.0083 0.0005 0.0007 0.0019 0.1 -0.1 0.0\n"
    )
    reading = read_all([("a.tenv", tenv.encode()), ("b.pos", (PBO_HEADING + PBO_LINE).encode())])
    assert [series.station for series in reading.series] == ["DUTC", "DUTD", "AB11"]

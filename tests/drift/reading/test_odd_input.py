"""Odd input is put right and said, or refused with file and line."""

import gzip
import random
from pathlib import Path

import numpy as np
import pytest

from stationd.drift.errors import SeriesFileError
from stationd.drift.reading.document import ReadingOptions, document
from stationd.drift.reading.table import read, read_all

FIRST_MJD = 56749  # 2014-04-02
HEADING = "day,east_m,north_m,up_m,sigma_east_m,sigma_north_m,sigma_up_m"


def tenv_line(day: str, year: float, mjd: int, *, east="0.001", station="DUTC", antenna="0.0083"):
    return (
        f"{station} {day} {year:.4f} {mjd} 1786 3 {east} 0.002 -0.003 {antenna} "
        "0.0005 0.0007 0.0019 0.1 -0.1 0.0"
    )


def april(day: int, **kwargs) -> str:
    """One line of tenv for a day of April 2014."""
    mjd = FIRST_MJD - 2 + day
    return tenv_line(f"14APR{day:02d}", 2000 + (mjd - 51544) / 365.25, mjd, **kwargs)


def read_lines(*lines: str, name: str = "DUTC.tenv"):
    return read("\n".join(lines).encode(), name)


def csv_of(enu_m: np.ndarray, sigma_m: float | None = None) -> bytes:
    """Make a CSV of a series, a line a day from 2014-04-02."""
    sigma = "" if sigma_m is None else f"{sigma_m:.9g}"
    rows = [
        f"{FIRST_MJD + row},{e:.9f},{n:.9f},{u:.9f},{sigma},{sigma},{sigma}"
        for row, (e, n, u) in enumerate(enu_m)
    ]
    return "\n".join([HEADING, *rows]).encode()


def scattered_m(scale: float, rows: int = 40) -> np.ndarray:
    draw = random.Random(7)
    return np.array([[draw.gauss(0, scale) for _ in range(3)] for _ in range(rows)])


def test_gaps_of_years_stay_gaps():
    (series,) = read_lines(
        april(2), april(3), tenv_line("19JAN01", 2019.0007, 58484), name="a.tenv"
    ).series
    np.testing.assert_allclose(np.diff(series.mjd), [1, 58484 - FIRST_MJD - 1])


def test_identical_repeats_are_left_out_and_said():
    reading = read_lines(april(2), april(3), april(3), april(4))
    assert len(reading.series[0]) == 3
    assert reading.notices == ("DUTC.tenv, line 3: 1 repeated epochs of DUTC were left out",)


def test_an_epoch_with_two_coordinates_is_refused():
    with pytest.raises(
        SeriesFileError, match=r"DUTC\.tenv, line 3: DUTC at 2014\.2533 has another coordinate than"
    ):
        read_lines(april(2), april(3), april(3, east="0.009"), april(4))


def test_unsorted_epochs_are_sorted_and_said():
    reading = read_lines(april(4, east="0.004"), april(2, east="0.002"), april(3, east="0.003"))
    np.testing.assert_array_equal(reading.series[0].enu_m[:, 0], [0.002, 0.003, 0.004])
    assert reading.notices == (
        "DUTC.tenv, line 2: epochs of DUTC go back in time at 1 places and were sorted",
    )


@pytest.mark.parametrize("unknown", ["NaN", "nan", "inf", "-inf"])
def test_an_epoch_without_a_number_is_left_out_and_said(unknown: str):
    reading = read_lines(april(2), april(3, east=unknown), april(4))
    np.testing.assert_array_equal(reading.series[0].mjd, [56749.5, 56751.5])
    assert reading.notices == (
        "DUTC.tenv, line 2: 1 of 3 epochs of DUTC have no number and were left out",
    )


def test_a_file_of_nothing_but_unknown_numbers_is_refused():
    lines = [april(day, east="nan").replace("0.002 -0.003", "nan nan") for day in (2, 3)]
    with pytest.raises(SeriesFileError, match="line 1: no epoch of DUTC has a coordinate"):
        read_lines(*lines)


def test_one_epoch_is_a_series_of_one():
    (series,) = read_lines(april(2)).series
    assert len(series) == 1


def test_millimetres_read_as_metres_are_refused():
    with pytest.raises(SeriesFileError, match=r"a\.csv: .*look like millimetres; .*--unit mm"):
        read(csv_of(scattered_m(2.0)), "a.csv")
    # The sigmas alone tell it as well, of a station that hardly moves.
    with pytest.raises(SeriesFileError, match=r"typical sigma 1\.5 m: they look like millimetres"):
        read(csv_of(scattered_m(0.002), sigma_m=1.5), "a.csv")


def test_metres_read_as_millimetres_are_refused():
    options = ReadingOptions(unit="mm")
    with pytest.raises(SeriesFileError, match=r"a\.csv: .*look like metres; .*--unit m"):
        read(csv_of(scattered_m(0.002)), "a.csv", options)
    with pytest.raises(SeriesFileError, match=r"typical sigma 1e-06 m: they look like metres"):
        read(csv_of(scattered_m(0.002), sigma_m=0.001), "a.csv", options)


def test_metres_read_as_metres_are_not_refused():
    for scale in (0.0005, 0.002, 0.02):
        assert len(read(csv_of(scattered_m(scale), sigma_m=scale), "a.csv").series[0]) == 40
    still = np.zeros((40, 3))
    assert len(read(csv_of(still), "a.csv").series[0]) == 40


def test_the_japanese_series_read_in_metres_are_refused(real_data: Path):
    columns = {"day": "time", "east": "lon", "north": "lat", "up": "ver"}
    path = real_data / "timeseries/japan/G001neu9818.csv"
    with pytest.raises(SeriesFileError, match="look like millimetres"):
        read(path.read_bytes(), path.name, ReadingOptions(columns=columns))


def test_a_change_of_antenna_is_carried_along():
    (series,) = read_lines(april(2), april(3, antenna="0.1110"), april(4, antenna="0.1110")).series
    assert series.antenna == ("0.0083", "0.1110", "0.1110")
    assert series.antenna_changes() == (1,)


def test_two_frames_in_one_file_are_refused():
    text = "day,east_m,north_m,up_m,frame\n2014-04-02,0,0,0,IGS08\n2014-04-03,0,0,0,IGS14\n"
    with pytest.raises(
        SeriesFileError,
        match=r"a\.csv, line 3: is in IGS14, the lines above in IGS08: a series has",
    ):
        read(text.encode(), "a.csv")


def test_a_sinex_that_states_two_datums_is_refused(real_data: Path):
    text = (real_data / "sinex/F1_231600.SNX").read_text()
    line = "LOCAL_GEODETIC_DATUM: IGS20"
    twice = text.replace(line, f"{line}\nLOCAL_GEODETIC_DATUM: IGS14")
    with pytest.raises(SeriesFileError, match=r"a\.snx: states the frames IGS14 and IGS20: a sol"):
        read(twice.encode(), "a.snx")


def test_a_tms_with_reference_coordinates_in_two_frames_is_refused(real_data: Path):
    text = (real_data / "timeseries/TEST00NOR.tms").read_text()
    line = next(line for line in text.splitlines() if "4633134.1423" in line)
    twice = text.replace(line, f"{line}\n{line.replace('IGb14', 'IGS20')}")
    assert twice != text
    with pytest.raises(SeriesFileError, match=r"has reference coordinates in IGS20 and IGb14: one"):
        read(twice.encode(), "a.tms")


def test_a_tms_whose_line_lacks_a_stated_column_is_refused(real_data: Path):
    text = (real_data / "timeseries/TEST00NOR.tms").read_text()
    last = "    0.0003    0.0009    0.0009\n-TIMESERIES/DATA"
    assert last in text
    with pytest.raises(
        SeriesFileError, match=r"line 115: has 13 columns, TIMESERIES/COLUMNS states"
    ):
        read(text.replace(last, "    0.0003    0.0009\n-TIMESERIES/DATA").encode(), "a.tms")


def test_solutions_in_two_frames_are_no_series(real_data: Path):
    first = (real_data / "sinex/F1_231600.SNX").read_bytes()
    second = (real_data / "sinex/F1_231610.SNX").read_bytes().replace(b"IGS20", b"IGS14")
    with pytest.raises(
        SeriesFileError, match=r"b\.snx, line 80: BRUX is in IGS14 here and in IGS20 in a\.snx"
    ):
        read_all([("a.snx", first), ("b.snx", second)])


def test_one_day_of_sinex_twice_is_refused(real_data: Path):
    first = (real_data / "sinex/F1_231600.SNX").read_bytes()
    with pytest.raises(SeriesFileError, match=r"b\.snx, line 80: BRUX has a second coordinate"):
        read_all([("a.snx", first), ("b.snx", first)])


def test_two_places_of_one_name_are_refused(real_data: Path):
    first = (real_data / "sinex/F1_231600.SNX").read_bytes()
    second = (real_data / "sinex/F1_231610.SNX").read_bytes()
    moved = second.replace(b"0.402788133280884E+07", b"0.402988133280884E+07")
    assert moved != second
    with pytest.raises(SeriesFileError, match=r"BRUX lies more than 1 km from where a\.snx has it"):
        read_all([("a.snx", first), ("b.snx", moved)])


def test_a_frame_that_the_file_contradicts_is_refused():
    with pytest.raises(SeriesFileError, match=r"DUTC\.IGS08\.tenv: is in IGS08, not in ITRF2020"):
        read(april(2).encode(), "DUTC.IGS08.tenv", ReadingOptions(frame="ITRF2020"))
    (series,) = read(april(2).encode(), "DUTC.tenv", ReadingOptions(frame="ITRF2020")).series
    assert series.frame == "ITRF2020"


def test_a_line_with_too_few_columns_is_refused():
    with pytest.raises(SeriesFileError, match=r"DUTC\.tenv, line 2: has 15 columns, a tenv line"):
        read_lines(april(2), " ".join(april(3).split()[:15]))


def test_a_heading_without_a_needed_column_is_refused(real_data: Path):
    text = (real_data / "timeseries/ngl_CLV1_IGS14_sample.tenv3").read_text()
    with pytest.raises(
        SeriesFileError,
        match=r"a\.tenv3, line 1: is no tenv3 heading: column sig_u\(m\) is missing",
    ):
        read(text.replace("sig_u(m)", "sigma_u").encode(), "a.tenv3")


def test_a_word_where_a_number_belongs_is_refused():
    with pytest.raises(SeriesFileError, match=r"DUTC\.tenv, line 2: 'x.004' is not a number"):
        read_lines(april(2), april(3, east="x.004"))


def test_a_day_that_is_not_its_decimal_year_or_mjd_is_refused():
    with pytest.raises(SeriesFileError, match=r"line 1: 14APR02 is not 2015.2505"):
        read_lines(tenv_line("14APR02", 2015.2505, FIRST_MJD))
    with pytest.raises(SeriesFileError, match=r"line 1: 14APR02 is not 2014.2545"):
        read_lines(tenv_line("14APR02", 2014.2545, FIRST_MJD))  # a day and a half late
    with pytest.raises(SeriesFileError, match=r"line 1: 14APR02 is MJD 56749, not 56750"):
        read_lines(tenv_line("14APR02", 2014.2505, FIRST_MJD + 1))
    with pytest.raises(SeriesFileError, match="line 1: day is out of range"):
        read_lines(tenv_line("14APR31", 2014.3300, 56778))


def test_gzip_data_cut_short_are_refused(real_data: Path):
    whole = (real_data / "timeseries/hawaii/PUHR.tenv3.gz").read_bytes()
    for length in (len(whole) - 1, len(whole) // 2, 30):
        with pytest.raises(SeriesFileError, match=r"PUHR\.tenv3\.gz: is cut short"):
            read(whole[:length], "PUHR.tenv3.gz")


def test_damaged_gzip_data_are_refused(real_data: Path):
    whole = bytearray((real_data / "timeseries/hawaii/PUHR.tenv3.gz").read_bytes())
    whole[5000] ^= 0x55
    with pytest.raises(SeriesFileError, match="is damaged gzip data"):
        read(bytes(whole), "PUHR.tenv3.gz")


def test_gzip_of_several_members_is_one_file():
    packed = gzip.compress(f"{april(2)}\n".encode()) + gzip.compress(f"{april(3)}\n".encode())
    assert len(read(packed, "DUTC.tenv.gz").series[0]) == 2


def test_gzip_that_unpacks_without_end_is_refused():
    bomb = gzip.compress(b"0" * 2**22)
    assert len(bomb) < 2**13
    with pytest.raises(SeriesFileError, match=r"bomb\.gz: is larger than 8192 bytes"):
        document(bomb, "bomb.gz", largest_bytes=2**13)


@pytest.mark.parametrize("content", [b"", b"\n \n", gzip.compress(b"", mtime=0), b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(content: bytes):
    with pytest.raises(SeriesFileError, match=r"a\.tenv: is empty"):
        read(content, "a.tenv")


def test_a_file_that_is_no_text_is_refused():
    with pytest.raises(SeriesFileError, match="is not text"):
        read(bytes(range(256)), "a.tenv")


def test_a_file_of_no_known_format_is_refused_with_those_that_are():
    with pytest.raises(SeriesFileError, match=r"a\.txt, line 1: is in no format .* tenv3, tenv"):
        read(b"Dear Sir,\nplease find enclosed", "a.txt")


def test_a_heading_without_lines_is_refused(real_data: Path):
    heading = (real_data / "timeseries/ngl_CLV1_IGS14_sample.tenv3").read_bytes().split(b"\n")[0]
    with pytest.raises(SeriesFileError, match=r"a\.tenv3: has no line of data"):
        read(heading, "a.tenv3")


def test_a_negative_sigma_is_refused():
    odd = april(3).replace("0.0007", "-0.0007")
    assert odd != april(3)
    with pytest.raises(SeriesFileError, match=r"line 2: has a negative sigma"):
        read_lines(april(2), odd)


def test_a_correlation_beyond_one_is_unknown_and_said():
    # Real files of JPL and NGL have some.
    odd = april(3).replace(" 0.1 ", " 1.466 ")
    assert odd != april(3)
    reading = read_lines(april(2), odd)
    np.testing.assert_array_equal(
        reading.series[0].correlation, [[0.1, -0.1, 0.0], [np.nan, -0.1, 0.0]]
    )
    assert reading.notices == (
        "DUTC.tenv, line 2: 1 of 2 epochs of DUTC have correlations beyond one, taken as unknown",
    )


def test_days_and_years_that_run_against_each_other_are_refused():
    text = "year,mjd,east_m,north_m,up_m\n2020.0,58850.5,0,0,0\n2020.1,58849.5,0,0,0\n"
    with pytest.raises(
        SeriesFileError, match=r"line 3: a is later than line 2 by its decimal year"
    ):
        read(text.encode(), "a.csv")


def test_a_block_without_an_end_is_refused(real_data: Path):
    text = (real_data / "sinex/F1_231600.SNX").read_text()
    cut = text[: text.index("     9 STAZ")]
    with pytest.raises(
        SeriesFileError, match=r"a\.snx, line 78: block SOLUTION/ESTIMATE has no end"
    ):
        read(cut.encode(), "a.snx")


def test_sigmas_and_correlations_of_no_covariance_are_refused():
    line = (
        "AB11 06JUL20 2006.5489 -2658010.2 -693674.8 5737338.6 0.004 0.003 0.007 0.9 0.9 -0.9 0\n"
    )
    with pytest.raises(
        SeriesFileError, match="line 1: sigmas and correlations of AB11 are those of"
    ):
        read(line.encode(), "a.txyz2")


def test_a_correlation_of_a_txyz2_beyond_one_is_none_and_said():
    line = "AB11 06JUL20 2006.5489 -2658010.2 -693674.8 5737338.6 0.004 0.003 0.007 1.2 0.5 0.1 0\n"
    reading = read(line.encode(), "a.txyz2")
    (session,) = reading.sessions
    np.testing.assert_allclose(session.covariance_m2, np.diag([0.004, 0.003, 0.007]) ** 2)
    assert reading.notices == (
        "a.txyz2, line 1: 1 epochs have correlations beyond one, taken as none",
    )


def test_a_point_far_from_the_ground_is_refused_without_its_coordinate():
    line = "AB11 06JUL20 2006.5489 -2658.0102 -693.6748 5737.3386 0.004 0.003 0.007 0 0 0 0.0083\n"
    with pytest.raises(SeriesFileError, match="is not near the surface") as refused:
        read(line.encode(), "a.txyz2")
    assert "2658" not in str(refused.value)


def test_a_single_component_needs_a_name_that_says_which():
    with pytest.raises(SeriesFileError, match=r"end it in \.e, \.n or \.u"):
        read(b"2000 1.0 55.6 3.4\n2000 2.0 52.6 3.8\n", "canp.dat")


def test_carriage_returns_and_a_byte_order_mark_do_no_harm():
    text = "\ufeff" + "\r\n".join([april(2), april(3)]) + "\r\n"
    assert len(read(text.encode(), "DUTC.tenv").series[0]) == 2

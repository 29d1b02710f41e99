"""Ephemeris messages as others read them: pyrtcm's fields, gpsdecode's count, convbin's RINEX."""

import json
import subprocess

import numpy as np
import pytest
from pyrtcm import RTCMReader
from pyrtcm.rtcmtypes_core import RTCM_DATA_FIELDS
from pyrtcm.rtcmtypes_get import RTCM_PAYLOADS_GET

from stationd_simulators.constellation import messages
from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.constellation.glonass_sets import GlonassSets
from stationd_simulators.constellation.kepler_sets import KeplerSets

WEEK = 604_800.0
PRINTED = 5.1e-12  # RINEX has twelve digits after the point, of which the first may be 1
START_GPST_S = 2446 * WEEK - 1800.0
LAYOUTS = {
    1019: messages.GPS_1019,
    1020: messages.GLONASS_1020,
    1042: messages.BEIDOU_1042,
    1044: messages.QZSS_1044,
    1045: messages.GALILEO_FNAV_1045,
    1046: messages.GALILEO_INAV_1046,
}
CODING = {"INT": "signed", "SNT": "magnitude", "UINT": "unsigned", "BIT": "unsigned"}
SYSTEMS = {1019: "G", 1042: "C", 1044: "J", 1045: "E", 1046: "E", 1020: "R"}


def fields_of(number: int) -> list[str]:
    return list(RTCM_PAYLOADS_GET[str(number)])[1:]


@pytest.mark.parametrize("number", LAYOUTS)
def test_each_field_is_as_wide_and_as_signed_as_pyrtcm_has_it(number):
    theirs = [RTCM_DATA_FIELDS[name][:2] for name in fields_of(number)]
    ours = [(field.coding, field.bits) for field in LAYOUTS[number]]
    assert ours == [(CODING[kind], bits) for kind, bits in theirs]


@pytest.mark.parametrize("number", LAYOUTS)
def test_each_unit_is_pyrtcms(number):
    for field, name in zip(LAYOUTS[number], fields_of(number), strict=True):
        theirs = RTCM_DATA_FIELDS[name][2]
        if not field.unit or not theirs:
            continue  # pyrtcm has no unit for some
        half_turns = name in {"DF079", "DF292", "DF450", "DF491"} or "_rad" in field.name
        if field.name.startswith("c"):
            half_turns = False  # harmonics are in radians
        unit = field.unit / np.pi if half_turns else field.unit
        if name in {"DF513", "DF514"}:
            unit *= 1e9  # pyrtcm gives nanoseconds
        if number == 1020:
            unit /= 1e3  # kilometres
        assert unit == pytest.approx(theirs, rel=1e-12), (field.name, name)


def raw(message, name: str) -> int:
    """Undo the scale that pyrtcm applied."""
    unit = RTCM_DATA_FIELDS[name][2]
    value = getattr(message, name)
    return round(value / unit) if unit else int(value)


def sent(number: int) -> tuple[list[bytes], list[dict[str, int]]]:
    """Frames of one kind, and the integers that they should carry, in the same order."""
    sets = (
        GlonassSets(3, START_GPST_S)
        if number == 1020
        else KeplerSets(letter=SYSTEMS[number], seed=3)
    )
    index = sets.index_at(START_GPST_S)
    frames = [
        frame for frame in sets.frames(index) if int.from_bytes(frame[3:5], "big") >> 4 == number
    ]
    columns = sets._integers(index)
    rows = [
        {name: int(column[row]) for name, column in columns.items()}
        | {"number": int(sets.names[row][1:])}
        for row in range(len(sets.names))
    ]
    return frames, rows


@pytest.mark.parametrize("number", LAYOUTS)
def test_pyrtcm_reads_every_integer_that_the_truth_is_made_of(number):
    frames, rows = sent(number)
    assert len(frames) == len(rows) > 4
    for frame, row in zip(frames, rows, strict=True):
        message = RTCMReader.parse(frame)
        compared = 0
        for field, name in zip(LAYOUTS[number], fields_of(number), strict=True):
            if number == 1045 and field.name == "bias_s":
                continue  # refers to another combination; see test_group_delays
            if field.name in row:
                assert raw(message, name) == row[field.name], (name, field.name)
                compared += 1
        assert compared >= 12


def test_gpsdecode_reads_every_frame(peer):
    sky = Constellations.make("GRECJ", START_GPST_S, seed=3)
    frames = sky.frames_in_force(START_GPST_S)
    done = subprocess.run(
        [peer("gpsdecode"), "-j"],
        check=True,
        input=b"".join(frames),
        capture_output=True,
        timeout=60,
    )
    types = [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert types == [int.from_bytes(frame[3:5], "big") >> 4 for frame in frames]


KEPLER_COLUMNS = (
    "bias_s", "drift_ratio", "drift_rate_per_s",
    "iode", "crs_m", "delta_n_rad_per_s", "mean_anomaly_rad",
    "cuc_rad", "eccentricity", "cus_rad", "sqrt_a",
    "toe_s", "cic_rad", "node_rad", "cis_rad",
    "inclination_rad", "crc_m", "perigee_rad", "node_rate_rad_per_s",
    "inclination_rate_rad_per_s", None, "week", None,
)  # fmt: skip
TAIL_COLUMNS = {
    "G": (None, None, "tgd_s", "iodc"),
    "J": (None, None, "tgd_s", "iodc"),
    "E": (None, None, "bgd_e5a_s", "bgd_e5b_s"),
    "C": (None, None, "tgd1_s", "tgd2_s", None, "iodc"),
}
GLONASS_COLUMNS = (
    None, "gamma_ratio", None,
    "x_m", "x_m_per_s", "x_m_per_s2", None,
    "y_m", "y_m_per_s", "y_m_per_s2", None,
    "z_m", "z_m_per_s", "z_m_per_s2", None,
)  # fmt: skip


def records(text: str) -> dict[str, list[list[float]]]:
    """Return the sets of each satellite: its numbers in RINEX's order."""
    found: dict[str, list[list[float]]] = {}
    for line in text.split("END OF HEADER")[1].splitlines()[1:]:
        start = 23 if line[0] != " " else 4
        if start == 23:
            found.setdefault(line[:3], []).append([])
            name = line[:3]
        cells = [line[place : place + 19] for place in range(start, len(line.rstrip()), 19)]
        found[name][-1] += [float(cell.replace("D", "E")) for cell in cells if cell.strip()]
    return found


@pytest.mark.parametrize("letter", "GECJR")
def test_convbin_writes_the_numbers_from_which_the_truth_is_computed(navigation_file, letter):
    number = {"G": 1019, "E": 1046, "C": 1042, "J": 1044, "R": 1020}[letter]
    frames, rows = sent(number)
    found = records(navigation_file(b"".join(frames), START_GPST_S))
    assert len(found) == len(rows)
    columns = GLONASS_COLUMNS if letter == "R" else KEPLER_COLUMNS + TAIL_COLUMNS[letter]
    units = {field.name: field.unit for field in LAYOUTS[number]}
    for row in rows:
        (values,) = found[f"{letter}{row['number']:02d}"]
        for column, value in zip(columns, values, strict=False):
            if column is None or column == "week":
                continue
            expected = row[column] * (units[column] or 1)
            if letter == "R" and column[0] in "xyz":
                expected /= 1e3  # RINEX has kilometres
            assert value == pytest.approx(expected, rel=PRINTED, abs=1e-25), column
        if letter == "R":
            assert values[0] == pytest.approx(-row["tau_s"] * 2.0**-30, rel=PRINTED)


def test_convbin_dates_a_set_of_the_next_week_into_the_next_week(navigation_file):
    frames, _ = sent(1019)  # half an hour before the rollover: toe is its instant
    found = records(navigation_file(b"".join(frames), START_GPST_S))
    for (values,) in found.values():
        (toe_s, week) = (values[11], values[21])
        assert (toe_s, week) == (0.0, 2446.0)

"""A user of the simulated satellites that shares nothing with them: RTKLIB's single point."""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from rtcm_writer import message

from stationd_simulators.constellation.constellations import Constellations

Floats = NDArray[np.float64]

SPEED_OF_LIGHT = 299_792_458.0
EARTH_RAD_PER_S = 7.2921151467e-5
RECEIVER_M = np.array([-2324156.7901, 5386277.7283, 2495068.3542])
# With none, RTKLIB b34 is done before it knows any elevation, and rejects the epoch.
RECEIVER_CLOCK_S = 1e-5
CODES = {"G": "1C2W", "R": "1C2C", "E": "1C7Q", "C": "2I7I", "J": "1C2L"}
RTKLIB_SYSTEM = {"G": 1, "R": 4, "E": 8, "J": 16, "C": 32}


def pseudoranges_m(sky: Constellations, gpst_s: float) -> tuple[Floats, Floats]:
    """Return pseudoranges without group delays, and elevations in radians, of all satellites."""
    travel_s = np.full(len(sky.satellites), 0.08)
    for _ in range(4):
        state = sky.state(gpst_s, sky.satellites, travel_s + RECEIVER_CLOCK_S)
        turn = EARTH_RAD_PER_S * travel_s
        x, y, z = state.position_m.T
        there = np.column_stack(
            [x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn), z]
        )
        away = there - RECEIVER_M
        range_m = np.linalg.norm(away, axis=1)
        travel_s = range_m / SPEED_OF_LIGHT
    elevation = np.arcsin(away @ RECEIVER_M / range_m / np.linalg.norm(RECEIVER_M))
    return range_m + SPEED_OF_LIGHT * (RECEIVER_CLOCK_S - state.clock_s), elevation


def calendar(gpst_s: float) -> datetime:
    return datetime(1980, 1, 6) + timedelta(seconds=gpst_s)  # noqa: DTZ001 - GPS time, no zone


def timing_message(gpst_s: float) -> bytes:
    """Return an empty 1004: RTKLIB dates GLONASS's ephemerides by the observations before them."""
    seconds_of_week = int(gpst_s % 604_800 * 1000)
    return message((12, 1004), (12, 1), (30, seconds_of_week), (1, 0), (5, 0), (1, 0), (3, 0))


def write_rinex(sky: Constellations, letters: str, epochs: Floats) -> str:
    """Observations in RINEX 3.04: pseudoranges of two frequencies, to a millimetre."""

    def header(text: str, label: str) -> str:
        return f"{text:<60}{label:<20}\n"

    lines = [header("     3.04           OBSERVATION DATA    M", "RINEX VERSION / TYPE")]
    for letter in letters:
        codes = CODES[letter]
        lines.append(header(f"{letter}    2 C{codes[:2]} C{codes[2:]}", "SYS / # / OBS TYPES"))
    lines += [
        header("".join(f"{value:14.4f}" for value in RECEIVER_M), "APPROX POSITION XYZ"),
        header("", "END OF HEADER"),
    ]
    delays_m = [
        [
            SPEED_OF_LIGHT * sky.group_delay_s(name, CODES[name[0]][half : half + 2])
            for half in (0, 2)
        ]
        for name in sky.satellites
    ]
    for gpst_s in epochs:
        ranges_m, elevation = pseudoranges_m(sky, gpst_s)
        rows = np.flatnonzero(elevation > np.radians(5.0))
        time = calendar(gpst_s)
        lines.append(f"> {time:%Y %m %d %H %M} {time.second:2d}.0000000  0{len(rows):3d}\n")
        for row in rows:
            first, second = (ranges_m[row] + delay_m for delay_m in delays_m[row])
            lines.append(f"{sky.satellites[row]}{first:14.3f}  {second:14.3f}  \n")
    return "".join(lines)


@pytest.fixture
def navigation_file(peer, tmp_path) -> Callable[..., str]:
    """Return the text that convbin makes of ephemeris frames."""

    def convert(frames: bytes, start_gpst_s: float) -> str:
        (tmp_path / "frames.rtcm3").write_bytes(frames)
        start = calendar(start_gpst_s)
        subprocess.run(
            [
                *(peer("convbin"), "-r", "rtcm3", "-v", "3.04"),
                *("-tr", f"{start:%Y/%m/%d}", f"{start:%H:%M:%S}"),
                *("-n", tmp_path / "nav", "-o", tmp_path / "none", tmp_path / "frames.rtcm3"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return (tmp_path / "nav").read_text()

    return convert


@pytest.fixture
def rtklib_errors_m(peer, tmp_path, navigation_file) -> Callable[..., tuple[int, Floats]]:
    """Return how many epochs there were, and RTKLIB's errors in metres at those it solved."""

    def solve(
        letters: str, start_gpst_s: float, epochs: int, interval_s: float, ionosphere: str = "off"
    ) -> tuple[int, Floats]:
        sky = Constellations.make(letters, start_gpst_s, seed=7)
        times = start_gpst_s + np.arange(epochs) * interval_s
        frames = b"".join(
            timing_message(time_s) + b"".join(sky.frames_due(time_s, interval_s))
            for time_s in times
        )
        navigation_file(frames, start_gpst_s)
        (tmp_path / "obs").write_text(write_rinex(sky, letters, times))
        (tmp_path / "conf").write_text(
            "pos1-posmode=single\npos1-elmask=5\npos1-tropopt=off\npos1-sateph=brdc\n"
            f"pos1-ionoopt={ionosphere}\nout-solformat=xyz\nout-timeform=tow\nout-outhead=off\n"
            f"pos1-navsys={sum(RTKLIB_SYSTEM[letter] for letter in letters)}\n"
        )
        subprocess.run(
            [
                *(peer("rnx2rtkp"), "-k", tmp_path / "conf", "-o", tmp_path / "solution"),
                *(tmp_path / "obs", tmp_path / "nav"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=300,
        )
        rows = [
            [float(text) for text in line.split()[2:5]]
            for line in (tmp_path / "solution").read_text().splitlines()
            if not line.startswith("%")
        ]
        return epochs, np.linalg.norm(np.array(rows).reshape(-1, 3) - RECEIVER_M, axis=1)

    return solve

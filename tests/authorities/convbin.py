"""RTKLIB's convbin as an authority: a recording to RINEX 3, and that RINEX read back."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Rinex(NamedTuple):
    """Observations by (second of the GPS week, satellite): code such as "C1C" -> value."""

    first_epoch: tuple[int, ...]  # year … minute, millisecond of the minute, in GPS time
    last_epoch: tuple[int, ...]
    observations: dict[tuple[float, str], dict[str, float]]
    channels: dict[str, int]  # GLONASS satellite -> FDMA channel


def convert(convbin: str, recording: Path, folder: Path, near: str) -> Rinex:
    """Return what convbin reads. `near`: about when it was recorded, "2012/10/14 00:00:00"."""
    rinex = folder / "obs.rnx"
    subprocess.run(
        [
            convbin, "-r", "rtcm3", "-v", "3.03", "-tr", *near.split(), "-od", "-os",
            "-o", str(rinex), "-n", str(folder / "nav.rnx"), str(recording),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return _read(iter(rinex.read_text().splitlines()))


def _read(lines: Iterator[str]) -> Rinex:
    codes: dict[str, list[str]] = {}
    channels: dict[str, int] = {}
    first = last = ()
    letter = ""
    for line in lines:
        match line[60:].strip():
            case "SYS / # / OBS TYPES":
                letter = line[0].strip() or letter
                codes.setdefault(letter, []).extend(line[6:60].split())
            case "TIME OF FIRST OBS":
                first = _header_time(line)
            case "TIME OF LAST OBS":
                last = _header_time(line)
            case "GLONASS SLOT / FRQ #":
                for place in range(4, 60, 7):
                    if line[place : place + 3].strip():
                        channels[line[place : place + 3]] = int(line[place + 4 : place + 6])
            case "END OF HEADER":
                break
    return Rinex(first, last, dict(_observations(lines, codes)), channels)


def _header_time(line: str) -> tuple[int, ...]:
    *whole, seconds = line[:43].split()
    return (*map(int, whole), round(float(seconds) * 1000))


def _observations(
    lines: Iterator[str], codes: dict[str, list[str]]
) -> Iterator[tuple[tuple[float, str], dict[str, float]]]:
    of_week_s = 0.0
    for line in lines:
        if line.startswith(">"):
            year, month, day, hour, minute, second = line[1:29].split()
            of_week_s = _second_of_week(int(year), int(month), int(day))
            of_week_s += int(hour) * 3600 + int(minute) * 60 + float(second)
            continue
        values = {}
        for place, code in enumerate(codes[line[0]]):
            text = line[3 + 16 * place : 17 + 16 * place].strip()
            if text:
                values[code] = float(text)
        yield (round(of_week_s, 3), line[:3]), values


def _second_of_week(year: int, month: int, day: int) -> float:
    """Return the second of the GPS week, which begins on Sunday, at which a date begins."""
    shift = (0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4)[month - 1]  # Sakamoto's day of the week
    year -= month < 3
    return 86_400.0 * ((year + year // 4 - year // 100 + year // 400 + shift + day) % 7)

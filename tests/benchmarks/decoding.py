"""Measures framing, CRC and MSM decoding against pyrtcm and RTKLIB's convbin, on one recording.

    python tests/benchmarks/decoding.py [RECORDING ...]     or BENCH_RECORDING=FILE

Live: message by message, from chunks of a TCP segment's size. Bulk: the whole in batches, as
`inspect` and `replay` do it. pyrtcm parses every message, convbin reads the file (twice) and
writes RINEX: each does what it is there for, and the unit is the same bytes read.
"""

import io
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from pyrtcm import ERR_IGNORE, RTCMReader

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from rtcm_writer import station_epoch  # noqa: E402 - a script beside its folder
from timing import cpu_of, cpu_of_program, in_turns, ratio  # noqa: E402 - ditto

from stationd.host.memory import keep_freed_memory  # noqa: E402 - ditto
from stationd.wire.errors import DecodeError  # noqa: E402 - ditto
from stationd.wire.framing import Frame, Framer  # noqa: E402 - ditto
from stationd.wire.rtcm3.msm import decode_msm  # noqa: E402 - ditto
from stationd.wire.rtcm3.msm_batch import decode_msm_batch  # noqa: E402 - ditto
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS  # noqa: E402 - ditto

REAL_DATA = Path(
    os.environ.get("STATIOND_REAL_DATA", HERE.parent.parent.parent / "shared" / "data")
)
SEGMENT_BYTES = 1460
BLOCK_BYTES = 1 << 20
ROUNDS = 7
MOST_BYTES = 2_000_000  # of a recording; pyrtcm takes three seconds for a megabyte


class Figure(NamedTuple):
    """One measured figure and what it must reach (`target`, None where nothing is asked)."""

    name: str
    value: float
    unit: str
    target: float | None
    conditions: str


def live(data: bytes) -> int:
    """Decode message by message; return how many MSM there were."""
    framer = Framer()
    count = 0
    for start in range(0, len(data), SEGMENT_BYTES):
        for item in framer.feed(data[start : start + SEGMENT_BYTES]):
            if item.__class__ is Frame and item.number in MSM_NUMBERS:
                decode_msm(item.data)
                count += 1
    return count


def bulk(recording: Path) -> int:
    """Read a file and decode it in batches; return how many MSM were sound."""
    framer = Framer()
    count = 0
    with recording.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            frames = [
                item.data
                for item in framer.feed(block)
                if item.__class__ is Frame and item.number in MSM_NUMBERS
            ]
            results = decode_msm_batch(frames)
            count += sum(result.__class__ is not DecodeError for result in results)
    return count


def pyrtcm(data: bytes) -> int:
    """Parse everything with pyrtcm; return how many messages were MSM."""
    parsed = RTCMReader(io.BytesIO(data), quitonerror=ERR_IGNORE)
    return sum(int(message.identity[:4]) in MSM_NUMBERS for _, message in parsed if message)


def synthetic(folder: Path) -> Path:
    """Write ten minutes of five MSM7 a second, for a machine without recordings."""
    path = folder / "synthetic.rtcm3"
    epochs = [b"".join(station_epoch(1, 86_400_000 + 1000 * i, seed=i)) for i in range(60)]
    path.write_bytes(b"".join(epochs * 10))
    return path


def convbin_command(recording: Path, folder: Path) -> list[str | Path] | None:
    program = shutil.which("convbin")
    if program is None:
        return None
    near = "2012/10/14" if "2012" in recording.name else "2022/06/14"
    return [
        program, "-r", "rtcm3", "-tr", near, "00:00:00", "-od", "-os",
        "-o", folder / "obs", "-n", folder / "nav", recording,
    ]  # fmt: skip


def figures(recording: Path | None = None) -> list[Figure]:
    """Measure; without a recording the first at hand of BENCH_RECORDING, the real, a made one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = REAL_DATA / "rtcm" / "GMSD7_20121014.rtcm3"
        if recording is None and "BENCH_RECORDING" in os.environ:
            recording = Path(os.environ["BENCH_RECORDING"])
        return _measured(recording or (real if real.exists() else synthetic(folder)), folder)


def _measured(recording: Path, folder: Path) -> list[Figure]:
    keep_freed_memory()  # as every command does
    data = recording.read_bytes()
    if len(data) > MOST_BYTES:  # the same bytes for all
        data = data[:MOST_BYTES]
        recording = folder / recording.name
        recording.write_bytes(data)
    count = live(data)
    if not count:
        raise SystemExit(f"{recording}: no MSM in its first {len(data)} bytes; name another file")
    assert bulk(recording) == count, "single and batch decoder disagree"
    ways = {
        "pyrtcm": cpu_of(lambda: pyrtcm(data)),
        "live": cpu_of(lambda: live(data), 0.1),
        "bulk": cpu_of(lambda: bulk(recording), 0.1),
    }
    command = convbin_command(recording, folder)
    if command:
        ways["convbin"] = cpu_of_program(command)
        ways["start"] = cpu_of_program([*command[:-1], os.devnull])
    taken = in_turns(ways, ROUNDS)
    start_s = statistics.median(taken["start"]) if command else 0.0
    conditions = (
        f"{recording.name}: {len(data)} bytes, {count} MSM; CPU time, median of {ROUNDS} rounds"
    )
    found = [
        Figure(
            f"{way}_decode_to_pyrtcm",
            ratio(taken["pyrtcm"], taken[way]),
            "times",
            target,
            conditions,
        )
        for way, target in (("live", 60.0), ("bulk", 120.0))
    ]
    if command:
        beside = f"{conditions}; convbin's start is {start_s * 1e3:.1f} ms of its time"
        found += [
            Figure(
                f"{way}_decode_to_convbin",
                ratio(taken["convbin"], taken[way]),
                "times",
                target,
                beside,
            )
            for way, target in (("live", 3.5), ("bulk", 7.0))
        ]
    return found + [
        Figure(f"{way}_s_per_msm", statistics.median(taken[way]) / count, "s", None, conditions)
        for way in ("live", "bulk", "pyrtcm", *(("convbin",) if command else ()))
    ]


def main() -> None:
    for recording in map(Path, sys.argv[1:]) if len(sys.argv) > 1 else (None,):
        for name, value, unit, target, conditions in figures(recording):
            shown = f"{value * 1e6:.2f} us" if unit == "s" else f"{value:.2f} {unit}"
            verdict = "" if target is None else f"  (at least {target:g})"
            print(f"{name:<24} {shown:>14}{verdict:<16} {conditions}")


if __name__ == "__main__":
    main()

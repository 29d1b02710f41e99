"""Each format is in its table, and damage of any kind leaves a reader as one kind of error."""

import gzip
import random
from pathlib import Path

import pytest

from stationd.drift import reading
from stationd.drift.errors import SeriesFileError
from stationd.drift.reading import steps
from stationd.drift.reading.document import ReadingOptions
from stationd.drift.reading.steps.places import Place
from stationd.drift.reading.steps.table import STEP_READERS, read_steps
from stationd.drift.reading.table import READERS, read_all

# What readers share, and the tables themselves.
NO_SERIES_READERS = {
    "__init__", "assembly", "daily", "document", "ngl_moment", "sinex_blocks", "table",
}  # fmt: skip
NO_STEP_READERS = {"__init__", "equipment", "place_lists", "places", "table"}
JUNK = [
    b"nan", b"-", b"1e999", b"99999999999999999999", b"::", b"2023-13-45", b"\xff", b"", b"0",
    b"-1", b"*", b"00:000:00000", b"99:999:99999", b"23:400:0", b"inf", b"9999:366:0",
]  # fmt: skip


@pytest.mark.parametrize(
    ("package", "table", "others"),
    [(reading, READERS, NO_SERIES_READERS), (steps, STEP_READERS, NO_STEP_READERS)],
)
def test_every_format_in_the_folder_is_in_its_table(package, table, others):
    folder = Path(package.__path__[0])
    modules = {path.stem for path in folder.glob("*.py")} - others
    assert modules == {reader.read.__module__.rsplit(".", 1)[-1] for reader in table}
    assert len({reader.name for reader in table}) == len(table)


def shortened(path: Path) -> list[bytes]:
    """Return the lines of a file without most of its middle, its blocks still closed."""
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).split(b"\n")
    if len(lines) <= 300:
        return lines
    return [*lines[:110], b"-TIMESERIES/DATA"] if ".tms" in path.name else lines[:300]


def damaged(lines: list[bytes], draw: random.Random) -> bytes:
    """One to three of: a strange field, a lost, doubled, cut or flipped line, a lost end."""
    lines = list(lines)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                separator = b"," if b"," in lines[at] else b" "
                fields = lines[at].split(separator)
                fields[draw.randrange(len(fields))] = draw.choice(JUNK)
                lines[at] = separator.join(fields)
            case 1:
                del lines[at]
            case 2:
                lines.insert(at, draw.choice(lines))
            case 3:
                lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
            case 4:
                lines[at] = bytes(byte ^ (draw.random() < 0.02) * 4 for byte in lines[at])
            case _:
                lines = lines[: at + 1]
        lines = lines or [b""]
    return b"\n".join(lines)


def test_a_damaged_file_is_read_or_refused_with_its_name(real_data: Path):
    draw = random.Random(20261124)
    folders = ("timeseries", "timeseries/japan", "sinex", "pos", "sitelog", "sitelog/geodesyml")
    paths = [p for folder in folders for p in sorted((real_data / folder).iterdir()) if p.is_file()]
    documents = [(path.name.removesuffix(".gz"), shortened(path)) for path in paths]
    japan = ReadingOptions(
        columns={"day": "time", "east": "lon", "north": "lat", "up": "ver"}, unit="mm"
    )
    refused = 0
    for _ in range(1500):
        name, lines = draw.choice(documents)
        content = damaged(lines, draw)
        options = japan if "neu" in name else ReadingOptions(epoch_mjd=60000.5)
        for attempt in (
            lambda: read_all([(name, content)], options),  # noqa: B023 - called in this turn
            lambda: read_steps(content, name, {"A": Place(0.6, 2.4)}),  # noqa: B023 - as above
        ):
            try:
                attempt()
            except SeriesFileError as error:
                assert str(error).startswith(name)  # noqa: PT017 - most attempts raise none
                refused += 1
    assert refused > 1500

"""A file's text in lines that keep their numbers, unpacked and bounded, for every reader."""

import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from stationd.drift.errors import SeriesFileError
from stationd.units import MILLIMETRES_PER_METRE

_Raw = TypeVar("_Raw")
_Parsed = TypeVar("_Parsed")
_GZIP_MAGIC: Final = b"\x1f\x8b"
_LARGEST_BYTES: Final = 256 * 2**20  # unpacked; fifty years of daily tenv3 are 4 MiB
_HEAD_LINES: Final = 200
# Between separators only: in igs20P2131.snx the 20 is the year, and that week was in IGb14.
_FRAME: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:IGS|IGb|ITRF|ETRF)\d{2,4}(?![A-Za-z0-9])", re.IGNORECASE
)
_LEADING_STATION: Final = re.compile(r"[A-Z0-9]{4}(?=[^A-Z0-9]|$)|[A-Z0-9]{9}(?=[^A-Z0-9]|$)")
METRES_PER_UNIT: Final[Mapping[str, float]] = {
    "m": 1.0,
    "cm": 0.01,
    "mm": 1.0 / MILLIMETRES_PER_METRE,
}


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What a person says about files that do not say it themselves.

    `station`, `frame`: of files that state none ("" for none).  `epoch_mjd`: of a solution that
    states none.  `columns`: of CSV, from the names of `reading.csv_columns.COLUMNS` to the file's
    own; `unit`: of its lengths, "m", "cm" or "mm".  `daily`: "mean" or "last" epoch of each day,
    where a file holds many.
    """

    station: str = ""
    frame: str = ""
    epoch_mjd: float | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    daily: str = "mean"

    def __post_init__(self) -> None:
        if self.unit not in ("", *METRES_PER_UNIT):
            raise ValueError(f"unit {self.unit!r} is none of {', '.join(METRES_PER_UNIT)}")
        if self.daily not in ("mean", "last"):
            raise ValueError(f'daily {self.daily!r} is neither "mean" nor "last"')


@dataclass(frozen=True, slots=True)
class Document:
    """One file: `source` names it in sentences, `lines` are its text."""

    source: str
    lines: tuple[str, ...]

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Yield every line that is not blank, with its number from 1."""
        return ((n, line) for n, line in enumerate(self.lines, 1) if line.strip())

    def head(self) -> list[str]:
        """Return the first lines that are not blank, for recognising a format."""
        return [line for line in self.lines[:_HEAD_LINES] if line.strip()]

    def fault(self, line: int | None, sentence: str) -> SeriesFileError:
        return SeriesFileError(self.source, line, sentence)

    def numbers(self, line: int, fields: Sequence[str]) -> list[float]:
        """Return fields as numbers; "nan" and Fortran's "1.0D-3" are numbers too."""
        try:
            return [float(text) for text in fields]
        except ValueError:
            return [self._number(line, text) for text in fields]

    def _number(self, line: int, text: str) -> float:
        try:
            return float(text.upper().replace("D", "E"))
        except ValueError:
            raise self.fault(line, f"{text!r} is not a number") from None

    def finite(self, line: int, fields: Sequence[str]) -> list[float]:
        """Return fields as numbers that may be neither unknown nor infinite."""
        values = self.numbers(line, fields)
        for value, text in zip(values, fields, strict=True):
            if not math.isfinite(value):
                raise self.fault(line, f"{text!r} stands where a number is needed")
        return values

    def parsed(self, line: int, parse: Callable[[_Raw], _Parsed], raw: _Raw) -> _Parsed:
        """Return what a parser makes of something on a line; its ValueError is the line's."""
        try:
            return parse(raw)
        except (ValueError, OverflowError) as error:
            raise self.fault(line, f"{error}") from error

    def station(self, options: ReadingOptions) -> str:
        """Return the station that a person states, or that the file's name begins with."""
        if options.station:
            return options.station
        stem = self.name.split(".")[0]
        found = _LEADING_STATION.match(stem)
        return found.group() if found else stem

    def frame(self, stated: str, options: ReadingOptions) -> str:
        """Return the frame that the file states, its name holds, or a person states.

        Raises SeriesFileError where the file and the person disagree.
        """
        in_name = _FRAME.search(self.name)
        own = stated or (_canonical(in_name.group()) if in_name else "")
        if own and options.frame and own.casefold() != options.frame.casefold():
            raise self.fault(
                None, f"is in {own}, not in {options.frame}: transform it (stationd frame)"
            )
        return own or options.frame

    @property
    def name(self) -> str:
        return self.source.replace("\\", "/").rsplit("/", 1)[-1]


def document(content: bytes, source: str, largest_bytes: int = _LARGEST_BYTES) -> Document:
    """Return the lines of a file's bytes, gzip or plain.

    Raises SeriesFileError where they are cut short, too large, empty or no text.
    """
    if content.startswith(_GZIP_MAGIC):
        content = _unpacked(content, source, largest_bytes)
    if len(content) > largest_bytes:
        raise SeriesFileError(source, None, f"is larger than {largest_bytes} bytes")
    if b"\x00" in content:
        raise SeriesFileError(source, None, "is not text: it holds zero bytes")
    text = content.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise SeriesFileError(source, None, "is empty")
    return Document(source, tuple(text.splitlines()))


def _canonical(frame: str) -> str:
    """Return a frame as it is written: IGS14, but IGb14."""
    upper = frame.upper()
    return f"IGb{upper[3:]}" if upper.startswith("IGB") else upper


def _unpacked(content: bytes, source: str, largest_bytes: int) -> bytes:
    """Return what gzip members hold, at most one byte more than the limit."""
    parts: list[bytes] = []
    room_bytes = largest_bytes + 1
    try:
        while content.startswith(_GZIP_MAGIC) and room_bytes > 0:
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            parts.append(member.decompress(content, room_bytes))
            room_bytes -= len(parts[-1])
            if not member.eof and room_bytes > 0:
                raise SeriesFileError(
                    source, None, "is cut short: its gzip data has no end; fetch it again"
                )
            content = member.unused_data
    except zlib.error as error:
        raise SeriesFileError(source, None, f"is damaged gzip data ({error})") from error
    return b"".join(parts)

"""Sourcetables: what a caster offers, one typed row for each caster, network and stream.

Rows in the wild lack fields, have too many, or hold words where numbers belong. A field that
cannot be read is None, a line that is no row is counted: one bad row hides none of the others.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

END: Final = b"ENDSOURCETABLE"
_END_LINE: Final = re.compile(r"^\s*ENDSOURCETABLE", re.MULTILINE)
MOST_SOURCETABLE_BYTES: Final = 4 * 1024 * 1024  # the largest public caster's has 1 MB


@dataclass(frozen=True, slots=True)
class CasterRow:
    """CAS: a caster, this one or a neighbour."""

    host: str
    port: int | None
    identifier: str
    operator: str
    nmea: bool | None  # takes positions of clients
    country: str  # ISO 3166, three letters
    latitude_deg: float | None
    longitude_deg: float | None
    fallback_host: str
    fallback_port: int | None
    misc: str


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """NET: a network of reference stations."""

    identifier: str
    operator: str
    authentication: str  # N none, B Basic, D Digest
    fee: bool | None
    web_network: str
    web_stream: str
    web_registration: str
    misc: str


@dataclass(frozen=True, slots=True)
class StreamRow:
    """STR: a mountpoint."""

    mountpoint: str
    identifier: str
    format: str
    format_details: str
    carrier: int | None  # 0 none, 1 L1, 2 L1 and L2
    nav_system: str
    network: str
    country: str
    latitude_deg: float | None
    longitude_deg: float | None
    nmea: bool | None  # the client must send its position
    solution: int | None  # 0 one station, 1 a network of them
    generator: str
    compression: str
    authentication: str  # N none, B Basic, D Digest
    fee: bool | None
    bitrate_bits_per_s: int | None
    misc: str


@dataclass(frozen=True, slots=True)
class Sourcetable:
    """All rows, in their order. `complete`: the end was said and not merely reached."""

    casters: tuple[CasterRow, ...] = ()
    networks: tuple[NetworkRow, ...] = ()
    streams: tuple[StreamRow, ...] = ()
    odd_lines: int = 0
    complete: bool = True


def sourcetable_of(body: bytes) -> Sourcetable:
    """Return the rows of a sourcetable's body."""
    text = decoded(body)
    end = _END_LINE.search(text)
    text = text[: end.start()] if end else text
    casters: list[CasterRow] = []
    networks: list[NetworkRow] = []
    streams: list[StreamRow] = []
    odd_lines = 0
    for line in filter(None, map(str.strip, text.split("\n"))):
        kind, *fields = _fields(line)
        match kind.strip().upper():
            case "CAS":
                casters.append(_caster(_Row(fields)))
            case "NET":
                networks.append(_network(_Row(fields)))
            case "STR" if fields and fields[0].strip():
                streams.append(_stream(_Row(fields)))
            case _:
                odd_lines += 1
    return Sourcetable(tuple(casters), tuple(networks), tuple(streams), odd_lines, end is not None)


def decoded(body: bytes) -> str:
    """Return the text: UTF-8 where it is that, otherwise latin-1, which any bytes are."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _fields(line: str) -> Sequence[str]:
    """Split at semicolons that are not within quotes; a lone quote is a character."""
    if line.count('"') % 2 or '"' not in line:
        return line.split(";")
    return next(csv.reader([line], delimiter=";"))


class _Row:
    """Fields by their place; what is missing is empty."""

    def __init__(self, fields: Iterable[str]) -> None:
        self._fields = [field.strip() for field in fields]

    def text(self, place: int) -> str:
        return self._fields[place] if place < len(self._fields) else ""

    def rest(self, place: int) -> str:
        """Return everything from `place` on."""
        return ";".join(self._fields[place:])

    def whole(self, place: int) -> int | None:
        text = self.text(place)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def flag(self, place: int) -> bool | None:
        return {"0": False, "1": True, "N": False, "Y": True}.get(self.text(place).upper())

    def degrees(self, place: int, most: float) -> float | None:
        """Return an angle within ±`most`; some write 0 to 360 and some a decimal comma."""
        try:
            value = float(self.text(place).replace(",", "."))
        except ValueError:
            return None
        if most < value <= 2 * most and most == 180.0:
            value -= 360.0
        return value if abs(value) <= most else None


def _caster(row: _Row) -> CasterRow:
    return CasterRow(
        host=row.text(0),
        port=row.whole(1),
        identifier=row.text(2),
        operator=row.text(3),
        nmea=row.flag(4),
        country=row.text(5),
        latitude_deg=row.degrees(6, 90.0),
        longitude_deg=row.degrees(7, 180.0),
        fallback_host=row.text(8),
        fallback_port=row.whole(9),
        misc=row.rest(10),
    )


def _network(row: _Row) -> NetworkRow:
    return NetworkRow(
        identifier=row.text(0),
        operator=row.text(1),
        authentication=row.text(2),
        fee=row.flag(3),
        web_network=row.text(4),
        web_stream=row.text(5),
        web_registration=row.text(6),
        misc=row.rest(7),
    )


def _stream(row: _Row) -> StreamRow:
    return StreamRow(
        mountpoint=row.text(0),
        identifier=row.text(1),
        format=row.text(2),
        format_details=row.text(3),
        carrier=row.whole(4),
        nav_system=row.text(5),
        network=row.text(6),
        country=row.text(7),
        latitude_deg=row.degrees(8, 90.0),
        longitude_deg=row.degrees(9, 180.0),
        nmea=row.flag(10),
        solution=row.whole(11),
        generator=row.text(12),
        compression=row.text(13),
        authentication=row.text(14),
        fee=row.flag(15),
        bitrate_bits_per_s=row.whole(16),
        misc=row.rest(17),
    )

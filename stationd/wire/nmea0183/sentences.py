"""NMEA 0183 sentences to typed values, fields read by pynmeagps: GGA, GSA, GST, GSV, RMC, ZDA, TXT.

Whatever the talker ("GP", "GN", …). A field that is empty, or absent in an older version of the
standard, is None. Angles are in radians; positions show in no `repr` and in no error.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple

from stationd.wire.errors import DecodeError

_PROPRIETARY: Final = b"P"  # $PUBX, $PGRMZ …: no talker, no common type


@dataclass(frozen=True, slots=True)
class Gga:
    """The receiver's own fix. `quality`: 0 none … 8 simulated; `time_of_day_s`: UTC."""

    talker: str
    time_of_day_s: float | None
    latitude_rad: float | None = field(repr=False)
    longitude_rad: float | None = field(repr=False)
    quality: int | None
    satellites: int | None
    hdop: float | None
    altitude_m: float | None = field(repr=False)  # above the geoid
    geoid_m: float | None  # geoid above the ellipsoid
    correction_age_s: float | None
    correction_station: int | None


@dataclass(frozen=True, slots=True)
class Rmc:
    """Date and time; `valid` is False while the receiver warns of them (status V)."""

    talker: str
    utc_s: float | None
    valid: bool
    latitude_rad: float | None = field(repr=False)
    longitude_rad: float | None = field(repr=False)
    mode: str | None


@dataclass(frozen=True, slots=True)
class Zda:
    """Date and time."""

    talker: str
    utc_s: float | None


@dataclass(frozen=True, slots=True)
class Gsa:
    """Satellites used and dilutions of precision. `dimensions`: 1 no fix, 2, 3."""

    talker: str
    dimensions: int | None
    satellites: tuple[int, ...]
    pdop: float | None
    hdop: float | None
    vdop: float | None
    system: str | None


@dataclass(frozen=True, slots=True)
class Gst:
    """What the receiver thinks of its own accuracy: standard deviations."""

    talker: str
    time_of_day_s: float | None
    rms_m: float | None
    latitude_m: float | None
    longitude_m: float | None
    altitude_m: float | None


class InView(NamedTuple):
    """One satellite of a GSV."""

    satellite: int
    elevation_rad: float | None
    azimuth_rad: float | None
    cn0_dbhz: int | None


@dataclass(frozen=True, slots=True)
class Gsv:
    """Satellites in view, one of `sentences` parts."""

    talker: str
    sentences: int | None
    sentence: int | None
    in_view: int | None
    satellites: tuple[InView, ...]
    signal: str | None


@dataclass(frozen=True, slots=True)
class Txt:
    """A text, one of `sentences` parts."""

    talker: str
    sentences: int | None
    sentence: int | None
    severity: int | None
    text: str | None


Value = Gga | Gsa | Gst | Gsv | Rmc | Txt | Zda


def sentence_type(data: bytes) -> str:
    """Return the three letters of a sentence's type, "" for a proprietary one."""
    address = data[1:6]
    return "" if address[:1] == _PROPRIETARY else address[2:5].decode("ascii", "replace")


def decode_sentence(data: bytes) -> Value | None:
    """Return a sentence's values, None where its type has no decoder.

    `data`: a sentence with a good checksum, from $ to the digits. Raises DecodeError where a field
    is not what its type says.
    """
    decode = SENTENCES.get(sentence_type(data))
    return None if decode is None else decode(_Fields(data))


class _Fields:
    """A sentence's fields by pynmeagps's names, checked."""

    __slots__ = ("_fields", "talker", "type")

    def __init__(self, data: bytes) -> None:
        # An import of 6 ms and 0.9 MB that a daemon without NMEA need not pay for.
        from pynmeagps import NMEAReader  # noqa: PLC0415
        from pynmeagps.exceptions import (  # noqa: PLC0415
            NMEAMessageError,
            NMEAParseError,
            NMEATypeError,
        )

        self.talker = data[1:3].decode("ascii", "replace")
        self.type = data[3:6].decode("ascii", "replace")
        try:
            parsed = NMEAReader.parse(data)
        except (NMEAMessageError, NMEAParseError, NMEATypeError) as error:
            raise DecodeError(f"sentence {self.type}: a field has another form") from error
        self._fields: Mapping[str, Any] = {} if parsed is None else vars(parsed)

    def _given(self, name: str) -> Any:
        value = self._fields.get(name)
        return None if value == "" else value

    def text(self, name: str) -> str | None:
        value = self._given(name)
        return None if value is None else str(value)

    def whole(self, name: str) -> int | None:
        value = self._given(name)
        if value is not None and not isinstance(value, int):
            raise DecodeError(f"sentence {self.type}: {name} is no whole number")
        return value

    def real(self, name: str) -> float | None:
        value = self._given(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise DecodeError(f"sentence {self.type}: {name} is no number")
        return float(value)

    def angle_rad(self, name: str, most_degrees: float) -> float | None:
        degrees = self.real(name)
        if degrees is None:
            return None
        if abs(degrees) > most_degrees:
            raise DecodeError(f"sentence {self.type}: {name} is more than {most_degrees:g} degrees")
        return math.radians(degrees)

    def time_of_day_s(self) -> float | None:
        value = self._given("time")
        if not isinstance(value, time):
            return None
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond * 1e-6

    def date(self) -> date | None:
        value = self._given("date")
        return value if isinstance(value, date) else None

    def numbered(self, name: str) -> Iterator[tuple[str, int]]:
        """Yield the suffixes under which a repeated field is given, with its value."""
        for count in range(1, len(self._fields) + 1):
            suffix = f"_{count:02d}"
            if name + suffix not in self._fields:
                return
            value = self.whole(name + suffix)
            if value is not None:
                yield suffix, value


def _utc_s(day: date | None, time_of_day_s: float | None) -> float | None:
    if day is None or time_of_day_s is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + time_of_day_s


def _gga(fields: _Fields) -> Gga:
    return Gga(
        talker=fields.talker,
        time_of_day_s=fields.time_of_day_s(),
        latitude_rad=fields.angle_rad("lat", 90),
        longitude_rad=fields.angle_rad("lon", 180),
        quality=fields.whole("quality"),
        satellites=fields.whole("numSV"),
        hdop=fields.real("HDOP"),
        altitude_m=fields.real("alt"),
        geoid_m=fields.real("sep"),
        correction_age_s=fields.real("diffAge"),
        correction_station=fields.whole("diffStation"),
    )


def _rmc(fields: _Fields) -> Rmc:
    return Rmc(
        talker=fields.talker,
        utc_s=_utc_s(fields.date(), fields.time_of_day_s()),
        valid=fields.text("status") == "A",
        latitude_rad=fields.angle_rad("lat", 90),
        longitude_rad=fields.angle_rad("lon", 180),
        mode=fields.text("posMode"),
    )


def _zda(fields: _Fields) -> Zda:
    year, month, day = fields.whole("year"), fields.whole("month"), fields.whole("day")
    if year is None or month is None or day is None:
        return Zda(fields.talker, None)
    try:
        whole_date = date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise DecodeError(f"sentence {fields.type}: its date does not exist") from error
    return Zda(fields.talker, _utc_s(whole_date, fields.time_of_day_s()))


def _gsa(fields: _Fields) -> Gsa:
    return Gsa(
        talker=fields.talker,
        dimensions=fields.whole("navMode"),
        satellites=tuple(number for _, number in fields.numbered("svid")),
        pdop=fields.real("PDOP"),
        hdop=fields.real("HDOP"),
        vdop=fields.real("VDOP"),
        system=fields.text("systemId"),
    )


def _gst(fields: _Fields) -> Gst:
    return Gst(
        talker=fields.talker,
        time_of_day_s=fields.time_of_day_s(),
        rms_m=fields.real("rangeRms"),
        latitude_m=fields.real("stdLat"),
        longitude_m=fields.real("stdLong"),
        altitude_m=fields.real("stdAlt"),
    )


def _gsv(fields: _Fields) -> Gsv:
    return Gsv(
        talker=fields.talker,
        sentences=fields.whole("numMsg"),
        sentence=fields.whole("msgNum"),
        in_view=fields.whole("numSV"),
        satellites=tuple(
            InView(
                number,
                fields.angle_rad("elv" + suffix, 90),
                fields.angle_rad("az" + suffix, 360),
                fields.whole("cno" + suffix),
            )
            for suffix, number in fields.numbered("svid")
        ),
        signal=fields.text("signalID"),
    )


def _txt(fields: _Fields) -> Txt:
    return Txt(
        talker=fields.talker,
        sentences=fields.whole("numMsg"),
        sentence=fields.whole("msgNum"),
        severity=fields.whole("msgType"),
        text=fields.text("text"),
    )


SENTENCES: Final[Mapping[str, Callable[[_Fields], Value]]] = {
    "GGA": _gga,
    "GSA": _gsa,
    "GST": _gst,
    "GSV": _gsv,
    "RMC": _rmc,
    "TXT": _txt,
    "ZDA": _zda,
}

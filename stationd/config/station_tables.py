"""The tables of a station as they are written: keys, types, ranges and meanings.

Where a value is absent, the default is that of `station/registration.py`.
"""

import re
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from stationd.config.limit_tables import Letter

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_KNOWN_FRAMES: Final = (
    *(f"ITRF{year}" for year in ("2020", "2014", "2008", "2005", "2000", "97", "96", "94", "93")),
    *(f"IGS{year}" for year in ("20", "14", "08", "05", "00")),
    *("IGb20", "IGb14", "IGb08", "IGb00", "CGCS2000", "ETRF2000", "ETRF2014", "ETRF2020", "ETRF89"),
    *("NAD83(2011)", "NAD83(CSRS)", "NAD83(MA11)", "NAD83(PA11)", "GDA94", "GDA2020", "JGD2011"),
    *("SIRGAS2000", "POSGAR07", "NZGD2000", "KGD2002", "PZ-90.11", "GSK-2011", "GTRF"),
    *(f"WGS84(G{week})" for week in (1150, 1674, 1762, 2139, 2296)),
)
_SPELLINGS: Final = {re.sub(r"[^a-z0-9]", "", known.lower()): known for known in _KNOWN_FRAMES}


def plain_name(name: str) -> str:
    """Return a name that may stand in a topic, a label and a file name; `ValueError` otherwise."""
    if _NAME.fullmatch(name):
        return name
    raise ValueError(
        "must be letters, digits, dots, dashes and underscores, 64 at most, and begin with a "
        "letter or digit: it stands in topics and file names"
    )


def frame_name(frame: str) -> str:
    """Return a reference frame's name; `ValueError` where it is another spelling of a known one."""
    known = _SPELLINGS.get(re.sub(r"[^a-z0-9]", "", frame.lower()))
    if known not in {None, frame}:
        raise ValueError(f'"{frame}": write "{known}"')
    if not re.fullmatch(r"\S(.{0,38}\S)?", frame):
        raise ValueError("must be the name of a reference frame, 40 characters at most")
    if frame.lower() in {"itrf", "igs", "wgs84", "wgs 84", "etrf", "etrs89", "nad83"}:
        raise ValueError(f'"{frame}" is a family of frames: say which, such as "ITRF2020"')
    return frame


def is_known_frame(frame: str) -> bool:
    return frame in _KNOWN_FRAMES


Name = Annotated[str, AfterValidator(plain_name)]
Descriptor = Annotated[str, Field(min_length=1, max_length=31)]  # RTCM strings are 31 at most
MessageType = Annotated[int, Field(ge=1, le=4095)]  # DF002
Interval = Annotated[float, Field(gt=0, le=86_400)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReferenceTable(_Strict):
    """Where the antenna reference point is; `coordinates.py` judges the numbers."""

    x_m: float | None = Field(None, description="ECEF X of the antenna reference point")
    y_m: float | None = Field(None, description="ECEF Y")
    z_m: float | None = Field(None, description="ECEF Z")
    latitude_deg: float | None = Field(None, description="Or: geodetic latitude, north positive")
    longitude_deg: float | None = Field(None, description="Geodetic longitude, east positive")
    height_m: float | None = Field(None, description="Height above the ellipsoid, not the sea")
    frame: Annotated[str, AfterValidator(frame_name)] = Field(
        description='Reference frame, such as "ITRF2020" or "CGCS2000"'
    )
    epoch: float = Field(
        ge=1980, le=2100, description="Decimal year the coordinates are for, such as 2000.0"
    )


class AntennaTable(_Strict):
    """The antenna as registered."""

    descriptor: Descriptor | None = Field(
        None, description="IGS name and radome, as message 1007, 1008 or 1033 must give it"
    )
    serial: Descriptor | None = Field(None, description="Serial number, as in 1008 or 1033")
    height_m: float | None = Field(
        None, ge=0, lt=100, description="Marker to antenna reference point, as in 1006"
    )
    setup_id: int | None = Field(None, ge=0, le=255, description="Antenna setup id (DF031)")


class ReceiverTable(_Strict):
    """The receiver as registered."""

    descriptor: Descriptor | None = Field(None, description="Type, as message 1033 must give it")
    serial: Descriptor | None = Field(None, description="Serial number, as in 1033")
    firmware: Descriptor | None = Field(None, description="Firmware version, as in 1033")


class ExpectTable(_Strict):
    """What the stream must carry."""

    epoch_interval_s: Interval = Field(1.0, description="Seconds between observation epochs")
    constellations: tuple[Letter, ...] = Field(
        (), description="Letters as in RINEX that must have epochs; none given: those seen"
    )
    messages: dict[MessageType, Interval] = Field(
        default_factory=dict, description="RTCM 3 message type = seconds between two of them"
    )
    station_id: int | None = Field(
        None, ge=0, le=4095, description="Reference station id (DF003); absent: any"
    )
    nmea: bool = Field(default=False, description="NMEA sentences with a GGA are expected")


class MarkTable(_Strict):
    """The survey mark and its custody (Order 190, art. 37-41)."""

    mark: str | None = Field(None, description="Name or number of the survey mark")
    custodian: str | None = Field(None, description="Who looks after it")
    protection_class: str | None = Field(None, description="Its class of protection")
    inspection_interval_days: int | None = Field(
        None, ge=1, le=36_525, description="Days between inspections"
    )
    last_inspection: date | None = Field(None, description="Date of the last inspection")


class StationTable(_Strict):
    """A station. What other modules read is only named here."""

    id: Name = Field(description="Unique among all stations; in topics, metrics and logs")
    name: str = Field("", max_length=200, description="For people")
    confidential: bool = Field(
        default=True, description="No output carries its coordinates (Order 190, art. 25)"
    )
    source: dict[str, Any] | None = Field(None, description="Where its bytes come from")
    reference: ReferenceTable | None = Field(None, description="Registered coordinates")
    antenna: AntennaTable | None = Field(None, description="Registered antenna")
    receiver: ReceiverTable | None = Field(None, description="Registered receiver")
    expect: dict[str, Any] | None = Field(None, description="What the stream must carry")
    limits: dict[str, Any] | None = Field(None, description="Limits of single checks")
    mark: MarkTable | None = Field(None, description="Survey mark")

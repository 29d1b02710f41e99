"""What is registered of a station: what its stream is expected to be and to say.

Frozen data from configuration. Registered facts that are absent (None) are not checked, and the
station's facts say so; they are never taken from the stream itself (the first ARP on air is not
the truth).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceCoordinate:
    """Registered ECEF position of the antenna reference point, with its frame and epoch.

    `frame`: for example "ITRF2020" or "CGCS2000"; `epoch`: decimal year. Its `repr` shows no
    coordinate (Order 190, art. 25).
    """

    x_m: float
    y_m: float
    z_m: float
    frame: str
    epoch: float

    def __repr__(self) -> str:
        return f"ReferenceCoordinate(<withheld>, frame={self.frame!r}, epoch={self.epoch})"


@dataclass(frozen=True, slots=True)
class AntennaRecord:
    """The antenna as in the registry; None where it is not registered."""

    descriptor: str | None = None  # IGS name and radome, e.g. "TRM59800.00     SCIS"
    serial: str | None = None
    height_m: float | None = None  # marker to ARP, as message 1006 gives it
    setup_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiverRecord:
    """The receiver as in the registry; None where it is not registered."""

    descriptor: str | None = None
    serial: str | None = None
    firmware: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the stream is expected to carry."""

    epoch_interval_s: float = 1.0
    constellations: tuple[str, ...] = ()  # letters; those that must have epochs; () = those seen
    messages: Mapping[int, float] = field(default_factory=dict)  # type -> interval in seconds
    station_id: int | None = None  # DF003; None = any
    nmea: bool = False  # True: NMEA GGA is expected


@dataclass(frozen=True, slots=True)
class MarkRecord:
    """The survey mark and who looks after it (Order 190, art. 37-41)."""

    mark: str | None = None
    custodian: str | None = None
    protection_class: str | None = None
    inspection_interval_days: int | None = None
    last_inspection: date | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """One reference station as the operator registered it."""

    id: str
    name: str = ""
    confidential: bool = True  # its absolute coordinates appear in no output
    reference: ReferenceCoordinate | None = None
    antenna: AntennaRecord = AntennaRecord()
    receiver: ReceiverRecord = ReceiverRecord()
    expect: Expectation = field(default_factory=Expectation)
    mark: MarkRecord = MarkRecord()

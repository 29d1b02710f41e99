"""Mountpoints, and the sourcetable that tells of them: what is offered, which may be a lie."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from stationd_simulators.devices.misbehaviour import Misbehaviour

_END: Final = "ENDSOURCETABLE\r\n"


@dataclass(frozen=True, slots=True)
class Mountpoint:
    """A stream as the sourcetable tells it, and how its clients are treated.

    `row`: stands in the sourcetable in place of the row made of the other fields. `served_at`:
    host and port of its caster, for the sourcetable's CAS row.
    """

    name: str
    identifier: str = "Simulated"
    format: str = "RTCM 3.3"
    format_details: str = "1006(10),1077(1),1087(1),1097(1),1117(1),1127(1)"
    carrier: int = 2
    nav_system: str = "GPS+GLO+GAL+QZS+BDS"
    network: str = "SIM"
    country: str = "CHN"
    latitude_deg: float = 23.1
    longitude_deg: float = 113.3
    nmea: bool = False  # nothing is sent before the client has told a position
    authentication: Literal["N", "B", "D"] = "N"  # none, Basic, Digest
    bitrate_bits_per_s: int = 16_800
    misbehaviour: Misbehaviour = Misbehaviour.NONE
    listed: bool = True
    row: str | None = None
    served_at: tuple[str, int] = ("127.0.0.1", 2101)

    def __post_init__(self) -> None:
        if not self.name or any(c.isspace() or c in ";?#" for c in self.name):
            raise ValueError(
                f'"{self.name}" is no mountpoint: write a name without blanks, ";", "?" and "#"'
            )

    @property
    def sourcetable_row(self) -> str:
        """Return the line that tells of it."""
        if self.row is not None:
            return self.row
        fields = (
            "STR", self.name, self.identifier, self.format, self.format_details, self.carrier,
            self.nav_system, self.network, self.country, f"{self.latitude_deg:.2f}",
            f"{self.longitude_deg:.2f}", int(self.nmea), 0, "stationd-sim", "none",
            self.authentication, "N", self.bitrate_bits_per_s, "",
        )  # fmt: skip
        return ";".join(map(str, fields))


def sourcetable(mountpoints: Iterable[Mountpoint], encoding: str) -> bytes:
    """Return the sourcetable's body; `encoding` is "utf-8", or "latin-1" as older casters have."""
    listed = [one for one in mountpoints if one.listed]
    casters = dict.fromkeys(one.served_at for one in listed)
    rows = [
        *(
            f"CAS;{host};{port};stationd-sim;stationd;0;CHN;23.10;113.30;0.0.0.0;0;simulated"
            for host, port in casters
        ),
        "NET;SIM;stationd;B;N;none;none;none;simulated",
        *(one.sourcetable_row for one in listed),
        _END,
    ]
    return "\r\n".join(rows).encode(encoding)

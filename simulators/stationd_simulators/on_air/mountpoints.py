"""A station's mountpoint: what the sourcetable says of it, and how faults let a caster treat it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Link
from stationd_simulators.faults.way import Lie, Treatment
from stationd_simulators.on_air.links import edges
from stationd_simulators.propagation.geometry import geodetic
from stationd_simulators.scenario import Fault, Scenario, Station
from stationd_simulators.schedule import observed, schedule

# What a caster does to a mountpoint whose link is in such a state; of the others, a fault's
# parameters say it.
MISBEHAVIOUR: Final[Mapping[Link, Misbehaviour]] = {
    Link.UP: Misbehaviour.NONE,
    Link.CLOSED: Misbehaviour.CLOSES_AT_ONCE,
    Link.HALF_OPEN: Misbehaviour.NEVER_ANSWERS,
    Link.SILENT: Misbehaviour.NEVER_SENDS,
}
# As a sourcetable calls them.
_NAMES: Final[Mapping[str, str]] = {
    "G": "GPS", "R": "GLO", "E": "GAL", "J": "QZS", "C": "BDS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Treated:
    """How a mountpoint is, and whether those who listen are thrown out, so that they meet it."""

    mountpoint: Mountpoint
    at_once: bool


def mountpoint(scenario: Scenario, station: Station) -> Mountpoint:
    """Return a station's mountpoint, and what a caster's sourcetable should say of it."""
    place = geodetic(np.array(station.position_m))
    sent = [f"{number}({every_s:g})" for number, every_s in schedule(scenario, station).items()]
    if station.nmea:
        sent.append(f"NMEA({station.interval_s:g})")
    letters = observed(scenario, station)
    bands = [len({code[0] for code in station.signals[letter]}) for letter in letters]
    return Mountpoint(
        station.id,
        identifier=station.name or station.id,
        format_details=",".join(sent),
        carrier=min(max(bands, default=0), 2),  # 2: two frequencies or more
        nav_system="+".join(_NAMES[letter] for letter in letters),
        latitude_deg=round(float(np.degrees(place.latitude_rad)), 2),
        longitude_deg=round(float(np.degrees(place.longitude_rad)), 2),
    )


def treatments(scenario: Scenario, mountpoint: Mountpoint) -> Iterator[tuple[float, Treated]]:
    """Yield when a station's mountpoint is treated otherwise, in GPS time, and how."""
    faults = StationFaults(scenario, mountpoint.name)
    for edge_s in edges(scenario, mountpoint.name):
        yield edge_s, _treated(mountpoint, faults.link_fault(edge_s))


def _treated(mountpoint: Mountpoint, fault: Fault | None) -> Treated:
    match fault.parameters if fault is not None else None:
        case Lie(row, instead_of_stream):
            told = replace(mountpoint, row=row or None)
            if instead_of_stream:
                told = replace(told, misbehaviour=Misbehaviour.SOURCETABLE)
            return Treated(told, instead_of_stream)
        case Treatment(misbehaviour):
            return Treated(replace(mountpoint, misbehaviour=misbehaviour), at_once=True)
    link = FAULTS[fault.kind].link if fault is not None else Link.UP
    changed = replace(mountpoint, misbehaviour=MISBEHAVIOUR[link])
    return Treated(changed, at_once=link is Link.CLOSED)

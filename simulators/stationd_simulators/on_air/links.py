"""When what becomes of a station's connection changes, and to what."""

from collections.abc import Iterator

from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Link
from stationd_simulators.scenario import Scenario


def link_changes(scenario: Scenario, station: str) -> Iterator[tuple[float, Link]]:
    """Yield when a station's link changes, in GPS time, and to what."""
    faults = StationFaults(scenario, station)
    return ((edge_s, faults.link(edge_s)) for edge_s in edges(scenario, station))


def edges(scenario: Scenario, station: str) -> list[float]:
    """Return when faults of a station's link begin and end, in GPS time."""
    edges = {
        scenario.start_gpst_s + edge_s
        for fault in scenario.faults
        if FAULTS[fault.kind].link is not Link.UP and fault.concerns(station)
        for edge_s in (fault.start_s, fault.start_s + fault.duration_s)
        if edge_s < scenario.duration_s
    }
    return sorted(edges)

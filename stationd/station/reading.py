"""What a check reads: a station's state and what was computed from it, at one instant."""

from collections.abc import Mapping
from typing import NamedTuple

from stationd.inputs import Instant
from stationd.station.registration import Registration
from stationd.station.state import StationState


class Reading(NamedTuple):
    """Everything a verdict may rest on.

    `clock_synchronised`: whether the host's clock is known to be right; None where nothing is
    known (also for a recording without arrival times).
    `satellites`: constellation letter -> satellites with a value in the newest epoch.
    `cn0_median_dbhz`: (letter, observation code) -> median over the newest epoch's satellites.
    Constellations whose newest epoch is stale are in neither.
    `completeness`: letter -> share of epochs received, over up to 600 s.
    `latency_s`: median of the last epochs' arrival less their time; None where no dated epoch is
    fresh.  It is about the host's clock as much as about the station: see `clock_synchronised`.
    """

    now: Instant
    registration: Registration
    state: StationState
    clock_synchronised: bool | None
    satellites: Mapping[str, int]
    cn0_median_dbhz: Mapping[tuple[str, str], float]
    completeness: Mapping[str, float]
    latency_s: float | None

    def age_s(self, since_monotonic_s: float) -> float:
        """Return how long ago a monotonic reading was."""
        return self.now.monotonic_s - since_monotonic_s

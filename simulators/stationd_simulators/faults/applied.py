"""All faults of one station of a scenario, composed: what its stream and its link ask."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.seam import Change, Kind, Link, Moment, Seen, Vector
from stationd_simulators.scenario import Fault, Scenario
from stationd_simulators.timed_bytes import TimedBytes


def seed_of(*parts: object) -> int:
    """Return 63 bits, the same for the same parts in any process."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) >> 1


class StationFaults:
    """Faults in the order of the scenario; times are GPS time."""

    def __init__(self, scenario: Scenario, station: str) -> None:
        self.start_gpst_s = scenario.start_gpst_s
        self._faults: Sequence[tuple[Fault, Kind, int]] = [
            (fault, FAULTS[fault.kind], seed_of(scenario.seed, station, number, fault.kind))
            for number, fault in enumerate(scenario.faults)
            if fault.concerns(station)
        ]

    def displacement_enu_m(self, gpst_s: float) -> Vector:
        """Return how far faults have moved the antenna."""
        east_m = north_m = up_m = 0.0
        for fault, kind, moment in self._at(gpst_s):
            if kind.truth is not None:
                east, north, up = kind.truth(fault.parameters, moment)
                east_m, north_m, up_m = east_m + east, north_m + north, up_m + up
        return east_m, north_m, up_m

    def observations(self, seen: Seen, gpst_s: float) -> Change:
        """Return what is to be done to an epoch's rows."""
        change = Change.none(len(seen))
        for fault, kind, moment in self._at(gpst_s):
            if kind.observations is not None:
                change = change.then(kind.observations(seen, fault.parameters, moment))
        return change

    def ephemeris_gpst_s(self, gpst_s: float) -> float:
        """Return the time from which the ephemerides that are sent now are to be taken."""
        for fault, kind, moment in self._at(gpst_s):
            if kind.ephemerides is not None:
                gpst_s = kind.ephemerides(gpst_s, fault.parameters, moment)
        return gpst_s

    def frames(self, frames: list[bytes], gpst_s: float) -> list[bytes]:
        """Return what becomes of the RTCM 3 frames of a step."""
        for fault, kind, moment in self._at(gpst_s):
            if kind.frames is not None:
                frames = kind.frames(frames, fault.parameters, moment)
        return frames

    def timed(self, items: Iterable[TimedBytes]) -> Iterator[TimedBytes]:
        """Return what becomes of a station's bytes on their way, in order of time."""
        for fault, kind, seed in self._faults:
            if kind.timed is not None:
                begin_s = self.start_gpst_s + fault.start_s
                items = kind.timed(items, fault.parameters, _Clock(begin_s, fault, seed))
        return iter(items)

    def link(self, gpst_s: float) -> Link:
        """Return what becomes of the connection; of several faults the first counts."""
        fault = self.link_fault(gpst_s)
        return FAULTS[fault.kind].link if fault is not None else Link.UP

    def link_fault(self, gpst_s: float) -> Fault | None:
        """Return the fault that something becomes of the connection by, None where it is up."""
        for fault, kind, moment in self._at(gpst_s):
            if kind.link is not Link.UP and moment.active:
                return fault
        return None

    def _at(self, gpst_s: float) -> Iterator[tuple[Fault, Kind, Moment]]:
        for fault, kind, seed in self._faults:
            moment = _Clock(self.start_gpst_s + fault.start_s, fault, seed)(gpst_s)
            if moment.active or (kind.lasting and moment.elapsed_s >= 0.0):
                yield fault, kind, moment


class _Clock:
    """Tells when, within one fault, an instant of GPS time is."""

    __slots__ = ("begin_s", "duration_s", "seed")

    def __init__(self, begin_s: float, fault: Fault, seed: int) -> None:
        self.begin_s, self.duration_s, self.seed = begin_s, fault.duration_s, seed

    def __call__(self, gpst_s: float) -> Moment:
        return Moment(gpst_s, gpst_s - self.begin_s, self.duration_s, self.seed)

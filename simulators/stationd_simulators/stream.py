"""Everything that one station of a scenario emits: RTCM 3 frames and NMEA sentences, with times.

Epoch by epoch: where satellites and antenna are, what the receiver measures, what faults make of
it, how it is encoded, what faults make of the frames. Nothing is remembered in between.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.encoding import station_messages
from stationd_simulators.encoding.msm import MsmOptions, encode_msm
from stationd_simulators.encoding.nmea import Fix, InView, sentences
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Seen
from stationd_simulators.propagation.geometry import geodetic
from stationd_simulators.propagation.randomness import key_of, wander
from stationd_simulators.propagation.satellites import Satellites
from stationd_simulators.receiver.model import ReceiverModel
from stationd_simulators.receiver.observations import EpochObservations, Floats
from stationd_simulators.receiver.position import pulled_enu_m
from stationd_simulators.registered import arp_m
from stationd_simulators.scenario import Scenario, Station
from stationd_simulators.schedule import schedule
from stationd_simulators.timed_bytes import TimedBytes

WEAKEST_DBHZ: Final = 15.0  # a fault that leaves less makes a receiver lose the signal
SEPARATION_M: Final = -5.0  # geoid above the ellipsoid: a made-up value of the right size
_FIX_WANDER_RATIO: Final = 1.5  # of the code noise: what a position fix wanders within minutes


def constellations(scenario: Scenario) -> Constellations:
    """Return the satellites of a scenario; its stations should share them."""
    return Constellations.make(
        "".join(scenario.constellations),
        scenario.start_gpst_s,
        scenario.seed,
        scenario.ephemeris_repeat_s,
    )


class StationStream:
    """One station of a scenario.

    `satellites`: shared by the stations of a scenario, so that each instant is computed once.
    """

    def __init__(
        self, scenario: Scenario, station: Station, satellites: Satellites | None = None
    ) -> None:
        self.scenario, self.station = scenario, station
        self._satellites = satellites or Satellites(constellations(scenario))
        self._faults = StationFaults(scenario, station.id)
        self.receiver = ReceiverModel(
            self._satellites,
            station,
            scenario.errors,
            scenario.start_gpst_s,
            scenario.seed,
            self._faults.displacement_enu_m if scenario.faults else None,
        )
        self._options = MsmOptions(station_id=station.station_id)
        self._newest: EpochObservations | None = None
        self._added_m: Floats | None = None  # to the pseudoranges of the newest, by faults

    def second(self, gpst_s: float, step_s: float = 1.0) -> list[TimedBytes]:
        """Return the frames of the step that begins at `gpst_s`, each epoch's as one piece.

        What is sent beside observations comes with the first epoch of the step, or alone.
        """
        epochs = list(self._epochs(gpst_s, step_s))
        pieces = []
        for number, epoch_gpst_s in enumerate(epochs or [gpst_s]):
            frames = [] if number else self._beside(gpst_s, step_s)
            if epochs:
                epoch = self.observations(epoch_gpst_s)
                frames += encode_msm(self.station.msm, epoch, options=self._options)
            sent = self._faults.frames(frames, epoch_gpst_s)
            if sent:
                pieces.append(TimedBytes(epoch_gpst_s, b"".join(sent)))
        return pieces

    def sentences(self, gpst_s: float, step_s: float = 1.0) -> list[TimedBytes]:
        """Return the NMEA sentences of the step that begins at `gpst_s`, each epoch's as one."""
        return [
            TimedBytes(epoch_gpst_s, b"".join(sentences(self._fix(epoch_gpst_s))))
            for epoch_gpst_s in self._epochs(gpst_s, step_s)
        ]

    def observations(self, gpst_s: float) -> EpochObservations:
        """Return what the receiver measures at an epoch, faults included."""
        if self._newest is None or self._newest.gpst_s != gpst_s:
            self._newest, self._added_m = self._changed(self.receiver.epoch(gpst_s))
        return self._newest

    def _epochs(self, gpst_s: float, step_s: float) -> Iterator[float]:
        """Yield the epochs in a step; all lie on whole multiples of the interval."""
        interval_ms = round(self.station.interval_s * 1e3)
        first = -(-round(gpst_s * 1e3) // interval_ms)
        end = -(-round((gpst_s + step_s) * 1e3) // interval_ms)
        for number in range(first, end):
            yield number * interval_ms / 1e3

    def _changed(self, epoch: EpochObservations) -> tuple[EpochObservations, Floats | None]:
        """Return what faults make of an epoch, and what they add to its pseudoranges."""
        if not self.scenario.faults:
            return epoch, None
        seen = Seen(
            tuple(epoch.satellite.tolist()),
            tuple(epoch.code.tolist()),
            epoch.elevation_rad,
            epoch.azimuth_rad,
            epoch.wavelength_m,
            epoch.range_rate_m_per_s,
        )
        change = self._faults.observations(seen, epoch.gpst_s)
        cn0_dbhz = epoch.cn0_dbhz + change.cn0_db
        changed = replace(
            epoch,
            pseudorange_m=epoch.pseudorange_m + change.pseudorange_m,
            phase_range_m=epoch.phase_range_m + change.phase_range_m,
            range_rate_m_per_s=epoch.range_rate_m_per_s + change.phase_range_rate_m_per_s,
            cn0_dbhz=cn0_dbhz,
            lock_time_s=np.minimum(epoch.lock_time_s, change.lock_time_s),
            half_cycle=epoch.half_cycle | change.half_cycle,
        )
        kept = change.kept & ~(cn0_dbhz < WEAKEST_DBHZ)
        return changed.only(kept), change.pseudorange_m[kept]

    def _beside(self, gpst_s: float, step_s: float) -> list[bytes]:
        """Return station messages and ephemerides that are due in a step."""
        frames = [
            encode(self.scenario, self.station, gpst_s)
            for number, encode in STATION_MESSAGES.items()
            if number in self.station.messages
            and self._is_due(self.station.messages[number], gpst_s, step_s)
        ]
        of_gpst_s = self._faults.ephemeris_gpst_s(gpst_s)
        return frames + self._satellites.orbits.frames_due(of_gpst_s, step_s)

    def _is_due(self, interval_s: float, gpst_s: float, step_s: float) -> bool:
        """Say whether a multiple of an interval lies in a step, or the scenario starts in it."""
        since_s = gpst_s % interval_s
        starts = gpst_s <= self.scenario.start_gpst_s < gpst_s + step_s
        return starts or since_s == 0.0 or since_s + step_s > interval_s

    def _fix(self, gpst_s: float) -> Fix:
        epoch = self.observations(gpst_s)
        strongest: dict[str, InView] = {}
        columns = (epoch.satellite, epoch.elevation_rad, epoch.azimuth_rad, epoch.cn0_dbhz)
        for satellite in map(InView, *(column.tolist() for column in columns)):
            other = strongest.get(satellite.name)
            if other is None or other.cn0_dbhz < satellite.cn0_dbhz:
                strongest[satellite.name] = satellite
        path, noise_m = self.receiver.path, self.scenario.errors.code_noise_m
        wrong_m = np.zeros(3)
        if noise_m:
            key = key_of(self.scenario.seed, self.station.id, "fix")
            wrong_m = _FIX_WANDER_RATIO * noise_m * wander(key, gpst_s, 120.0, np.arange(3))
        if self._added_m is not None:
            wrong_m = wrong_m + pulled_enu_m(epoch, self._added_m) @ path.axes
        place = geodetic(path.position_m(gpst_s) + wrong_m)
        sigma_m = max(noise_m, 0.01)
        east_m_per_s, north_m_per_s, _ = path.axes @ path.velocity_m_per_s(gpst_s)
        return Fix(
            gpst_s,
            place.latitude_rad,
            place.longitude_rad,
            place.height_m,
            SEPARATION_M,
            (sigma_m, sigma_m, 2.0 * sigma_m),
            tuple(strongest.values()),
            float(np.hypot(east_m_per_s, north_m_per_s)),
            float(np.arctan2(east_m_per_s, north_m_per_s)),
        )


def _receiver(station: Station) -> tuple[str, str, str]:
    receiver = station.receiver
    return receiver.descriptor, receiver.firmware, receiver.serial


def _said_by_1013(scenario: Scenario, station: Station, gpst_s: float) -> bytes:
    """Return the schedule: everything that is sent, this message among it, comes regularly."""
    announced = [(number, True, every_s) for number, every_s in schedule(scenario, station).items()]
    return station_messages.encode_1013(station.station_id, gpst_s, announced)


# Message number -> how it is made of a scenario, a station of it and the time. What a station says
# of its place is what was registered, whatever way the antenna has gone.
STATION_MESSAGES: Final[Mapping[int, Callable[[Scenario, Station, float], bytes]]] = {
    1005: lambda _, station, __: station_messages.encode_1005(station.station_id, arp_m(station)),
    1006: lambda _, station, __: station_messages.encode_1006(
        station.station_id, arp_m(station), station.antenna.height_m
    ),
    1007: lambda _, station, __: station_messages.encode_1007(
        station.station_id, station.antenna.descriptor, station.antenna.setup_id
    ),
    1008: lambda _, station, __: station_messages.encode_1008(
        station.station_id,
        station.antenna.descriptor,
        station.antenna.setup_id,
        station.antenna.serial,
    ),
    1013: _said_by_1013,
    1029: lambda _, station, gpst_s: station_messages.encode_1029(
        station.station_id, gpst_s, f"simulated station {station.name or station.id}"
    ),
    1033: lambda _, station, __: station_messages.encode_1033(
        station.station_id,
        station.antenna.descriptor,
        station.antenna.setup_id,
        station.antenna.serial,
        _receiver(station),
    ),
    1230: lambda _, station, __: station_messages.encode_1230(
        station.station_id, dict.fromkeys(("1C", "1P", "2C", "2P"), 0.0)
    ),
}

"""What a scenario says: the truth, the errors on it, faults with their times, expected verdicts.

A scenario is a TOML file (`scenario_files.py` reads it); these are its nouns. Its clock counts
seconds from `start_gpst_s`, so that the same scenario can be played at any date.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from stationd.gnss.time import gpst_from_utc

Vector = tuple[float, float, float]

# Observation codes of each constellation, as in RINEX; what a station sends unless it says other.
SIGNALS: Final[dict[str, tuple[str, ...]]] = {
    "G": ("1C", "2W", "5Q"),
    "R": ("1C", "2C"),
    "E": ("1C", "5Q", "7Q"),
    "J": ("1C", "2L", "5Q"),
    "C": ("2I", "6I", "1P", "5P"),
}
# RTCM 3 message type -> seconds between two of it, beside MSM and ephemerides.
MESSAGES: Final[Mapping[int, float]] = {1006: 10.0, 1033: 10.0, 1230: 10.0}


@dataclass(frozen=True, slots=True)
class Antenna:
    """The antenna as the station tells it."""

    descriptor: str = "TRM59800.00     SCIS"
    serial: str = "0000000001"
    height_m: float = 0.0  # marker to ARP, message 1006
    setup_id: int = 0


@dataclass(frozen=True, slots=True)
class Receiver:
    """The receiver as the station tells it."""

    descriptor: str = "SIMULATED"
    serial: str = "0000001"
    firmware: str = "1.0"


@dataclass(frozen=True, slots=True)
class Step:
    """A sudden displacement, and what relaxes after it: amplitude times log(1 + t / decay)."""

    start_s: float  # of the scenario's clock
    enu_m: Vector
    relaxation_enu_m: Vector = (0.0, 0.0, 0.0)
    decay_s: float = 31_557_600.0


@dataclass(frozen=True, slots=True)
class Quake:
    """An earthquake's seconds: a wave train in ENU of some seconds' period that dies away."""

    start_s: float
    enu_m: Vector
    duration_s: float = 60.0
    period_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Motion:
    """How the station truly moves, in ENU, from where it is at the scenario's start."""

    velocity_m_per_year: Vector = (0.0, 0.0, 0.0)
    annual_m: Vector = (0.0, 0.0, 0.0)  # amplitudes; largest on 1 January
    semi_annual_m: Vector = (0.0, 0.0, 0.0)
    subsidence_m_per_year: float = 0.0
    steps: tuple[Step, ...] = ()
    quakes: tuple[Quake, ...] = ()


@dataclass(frozen=True, slots=True)
class Errors:
    """Sizes of what stands between truth and observation; all zero is noise-free.

    `troposphere`: "saastamoinen" is the standard atmosphere that RTKLIB also takes off, "walk"
    adds a wet delay that wanders, "none" is none at all.
    """

    troposphere: str = "saastamoinen"
    ionosphere_tecu: float = 0.0  # vertical, in the afternoon
    scintillation_ratio: float = 0.0  # S4 at its height after sunset
    code_noise_m: float = 0.0  # at the zenith; grows as 1/sin(elevation)
    phase_noise_m: float = 0.0
    multipath_m: float = 0.0  # code; repeats every sidereal day
    slips_per_hour: float = 0.0  # of a satellite at low elevation
    clock_s: float = 0.0  # receiver clock: offset at the start
    clock_drift_ratio: float = 0.0
    clock_jumps: bool = False  # kept within half a millisecond by jumps of one
    clock_jumps_in_phase: bool = True  # False: pseudoranges alone jump, and phases slip


FULL_ERRORS: Final = Errors(
    troposphere="walk",
    ionosphere_tecu=40.0,
    scintillation_ratio=0.2,
    code_noise_m=0.3,
    phase_noise_m=0.002,
    multipath_m=0.3,
    slips_per_hour=0.2,
    clock_s=1e-5,
    clock_drift_ratio=1e-9,
)


@dataclass(frozen=True, slots=True)
class Station:
    """One simulated station. `position_m` is its marker in ECEF, true at the scenario's start."""

    id: str
    position_m: Vector
    frame: str = "ITRF2020"
    name: str = ""
    station_id: int = 0  # DF003
    interval_s: float = 1.0
    msm: int = 7
    mask_deg: float = 5.0  # nothing is seen below
    # What stands around: pairs of azimuth and elevation, straight lines between them.
    horizon_deg: tuple[tuple[float, float], ...] = ()
    signals: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(SIGNALS))
    messages: Mapping[int, float] = field(default_factory=lambda: dict(MESSAGES))
    nmea: bool = False  # sentences between the RTCM 3, on the same line
    antenna: Antenna = Antenna()
    receiver: Receiver = Receiver()
    motion: Motion = Motion()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something goes wrong at some stations (all, where none is named) for a while.

    `kind` is a name of `faults.FAULTS`, `parameters` an instance of its parameters' class.
    """

    kind: str
    start_s: float
    duration_s: float
    stations: tuple[str, ...]
    parameters: object

    def concerns(self, station: str) -> bool:
        return not self.stations or station in self.stations


@dataclass(frozen=True, slots=True)
class Expectation:
    """A check's verdict that stationd should give, at the latest `within_s` after `after_s`.

    `cleared_by_s`: from then on the check is ok again, on the scenario's clock; infinite where
    that takes longer than the scenario, or nothing gets better.
    """

    station: str
    check: str
    health: str
    after_s: float
    within_s: float
    cleared_by_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole.

    `settle_s`: until then a check may still lack evidence. `also`: checks that may change as
    well at stations with a fault, as a consequence that is not judged. `limits`: of stationd's
    checks, where they are not the default ones: check -> key -> value.
    """

    name: str
    title: str
    seed: int
    start_gpst_s: float
    duration_s: float
    stations: tuple[Station, ...]
    constellations: tuple[str, ...] = ("G", "R", "E", "J", "C")
    ephemeris_repeat_s: float = 30.0
    errors: Errors = Errors()
    faults: tuple[Fault, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    settle_s: float = 90.0
    also: tuple[str, ...] = ()
    limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dated: bool = False  # it is about its date, and says nothing at another one

    @property
    def end_gpst_s(self) -> float:
        return self.start_gpst_s + self.duration_s

    def station(self, name: str) -> Station:
        """Return a station by its id; `KeyError` where there is none."""
        for station in self.stations:
            if station.id == name:
                return station
        raise KeyError(name)

    def starting(self, utc_s: float) -> "Scenario":
        """Return the same scenario at another date."""
        return replace(self, start_gpst_s=gpst_from_utc(utc_s))

"""Ephemeris sets of GPS, Galileo, BeiDou and QZSS: one per satellite and interval, by its index.

A set is a function of seed and index. Its integers are what is sent; its floats, from which the
truth is computed, are what a receiver makes of the integers. Slow changes use the rounded rates,
so that consecutive sets agree to their rounding, which is up to 4 cm in position.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_WEEK
from stationd_simulators.constellation import messages
from stationd_simulators.constellation.geostationary import tilted
from stationd_simulators.constellation.kepler_motion import Elements, relativity_s
from stationd_simulators.constellation.messages import Field, Floats, Integers
from stationd_simulators.constellation.slots import REFERENCE_GPST_S, Slots, slots

_MOST_BIAS_S: Final = 8e-4  # what GPS can broadcast is 9.8e-4
_KEPT_SETS: Final = 4


class _System(NamedTuple):
    """What differs between constellations. `behind_s`: of GPS time."""

    interval_s: float
    behind_s: float
    mu_m3_per_s2: float
    earth_rad_per_s: float
    week_zero: int  # GPS week of the constellation's week 0
    week_modulus: int
    truth: tuple[Field, ...]  # the message whose fields are rounded to
    messages: tuple[tuple[int, tuple[Field, ...]], ...]
    node_rate_rad_per_s: float
    delta_n_rad_per_s: float
    accuracy: int
    only_after_toe: bool = False


_SYSTEMS: Final = {
    "G": _System(
        7200.0, 0.0, 3.986005e14, 7.2921151467e-5, 0, 1024,
        messages.GPS_1019, ((1019, messages.GPS_1019),), -8.0e-9, 4.5e-9, accuracy=0,
    ),
    "E": _System(
        3600.0, 0.0, 3.986004418e14, 7.2921151467e-5, 1024, 4096,
        messages.GALILEO_INAV_1046,
        # I/NAV first: of sets with the same IODnav RTKLIB keeps the first, and wants I/NAV.
        ((1046, messages.GALILEO_INAV_1046), (1045, messages.GALILEO_FNAV_1045)),
        -5.5e-9, 3.0e-9, accuracy=107, only_after_toe=True,
    ),
    "C": _System(
        3600.0, 14.0, 3.986004418e14, 7.292115e-5, 1356, 8192,
        messages.BEIDOU_1042, ((1042, messages.BEIDOU_1042),), -6.8e-9, 3.8e-9, accuracy=1,
    ),
    "J": _System(
        3600.0, 0.0, 3.986005e14, 7.2921151467e-5, 0, 1024,
        messages.QZSS_1044, ((1044, messages.QZSS_1044),), -2.5e-9, 2.0e-9, accuracy=0,
    ),
}  # fmt: skip


class KeplerSets:
    """The sets of one constellation."""

    def __init__(self, letter: str, seed: int) -> None:
        self.letter = letter
        self._system = _SYSTEMS[letter]
        draw = np.random.Generator(np.random.PCG64([seed, ord(letter)]))
        self._slots = slots(letter, draw)
        self.names = self._slots.names
        self._whole = _constants(letter, self._system, self._slots, draw)
        self._constants = messages.in_units(self._system.truth, self._whole)
        self._bias_s = draw.uniform(-2e-4, 2e-4, len(self.names))
        self._issue = draw.integers(0, 1024, len(self.names))
        self.elements = lru_cache(_KEPT_SETS)(self._elements)
        self.frames = lru_cache(_KEPT_SETS)(self._frames)

    def index_at(self, gpst_s: float) -> int:
        """Return which set a user takes: that of the nearest toe; Galileo's only after its toe.

        The latter is RTKLIB's rule (`seleph`), and what Galileo does: a batch's toe is past when
        it is first sent.
        """
        turns = (gpst_s - self._system.behind_s) / self._system.interval_s
        if self._system.only_after_toe:
            return int(np.ceil(turns)) - 1
        return int(np.floor(turns + 0.5))

    def group_delays_s(self, name: str) -> dict[str, float]:
        """Return TGD or BGD of a satellite by field."""
        row = self.names.index(name)
        return {
            field: float(values[row])
            for field, values in self._constants.items()
            if field.startswith(("tgd", "bgd"))
        }

    def _toe_gpst_s(self, index: int) -> float:
        return index * self._system.interval_s + self._system.behind_s

    def _week(self, index: int) -> tuple[int, float]:
        """Return number and seconds of toe's week in the constellation's own time."""
        system = self._system
        week, toe_s = divmod(index * system.interval_s, SECONDS_PER_WEEK)
        return (int(week) - system.week_zero) % system.week_modulus, toe_s

    def _integers(self, index: int) -> dict[str, Integers]:
        """Return the fields of all satellites' sets in whole units."""
        system, fixed, count = self._system, self._constants, len(self.names)
        since_s = self._toe_gpst_s(index) - REFERENCE_GPST_S
        week, toe_s = self._week(index)
        turning_rad_per_s = fixed["node_rate_rad_per_s"] - system.earth_rad_per_s
        motion_rad_per_s = np.sqrt(system.mu_m3_per_s2) / fixed["sqrt_a"] ** 3
        reals = {
            "mean_anomaly_rad": self._slots.argument_of_latitude_rad
            - self._slots.perigee_rad
            + (motion_rad_per_s + fixed["delta_n_rad_per_s"]) * since_s,
            "node_rad": self._slots.node_longitude_rad + turning_rad_per_s * since_s,
            "inclination_rad": self._slots.inclination_rad
            + fixed["inclination_rate_rad_per_s"] * since_s,
            "perigee_rad": self._slots.perigee_rad,
            # Far from the reference a clock is set back by 1.6 ms once, rather than out of range.
            "bias_s": (self._bias_s + fixed["drift_ratio"] * since_s + _MOST_BIAS_S)
            % (2 * _MOST_BIAS_S)
            - _MOST_BIAS_S,
            "toe_s": np.full(count, toe_s),
            "toc_s": np.full(count, toe_s),
        }
        reals = tilted(reals | self._harmonics(), self._slots.is_geostationary)
        # Omega 0 refers to the beginning of the week of toe.
        reals["node_rad"] = reals["node_rad"] + system.earth_rad_per_s * toe_s
        issue = index + self._issue
        return (
            self._whole
            | messages.rounded(system.truth, reals)
            | {"week": np.full(count, week), **_issues(self.letter, issue, index)}
        )

    def _harmonics(self) -> dict[str, Floats]:
        return {name: self._constants[name] for name in ("cuc_rad", "cus_rad", "crc_m", "crs_m")}

    def _elements(self, index: int) -> Elements:
        """Return what a receiver computes from the sets with this index; the last few are kept."""
        system, geo = self._system, self._slots.is_geostationary
        floats = messages.in_units(system.truth, self._integers(index))
        sqrt_a, e = floats["sqrt_a"], floats["eccentricity"]
        week_gpst_s = self._toe_gpst_s(index) - floats["toe_s"]
        return Elements(
            toe_gpst_s=week_gpst_s + floats["toe_s"],
            toc_gpst_s=week_gpst_s + floats["toc_s"],
            bias_s=floats["bias_s"],
            drift_ratio=floats["drift_ratio"],
            drift_rate_per_s=floats["drift_rate_per_s"],
            relativity_s=relativity_s(system.mu_m3_per_s2, sqrt_a, e),
            semi_major_axis_m=sqrt_a**2,
            eccentricity=e,
            mean_anomaly_rad=floats["mean_anomaly_rad"],
            mean_motion_rad_per_s=np.sqrt(system.mu_m3_per_s2) / sqrt_a**3
            + floats["delta_n_rad_per_s"],
            node_rad=floats["node_rad"] - system.earth_rad_per_s * floats["toe_s"],
            node_rate_rad_per_s=floats["node_rate_rad_per_s"]
            - np.where(geo, 0.0, system.earth_rad_per_s),
            inclination_rad=floats["inclination_rad"],
            inclination_rate_rad_per_s=floats["inclination_rate_rad_per_s"],
            perigee_rad=floats["perigee_rad"],
            cuc_rad=floats["cuc_rad"],
            cus_rad=floats["cus_rad"],
            crc_m=floats["crc_m"],
            crs_m=floats["crs_m"],
            cic_rad=floats["cic_rad"],
            cis_rad=floats["cis_rad"],
            frame_turn_rad_per_s=np.where(geo, system.earth_rad_per_s, 0.0),
        )

    def _frames(self, index: int) -> tuple[bytes, ...]:
        """Return the messages with this index, one kind after the other.

        Galileo's two are kept apart, I/NAV first: RTKLIB drops a satellite's second set of the
        same issue where it stands beside the first.
        """
        integers = self._integers(index)
        sets = [
            {field: int(column[row]) for field, column in integers.items()}
            | {"number": int(name[1:])}
            for row, name in enumerate(self.names)
        ]
        return tuple(
            messages.encoded(number, fields, _of_message(number, values))
            for number, fields in self._system.messages
            for values in sets
        )


def _of_message(number: int, values: dict[str, int]) -> dict[str, int]:
    """Return a message's own values: the clock of F/NAV refers to E1 and E5a, not E1 and E5b.

    The same E1 follows from both: F/NAV's bias less BGD E1/E5a is I/NAV's less BGD E1/E5b
    (Galileo OS SIS ICD 2.1, 5.1.5). A BGD's unit is four of a bias's.
    """
    if number != 1045:
        return values
    difference = 4 * (values["bgd_e5a_s"] - values["bgd_e5b_s"])
    return values | {"bias_s": values["bias_s"] + difference}


def _issues(letter: str, issue: Integers, index: int) -> dict[str, Integers]:
    """Return the numbers by which consecutive sets are told apart."""
    match letter:
        case "E":
            return {"iode": issue % 1024}
        case "C":  # ages of data in hours: up to 24 (BDS-SIS-ICD-B1I 3.0, tables 5-6 and 5-8)
            age = np.full(len(issue), 1 + index % 24)
            return {"iode": age, "iodc": age}
        case _:  # IODE is the lower eight bits of IODC (IS-GPS-200N 20.3.4.4)
            return {"iodc": issue % 1024, "iode": issue % 256}


def _constants(
    letter: str, system: _System, of: Slots, draw: np.random.Generator
) -> dict[str, Integers]:
    """Return the fields that are the same in all sets, in whole units."""
    count = len(of.names)
    reals = {
        "eccentricity": of.eccentricity,
        "node_rate_rad_per_s": np.where(
            of.is_geostationary, 0.0, system.node_rate_rad_per_s + draw.normal(0.0, 1e-10, count)
        ),
        # Small enough to add up over decades.
        "inclination_rate_rad_per_s": np.where(
            of.is_geostationary, 0.0, draw.uniform(-1e-11, 1e-11, count)
        ),
        "cuc_rad": draw.normal(0.0, 3e-6, count),
        "cus_rad": draw.normal(6e-6, 2e-6, count),
        "crc_m": draw.normal(220.0, 50.0, count),
        "crs_m": draw.normal(0.0, 60.0, count),
        "cic_rad": np.where(of.is_geostationary, 0.0, draw.normal(0.0, 1e-7, count)),
        "cis_rad": np.where(of.is_geostationary, 0.0, draw.normal(0.0, 1e-7, count)),
        "drift_ratio": draw.uniform(-2e-12, 2e-12, count),
        "drift_rate_per_s": draw.integers(-1, 2, count) * _drift_rate_unit(system),
    }
    reals |= _delays(letter, draw, count)
    whole = messages.rounded(system.truth, reals)
    rates = messages.in_units(system.truth, whole)["node_rate_rad_per_s"]
    motion = of.turns_per_day_ratio * (system.earth_rad_per_s - rates)
    sqrt_a = np.sqrt(np.cbrt(system.mu_m3_per_s2 / (motion - system.delta_n_rad_per_s) ** 2))
    whole |= messages.rounded(system.truth, {"sqrt_a": sqrt_a})
    sqrt_a = messages.in_units(system.truth, whole)["sqrt_a"]
    # What rounding took from the ground track's repetition, the mean motion's correction returns.
    delta_n = motion - np.sqrt(system.mu_m3_per_s2) / sqrt_a**3
    whole |= messages.rounded(system.truth, {"delta_n_rad_per_s": delta_n})
    return whole | {"accuracy": np.full(count, system.accuracy)}


def _drift_rate_unit(system: _System) -> float:
    return next(field.unit for field in system.truth if field.name == "drift_rate_per_s")


def _delays(letter: str, draw: np.random.Generator, count: int) -> dict[str, NDArray[np.float64]]:
    """Return group delays of the size that the real satellites have."""
    match letter:
        case "E":
            e5a_s = draw.normal(0.0, 2e-9, count)
            return {"bgd_e5a_s": e5a_s, "bgd_e5b_s": e5a_s * draw.uniform(0.9, 1.3, count)}
        case "C":
            return {
                "tgd1_s": draw.uniform(-1.5e-8, 1.5e-8, count),
                "tgd2_s": draw.uniform(-1.0e-8, 1.0e-8, count),
            }
        case _:
            return {"tgd_s": draw.normal(-5e-9, 5e-9, count)}

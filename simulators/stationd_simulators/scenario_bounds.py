"""What a scenario may say: bounds of every number, lengths of texts, names that there are.

A bound is what a field of a message holds (RTCM 10403.3), what a model is good for, or what there
is on Earth. Without it a wrong number would become another one on the air, in silence.
"""

import math
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from stationd.gnss.constellations import CONSTELLATIONS
from stationd_simulators.constellation.constellations import Constellations
from stationd_simulators.encoding.msm_signals import FIRST_MESSAGE, SIGNAL_BIT
from stationd_simulators.scenario import (
    SIGNALS,
    Antenna,
    Errors,
    Expectation,
    Fault,
    Motion,
    Quake,
    Receiver,
    Scenario,
    Station,
    Step,
)
from stationd_simulators.stream import STATION_MESSAGES

# GLONASS's four-year periods (DF134) count from 1996, message 1013's days (DF051) end in 2038.
FIRST_START: Final = datetime(1996, 1, 1, tzinfo=UTC)
END_OF_STARTS: Final = datetime(2037, 1, 1, tzinfo=UTC)
EPHEMERIDES: Final = (1019, 1020, 1042, 1044, 1045, 1046)
_SOME_DATE_GPST_S: Final = 1_400_000_000.0  # the same satellites fly at any
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Range(NamedTuple):
    """From the least number to the most; `above`: the least itself is too little."""

    least: float
    most: float = math.inf
    above: bool = False
    endless: bool = False  # infinity may be written, too

    def __contains__(self, value: object) -> bool:
        assert isinstance(value, int | float)
        if not math.isfinite(value):
            return self.endless and value > 0.0
        return (self.least < value if self.above else self.least <= value) and value <= self.most

    def __str__(self) -> str:
        if math.isinf(self.most):
            return f"{'above' if self.above else 'at least'} {_written(self.least)}"
        ends = _written(self.least), _written(self.most)
        return "above {}, at most {}".format(*ends) if self.above else "{} to {}".format(*ends)


MOVED: Final = Range(-1e5, 1e5)
PER_YEAR: Final = Range(-1e6, 1e6)
# Years before the scenario, and after: `stationd-sim years` goes on.
AT_SOME_TIME: Final = Range(-1e10, 1e10)
SHARE: Final = Range(0.0, 1.0)
LONGEST_S: Final = 31_622_400.0  # a year
SIZE: Final = Range(0.0, LONGEST_S)
SPAN: Final = Range(0.0, LONGEST_S, above=True)
ENDLESS: Final = Range(0.0, above=True, endless=True)
_DEGREES: Final = Range(-360.0, 360.0)
_STATION_ID: Final = Range(0, 4095)  # DF003: 12 bits
_HEIGHT: Final = Range(0.0, 6.5535)  # DF028: 16 bits of 0.1 mm
_EVERY: Final = Range(0.05, 6553.5)  # DF047: 16 bits of 0.1 s

BOUNDS: Final[Mapping[type, Mapping[str, Range]]] = {
    Scenario: {
        "seed": Range(0, 2**63 - 1), "duration_s": SPAN,
        "ephemeris_repeat_s": Range(1.0, 7200.0), "settle_s": SIZE,
    },
    Errors: {
        "ionosphere_tecu": Range(0.0, 1000.0), "scintillation_ratio": Range(0.0, 2.0),
        "code_noise_m": Range(0.0, 100.0), "phase_noise_m": Range(0.0, 1.0),
        "multipath_m": Range(0.0, 100.0), "slips_per_hour": Range(0.0, 3600.0),
        "clock_s": Range(-0.1, 0.1), "clock_drift_ratio": Range(-1e-4, 1e-4),
    },
    Station: {
        "station_id": _STATION_ID,
        "interval_s": Range(0.05, 3600.0), "msm": Range(4, 7), "mask_deg": Range(-5.0, 90.0),
    },
    Antenna: {"height_m": _HEIGHT, "setup_id": Range(0, 255)},  # DF031: 8 bits
    Motion: {
        "velocity_m_per_year": PER_YEAR, "annual_m": MOVED, "semi_annual_m": MOVED,
        "subsidence_m_per_year": PER_YEAR,
    },
    Step: {
        "start_s": AT_SOME_TIME, "enu_m": MOVED, "relaxation_enu_m": MOVED,
        "decay_s": Range(0.0, 1e10, above=True),
    },
    Quake: {"start_s": AT_SOME_TIME, "enu_m": MOVED, "duration_s": SPAN, "period_s": SPAN},
    Fault: {"start_s": SIZE, "duration_s": ENDLESS},
    Expectation: {"after_s": SIZE, "within_s": SPAN, "cleared_by_s": ENDLESS},
}  # fmt: skip

# A fault's own parameters, by name: the same name means the same with every kind.
PARAMETERS: Final[Mapping[str, Range]] = {
    "enu_m": MOVED, "enu_m_per_s": Range(-1000.0, 1000.0),
    "pillar_m": Range(0.0, 1000.0), "rate_rad_per_s": Range(-1.0, 1.0), "azimuth_deg": _DEGREES,
    "depth_db": Range(0.0, 60.0), "lost_share_ratio": SHARE, "share_ratio": SHARE,
    "from_deg": _DEGREES, "to_deg": _DEGREES, "below_deg": Range(0.0, 90.0),
    "per_minute": Range(0.0, 60.0), "slips_per_minute": Range(0.0, 60.0),
    "s4_ratio": Range(0.0, 2.0), "phase_rad": Range(0.0, 10.0),
    "amplitude_m": Range(0.0, 1000.0), "growing_s": SIZE, "period_s": SPAN,
    "jump_s": Range(-0.1, 0.1), "clock_m_per_s": Range(-1000.0, 1000.0),
    "cn0_db": Range(-60.0, 60.0), "repeat_s": SPAN, "along_m": Range(-1e6, 1e6),
    "station_id": _STATION_ID, "xyz_m": Range(-1e6, 1e6), "height_m": _HEIGHT,
    "delay_s": SIZE, "bytes_per_s": Range(0, 10**9), "per_bit_ratio": SHARE, "starting_s": SIZE,
}  # fmt: skip

PLACE: Final[Mapping[str, Range]] = {
    "latitude_deg": Range(-90.0, 90.0), "longitude_deg": Range(-180.0, 360.0),
    "height_m": Range(-1000.0, 10_000.0),
}  # fmt: skip
_FROM_CENTRE: Final = Range(6_350_000.0, 6_390_000.0)
TEXTS: Final[Mapping[type, tuple[str, ...]]] = {
    Antenna: ("descriptor", "serial"),
    Receiver: ("descriptor", "serial", "firmware"),
}
_NESTED: Final[Mapping[type, tuple[str, ...]]] = {
    Station: ("antenna", "receiver", "motion"),
    Motion: ("steps", "quakes"),
}
Wrong = Iterator[tuple[str, str]]  # keys, below the noun's own, and what is wrong with each


def is_start(moment: datetime) -> bool:
    """Say whether every message can tell such a date."""
    return FIRST_START <= moment < END_OF_STARTS


def shortest_s(station: Station) -> float:
    """Return how long a scenario must be for an epoch of the station to lie in it."""
    return max(1.0, station.interval_s)  # steps are of a second


def wrong_with_head(head: Mapping[str, object]) -> Wrong:
    """Yield what is out of bounds in a scenario's own keys, also where some of them are missing."""
    name = head.get("name")
    sentence = wrong_name(name) if isinstance(name, str) else None
    if sentence is not None:
        yield "name", sentence
    for key, bound in BOUNDS[Scenario].items():
        value = head.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from _outside(key, value, bound)


def wrong_with(noun: object) -> Wrong:
    """Yield what is out of bounds in a noun of scenario.py, and in what it holds."""
    kind = type(noun)
    for key, bound in BOUNDS.get(kind, {}).items():
        yield from _outside(key, getattr(noun, key), bound)
    for key in TEXTS.get(kind, ()):
        yield from _text(key, getattr(noun, key))
    if isinstance(noun, Station):
        yield from _of_station(noun)
    for key in _NESTED.get(kind, ()):
        value = getattr(noun, key)
        for number, one in enumerate(value) if isinstance(value, tuple) else [(-1, value)]:
            where = key if number < 0 else f"{key}.{number}"
            yield from ((f"{where}.{below}", sentence) for below, sentence in wrong_with(one))


def wrong_with_parameters(
    parameters: object, given: Container[str], letters: tuple[str, ...]
) -> Wrong:
    """Yield what is wrong with a fault's own parameters.

    `given`: keys that the file has; `letters`: the scenario's constellations.
    """
    assert is_dataclass(parameters)
    for key in parameters.__dataclass_fields__:
        value = getattr(parameters, key)
        if key in PARAMETERS:
            yield from _outside(key, value, PARAMETERS[key])
        elif key in ("descriptor", "serial"):
            yield from _text(key, value)
        elif key in given and key in _KNOWN:
            yield from _unknown(key, value, _KNOWN[key](letters))
            yield from twice(key, value)


def wrong_name(name: str) -> str | None:
    """Return what is wrong with a name that becomes a file and a mountpoint; None if nothing is."""
    if _NAME.fullmatch(name):
        return None
    return (
        'must be letters, digits, "-" and "_", 64 at most, beginning with a letter or digit, '
        f"found {name!r}: files are named after it"
    )


def wrong_place(place: Mapping[str, float]) -> Wrong:
    """Yield what is wrong with a place, geodetic or geocentric, by its keys."""
    if "x_m" in place:
        from_centre_m = math.hypot(*place.values())
        if from_centre_m not in _FROM_CENTRE:
            far = f"with y_m and z_m it is {from_centre_m / 1000.0:.0f} km from the Earth's centre"
            yield "x_m", f"{far}: write a place near the ground"
        return
    for key, value in place.items():
        yield from _outside(key, value, PLACE[key])


def _of_station(station: Station) -> Wrong:
    sentence = wrong_name(station.id)
    if sentence is not None:
        yield "id", sentence
    for letter, codes in station.signals.items():
        if letter not in SIGNALS:
            yield "signals", f'"{letter}": known are {", ".join(SIGNALS)}'
            continue
        yield from _unknown(f"signals.{letter}", codes, tuple(SIGNAL_BIT[letter]))
        yield from twice(f"signals.{letter}", codes)
    for number, every_s in station.messages.items():
        yield from _unknown("messages", (number,), tuple(STATION_MESSAGES))
        yield from _outside(f"messages.{number}", every_s, _EVERY)
    for number, (azimuth_deg, elevation_deg) in enumerate(station.horizon_deg):
        yield from _outside(f"horizon_deg.{number}", azimuth_deg, _DEGREES)
        yield from _outside(f"horizon_deg.{number}", elevation_deg, Range(-5.0, 90.0))


def _outside(key: str, value: Any, bound: Range) -> Wrong:
    for one in value if isinstance(value, tuple) else (value,):
        if one not in bound:
            yield key, f"must be {bound}, found {_written(one)}"


def _written(number: object) -> str:
    return f"{number:.12g}" if isinstance(number, float) else str(number)


def _text(key: str, text: str) -> Wrong:
    # DF029 and its like count to 31, and a text is one of ISO 8859-1.
    if len(text) > 31 or text.encode("latin-1", "ignore").decode("latin-1") != text:
        yield key, f"must be at most 31 characters of Latin-1, found {text!r}"


def _unknown(key: str, values: tuple[Any, ...], known: tuple[Any, ...]) -> Wrong:
    for value in values:
        if value not in known:
            yield key, f"{value!r} is not among those that there are: {', '.join(map(str, known))}"


def twice(key: str, values: tuple[Any, ...]) -> Wrong:
    """Yield what stands in a list more than once."""
    for value in sorted({one for one in values if values.count(one) > 1}):
        yield key, f"{value!r} stands there twice"


def _bands(letters: tuple[str, ...]) -> tuple[str, ...]:
    of_letters = ((letter, code) for letter in letters for code in SIGNAL_BIT.get(letter, ()))
    return tuple(sorted({letter + code[0] for letter, code in of_letters}))


def _types(letters: tuple[str, ...]) -> tuple[int, ...]:
    msm = {FIRST_MESSAGE[one] + kind for one in letters if one in SIGNALS for kind in (4, 5, 6, 7)}
    return tuple(sorted({*STATION_MESSAGES, *EPHEMERIDES, *msm}))


def _satellites(letters: tuple[str, ...]) -> tuple[str, ...]:
    known = "".join(letter for letter in letters if letter in SIGNALS)
    return Constellations.make(known, _SOME_DATE_GPST_S, 0).satellites if known else ()


_KNOWN: Final[Mapping[str, Callable[[tuple[str, ...]], tuple[Any, ...]]]] = {
    "bands": _bands,
    "types": _types,
    "satellites": _satellites,
    "constellations": lambda _: tuple(CONSTELLATIONS),
}

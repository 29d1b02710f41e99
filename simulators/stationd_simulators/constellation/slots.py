"""Who flies where: names, planes, phases and clocks of the simulated constellations.

Orbits are those of the real constellations: number of planes, inclination, eccentricity, ground
track period, longitudes of geostationary and figure-of-eight satellites. Slots within planes,
clocks and delays are drawn from the seed. Everything is given at one instant, `REFERENCE_GPST_S`,
and grows linearly from it: a sky depends on seed and time, not on when a scenario starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd.units import SECONDS_PER_WEEK

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REFERENCE_GPST_S: Final = 2400.0 * SECONDS_PER_WEEK  # 2026-01-04
# In sidereal days. Galileo: 17 turns in 10. BeiDou MEO: 13 in 7. GLONASS: 17 in 8.
_GPS_TURNS: Final = 2.0
_GALILEO_TURNS: Final = 1.7
_BEIDOU_TURNS: Final = 13 / 7
_DAILY: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Columns (n,) of one constellation's satellites at `REFERENCE_GPST_S`.

    `node_longitude_rad` is the longitude of the ascending node east of Greenwich.
    `turns_per_day_ratio` counts turns a sidereal day, relative to the node.
    """

    names: tuple[str, ...]
    turns_per_day_ratio: Floats
    node_longitude_rad: Floats
    argument_of_latitude_rad: Floats
    perigee_rad: Floats
    eccentricity: Floats
    inclination_rad: Floats
    is_geostationary: Flags


class _Shell(NamedTuple):
    """Satellites of one kind: `planes` of evenly spaced nodes, satellites dealt to them in turn."""

    names: tuple[str, ...]
    planes: int
    inclination_deg: float
    inclination_spread_deg: float
    turns: float
    eccentricity: tuple[float, float]
    slot_spread_deg: float  # how far satellites are from an even distribution within a plane
    phasing: int = 0  # Walker's F: lead of a plane over its neighbour, in 360 deg / satellites


class _Parked(NamedTuple):
    """Satellites of one turn a day over a mean longitude."""

    names: tuple[str, ...]
    longitude_deg: tuple[float, ...]
    inclination_deg: tuple[float, ...]
    eccentricity: float
    perigee_deg: float | None  # None: drawn
    is_geostationary: bool


def _names(letter: str, numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{letter}{number:02d}" for number in numbers)


_GPS: Final = (
    # G01 is missing, as one of 32 mostly is.
    _Shell(_names("G", range(2, 33)), 6, 55.0, 1.0, _GPS_TURNS, (2e-4, 0.018), 9.0, 4),
)
_GALILEO: Final = (
    _Shell(
        _names(
            "E",
            (*range(1, 6), *range(7, 14), 15, 19, 21, *range(24, 28), 30, 31, 33, 34, 36),
        ),
        3, 56.0, 0.6, _GALILEO_TURNS, (5e-5, 6e-4), 0.3, 1,
    ),
)  # fmt: skip
_BEIDOU: Final = (
    _Shell(
        _names("C", (*range(19, 31), *range(32, 38), *range(41, 47))),
        3, 55.0, 0.4, _BEIDOU_TURNS, (1e-4, 1.2e-3), 0.5, 1,
    ),
    _Parked(("C38", "C39", "C40"), (118.0,) * 3, (54.7, 55.0, 55.3), 0.0025, None, False),
    _Parked(
        _names("C", range(1, 6)), (140.0, 80.0, 110.5, 160.0, 58.75), (1.2, 0.9, 1.6, 0.7, 1.4),
        4e-4, None, True,
    ),
)  # fmt: skip
_QZSS: Final = (
    _Parked(("J02", "J03", "J04"), (139.0,) * 3, (40.4, 41.0, 39.3), 0.075, 270.0, False),
    # Ordinary equatorial orbits: only BeiDou's frame is tilted.
    _Parked(("J07", "J08"), (127.0, 90.5), (0.08, 0.06), 2e-4, None, False),
)
# R01 to R08 share a plane, and so on: satellites are dealt to planes in turn.
_GLONASS: Final = (
    _Shell(
        tuple(f"R{place + 8 * plane + 1:02d}" for place in range(8) for plane in range(3)),
        3, 64.8, 0.4, 17 / 8, (2e-4, 2e-3), 0.3, 1,
    ),
)  # fmt: skip
_CONSTELLATIONS: Final = {"G": _GPS, "R": _GLONASS, "E": _GALILEO, "C": _BEIDOU, "J": _QZSS}


def slots(letter: str, draw: np.random.Generator) -> Slots:
    """Return the orbits of a constellation, by its letter."""
    return _joined(
        [
            _shell(part, draw) if isinstance(part, _Shell) else _parked(part, draw)
            for part in _CONSTELLATIONS[letter]
        ]
    )


def _shell(shell: _Shell, draw: np.random.Generator) -> Slots:
    count = len(shell.names)
    plane, place = np.arange(count) % shell.planes, np.arange(count) // shell.planes
    in_plane = np.bincount(plane)[plane]
    phase_deg = place * 360.0 / in_plane + plane * shell.phasing * 360.0 / count
    first_node_deg = draw.uniform(0.0, 360.0)
    spread_deg = shell.inclination_spread_deg
    return Slots(
        names=shell.names,
        turns_per_day_ratio=np.full(count, shell.turns),
        node_longitude_rad=np.radians(
            first_node_deg + plane * 360.0 / shell.planes + draw.uniform(-1.0, 1.0, count)
        ),
        argument_of_latitude_rad=np.radians(
            phase_deg + draw.uniform(-1.0, 1.0, count) * shell.slot_spread_deg
        ),
        perigee_rad=draw.uniform(-np.pi, np.pi, count),
        eccentricity=draw.uniform(*shell.eccentricity, count),
        inclination_rad=np.radians(
            shell.inclination_deg + draw.uniform(-spread_deg, spread_deg, count)
        ),
        is_geostationary=np.zeros(count, dtype=bool),
    )


def _parked(parked: _Parked, draw: np.random.Generator) -> Slots:
    """Return satellites whose node and phase add up to their longitude."""
    count = len(parked.names)
    node_rad = draw.uniform(0.0, 2 * np.pi) + np.arange(count) * 2 * np.pi / count
    drawn_rad = draw.uniform(-np.pi, np.pi, count)
    perigee_rad = (
        drawn_rad if parked.perigee_deg is None else np.full(count, np.radians(parked.perigee_deg))
    )
    return Slots(
        names=parked.names,
        turns_per_day_ratio=np.full(count, _DAILY),
        node_longitude_rad=node_rad,
        argument_of_latitude_rad=np.radians(parked.longitude_deg) - node_rad,
        perigee_rad=perigee_rad,
        eccentricity=parked.eccentricity * draw.uniform(0.9, 1.1, count),
        inclination_rad=np.radians(parked.inclination_deg),
        is_geostationary=np.full(count, parked.is_geostationary),
    )


def _joined(parts: Sequence[Slots]) -> Slots:
    return Slots(
        names=tuple(name for part in parts for name in part.names),
        turns_per_day_ratio=np.concatenate([part.turns_per_day_ratio for part in parts]),
        node_longitude_rad=np.concatenate([part.node_longitude_rad for part in parts]),
        argument_of_latitude_rad=np.concatenate([part.argument_of_latitude_rad for part in parts]),
        perigee_rad=np.concatenate([part.perigee_rad for part in parts]),
        eccentricity=np.concatenate([part.eccentricity for part in parts]),
        inclination_rad=np.concatenate([part.inclination_rad for part in parts]),
        is_geostationary=np.concatenate([part.is_geostationary for part in parts]),
    )

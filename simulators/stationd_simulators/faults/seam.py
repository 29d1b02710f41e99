"""Where faults take hold of a station: what a fault gets to see, and what it may change.

    truth          where the antenna truly is             displacement in ENU
    observations   what the receiver measures             additions to columns, rows lost
    ephemerides    which orbits the station sends         the time they are taken from
    frames         what it says: the frames of a step     frames out
    timed          what becomes of its bytes on the way   timed bytes out
    link           what becomes of the connection         up, closed, half open, silent …

A kind of fault is one function at one of these places, or several. Functions are pure: what is
random about them comes from `Moment.seed`, the same for the same scenario, fault and station.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.timed_bytes import TimedBytes

Floats = NDArray[np.float64]
Vector = tuple[float, float, float]


class Moment(NamedTuple):
    """When, within a fault. `elapsed_s` goes beyond `duration_s` for what outlasts the fault."""

    gpst_s: float
    elapsed_s: float  # since the fault began
    duration_s: float
    seed: int  # of this fault at this station; no more than 63 bits

    @property
    def active(self) -> bool:
        return 0.0 <= self.elapsed_s < self.duration_s

    @property
    def ramp_s(self) -> float:
        """For how long it has grown: what grows keeps its last value once the fault is over."""
        return min(max(self.elapsed_s, 0.0), self.duration_s)


class Seen(NamedTuple):
    """Rows of an epoch, one for each satellite and signal; columns (n,)."""

    satellite: tuple[str, ...]  # "G01"
    code: tuple[str, ...]  # "1C"
    elevation_rad: Floats
    azimuth_rad: Floats
    wavelength_m: Floats
    range_rate_m_per_s: Floats

    def __len__(self) -> int:
        return len(self.satellite)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What is to be done to the rows of an epoch; columns (n,).

    `kept`: False where the row is lost. The others are added, but for `lock_time_s`, which is
    the longest that the lock can have lasted, and `half_cycle`, which is set.
    """

    kept: NDArray[np.bool_]
    pseudorange_m: Floats
    phase_range_m: Floats
    phase_range_rate_m_per_s: Floats
    cn0_db: Floats
    lock_time_s: Floats
    half_cycle: NDArray[np.bool_]

    @classmethod
    def none(cls, rows: int) -> "Change":
        """Return what leaves `rows` rows as they are."""
        return cls(
            kept=np.ones(rows, bool),
            pseudorange_m=np.zeros(rows),
            phase_range_m=np.zeros(rows),
            phase_range_rate_m_per_s=np.zeros(rows),
            cn0_db=np.zeros(rows),
            lock_time_s=np.full(rows, np.inf),
            half_cycle=np.zeros(rows, bool),
        )

    def then(self, other: "Change") -> "Change":
        """Return both, one after the other."""
        return Change(
            kept=self.kept & other.kept,
            pseudorange_m=self.pseudorange_m + other.pseudorange_m,
            phase_range_m=self.phase_range_m + other.phase_range_m,
            phase_range_rate_m_per_s=(
                self.phase_range_rate_m_per_s + other.phase_range_rate_m_per_s
            ),
            cn0_db=self.cn0_db + other.cn0_db,
            lock_time_s=np.minimum(self.lock_time_s, other.lock_time_s),
            half_cycle=self.half_cycle | other.half_cycle,
        )


class Link(StrEnum):
    """What becomes of the connection that a station's bytes travel on."""

    UP = "up"
    CLOSED = "closed"  # closed, and nobody is let in; a cable is pulled out
    HALF_OPEN = "half-open"  # accepted, and never answered
    SILENT = "silent"  # answered, and nothing comes
    LYING = "lying"  # the sourcetable does not fit; perhaps the mountpoint answers with it
    MISBEHAVING = "misbehaving"  # the caster does what the fault's parameters say


# Every function takes the fault's parameters second to last and the moment last.
Truth = Callable[[Any, Moment], Vector]
Observing = Callable[[Seen, Any, Moment], Change]
Orbits = Callable[[float, Any, Moment], float]
Framing = Callable[[list[bytes], Any, Moment], list[bytes]]
# Timed bytes in order of time; the function says when: `moment(gpst_s)`.
Timing = Callable[[Iterable[TimedBytes], Any, Callable[[float], Moment]], Iterator[TimedBytes]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: a row of `FAULTS`. `parameters`: a frozen dataclass with defaults.

    `lasting`: it is asked after its end, too, because something of it stays. `ends`: it makes no
    sense without an end.
    """

    parameters: type
    meaning: str
    truth: Truth | None = None
    observations: Observing | None = None
    ephemerides: Orbits | None = None
    frames: Framing | None = None
    timed: Timing | None = None
    link: Link = Link.UP
    lasting: bool = False
    ends: bool = False

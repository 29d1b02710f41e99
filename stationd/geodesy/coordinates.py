"""Coordinates that cannot be without frame and epoch, and velocities that carry their frame.

Neither shows its numbers in `repr`: the coordinate of a reference station may be confidential
(Order 190, art. 25), and a repr ends up in logs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stationd.geodesy.frames import Frame, FrameError, check_epoch, frame_and_epoch, frame_named

Floats = NDArray[np.float64]

# The surface lies between 6 353 and 6 384 km from the centre; room for mines and aircraft.
_NEAREST_M, _FARTHEST_M = 6.33e6, 6.42e6
_FASTEST_M_PER_YEAR = 0.5  # the fastest plates make 0.1; 33 would be millimetres


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Coordinate:
    """Geocentric points `xyz_m` (..., 3) in `frame` at `epoch_years` (decimal; scalar or (...))."""

    xyz_m: Floats
    frame: Frame
    epoch_years: Floats

    def __post_init__(self) -> None:
        xyz_m = np.array(self.xyz_m, dtype=np.float64)
        epoch_years = np.array(self.epoch_years, dtype=np.float64)
        if xyz_m.ndim == 0 or xyz_m.shape[-1] != 3:
            raise FrameError(f"a coordinate has the shape (..., 3), not {xyz_m.shape}")
        for year in np.unique(epoch_years):  # NaN is kept by unique, and refused by the check
            check_epoch(self.frame, float(year))
        try:
            np.broadcast_to(epoch_years, xyz_m.shape[:-1])
        except ValueError:
            raise FrameError(
                f"{epoch_years.shape} epochs do not go with points of shape {xyz_m.shape}"
            ) from None
        distance_m = np.linalg.norm(xyz_m, axis=-1)
        if not np.all((distance_m > _NEAREST_M) & (distance_m < _FARTHEST_M)):
            raise FrameError(
                "a point is not near the surface of the earth: X, Y, Z in metres are wanted "
                "(are they kilometres, degrees, zero or unknown?)"
            )
        _freeze(self, xyz_m=xyz_m, epoch_years=epoch_years)

    @classmethod
    def stated(cls, xyz_m: ArrayLike, frame_at_epoch: str) -> "Coordinate":
        """Make a coordinate from points and text such as `ITRF2020@2025.5`."""
        frame, epoch = frame_and_epoch(frame_at_epoch)
        return cls(np.asarray(xyz_m, dtype=np.float64), frame, np.asarray(epoch))

    def when(self) -> str:
        """Return the epoch, or the first and last one, for a sentence."""
        years = np.unique(self.epoch_years)
        return "..".join(f"{year:g}" for year in dict.fromkeys((*years[:1], *years[-1:])))

    def __repr__(self) -> str:
        return f"Coordinate({self.frame}@{self.when()}, shape {self.xyz_m.shape}, numbers withheld)"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Velocity:
    """Velocities `xyz_m_per_year` (..., 3) in a dynamic `frame`; `source` says where from."""

    xyz_m_per_year: Floats
    frame: Frame
    source: str = ""

    def __post_init__(self) -> None:
        xyz = np.array(self.xyz_m_per_year, dtype=np.float64)
        if self.frame.is_static:
            raise FrameError(
                f"{self.frame} stands still at {self.frame.fixed_epoch}: a velocity is stated in "
                f"the frame that moves, {self.frame.basis}"
            )
        if xyz.ndim == 0 or xyz.shape[-1] != 3:
            raise FrameError(f"a velocity has the shape (..., 3), not {xyz.shape}")
        if not np.all(np.abs(xyz) <= _FASTEST_M_PER_YEAR):
            raise FrameError(
                f"a velocity is unknown or above {_FASTEST_M_PER_YEAR} m a year: metres a year "
                "are wanted (are they millimetres?)"
            )
        _freeze(self, xyz_m_per_year=xyz)

    @classmethod
    def stated(cls, text: str, source: str = "") -> "Velocity":
        """Read `VX,VY,VZ@ITRF97`, metres a year."""
        numbers, at, name = text.partition("@")
        if not at or not name.strip():
            raise FrameError(
                f'"{text}" has no frame: write VX,VY,VZ@ITRF97; the wrong frame makes it 3 mm a '
                "year wrong"
            )
        try:
            xyz = [float(number) for number in numbers.split(",")]
        except ValueError:
            xyz = []
        if len(xyz) != 3:
            raise FrameError(f'"{text}" is no velocity: write VX,VY,VZ@ITRF97, metres a year')
        return cls(np.array(xyz), frame_named(name), source)

    def __repr__(self) -> str:
        shape = self.xyz_m_per_year.shape
        return f"Velocity({self.frame}, shape {shape}, source {self.source!r}, numbers withheld)"


def _freeze(owner: Coordinate | Velocity, **columns: Floats) -> None:
    """Put checked, read-only columns in place of what was given."""
    for name, column in columns.items():
        column.setflags(write=False)
        object.__setattr__(owner, name, column)

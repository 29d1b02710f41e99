"""Reference frames by name: what realises each of them, and at which epochs it can be stated.

Three kinds.  A dynamic frame (ITRF, ETRF) has coordinates at any epoch.  An IGS frame is, by its
definition, the ITRF of the same generation: only the name differs (the single station may differ
by some millimetres, where an antenna calibration changed).  A static frame has the coordinates
of a dynamic one at one epoch for ever: CGCS2000 is ITRF97 at 2000.0 (Order 190, art. 7).
"""

import math
from dataclasses import dataclass
from typing import Final

EARLIEST_YEAR: Final = 1980.0  # before the first GNSS receiver
LATEST_YEAR: Final = 2100.0


class FrameError(ValueError):
    """A coordinate or velocity cannot be stated as asked; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A reference frame.

    `epsg`: its geocentric CRS in the EPSG dataset.  `basis`: the dynamic frame that it is, or is
    taken from; its own name for ITRF and ETRF.  `fixed_epoch`: the one epoch of a static frame.
    `plate_fixed`: PROJ moves to the fixed epoch by the motion of the frame's own plate, so that
    no velocity is needed.  `area_deg`: west, south, east, north of where that, or the frame, holds.
    """

    name: str
    epsg: int
    basis: str
    fixed_epoch: float | None = None
    plate_fixed: bool = False
    area_deg: tuple[float, float, float, float] | None = None

    @property
    def is_static(self) -> bool:
        return self.fixed_epoch is not None

    def __str__(self) -> str:
        return self.name


_ITRF: Final = {
    "ITRF2020": 9988, "ITRF2014": 7789, "ITRF2008": 5332, "ITRF2005": 4896, "ITRF2000": 4919,
    "ITRF97": 4918, "ITRF96": 4917, "ITRF94": 4916, "ITRF93": 4915,
}  # fmt: skip
_IGS: Final = {
    "IGS20": "ITRF2020", "IGb20": "ITRF2020", "IGb14": "ITRF2014", "IGS14": "ITRF2014",
    "IGb08": "ITRF2008", "IGS08": "ITRF2008", "IGS05": "ITRF2005", "IGb00": "ITRF2000",
    "IGS00": "ITRF2000", "IGS97": "ITRF97",
}  # fmt: skip
_ETRF: Final = {"ETRF2020": 10569, "ETRF2014": 8401, "ETRF2005": 8397, "ETRF2000": 7930}
# EPSG's extent of ETRF is narrower (16 W to 33 E); Iceland, the Azores and Cyprus use it too.
_EUROPE_DEG: Final = (-34.0, 27.0, 45.0, 85.0)
_AUSTRALIA_DEG: Final = (93.0, -61.0, 174.0, -8.0)  # EPSG: extent of GDA2020

FRAMES: Final[dict[str, Frame]] = {
    frame.name: frame
    for frame in (
        *(Frame(name, epsg, name) for name, epsg in _ITRF.items()),
        *(Frame(name, _ITRF[basis], basis) for name, basis in _IGS.items()),
        *(Frame(name, epsg, name, area_deg=_EUROPE_DEG) for name, epsg in _ETRF.items()),
        Frame("CGCS2000", 4479, "ITRF97", fixed_epoch=2000.0),
        Frame("GDA2020", 7842, "ITRF2014", 2020.0, plate_fixed=True, area_deg=_AUSTRALIA_DEG),
    )
}

_BY_FOLDED_NAME: Final = {name.casefold(): frame for name, frame in FRAMES.items()}
_TOO_VAGUE: Final = {
    "wgs84": "WGS 84 does not say which realisation; write the frame of the solution, ITRF2020",
    "etrs89": "ETRS89 has realisations that differ by centimetres; write one, ETRF2000 or ETRF2020",
    "itrf": "ITRF has realisations that differ by centimetres; write one, ITRF2020 or ITRF2014",
    "itrs": "ITRS has realisations that differ by centimetres; write one, ITRF2020 or ITRF2014",
    "igs": "IGS frames differ by centimetres; write one, IGS20 or IGb14",
}


def frame_named(name: str) -> Frame:
    """Return the frame of that name, in any case; raise FrameError where it is none we know."""
    folded = name.strip().casefold().replace(" ", "")
    if frame := _BY_FOLDED_NAME.get(folded):
        return frame
    if reason := _TOO_VAGUE.get(folded):
        raise FrameError(reason)
    raise FrameError(f'"{name.strip()}" is not a frame that is known here: {", ".join(FRAMES)}')


def frame_and_epoch(text: str) -> tuple[Frame, float]:
    """Read `ITRF2020@2025.5`; raise FrameError where frame or epoch is missing or wrong."""
    name, at, year = text.partition("@")
    frame = frame_named(name)
    if not at or not year.strip():
        example = 2025.5 if frame.fixed_epoch is None else frame.fixed_epoch
        raise FrameError(
            f'"{text.strip()}" has no epoch: write {frame}@{example} (a decimal year); without '
            "one a coordinate may be centimetres wrong and nothing would show it"
        )
    try:
        epoch = float(year)
    except ValueError:
        raise FrameError(
            f'"{text.strip()}": the epoch is a decimal year, such as {frame}@2025.5'
        ) from None
    check_epoch(frame, epoch)
    return frame, epoch


def check_epoch(frame: Frame, epoch_years: float) -> None:
    """Raise FrameError where the frame cannot be stated at this epoch."""
    if not math.isfinite(epoch_years) or not EARLIEST_YEAR <= epoch_years <= LATEST_YEAR:
        raise FrameError(
            f"the epoch {epoch_years:g} is no decimal year between {EARLIEST_YEAR:g} and "
            f"{LATEST_YEAR:g}"
        )
    if frame.fixed_epoch is not None and epoch_years != frame.fixed_epoch:
        raise FrameError(
            f"{frame} has coordinates at {frame.fixed_epoch} only: it is {frame.basis} at that "
            f"epoch. For {epoch_years:g} write {frame.basis}@{epoch_years:g}"
        )

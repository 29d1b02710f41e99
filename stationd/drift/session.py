"""A station's coordinate of one session, and many of them collected into a series."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stationd.drift.epochs import julian_year
from stationd.drift.errors import SeriesFileError
from stationd.drift.series import Floats, Series
from stationd.geodesy.geodetic import covariance_to_enu, displacement_enu_m

_ROUNDING_RATIO = 1e-2  # RTKLIB prints four decimals of sigmas and of covariances' roots
_SAME_MOMENT_DAYS = 1e-6
# Sessions of one station lie within what plates, steps and a moved antenna can do.
_ONE_STATION_M = 1_000.0
# The surface lies between 6 353 and 6 384 km from the centre; room for mines and aircraft.
_NEAREST_M, _FARTHEST_M = 6.33e6, 6.42e6


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Session:
    """One station's geocentric coordinate from one solution.

    `xyz_m` (3,), `covariance_m2` (3, 3) with NaN where not given.  `mjd`: the epoch that the
    coordinate holds at.  `frame`: "" where the source does not say it.  `solution`: SINEX's SOLN,
    "" elsewhere.  `velocity_m_per_year` (3,): of a cumulative solution, else None.  `repr` keeps
    the numbers to itself: a reference station's coordinate may be confidential (Order 190,
    art. 25).  Raises SeriesFileError for a point that is not near the earth's surface.
    """

    station: str
    mjd: float
    xyz_m: Floats
    covariance_m2: Floats
    frame: str
    source: str
    line: int
    antenna: str | None = None
    solution: str = ""
    velocity_m_per_year: Floats | None = None

    def __post_init__(self) -> None:
        distance_m = float(np.linalg.norm(self.xyz_m))
        if not _NEAREST_M < distance_m < _FARTHEST_M:
            raise SeriesFileError(
                self.source,
                self.line,
                f"{self.station} is not near the surface of the earth; X, Y, Z in metres?",
            )
        if not _is_covariance(self.covariance_m2):
            raise SeriesFileError(
                self.source,
                self.line,
                f"sigmas and correlations of {self.station} are those of no covariance",
            )

    def __repr__(self) -> str:
        where = f"{self.source}, line {self.line}"
        return f"Session({self.station}, MJD {self.mjd:.5f}, {self.frame}, {where})"


def collected(sessions: Iterable[Session]) -> tuple[Series, ...]:
    """Return one series a station, sorted by name; the first session of each is its origin.

    Raises SeriesFileError where a station's sessions are of two frames, of one epoch, or of two
    places.
    """
    by_station: dict[str, list[Session]] = {}
    for session in sessions:
        by_station.setdefault(session.station, []).append(session)
    return tuple(_series(by_station[station]) for station in sorted(by_station))


def _series(sessions: list[Session]) -> Series:
    ordered = sorted(sessions, key=lambda session: session.mjd)
    _refuse_mixtures(ordered)
    origin_m = ordered[0].xyz_m
    xyz_m = np.array([session.xyz_m for session in ordered])
    covariance_m2 = np.array([session.covariance_m2 for session in ordered])
    sigma_m, correlation = spread(covariance_to_enu(covariance_m2, origin_m))
    mjd = np.array([session.mjd for session in ordered])
    first = ordered[0]
    return Series(
        station=first.station,
        t_years=np.array([julian_year(moment) for moment in mjd]),
        mjd=mjd,
        enu_m=displacement_enu_m(xyz_m, origin_m),
        sigma_m=sigma_m,
        correlation=correlation,
        frame=first.frame,
        antenna=_antennas(ordered),
        source=first.source if len(ordered) == 1 else f"{first.source} and {len(ordered) - 1} more",
    )


def spread(covariance_m2: Floats) -> tuple[Floats, Floats]:
    """Return sigmas (n, 3) and correlations of 01, 02, 12 (n, 3) of covariances (n, 3, 3)."""
    sigma_m = np.sqrt(np.maximum(np.einsum("nii->ni", covariance_m2), 0.0))
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    with np.errstate(invalid="ignore", divide="ignore"):  # a sigma of zero has no correlation
        correlation = covariance_m2[:, pairs[:, 0], pairs[:, 1]] / (
            sigma_m[:, pairs[:, 0]] * sigma_m[:, pairs[:, 1]]
        )
    return sigma_m, correlation


def covariance_of(sigma_m: Sequence[float], correlation: Sequence[float]) -> Floats:
    """Return the (3, 3) covariance of sigmas and of the correlations 01, 02, 12.

    A missing correlation (NaN) counts as zero.
    """
    r01, r02, r12 = (0.0 if np.isnan(r) else r for r in correlation)
    matrix = np.array([[1.0, r01, r02], [r01, 1.0, r12], [r02, r12, 1.0]])
    scaled: Floats = matrix * np.outer(sigma_m, sigma_m)
    return scaled


def _is_covariance(matrix_m2: Floats) -> bool:
    """Tell whether a matrix is unknown, or has no negative variance in any direction."""
    if not np.all(np.isfinite(matrix_m2)):
        return bool(np.all(np.isnan(np.diag(matrix_m2))))
    variances_m2 = np.linalg.eigvalsh(matrix_m2)
    return bool(variances_m2[0] >= -_ROUNDING_RATIO * abs(variances_m2[-1]))


def _refuse_mixtures(ordered: list[Session]) -> None:
    first = ordered[0]
    for before, after in pairwise(ordered):
        if after.frame != first.frame:
            raise SeriesFileError(
                after.source,
                after.line,
                f"{after.station} is in {after.frame or 'an unstated frame'} here and in "
                f"{first.frame or 'an unstated frame'} in {first.source}; transform one of them "
                "first (stationd frame), a series has one frame",
            )
        if after.mjd - before.mjd < _SAME_MOMENT_DAYS:
            raise SeriesFileError(
                after.source,
                after.line,
                f"{after.station} has a second coordinate at MJD {after.mjd:.5f} (the other: "
                f"{before.source}, line {before.line}); a series needs one an epoch, a cumulative "
                "solution is no series",
            )
        if np.linalg.norm(after.xyz_m - first.xyz_m) > _ONE_STATION_M:
            raise SeriesFileError(
                after.source,
                after.line,
                f"{after.station} lies more than 1 km from where {first.source} has it; these are "
                "two stations of one name",
            )


def _antennas(ordered: list[Session]) -> tuple[str, ...] | None:
    if all(session.antenna is None for session in ordered):
        return None
    return tuple(session.antenna or "" for session in ordered)

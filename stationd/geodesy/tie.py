"""The tie between two systems, checked at points that have coordinates in both (Order 190, art. 8).

A similarity is fitted: four parameters in a plane, seven in space.  What is left over at each
point says whether the systems still agree there.  First the least median of squares over minimal
sets of points finds a fit that up to half of the points cannot spoil (Rousseeuw 1984); then least
squares over the points that agree with it.  The parameters found are as secret as those of the
local system: they are in no repr.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stationd.geodesy.frames import FrameError

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

_MOST_SETS: Final = 2_000  # with more than 64 points, or 23 in space, not all are tried
# Of the length of a vector of d normal errors of unit deviation: its median, and its 99.9 % point.
_MEDIAN: Final = {2: 1.1774, 3: 1.5382}
_REJECTED: Final = {2: 3.717, 3: 4.033}
_FLAT_RATIO: Final = 1e-3  # minimal sets closer to a point or line than this are passed over
_MOST_ROUNDS: Final = 20


class TieError(FrameError):
    """The common points cannot carry a tie; the sentence says what is missing."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Similarity:
    """target = translation_m + scale_ratio * rotation (d, d) @ source, d = 2 or 3."""

    translation_m: Floats
    rotation: Floats
    scale_ratio: float

    def __repr__(self) -> str:
        return "Similarity(withheld)"

    def of(self, points_m: ArrayLike) -> Floats:
        """Return points (..., d) in the target system."""
        turned: Floats = np.asarray(points_m, dtype=np.float64) @ self.rotation.T
        return self.translation_m + self.scale_ratio * turned


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class TieCheck:
    """What common points say of a tie.

    `residuals_m` (n, d): official less transformed, of all points.  `is_outlier` (n,): points that
    disagree with the others; they took no part in the fit.  `sigma_m`: standard deviation of one
    component, NaN without redundancy.  `within_limit`: every point within the limit, or None where
    there are too few points to tell.  `outliers_sought`: there were enough points to name one.
    """

    similarity: Similarity
    residuals_m: Floats
    is_outlier: Marks
    sigma_m: float
    limit_m: float
    within_limit: bool | None
    outliers_sought: bool

    def __repr__(self) -> str:
        return f"TieCheck({self.sentence()})"

    def lengths_m(self) -> Floats:
        """Return the length of each residual, (n,)."""
        return np.asarray(np.linalg.norm(self.residuals_m, axis=-1))

    def sentence(self) -> str:
        """Say the verdict, without coordinates and parameters."""
        used = int(np.count_nonzero(~self.is_outlier))
        largest_mm = 1e3 * float(self.lengths_m().max())
        text = (
            f"{used} of {len(self.is_outlier)} points agree, largest residual {largest_mm:.1f} mm"
        )
        if self.within_limit is None:
            return f"{text}; too few points for a check"
        verdict = "within" if self.within_limit else "beyond"
        return f"{text}, {verdict} the limit of {self.limit_m * 1e3:g} mm"


def checked_tie(
    source_m: ArrayLike, target_m: ArrayLike, *, limit_m: float, expected_sigma_m: float = 0.003
) -> TieCheck:
    """Fit a similarity to common points (n, d), d = 2 or 3, and judge what is left over.

    `expected_sigma_m`: what a component of good coordinates differs by; no point is an outlier
    that lies within it.  Raises TieError where there are too few points, or all on one line.
    """
    source, target = _common(source_m, target_m)
    count, axes = source.shape
    robust, sought = _robust(source, target), count >= axes + 2
    kept = np.ones(count, dtype=np.bool_)
    if sought:
        lengths_m = np.linalg.norm(target - robust.of(source), axis=-1)
        # Rousseeuw and Leroy 1987: small samples make the median too small.
        small = 1.0 + 5.0 / (count - axes)
        scale_m = small * float(np.median(lengths_m)) / _MEDIAN[axes]
        kept = lengths_m <= _REJECTED[axes] * max(scale_m, expected_sigma_m)
    similarity, kept, sigma_m = _settled(source, target, kept, expected_sigma_m, sought=sought)
    residuals_m = target - similarity.of(source)
    within = None
    if count > axes:
        within = bool((np.linalg.norm(residuals_m, axis=-1) <= limit_m).all())
    return TieCheck(similarity, residuals_m, ~kept, sigma_m, limit_m, within, sought)


def fitted(source: Floats, target: Floats) -> Similarity:
    """Return the similarity of least squares of residuals in the target, points (n, d)."""
    translation_m, rotation, scale_ratio = _solved(source, target)
    return Similarity(translation_m, rotation, float(scale_ratio))


def _solved(source: Floats, target: Floats) -> tuple[Floats, Floats, Floats]:
    """Solve for shift, rotation and scale of sets of points (..., n, d), by Umeyama (1991)."""
    middle, aim = source.mean(axis=-2, keepdims=True), target.mean(axis=-2, keepdims=True)
    mixed = np.swapaxes(target - aim, -1, -2) @ (source - middle)
    left, stretch, right = np.linalg.svd(mixed)
    mirror = np.ones_like(stretch)
    mirror[..., -1] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    rotation = (left * mirror[..., None, :]) @ right
    scale = (stretch * mirror).sum(axis=-1) / np.square(source - middle).sum(axis=(-1, -2))
    moved = scale[..., None] * np.einsum("...ij,...j->...i", rotation, middle[..., 0, :])
    return aim[..., 0, :] - moved, rotation, scale


def _common(source_m: ArrayLike, target_m: ArrayLike) -> tuple[Floats, Floats]:
    source, target = np.asarray(source_m, dtype=np.float64), np.asarray(target_m, dtype=np.float64)
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] not in _MEDIAN:
        raise TieError(
            f"common points have the shape (n, 2) or (n, 3) in both systems, not {source.shape} "
            f"and {target.shape}"
        )
    count, axes = source.shape
    if count < axes:
        raise TieError(
            f"{count} common points are too few: {axes} are needed, {axes + 2} to name an outlier"
        )
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise TieError("a coordinate of a common point is unknown")
    if not _spread(source) or not _spread(target):
        raise TieError("the common points lie at one place or on one line: no turn can be told")
    return source, target


def _robust(source: Floats, target: Floats) -> Similarity:
    """Return the fit of the minimal set that leaves the smallest median of squares."""
    members = np.array(list(_sets(*source.shape)))
    members = members[_spread(source[members]) & _spread(target[members])]
    if len(members) == 0:
        return fitted(source, target)
    shifts_m, rotations, scales = _solved(source[members], target[members])
    moved = scales[:, None, None] * (source @ np.swapaxes(rotations, -1, -2)) + shifts_m[:, None]
    middles = np.median(np.square(target - moved).sum(axis=-1), axis=-1)
    best = int(np.argmin(middles))
    return Similarity(shifts_m[best], rotations[best], float(scales[best]))


def _settled(
    source: Floats, target: Floats, kept: Marks, expected_sigma_m: float, *, sought: bool
) -> tuple[Similarity, Marks, float]:
    """Fit by least squares and look again who agrees, until it is the same points."""
    axes = source.shape[1]
    for _ in range(_MOST_ROUNDS):
        if np.count_nonzero(kept) < axes or not _spread(source[kept]):
            raise TieError("the common points that agree with each other are too few for a tie")
        similarity = fitted(source[kept], target[kept])
        residuals_m = target - similarity.of(source)
        freedom = axes * int(np.count_nonzero(kept)) - (4 if axes == 2 else 7)
        left_over = float(np.square(residuals_m[kept]).sum())
        sigma_m = math.sqrt(left_over / freedom) if freedom > 0 else math.nan
        used = kept
        if not sought:
            break
        allowed_m = _REJECTED[axes] * max(sigma_m if freedom > 0 else 0.0, expected_sigma_m)
        kept = np.linalg.norm(residuals_m, axis=-1) <= allowed_m
        if np.array_equal(used, kept):
            break
    return similarity, used, sigma_m


def _spread(points: Floats) -> Marks:
    """Say of sets (..., n, d) which tell a rotation: not at one place, nor on a line in space."""
    middle = points.mean(axis=-2, keepdims=True)
    stretch = np.linalg.svd(points - middle, compute_uv=False)
    needed = stretch[..., points.shape[-1] - 2]
    wide: Marks = (needed > 0) & (needed > _FLAT_RATIO * stretch[..., 0])
    return wide


def _sets(count: int, axes: int) -> Iterator[list[int]]:
    """Yield sets of as many points as axes, evenly taken from all such sets where they are many."""
    step = -(-math.comb(count, axes) // _MOST_SETS)
    for members in islice(combinations(range(count), axes), 0, None, step):
        yield list(members)

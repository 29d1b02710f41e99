"""Randomness without a state: a number is a function of the seed and of what it belongs to.

So any epoch can be made without the ones before it, and two runs give the same bytes. The hash is
the finaliser of SplitMix64 (Steele, Lea and Flood 2014), applied once for each key.
"""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_EIGHT_BYTES: Final = 0xFFFF_FFFF_FFFF_FFFF


def key_of(*parts: object) -> int:
    """Return 63 bits that stand for names and numbers, the same in any process."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def hashed(seed: int, *keys: ArrayLike) -> Hashes:
    """Return a hash for each element of the keys (whole numbers), broadcast against each other."""
    value: Hashes = np.asarray(np.uint64(seed & _EIGHT_BYTES)).reshape(1)
    for key in keys:
        value = _next(value, key)
    return value


def _next(value: Hashes, key: ArrayLike) -> Hashes:
    """Return hashes that depend on one key more."""
    whole = np.atleast_1d(np.asarray(key, np.int64)).view(np.uint64)  # arrays overflow silently
    mixed: Hashes = value + (whole * _FIRST + _GOLDEN)
    mixed ^= mixed >> np.uint64(30)
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def uniform(seed: int, *keys: ArrayLike) -> Floats:
    """Return numbers of 0 … 1, without 0."""
    return _ratio(hashed(seed, *keys))


def normal(seed: int, *keys: ArrayLike) -> Floats:
    """Return normally distributed numbers of variance 1, by Box and Muller."""
    return _normal(hashed(seed, *keys))


def _ratio(value: Hashes) -> Floats:
    numbers: Floats = ((value >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return numbers


def _normal(value: Hashes) -> Floats:
    radius = np.sqrt(-2.0 * np.log(_ratio(_next(value, 1))))
    numbers: Floats = radius * np.cos(2.0 * np.pi * _ratio(_next(value, 2)))
    return numbers


def wander(seed: int, gpst_s: float | Floats, period_s: ArrayLike, *keys: ArrayLike) -> Floats:
    """Return a smooth function of time that takes new random values every `period_s`.

    Between two of them it goes along a cosine; its variance is 0.75 on the average.
    """
    step, part = np.divmod(gpst_s / np.asarray(period_s), 1.0)
    number = np.asarray(step, np.int64)
    value = hashed(seed, *keys)
    before, after = _normal(_next(value, number)), _normal(_next(value, number + 1))
    moved: Floats = before + (after - before) * (0.5 - 0.5 * np.cos(np.pi * part))
    return moved


def walk(seed: int, gpst_s: float) -> float:
    """Return what resembles a random walk of 1 per square root of an hour, bounded in the long run.

    A sum of wandering functions whose periods double from a quarter of an hour to 11 days, each
    with a variance that grows as its period does.
    """
    return _OCTAVE_RATIO * float(_SIZES @ wander(seed, gpst_s, _PERIODS_S, _OCTAVES))


_OCTAVES: Final = np.arange(11)
_PERIODS_S: Final = 900.0 * 2.0**_OCTAVES
_SIZES: Final = np.sqrt(_PERIODS_S / 3600.0)
# With it the increments of `walk` over 1 … 24 h have the variance of the hours that pass.
_OCTAVE_RATIO: Final = 0.45

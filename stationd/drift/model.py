"""The trajectory of a station: which terms it has, and the column of the design that each one is.

x(t) = offset + velocity (t - tR) + acceleration (t - tR)^2 / 2 + changes of the velocity + steps
     + annual + semi-annual + post-seismic terms  (Bevis & Brown 2014, J Geodesy 88:283).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from stationd.drift.series import Floats

TermKind = Literal[
    "offset",
    "velocity",
    "acceleration",
    "rate change",
    "annual cosine",
    "annual sine",
    "semi-annual cosine",
    "semi-annual sine",
    "step",
    "log",
    "exp",
]


class Term(NamedTuple):
    """One parameter. `epoch`: where it begins, decimal years; the reference epoch of the first."""

    kind: TermKind
    epoch: float = 0.0
    time_constant_years: float = 1.0

    def __str__(self) -> str:
        return f"{self.kind} at {self.epoch:.4f}" if self.kind in BEGINNING else self.kind


@dataclass(frozen=True, slots=True)
class Transient:
    """A post-seismic term: log(1 + dt/T), or 1 - exp(-dt/T), from its epoch on."""

    epoch: float
    kind: Literal["log", "exp"] = "log"
    time_constant_years: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """Which terms a trajectory has; epochs are decimal years. Offset and velocity it always has.

    `reference_years`: where the offset, and with an acceleration the velocity, is meant; the
    middle of the observations where None. `rate_changes`: where the velocity changes.
    """

    steps: tuple[float, ...] = ()
    annual: bool = True
    semi_annual: bool = True
    acceleration: bool = False
    rate_changes: tuple[float, ...] = ()
    transients: tuple[Transient, ...] = ()
    reference_years: float | None = None

    def terms(self, reference_years: float) -> tuple[Term, ...]:
        """Return the terms in the order in which one that depends on those before it is dropped."""
        found = [Term("offset", reference_years), Term("velocity", reference_years)]
        if self.acceleration:
            found.append(Term("acceleration", reference_years))
        if self.annual:
            found += [Term("annual cosine"), Term("annual sine")]
        if self.semi_annual:
            found += [Term("semi-annual cosine"), Term("semi-annual sine")]
        found += [Term("step", epoch) for epoch in sorted(set(self.steps))]
        found += [Term("rate change", epoch) for epoch in sorted(set(self.rate_changes))]
        found += [Term(one.kind, one.epoch, one.time_constant_years) for one in self.transients]
        return tuple(found)


BEGINNING = frozenset({"step", "rate change", "log", "exp"})

_COLUMNS: dict[TermKind, Callable[[Floats, float], Floats]] = {
    # Of the time since the term's epoch in years, and its time constant.
    "offset": lambda dt, _: np.ones_like(dt),
    "velocity": lambda dt, _: dt,
    "acceleration": lambda dt, _: 0.5 * dt**2,
    "rate change": lambda dt, _: np.maximum(dt, 0.0),
    "annual cosine": lambda dt, _: np.cos(2 * np.pi * dt),
    "annual sine": lambda dt, _: np.sin(2 * np.pi * dt),
    "semi-annual cosine": lambda dt, _: np.cos(4 * np.pi * dt),
    "semi-annual sine": lambda dt, _: np.sin(4 * np.pi * dt),
    "step": lambda dt, _: (dt >= 0.0).astype(np.float64),
    "log": lambda dt, constant: np.log1p(np.maximum(dt, 0.0) / constant),
    "exp": lambda dt, constant: -np.expm1(-np.maximum(dt, 0.0) / constant),
}
# Of the velocity alone: what each term adds to it. Seasons and transients are not velocity.
_RATES: dict[TermKind, Callable[[Floats], Floats]] = {
    "velocity": np.ones_like,
    "acceleration": lambda dt: dt,
    "rate change": lambda dt: (dt >= 0.0).astype(np.float64),
}


def design(terms: Sequence[Term], t_years: Floats) -> Floats:
    """Return the design (n, terms): a column per term at the epochs (n,)."""
    columns = [
        _COLUMNS[term.kind](t_years - term.epoch, term.time_constant_years) for term in terms
    ]
    return np.stack(columns, axis=1)


def rates(terms: Sequence[Term], t_years: Floats) -> Floats:
    """Return (n, terms): what each term adds to the velocity at the epochs (n,)."""
    columns = [
        _RATES[term.kind](t_years - term.epoch) if term.kind in _RATES else np.zeros_like(t_years)
        for term in terms
    ]
    return np.stack(columns, axis=1)


def independent(columns: Floats) -> list[int]:
    """Return which columns do not follow from those before them.

    A step before the first epoch, or a second one in the same gap, cannot be told from the rest.
    """
    kept = list(range(columns.shape[1]))
    lengths = np.linalg.norm(columns, axis=0)
    kept = [place for place in kept if lengths[place] > 0.0]
    while kept:
        triangle = np.linalg.qr(columns[:, kept] / lengths[kept], mode="r")
        of_its_own = np.abs(np.diagonal(triangle))
        if len(of_its_own) == len(kept) and of_its_own.min() > 1e-7:
            break
        dependent = int(np.argmax(of_its_own <= 1e-7)) if of_its_own.min() <= 1e-7 else -1
        kept.pop(dependent)
    return kept

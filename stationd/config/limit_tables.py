"""Limits of checks as tables: their keys, types and ranges follow from the checks themselves.

A limit's range follows from its unit, and the order of `warning_…` and `critical_…` from the
order of their defaults. Limits that are texts or tables of numbers speak of constellations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from stationd.checks import CHECKS
from stationd.checks.verdict import Check, Settling
from stationd.config.documents import Table
from stationd.config.problems import Findings
from stationd.config.sentences import suggestion
from stationd.config.validation import home, merged, validated
from stationd.gnss.constellations import CONSTELLATIONS

_MOST: Final = {"_ratio": 1.0, "_dbhz": 100.0}  # every limit is at least 0


def constellation_letter(letter: str) -> str:
    """Return a constellation's letter; raise `ValueError` for anything else."""
    if letter in CONSTELLATIONS:
        return letter
    named = {name.lower(): known for known, name in CONSTELLATIONS.items()}
    if (known := named.get(letter.lower())) or (known := letter.upper()) in CONSTELLATIONS:
        raise ValueError(f'"{letter}": write "{known}"')
    listed = ", ".join(f'"{known}" {name}' for known, name in CONSTELLATIONS.items())
    raise ValueError(f'"{letter}" is no constellation; known: {listed}')


Letter = Annotated[str, AfterValidator(constellation_letter)]


def _model(check: Check) -> type[BaseModel]:
    """Return the table of a check's limits."""
    hints, standard = get_type_hints(check.limits), check.limits()
    columns: dict[str, Any] = {}
    for field in fields(check.limits):
        default = getattr(standard, field.name)
        column = Field(default, description=field.metadata["help"])
        columns[field.name] = (_column(field.name, hints[field.name]), column)
    config = ConfigDict(frozen=True, extra="forbid")
    return create_model(f"{check.name.capitalize()}Limits", __config__=config, **columns)


def _column(name: str, hint: Any) -> Any:
    """Return what a limit may be."""
    most = next((most for unit, most in _MOST.items() if name.endswith(unit)), None)
    number = Field(ge=0, le=most)
    match get_origin(hint):
        case None if hint is bool:
            return hint
        case None:
            return Annotated[hint, number]
        case collection if collection is tuple:
            return tuple[Letter, ...]
        case _:
            count: Any = get_args(hint)[1]
            return dict[Letter, Annotated[count, number]]


LIMIT_TABLES: Final[Mapping[str, type[BaseModel]]] = {check.name: _model(check) for check in CHECKS}
DEFAULT_LIMITS: Final[Mapping[str, Settling]] = {check.name: check.limits() for check in CHECKS}


def limits_of(layers: Sequence[Table], findings: Findings) -> Mapping[str, Settling]:
    """Return the limits of every check from tables of which the first wins, key by key."""
    written = [table for table in layers if table.values]
    if not written:
        return DEFAULT_LIMITS
    for table in written:
        for name, value in table.values.items():
            if name not in LIMIT_TABLES:
                what = f"no such check; {suggestion(name, LIMIT_TABLES)}"
                findings.error(table.problem((name,), f"{table.named((name,))}: {what}"))
            elif not isinstance(value, dict):
                sentence = f"{table.named((name,))} must be a table: write [{table.named((name,))}]"
                findings.error(table.problem((name,), sentence))
    return {
        check.name: _limits(check, [table.child(check.name) for table in written], findings)
        for check in CHECKS
    }


def _limits(check: Check, layers: Sequence[Table], findings: Findings) -> Settling:
    standard = DEFAULT_LIMITS[check.name]
    if not any(table.values for table in layers):
        return standard
    values = merged(layers)
    for name, value in values.items():
        default = getattr(standard, name, None)
        if isinstance(value, dict) and isinstance(default, dict):
            # A letter that is not written keeps its default.
            written = [table.child(name) for table in layers]
            values[name] = {**default, **merged(written)}
    model = validated(LIMIT_TABLES[check.name], values, layers, findings)
    if model is None:
        return standard
    limits = check.limits(**{f.name: getattr(model, f.name) for f in fields(check.limits)})
    for one, other, sentence in _disorder(standard, limits):
        written_in = home(layers, (one,))
        key = one if written_in.holds((one,)) else other
        table = home(layers, (key,))
        findings.error(table.problem((key,), f"{table.named((key,))}: {sentence}"))
    return limits


def _disorder(standard: Settling, limits: Settling) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of limits that are the wrong way round, and why, critical first."""
    for field in fields(limits):
        warning = field.name
        critical = "critical" + warning.removeprefix("warning")
        if not warning.startswith("warning") or not hasattr(limits, critical):
            continue
        rising = getattr(standard, warning) < getattr(standard, critical)
        low, high = (warning, critical) if rising else (critical, warning)
        if getattr(limits, low) > getattr(limits, high):
            word = "at least" if rising else "at most"
            found = f"{critical} is {getattr(limits, critical):g}"
            against = f"{warning} is {getattr(limits, warning):g}"
            yield critical, warning, f"{found} and {against}; {critical} must be {word} {warning}"

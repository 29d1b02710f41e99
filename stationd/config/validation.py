"""Tables that lie over one another, validated together: each fault is told where it is written."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stationd.config.documents import Table
from stationd.config.problems import Findings
from stationd.config.sentences import Fault, faults
from stationd.config.toml_lines import KeyPath

Model = TypeVar("Model", bound=BaseModel)


def nowhere_else(key: str) -> str | None:
    """Say of no unknown key that it belongs elsewhere."""
    del key
    return None


def merged(layers: Sequence[Table]) -> dict[str, Any]:
    """Return the values of tables of which the first wins, key by key."""
    return {key: value for table in reversed(layers) for key, value in table.values.items()}


def validated(
    model: type[Model],
    values: Mapping[str, Any],
    layers: Sequence[Table],
    findings: Findings,
    elsewhere: Callable[[str], str | None] = nowhere_else,
) -> Model | None:
    """Return the model of `values`, which come from `layers`; faults become findings.

    None where they leave no model.  `elsewhere`: returns where an unknown key belongs, None where
    it belongs nowhere.
    """
    try:
        return parsed(model, values)
    except ValidationError as error:
        for fault in faults(error, model):
            tell(fault, layers, findings, elsewhere)
    known = {key: value for key, value in values.items() if key in model.model_fields}
    if len(known) == len(values):
        return None
    # Without its unknown keys, so that a rule about the table as a whole is looked at, too.
    return validated(model, known, layers, findings, elsewhere)


def parsed(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Return the model of `values`; raise `ValidationError`.

    By way of JSON, because TOML has the same types: strict, and yet an array may be a tuple and a
    text a path.
    """
    return model.model_validate_json(json.dumps(values, default=_text), strict=True)


def tell(
    fault: Fault,
    layers: Sequence[Table],
    findings: Findings,
    elsewhere: Callable[[str], str | None] = nowhere_else,
) -> None:
    """Add a fault to the findings, at the table that holds its key."""
    table = home(layers, fault.keys)
    rest = fault.rest
    if fault.kind == "extra_forbidden" and (place := elsewhere(str(fault.keys[-1]))):
        rest = f": not here; it belongs {place}"
    sentence = f"{table.named(fault.keys)}{rest}".removeprefix(": ")
    findings.error(table.problem(fault.keys, sentence))


def home(layers: Sequence[Table], keys: KeyPath) -> Table:
    """Return the table in which a key, or else the beginning of its path, is written."""
    for path in (keys, keys[:1]):
        for table in layers:
            if table.holds(path):
                return table
    return layers[0]


def _text(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"TOML has no {type(value).__name__}")

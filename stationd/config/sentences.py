"""What pydantic found wrong, as sentences that say what was found and what to write instead."""

import difflib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stationd.config.toml_lines import KeyPath

SHOWN_CHARACTERS: Final = 60
# Where a station stands, and who we are at a caster, is nobody's business in a log.
_WITHHELD: Final = re.compile(r"^[xyz]_m$|latitude|longitude|height|position|username|password")

_KEY: Final = "[key]"  # how pydantic says that a key is at fault, not its value

_WANTED: Final = {
    "string": "text in double quotes",
    "path": "a path in double quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "an array: [ … ]",
    "list": "an array: [ … ]",
    "dict": "a table",
    "model": "a table",
    "date": "a date such as 2026-03-31",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "above"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "below"),
}
_YES_NO: Final = {"true": "true", "yes": "true", "on": "true", "1": "true"} | dict.fromkeys(
    ("false", "no", "off", "0"), "false"
)


class Fault(NamedTuple):
    """A key, and the rest of the sentence that begins with it."""

    keys: KeyPath
    rest: str
    kind: str  # pydantic's name for it


def faults(error: ValidationError, model: type[BaseModel]) -> Iterator[Fault]:
    """Yield all that is wrong with one table; `rest` follows the key's name in a sentence."""
    for detail in error.errors(include_url=False):
        if isinstance(detail["input"], float) and not math.isfinite(detail["input"]):
            continue  # `documents.py` has said so
        keys = tuple(part for part in detail["loc"] if part != _KEY)
        yield Fault(keys, _rest(detail, keys, model), detail["type"])


def suggestion(word: str, known: Collection[str]) -> str:
    """Return "did you mean …", or what could be written."""
    if near := nearest(word, known):
        return f'did you mean "{near}"?'
    return "known: " + ", ".join(sorted(known)) if known else "nothing can be set here"


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the one that was most likely meant: begun alike, or spelled nearly so."""
    lower = {one.lower(): one for one in known}
    begun = [one for one in lower if word and one.startswith(word.lower())]
    near = begun if len(begun) == 1 else difflib.get_close_matches(word.lower(), lower, n=1)
    return lower[near[0]] if near else None


def shown(value: object) -> str:
    """Return a value as TOML writes it, cut where it is long."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            cut = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
            return f'"{cut}"'
        case dict():
            return "a table"
        case list():
            return "an array"
        case _:
            return str(value)[:SHOWN_CHARACTERS]


def mentions(annotation: object, kind: type) -> bool:
    """Whether a type is `kind`, or is made of it."""
    return annotation is kind or any(mentions(part, kind) for part in get_args(annotation))


def _rest(detail: ErrorDetails, keys: KeyPath, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    owner, field = _place(model, keys)
    if kind == "missing":
        return _missing(str(keys[-1]), field)
    if kind == "extra_forbidden":
        return f": no such key; {suggestion(str(keys[-1]), owner)}"
    if kind in {"value_error", "assertion_error"}:
        return f": {context.get('error', detail['msg'])}"
    if detail["loc"][-1] == _KEY:
        return f": this key {_demand(detail, context, field)}"
    found = "" if _withheld(keys, field) else f" = {shown(detail['input'])}"
    return f"{found}: {_demand(detail, context, field)}"


def _demand(detail: ErrorDetails, context: Mapping[str, Any], field: FieldInfo | None) -> str:
    kind = detail["type"]
    if kind in _BOUNDS:
        name, word = _BOUNDS[kind]
        return f"must be {word} {context[name]:g}"
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", context["expected"])
        listed = ", ".join(f'"{o}"' for o in options) or context["expected"]
        near = nearest(str(detail["input"]), options)
        return f"must be one of {listed}" + (f'; did you mean "{near}"?' if near else "")
    if kind == "string_too_short":
        return "must not be empty"
    if kind == "string_too_long":
        return f"must be at most {context['max_length']} characters"
    if kind == "string_pattern_mismatch" and field is not None and field.description:
        return f"does not fit; it means: {field.description}"
    name = kind.partition("_")[0]
    if name in _WANTED:
        return f"must be {_WANTED[name]}{_instead(name, detail['input'])}"
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _instead(wanted: str, found: object) -> str:
    """Return what to write, where the value is plain and only its form is wrong."""
    match wanted, found:
        case (("int" | "float"), str()) if re.fullmatch(r"[+-]?\d+(\.\d+)?", found.strip()):
            return "; leave the quotes away"
        case "bool", (str() | int()) if str(found).lower() in _YES_NO:
            return f"; write {_YES_NO[str(found).lower()]}"
        case "string", int() | float():
            return "; put quotes around it"
        case (("tuple" | "list"), str() | int() | float()):
            return "; put brackets around it"
    return ""


def _missing(key: str, field: FieldInfo | None) -> str:
    meaning = f" ({field.description})" if field is not None and field.description else ""
    example = '"…"'
    if field is not None:
        number = mentions(field.annotation, int) or mentions(field.annotation, float)
        example = "…" if number else '"…"'
    return f" is missing: write {key} = {example}{meaning}"


def _withheld(keys: KeyPath, field: FieldInfo | None) -> bool:
    """Whether a value must not be said: it is a secret, or says who or where someone is."""
    secret = field is not None and mentions(field.annotation, SecretStr)
    return secret or any(_WITHHELD.search(str(key)) for key in keys)


def _place(model: type[BaseModel], keys: KeyPath) -> tuple[Collection[str], FieldInfo | None]:
    """Return the keys that are known beside the last one, and the field that it belongs to."""
    known: Mapping[str, FieldInfo] = model.model_fields
    beside, field = known, None
    for key in keys:
        beside = known
        if known:  # inside a value that is no table, the field stays
            field = known.get(str(key))
        known = _fields_of(field)
    return beside, field


def _fields_of(field: FieldInfo | None) -> Mapping[str, FieldInfo]:
    for part in (field.annotation, *get_args(field.annotation)) if field else ():
        if isinstance(part, type) and get_origin(part) is None and issubclass(part, BaseModel):
            return part.model_fields
    return {}

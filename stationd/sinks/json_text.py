"""A JSON object as the bytes of one line: UTF-8 and strict, whatever its strings hold."""

import json
import math
from typing import Any


def json_line(content: dict[str, Any]) -> bytes:
    """Return the object without line feeds in it; what is not a finite number becomes null."""
    try:
        text = _strict(content)
    except ValueError:
        # JSON has no NaN: what is not a number is not known. Rare, so not looked for each time.
        text = _strict(_finite(content))
    # A lone surrogate (an undecodable byte of a descriptor) becomes JSON's own escape of it.
    return text.encode("utf-8", "backslashreplace")


def _strict(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case _:
            return value

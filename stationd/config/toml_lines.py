"""On which line of a TOML text each key stands.

`tomllib` gives values without their places. This scan of a text that `tomllib` has accepted walks
from statement to statement and steps over values; what is inside an inline table or an array
counts as standing on the line of its key.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

KeyPath = tuple[str | int, ...]  # an int is the position in an array of tables

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY: Final = re.compile(rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*")
_ONE_PART: Final = re.compile(_PART)
_BETWEEN: Final = re.compile(r"(?:\s+|#[^\n]*)*")
_IN_VALUE: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)"
    r"""|[^"'\#\[\]{}\n]+""",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of every table and key of a TOML text that `tomllib` accepts."""
    lines: dict[KeyPath, int] = {}
    arrays: dict[KeyPath, int] = {}  # array of tables -> position of its newest table
    newlines = [match.start() for match in re.finditer("\n", text)]
    table: KeyPath = ()
    at = 0
    while (at := _end(_BETWEEN, text, at)) < len(text):
        line = bisect_right(newlines, at) + 1
        brackets = 2 if text.startswith("[[", at) else 1 if text.startswith("[", at) else 0
        key = _KEY.match(text, at + brackets)
        if key is None:
            break  # not TOML; the caller has said so already
        parts = _parts(key[1])
        if brackets:
            table = _table_path(parts, arrays, new_element=brackets == 2)
            _note(lines, table, line)
            at = key.end() + brackets
        else:
            for depth in range(1, len(parts) + 1):
                lines.setdefault((*table, *parts[:depth]), line)
            at = _past_value(text, key.end() + len("="))
    return lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """Return the line of a key, or of the nearest table around it; 1 where there is none."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 1)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _parts(key: str) -> tuple[str, ...]:
    """Return the parts of a dotted key, unquoted."""
    parts: list[str] = []
    for part in _ONE_PART.findall(key):
        if part.startswith('"') and "\\" in part:
            parts.append(tomllib.loads(f"k = {part}")["k"])
        else:
            parts.append(part[1:-1] if part[0] in "\"'" else part)
    return tuple(parts)


def _table_path(
    parts: tuple[str, ...], arrays: dict[KeyPath, int], *, new_element: bool
) -> KeyPath:
    """Return the path of a table's header; a header below an array means its newest table."""
    path: KeyPath = ()
    for depth, part in enumerate(parts, start=1):
        path = (*path, part)
        if depth == len(parts) and new_element:
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path = (*path, arrays[path])
    return path


def _note(lines: dict[KeyPath, int], table: KeyPath, line: int) -> None:
    lines[table] = line
    for depth in range(1, len(table)):
        lines.setdefault(table[:depth], line)


def _past_value(text: str, at: int) -> int:
    """Return where the statement ends whose value begins at `at`."""
    depth = 0
    while match := _IN_VALUE.match(text, at):
        at = match.end()
        depth += (match["open"] is not None) - (match["close"] is not None)
        if match["end"] and depth <= 0:
            return at
    return len(text)

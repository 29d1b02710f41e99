"""A TOML file as a document: its tables, and the line of every key in them."""

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from stationd.config.problems import Findings, Problem
from stationd.config.toml_lines import KeyPath, key_lines, line_of

MOST_BYTES: Final = 64 << 20  # 5,000 stations in one file are 3 MB
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_NUL: Final = "holds a NUL character"
_AT_LINE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

# What tomllib says -> what the writer most likely did.
_HINTS: Final = {
    "Invalid value": "text stands in double quotes, true and false in small letters",
    "Unescaped '\\' in a string": "write paths with /",
    "Cannot overwrite a value": "the key stands there twice",
    "Cannot declare": "the table stands there twice",
    "Expected '=' after a key": 'a setting is key = value, a text value stands in "…"',
    "Expected newline or end of document": "one setting a line; text stands in double quotes",
}


class Document:
    """One file. Lines are looked for only once something is to be said about one."""

    def __init__(self, file: Path, text: str, values: dict[str, Any]) -> None:
        self.file = file
        self.values = values
        self._text = text
        self._lines: dict[KeyPath, int] | None = None

    def line(self, path: KeyPath) -> int:
        """Return the line of a key, or of the nearest table around it."""
        if self._lines is None:
            self._lines = key_lines(self._text.replace("\r\n", "\n"))
        return line_of(self._lines, path)


class Table(NamedTuple):
    """A table as it stands in a document.

    `subject`: what its problems are about; `prefix`: the keys between the subject and this table,
    as they are written before a key in a sentence.
    """

    document: Document
    path: KeyPath
    values: dict[str, Any]
    subject: str = ""
    prefix: str = ""

    @property
    def folder(self) -> Path:
        """Where relative paths in this table start from."""
        return self.document.file.parent

    def holds(self, keys: KeyPath) -> bool:
        """Whether a key is written in this table; what is in an array counts as the array."""
        inner: object = self.values
        for key in keys:
            if not isinstance(inner, dict):
                return True
            if key not in inner:
                return False
            inner = inner[key]
        return True

    def named(self, keys: KeyPath) -> str:
        """Return a key as a sentence names it, from the subject on; places in arrays left out."""
        return ".".join(filter(None, (self.prefix, *(str(k) for k in keys if isinstance(k, str)))))

    def problem(self, keys: KeyPath, sentence: str) -> Problem:
        """Return a problem with a key, or with the whole table for ()."""
        line = self.document.line((*self.path, *keys))
        return Problem(str(self.document.file), line, self.subject, sentence)

    def child(self, key: str) -> "Table":
        """Return the table under a key: an empty one where there is none, or another value."""
        value = self.values.get(key)
        values = value if isinstance(value, dict) else {}
        return Table(self.document, (*self.path, key), values, self.subject, self.named((key,)))


def read(file: Path, findings: Findings) -> Document | None:
    """Return a file's document; None, and the reason in `findings`, where it is not one."""
    text = _text_of(file, findings)
    if text is None:
        return None
    if not text.strip():
        findings.error(Problem(str(file), 0, "", "the file is empty"))
        return None
    try:
        values = tomllib.loads(text)
    except ValueError as error:
        findings.error(_syntax_problem(file, text, str(error)))
        return None
    except RecursionError:
        findings.error(Problem(str(file), 0, "", "not TOML: brackets are nested too deeply"))
        return None
    document = Document(file, text, values)
    for path, fault in _odd_values(values):
        problem = Problem(str(file), document.line(path), "", f"{path[-1]} {fault}")
        findings.error(problem)
        if fault == _NUL:
            return None  # no path and no name has one: nothing may be asked about it
    return document


def _text_of(file: Path, findings: Findings) -> str | None:
    def error(line: int, sentence: str) -> None:
        findings.error(Problem(str(file), line, "", sentence))

    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as reason:
        error(0, f"cannot be read: {reason.strerror or type(reason).__name__}")
        return None
    if len(data) > MOST_BYTES:
        error(0, f"larger than {MOST_BYTES >> 20} MiB: is it a configuration?")
        return None
    if data.startswith(_UTF16_BOMS):
        error(0, "the text is UTF-16: save it as UTF-8")
        return None
    data = data.removeprefix(_UTF8_BOM)  # some editors begin UTF-8 with it; it means nothing
    try:
        return data.decode()
    except UnicodeDecodeError as reason:
        error(data.count(b"\n", 0, reason.start) + 1, "the text is not UTF-8: save it as UTF-8")
        return None


def _syntax_problem(file: Path, text: str, message: str) -> Problem:
    place = _AT_LINE.search(message)
    line = 0
    column = ""
    if place:
        message = message[: place.start()]
        line = int(place[1] or text.rstrip("\n").count("\n") + 1)
        column = f" (column {place[2]})" if place[2] else " (at the end)"
    hint = next((hint for start, hint in _HINTS.items() if message.startswith(start)), "")
    sentence = f"not TOML: {message}{column}" + (f"; {hint}" if hint else "")
    return Problem(str(file), line, "", sentence)


def _odd_values(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield values that TOML has and no setting: numbers without end, texts with a NUL."""
    match value:
        case float() if not math.isfinite(value):
            yield path, "must be a finite number"
        case str() if "\0" in value:
            yield path, _NUL
        case dict():
            for key, inner in value.items():
                yield from _odd_values(key, (*path, key))
                yield from _odd_values(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from _odd_values(inner, (*path, index))

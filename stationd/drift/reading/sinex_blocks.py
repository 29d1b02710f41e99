"""Blocks of a SINEX file, or of one of its kin: +NAME … -NAME, comments left out."""

from collections.abc import Sequence

from stationd.drift.reading.document import Document

Block = Sequence[tuple[int, str]]


def blocks(document: Document) -> dict[str, Block]:
    """Return the lines of each block with their numbers; a repeated block is one.

    Raises SeriesFileError where a block is not closed: then the file is cut short.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    name, begun = "", 0
    for n, line in document.numbered():
        mark = line[0]
        if mark == "+" and not name:
            name, begun = line[1:].strip(), n
            found.setdefault(name, [])
        elif mark == "-" and name and line[1:].strip() == name:
            name = ""
        elif name and mark != "*":
            found[name].append((n, line))
    if name:
        raise document.fault(begun, f"block {name} has no end: the file is cut short")
    return dict(found)


def block(document: Document, found: dict[str, Block], name: str) -> Block:
    """Return a block that must be there and hold something."""
    if not found.get(name):
        raise document.fault(None, f"has no block {name}, or an empty one")
    return found[name]

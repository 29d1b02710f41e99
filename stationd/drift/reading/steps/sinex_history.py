"""Changes in SINEX and SINEX-TMS: discontinuities, events, and the equipment's history."""

import re
from typing import Final

from stationd.drift.epochs import mjd_of_sinex
from stationd.drift.known_step import Change, KnownStep, change_of
from stationd.drift.reading.document import Document
from stationd.drift.reading.sinex_blocks import Block, blocks
from stationd.drift.reading.steps.equipment import Installation, changes
from stationd.drift.reading.steps.places import Places

_SPAN: Final = (
    r"\s(?P<code>\S+)\s+(?P<point>\S+)\s+(?P<solution>\S+)\s+(?P<technique>\S)\s+"
    r"(?P<begins>\d+:\d+:\d+)\s+(?P<ends>\d+:\d+:\d+)\s"
)
_DISCONTINUITY: Final = re.compile(_SPAN + r"(?P<kind>[PV])\s-\s?(?P<reason>.*)$")
_EVENT: Final = re.compile(_SPAN + r"\s*(?P<kind>[A-Z]{3})\s+(?P<reason>.*)$")
_EQUIPMENT: Final = re.compile(_SPAN + r"(?P<model>.{20})\s*(?P<serial>.{0,20})(?P<rest>.*)$")
# Events that set something: their first entry is how it was, not a change. Others happen.
_SETTINGS: Final = ("CLK", "ELV", "MTP", "PRG")
_DATA_REMOVED: Final = "RMV"
_UNKNOWN_SERIAL: Final = "-----"


def recognises(document: Document) -> bool:
    return document.head()[0].startswith(("%=SNX", "%=TMS"))


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    found = blocks(document)
    steps = [
        *_discontinuities(document, found.get("SOLUTION/DISCONTINUITY", ())),
        *_events(document, found.get("SOLUTION/EVENT", ())),
        *_events(document, found.get("TIMESERIES/EVENT", ())),
        *changes(
            document.source,
            [
                *_equipment(document, found.get("SITE/ANTENNA", ()), Change.ANTENNA),
                *_equipment(document, found.get("SITE/RECEIVER", ()), Change.RECEIVER),
            ],
        ),
    ]
    return tuple(sorted(steps, key=lambda step: (step.station, step.mjd)))


def _discontinuities(document: Document, lines: Block) -> list[KnownStep]:
    """Return where a position's solution ends; that line says why. Changes of velocity are none."""
    steps = []
    for n, line in lines:
        match = _DISCONTINUITY.match(line)
        if match is None:
            raise document.fault(n, "is no discontinuity: site, span, P or V, and a reason")
        mjd = document.parsed(n, mjd_of_sinex, match["ends"])
        if match["kind"] == "P" and mjd is not None:
            reason = match["reason"].strip() or "unknown"
            step = KnownStep(match["code"], mjd, change_of(reason), reason, document.source, n)
            steps.append(step)
    return steps


def _events(document: Document, lines: Block) -> list[KnownStep]:
    steps: list[KnownStep] = []
    set_before: set[tuple[str, str]] = set()
    for n, line in lines:
        match = _EVENT.match(line)
        if match is None:
            raise document.fault(n, "is no event: site, span, code and description")
        setting = (match["code"], match["kind"])
        first = match["kind"] in _SETTINGS and setting not in set_before
        set_before.add(setting)
        mjd = document.parsed(n, mjd_of_sinex, match["begins"])
        if first or match["kind"] == _DATA_REMOVED or mjd is None:
            continue
        reason = f"{match['kind']} {match['reason'].strip()}"
        steps.append(KnownStep(match["code"], mjd, Change.OTHER, reason, document.source, n))
    return steps


def _equipment(document: Document, lines: Block, part: Change) -> list[Installation]:
    found = []
    for n, line in lines:
        match = _EQUIPMENT.match(line.ljust(70))
        if match is None:
            raise document.fault(n, "is no line of equipment: site, span, type, serial number")
        mjd = document.parsed(n, mjd_of_sinex, match["begins"])
        serial = match["serial"].split()
        found.append(
            Installation(
                station=match["code"],
                part=part,
                mjd=0.0 if mjd is None else mjd,
                model=" ".join(match["model"].split()),
                serial="" if not serial or serial[0].startswith(_UNKNOWN_SERIAL) else serial[0],
                firmware=_firmware(line) if part is Change.RECEIVER else "",
                line=n,
            )
        )
    return found


def _firmware(line: str) -> str:
    """Return the firmware: the last eleven columns of a receiver's line."""
    text = " ".join(line[-11:].split())
    return "" if set(text) <= {"-"} else text

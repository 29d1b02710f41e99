"""GeoNet's installed antennas and receivers: CSV, one row an installation, many stations."""

import csv
from typing import Final

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.known_step import Change, KnownStep
from stationd.drift.reading.document import Document
from stationd.drift.reading.steps.equipment import Installation, changes
from stationd.drift.reading.steps.places import Places

_ANTENNAS: Final = "Make,Model,Serial,Mark,Height,North,East,Azimuth,Start Date,End Date"
_RECEIVERS: Final = "Make,Model,Serial,Mark,Start Date,End Date"


def recognises(document: Document) -> bool:
    return document.head()[0].strip() in (_ANTENNAS, _RECEIVERS)


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    heading = document.lines[0].strip()
    names = heading.split(",")
    part = Change.ANTENNA if heading == _ANTENNAS else Change.RECEIVER
    found = []
    for n, line in document.numbered():
        if n == 1:
            continue
        values = next(csv.reader([line]))
        if len(values) != len(names):
            raise document.fault(n, f"has {len(values)} columns, its heading has {len(names)}")
        row = dict(zip(names, values, strict=True))
        mjd, _ = document.parsed(n, mjd_of_iso, row["Start Date"])
        offsets = " ".join(row.get(name, "") for name in ("Height", "North", "East")).strip()
        found.append(
            Installation(row["Mark"], part, mjd, row["Model"], row["Serial"], n, offsets=offsets)
        )
    return changes(document.source, found)

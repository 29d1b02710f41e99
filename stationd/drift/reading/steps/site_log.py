"""IGS site logs: receivers (section 3) and antennas (section 4) with their days."""

import re
from typing import Final

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.known_step import Change, KnownStep
from stationd.drift.reading.document import Document
from stationd.drift.reading.steps.equipment import Installation, changes
from stationd.drift.reading.steps.places import Places

_TITLE: Final = "Site Information Form"
_PART: Final = re.compile(r"([34])\.(\d+)\s+(?:Receiver|Antenna) Type\s*:\s*(.*)$")
_FIELD: Final = re.compile(r"\s{2,}([^:]+?)\s*:\s?(.*)$")
_STATION: Final = "Four Character ID"
_NINE: Final = "Nine Character ID"
_OFFSETS: Final = ("Marker->ARP Up Ecc. (m)", "Marker->ARP North Ecc(m)", "Marker->ARP East Ecc(m)")


def recognises(document: Document) -> bool:
    return any(_TITLE in line for line in document.head()[:5])


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    station, entries = "", []
    entry: tuple[int, dict[str, str]] | None = None
    for n, line in document.numbered():
        begins = _PART.match(line)
        if begins is not None:
            entry = n, {"section": begins.group(1), "type": begins.group(3)}
            entries.append(entry)
        elif not line[0].isspace():
            entry = None  # another section, or the template "4.x"
        elif (field := _FIELD.match(line)) is not None:
            key, value = field.group(1), field.group(2).strip()
            if entry is not None:
                entry[1].setdefault(key, value)
            elif key in (_STATION, _NINE) and not station:
                station = value[:4]
    if not station:
        raise document.fault(None, "states no Four Character ID")
    return changes(
        document.source, [_installation(document, station, n, fields) for n, fields in entries]
    )


def _installation(
    document: Document, station: str, line: int, fields: dict[str, str]
) -> Installation:
    installed = fields.get("Date Installed", "")
    try:
        mjd, _ = mjd_of_iso(installed)
    except ValueError:
        raise document.fault(
            line, f"has the date installed {installed!r}, not one such as 2009-01-19T09:48Z"
        ) from None
    model = " ".join(fields["type"].split())
    radome = fields.get("Antenna Radome Type", "")
    if fields["section"] == "4" and radome and not model.endswith(f" {radome}"):
        model = f"{model} {radome}"
    return Installation(
        station=station,
        part=Change.ANTENNA if fields["section"] == "4" else Change.RECEIVER,
        mjd=mjd,
        model=model,
        serial=fields.get("Serial Number", ""),
        firmware=fields.get("Firmware Version", ""),
        offsets=" ".join(fields.get(key, "") for key in _OFFSETS).strip(),
        line=line,
    )

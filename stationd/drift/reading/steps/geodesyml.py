"""GeodesyML site logs, versions 0.4 and 0.5: gnssReceiver and gnssAntenna with their days."""

from typing import Final
from xml.etree import ElementTree as ET

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.known_step import Change, KnownStep
from stationd.drift.reading.document import Document
from stationd.drift.reading.steps.equipment import Installation, changes
from stationd.drift.reading.steps.places import Places

_PARTS: Final = {"GnssReceiver": Change.RECEIVER, "GnssAntenna": Change.ANTENNA}
_OFFSETS: Final = ("marker-arpUpEcc.", "marker-arpNorthEcc.", "marker-arpEastEcc.")


def recognises(document: Document) -> bool:
    return any("GeodesyML" in line for line in document.head()[:5])


def read(document: Document, _places: Places) -> tuple[KnownStep, ...]:
    text = "\n".join(document.lines)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise document.fault(None, "declares entities, which a site log does not need: refused")
    try:
        # Entities, the way to blow up a parser, are refused above.
        root = ET.fromstring(text)  # noqa: S314 - for the reason above
    except ET.ParseError as error:
        raise document.fault(error.position[0], f"is no sound XML ({error})") from error
    station = _text(root, "fourCharacterID")
    if not station:
        raise document.fault(None, "states no fourCharacterID")
    lines = _lines(document)
    found = []
    for element in root.iter():
        part = _PARTS.get(_local(element.tag))
        if part is not None:
            line = lines.get(_identity(element), 1)
            found.append(_installation(document, station, part, element, line))
    return changes(document.source, found)


def _installation(
    document: Document, station: str, part: Change, element: ET.Element, line: int
) -> Installation:
    installed = _text(element, "dateInstalled")
    try:
        mjd, _ = mjd_of_iso(installed)
    except ValueError:
        raise document.fault(line, f"has the date installed {installed!r}, which is none") from None
    model = " ".join(_text(element, "igsModelCode").split())
    radome = _text(element, "antennaRadomeType")
    if radome and not model.endswith(f" {radome}"):
        model = f"{model} {radome}"
    return Installation(
        station=station,
        part=part,
        mjd=mjd,
        model=model,
        serial=_text(element, "manufacturerSerialNumber"),
        firmware=_text(element, "firmwareVersion"),
        offsets=" ".join(_text(element, name) for name in _OFFSETS).strip(),
        line=line,
    )


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _text(element: ET.Element, name: str) -> str:
    """Return the text of the first descendant of a name, or the value of its code list."""
    for child in element.iter():
        if _local(child.tag) == name:
            return (child.text or child.get("codeListValue") or "").strip()
    return ""


def _identity(element: ET.Element) -> str:
    return next((value for key, value in element.attrib.items() if _local(key) == "id"), "")


def _lines(document: Document) -> dict[str, int]:
    """Return the line of each gml:id: the parser keeps none."""
    found: dict[str, int] = {}
    for n, line in document.numbered():
        _, mark, rest = line.partition('gml:id="')
        if mark:
            found.setdefault(rest.split('"', 1)[0], n)
    return found

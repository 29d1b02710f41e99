"""Where stations are, from NGL's DataHoldings, CSV with latitude and longitude, or solutions."""

import csv
import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from stationd.drift.reading.document import Document, document
from stationd.drift.reading.steps.places import Place
from stationd.drift.reading.table import read
from stationd.drift.session import Session
from stationd.geodesy.geodetic import geodetic

_HOLDINGS: Final = ("Sta", "Lat(deg)", "Long(deg)")
_LATITUDE: Final = ("latitude", "lat", "_latitude(deg)")
_LONGITUDE: Final = ("longitude", "lon", "long", "_longitude(deg)")
_STATION: Final = ("station", "mark", "site")


def read_places(content: bytes, source: str) -> dict[str, Place]:
    """Return the place of each station that a file names; the last line of a station counts.

    Columns of latitude and longitude (degrees) are those of DataHoldings, of tenv3, or of CSV;
    other files are read as solutions.  Raises SeriesFileError for what tells no place.
    """
    text = document(content, source)
    first = text.head()[0]
    heading = next(csv.reader([first])) if "," in first else first.split()
    if tuple(heading[:3]) == _HOLDINGS:
        return _listed(text, "Sta", "Lat(deg)", "Long(deg)", comma=False)
    station = _among(heading, _STATION)
    latitude = _among(heading, _LATITUDE)
    longitude = _among(heading, _LONGITUDE)
    if station and latitude and longitude:
        return _listed(text, station, latitude, longitude, comma="," in first)
    sessions = read(content, source).sessions
    if not sessions:
        raise text.fault(1, "tells no place: it has no latitude and longitude, and is no solution")
    return _solved(sessions)


def _among(heading: list[str], names: tuple[str, ...]) -> str | None:
    return next((name for name in heading if name.strip().lower() in names), None)


def _listed(
    text: Document, station: str, latitude: str, longitude: str, *, comma: bool
) -> dict[str, Place]:
    places: dict[str, Place] = {}
    heading: list[str] = []
    for n, line in text.numbered():
        fields = next(csv.reader([line])) if comma else line.split()
        if not heading:
            heading = fields
            continue
        where = [heading.index(name) for name in (station, latitude, longitude)]
        if len(fields) <= max(where):
            raise text.fault(n, f"has {len(fields)} columns, too few for a place")
        north, east = text.finite(n, [fields[where[1]], fields[where[2]]])
        if abs(north) > 90.0 or abs(east) > 360.0:
            raise text.fault(n, "is at no latitude and longitude: degrees are wanted")
        places[fields[where[0]]] = Place(math.radians(north), math.radians(east))
    return places


def _solved(sessions: Iterable[Session]) -> dict[str, Place]:
    places = {}
    for session in sessions:
        latitude_rad, longitude_rad, _ = geodetic(np.asarray(session.xyz_m))
        places[session.station] = Place(float(latitude_rad), float(longitude_rad))
    return places

"""Earthquake catalogues as CSV (time, latitude, longitude, mag, …, as USGS writes them).

An earthquake may have moved a station within 10^(0.5 M - 0.79) km (the rule of NGL's steps.txt).
"""

import csv
import math
from typing import Final

from stationd.drift.epochs import mjd_of_iso
from stationd.drift.known_step import Change, KnownStep
from stationd.drift.reading.document import Document
from stationd.drift.reading.steps.places import Place, Places, distance_m

_NEEDED: Final = ("time", "latitude", "longitude", "mag")
_METRES_PER_KM: Final = 1_000.0


def reach_m(magnitude: float) -> float:
    """Return how far an earthquake of a moment magnitude may have moved a station."""
    return float(10.0 ** (0.5 * magnitude - 0.79)) * _METRES_PER_KM


def recognises(document: Document) -> bool:
    return set(_NEEDED) <= set(document.head()[0].strip().split(","))


def read(document: Document, places: Places) -> tuple[KnownStep, ...]:
    """Return a step for each earthquake and each of `places` within its reach."""
    if not places:
        raise document.fault(
            None, "is a catalogue of earthquakes: say where the stations are, --places FILE"
        )
    names = next(csv.reader([document.head()[0].strip()]))
    steps = []
    for n, line in document.numbered():
        values = next(csv.reader([line]))
        if values == names:
            continue
        if len(values) != len(names):
            raise document.fault(n, f"has {len(values)} columns, its heading has {len(names)}")
        row = dict(zip(names, values, strict=True))
        latitude, longitude, magnitude = document.finite(
            n, [row["latitude"], row["longitude"], row["mag"]]
        )
        mjd, _ = document.parsed(n, mjd_of_iso, row["time"])
        name = row.get("id") or row.get("place") or ""
        epicentre = Place(math.radians(latitude), math.radians(longitude))
        for station, place in places.items():
            away_m = distance_m(place, epicentre)
            if away_m < reach_m(magnitude):
                reason = f"earthquake M{magnitude:.1f} at {away_m / _METRES_PER_KM:.0f} km {name}"
                step = KnownStep(
                    station, mjd, Change.EARTHQUAKE, reason.strip(), document.source, n
                )
                steps.append(step)
    return tuple(sorted(steps, key=lambda step: (step.station, step.mjd)))

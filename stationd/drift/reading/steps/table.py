"""The formats of lists of changes that can be read, and how a file's format is recognised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from stationd.drift.known_step import KnownStep
from stationd.drift.reading.document import Document, document
from stationd.drift.reading.steps import (
    earthquakes,
    est_noise_offsets,
    geodesyml,
    geonet,
    ngl_steps,
    sinex_history,
    site_log,
    station_years,
)
from stationd.drift.reading.steps.places import Place, Places


@dataclass(frozen=True, slots=True)
class StepReader:
    """One format: how to know it, and how to read it."""

    name: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document, Places], tuple[KnownStep, ...]]


STEP_READERS: Final = (
    StepReader("SINEX or SINEX-TMS", sinex_history.recognises, sinex_history.read),
    StepReader("IGS site log", site_log.recognises, site_log.read),
    StepReader("GeodesyML", geodesyml.recognises, geodesyml.read),
    StepReader("GeoNet equipment", geonet.recognises, geonet.read),
    StepReader("earthquakes as CSV", earthquakes.recognises, earthquakes.read),
    StepReader("NGL steps", ngl_steps.recognises, ngl_steps.read),
    StepReader("est_noise offsets", est_noise_offsets.recognises, est_noise_offsets.read),
    StepReader("STATION decimal-year", station_years.recognises, station_years.read),
)
_NOWHERE: Final[Mapping[str, Place]] = MappingProxyType({})


def read_steps(content: bytes, source: str, places: Places = _NOWHERE) -> tuple[KnownStep, ...]:
    """Return the changes that one file tells; `places` is needed for earthquakes only.

    Raises SeriesFileError, with file and line, for what is no list of changes.
    """
    text = document(content, source)
    for reader in STEP_READERS:
        if reader.recognises(text):
            return reader.read(text, places)
    raise text.fault(
        1,
        "is in no format of changes that is known here: "
        f"{', '.join(reader.name for reader in STEP_READERS)}",
    )

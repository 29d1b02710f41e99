"""The formats of series and solutions that can be read, and how a file's format is recognised."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from stationd.drift.reading import (
    bernese_crd,
    csv_columns,
    est_noise,
    gipsyx_series,
    gipsyx_summary,
    glab,
    pbo_pos,
    rtklib_pos,
    sinex_solution,
    ssc,
    tenv,
    tenv3,
    terrapos,
    tms,
    txyz2,
)
from stationd.drift.reading.assembly import Reading
from stationd.drift.reading.document import Document, ReadingOptions, document
from stationd.drift.session import Session, collected


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: how to know it, and how to read it."""

    name: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document, ReadingOptions], Reading]


# In this order: the first that recognises a file reads it, so the least particular come last.
READERS: Final = (
    Reader("tenv3", tenv3.recognises, tenv3.read),
    Reader("tenv", tenv.recognises, tenv.read),
    Reader("txyz2", txyz2.recognises, txyz2.read),
    Reader("PBO .pos", pbo_pos.recognises, pbo_pos.read),
    Reader("SINEX-TMS", tms.recognises, tms.read),
    Reader("SINEX", sinex_solution.recognises, sinex_solution.read),
    Reader("GipsyX .series", gipsyx_series.recognises, gipsyx_series.read),
    Reader("RTKLIB .pos", rtklib_pos.recognises, rtklib_pos.read),
    Reader("Bernese CRD", bernese_crd.recognises, bernese_crd.read),
    Reader("GipsyX summary", gipsyx_summary.recognises, gipsyx_summary.read),
    Reader("TerraPos", terrapos.recognises, terrapos.read),
    Reader("gLAB", glab.recognises, glab.read),
    Reader("EUREF SSC", ssc.recognises, ssc.read),
    Reader("est_noise", est_noise.recognises, est_noise.read),
    Reader("CSV", csv_columns.recognises, csv_columns.read),
)
_DEFAULTS: Final = ReadingOptions()


def read(content: bytes, source: str, options: ReadingOptions = _DEFAULTS) -> Reading:
    """Return what one file holds; `source` names it in sentences and may tell station and frame.

    Raises SeriesFileError, with file and line, for what is no series or cannot be one.
    """
    text = document(content, source)
    for reader in READERS:
        if reader.recognises(text):
            return reader.read(text, options)
    raise text.fault(
        1,
        "is in no format that is known here: "
        f"{', '.join(reader.name for reader in READERS)} (CSV needs a heading)",
    )


def read_all(files: Iterable[tuple[str, bytes]], options: ReadingOptions = _DEFAULTS) -> Reading:
    """Return the series of many files (name, content): sessions are collected over all of them.

    Raises SeriesFileError as `read` does, and where sessions do not belong together.
    """
    readings = [read(content, source, options) for source, content in files]
    sessions: list[Session] = [session for reading in readings for session in reading.sessions]
    return Reading(
        series=(
            *(series for reading in readings for series in reading.series),
            *collected(sessions),
        ),
        notices=tuple(notice for reading in readings for notice in reading.notices),
    )

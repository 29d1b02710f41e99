"""An antenna or receiver at a station from a day on, and the changes that such a history tells."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from stationd.drift.known_step import Change, KnownStep


class Installation(NamedTuple):
    """One entry of a history; `part` is Change.ANTENNA or Change.RECEIVER.

    `model` includes an antenna's radome.  `offsets`: of an antenna from the marker, as written;
    "" where not given, as are `serial` and `firmware`.
    """

    station: str
    part: Change
    mjd: float
    model: str
    serial: str
    line: int
    firmware: str = ""
    offsets: str = ""


def changes(source: str, installations: Iterable[Installation]) -> tuple[KnownStep, ...]:
    """Return what changed from one entry to the next, by station, part and time.

    An entry that differs from the one before in nothing that could matter tells no change.
    """
    histories: dict[tuple[str, Change], list[Installation]] = {}
    for entry in installations:
        histories.setdefault((entry.station, entry.part), []).append(entry)
    steps = []
    for history in histories.values():
        for before, after in pairwise(sorted(history, key=lambda entry: entry.mjd)):
            found = _difference(before, after)
            if found is not None:
                change, reason = found
                steps.append(
                    KnownStep(after.station, after.mjd, change, reason, source, after.line)
                )
    return tuple(sorted(steps, key=lambda step: (step.station, step.mjd)))


def _difference(before: Installation, after: Installation) -> tuple[Change, str] | None:
    part = after.part
    if before.model != after.model:
        return part, f"{part} {before.model} -> {after.model}"
    if before.serial != after.serial and before.serial and after.serial:
        return part, f"{part} {after.model} exchanged, serial {before.serial} -> {after.serial}"
    if before.offsets != after.offsets:
        return part, f"{part} {after.model} moved, offsets {before.offsets} -> {after.offsets}"
    if before.firmware != after.firmware:
        return Change.FIRMWARE, f"firmware {before.firmware} -> {after.firmware} of {after.model}"
    return None

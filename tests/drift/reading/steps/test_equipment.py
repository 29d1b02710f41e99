"""What differs from one installation to the next is a change, and the first difference names it."""

import pytest

from stationd.drift.known_step import Change
from stationd.drift.reading.steps.equipment import Installation, changes


def antenna(mjd: float, **changed) -> Installation:
    entry = Installation("WTZR", Change.ANTENNA, mjd, "LEIAR25 LEIT", "09", 7, offsets="0.07 0 0")
    return entry._replace(**changed)


def receiver(mjd: float, **changed) -> Installation:
    entry = Installation("WTZR", Change.RECEIVER, mjd, "LEICA GR50", "17", 9, firmware="4.0")
    return entry._replace(**changed)


@pytest.mark.parametrize(
    ("before", "after", "change", "reason"),
    [
        (
            antenna(1),
            antenna(2, model="LEIAR25.R3 LEIT", serial="10", offsets=""),
            Change.ANTENNA,
            "antenna LEIAR25 LEIT -> LEIAR25.R3 LEIT",
        ),
        (
            antenna(1),
            antenna(2, serial="10"),
            Change.ANTENNA,
            "antenna LEIAR25 LEIT exchanged, serial 09 -> 10",
        ),
        (
            antenna(1),
            antenna(2, offsets="0.08 0 0"),
            Change.ANTENNA,
            "antenna LEIAR25 LEIT moved, offsets 0.07 0 0 -> 0.08 0 0",
        ),
        (
            receiver(1),
            receiver(2, firmware="4.1"),
            Change.FIRMWARE,
            "firmware 4.0 -> 4.1 of LEICA GR50",
        ),
        (
            receiver(1),
            receiver(2, model="TPS NET-G5", firmware="5.1"),
            Change.RECEIVER,
            "receiver LEICA GR50 -> TPS NET-G5",
        ),
    ],
)
def test_the_first_difference_names_the_change(before, after, change, reason):
    (step,) = changes("log", [after, before])  # a history need not be in order
    assert (step.mjd, step.change, step.reason, step.line) == (2, change, reason, after.line)


def test_entries_alike_and_unknown_serials_tell_no_change():
    assert changes("log", [antenna(1), antenna(2), antenna(3, serial="")]) == ()


def test_stations_and_parts_have_histories_of_their_own():
    entries = [antenna(1), receiver(2), antenna(3, station="BRUX", model="other")]
    assert changes("log", entries) == ()

"""The observation epoch at the head of an MSM or a 1001-1012 message, without decoding the rest."""

from typing import Final, NamedTuple

from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd.wire.rtcm3.msm_layout import LETTERS, MSM_NUMBERS

# Legacy observation messages (RTCM 10403.3, 3.5.1 and 3.5.4) by constellation.
LEGACY_LETTERS: Final = {
    **dict.fromkeys((1001, 1002, 1003, 1004), "G"),
    **dict.fromkeys((1009, 1010, 1011, 1012), "R"),
}
OBSERVATION_NUMBERS: Final = MSM_NUMBERS | LEGACY_LETTERS.keys()


class MessageEpoch(NamedTuple):
    """`epoch_s` of the week, or for R of the UTC(SU) day with `day_of_week` (None: not said)."""

    letter: str
    epoch_s: float
    day_of_week: int | None


def epoch_of(number: int, frame: bytes) -> MessageEpoch | None:
    """Return the epoch of an observation message.

    None for other messages, for ones too short, and for a time outside its week or day.
    """
    if number not in OBSERVATION_NUMBERS or len(frame) < 14:
        return None
    head = int.from_bytes(frame[6:11], "big")  # the 40 bits after DF002 and DF003
    day = None
    if number in LEGACY_LETTERS:
        letter = LEGACY_LETTERS[number]
        epoch_ms = head >> (13 if letter == "R" else 10)  # DF034, DF004
    else:
        letter = LETTERS[number // 10]
        epoch_ms = head >> 10
        if letter == "R":
            day, epoch_ms = epoch_ms >> 27, epoch_ms & 0x7FFFFFF
    # GLONASS days may have a leap second.
    limit_s = SECONDS_PER_DAY + 1 if letter == "R" else SECONDS_PER_WEEK
    return MessageEpoch(letter, epoch_ms / 1000, day) if epoch_ms < 1000 * limit_s else None

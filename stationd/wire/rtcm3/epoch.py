"""The observation epoch at the head of an MSM or a 1001-1012 message, without decoding the rest."""

from typing import Final, NamedTuple

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
    """Return the epoch of an observation message, None for others and for ones too short."""
    if number not in OBSERVATION_NUMBERS or len(frame) < 14:
        return None
    head = int.from_bytes(frame[6:11], "big")  # the 40 bits after DF002 and DF003
    if number in LEGACY_LETTERS:
        letter = LEGACY_LETTERS[number]
        width = 27 if letter == "R" else 30  # DF034, DF004
        return MessageEpoch(letter, (head >> 40 - width) / 1000, None)
    letter = LETTERS[number // 10]
    field = head >> 10
    if letter == "R":
        return MessageEpoch(letter, (field & 0x7FFFFFF) / 1000, field >> 27)
    return MessageEpoch(letter, field / 1000, None)

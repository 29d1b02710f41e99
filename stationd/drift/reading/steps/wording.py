"""Which kind of change the words of a list speak of."""

from typing import Final

from stationd.drift.known_step import Change

# In this order: "Antenna_and_Receiver_Changed" is an antenna change before anything else.
_WORDS: Final = (
    (Change.ANTENNA, ("antenna", "radome", "dome", "monument")),
    (Change.RECEIVER, ("receiver",)),
    (Change.FIRMWARE, ("firmware",)),
    (Change.EARTHQUAKE, ("earthquake", "eq m")),
)


def change_of(text: str) -> Change:
    """Return the first kind whose words appear in a reason."""
    lowered = text.lower()
    for change, words in _WORDS:
        if any(word in lowered for word in words):
            return change
    return Change.OTHER

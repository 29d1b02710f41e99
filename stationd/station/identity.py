"""Notices that a station is no longer what it was, and says so seldom however wildly it flaps.

What changes together within a tick is told once. What goes on changing is told after a hold that
doubles from a minute to an hour: two stations mixed into one mountpoint alternate every second,
and would otherwise send 86,400 events a day.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from stationd.inputs import Instant

FIRST_HOLD_S: Final = 60.0
LONGEST_HOLD_S: Final = 3600.0

# What can be compared and held: a name, a number, or a position in metres.
Value = str | int | float | tuple[float, float, float]


class Change(NamedTuple):
    """`subject` was `before` when last told of, is `after` now, and changed so many `times`."""

    subject: str
    before: Value
    after: Value
    times: int
    at: Instant


class _Subject:
    """One thing that identifies a station, as told and as it is."""

    __slots__ = ("at", "hold_s", "quiet_until_s", "times", "told", "value")

    def __init__(self, value: Value, at: Instant) -> None:
        self.told = self.value = value
        self.at = at
        self.times = 0
        self.hold_s = FIRST_HOLD_S
        self.quiet_until_s = -LONGEST_HOLD_S


class Identity:
    """What identifies one station. Subjects are few: their names are the caller's."""

    __slots__ = ("_subjects",)

    def __init__(self) -> None:
        self._subjects: dict[str, _Subject] = {}

    def observe(self, subject: str, value: Value, at: Instant) -> None:
        """Take what the stream says now. What is heard for the first time is no news."""
        known = self._subjects.get(subject)
        if known is None:
            self._subjects[subject] = _Subject(value, at)
        elif value != known.value:
            known.value = value
            known.times += 1
            known.at = at

    def news(self, now_s: float) -> Iterator[Change]:
        """Yield what changed and may be told now."""
        for name, subject in self._subjects.items():
            if not subject.times or now_s < subject.quiet_until_s:
                continue
            yield Change(name, subject.told, subject.value, subject.times, subject.at)
            settled = now_s - subject.quiet_until_s > subject.hold_s
            subject.hold_s = FIRST_HOLD_S if settled else min(LONGEST_HOLD_S, 2 * subject.hold_s)
            subject.quiet_until_s = now_s + subject.hold_s
            subject.told = subject.value
            subject.times = 0

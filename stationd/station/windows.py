"""Counts over sliding windows of monotonic time, in bounded memory."""

from array import array
from typing import Final


class CountWindow:
    """Counts in a ring of buckets; a total covers the newest bucket and those before it.

    `bucket_s` times `buckets` is the longest span that can be asked for.
    """

    __slots__ = ("_bucket_s", "_counts", "_newest", "_older")

    def __init__(self, bucket_s: float = 10.0, buckets: int = 61) -> None:
        self._bucket_s = bucket_s
        self._counts = array("Q", bytes(8 * buckets))
        self._newest: int | None = None
        # span -> (bucket asked in, newest bucket, what the buckets before the newest hold);
        # None for that where the newest itself is too old.
        self._older: dict[float, tuple[int, int, int | None]] = {}

    def add(self, monotonic_s: float, count: int = 1) -> None:
        """Count something that happened; times before the newest bucket count as now."""
        bucket = int(monotonic_s // self._bucket_s)
        if bucket != self._newest:
            bucket = self._advance(bucket)
        self._counts[bucket % len(self._counts)] += count

    def _advance(self, bucket: int) -> int:
        counts = self._counts
        newest = bucket - len(counts) if self._newest is None else self._newest
        for passed in range(max(newest + 1, bucket - len(counts) + 1), bucket + 1):
            counts[passed % len(counts)] = 0
        self._newest = max(newest, bucket)
        return self._newest

    def covered_s(self, monotonic_s: float, span_s: float, since_s: float) -> float:
        """Return how long a total reaches back: the newest bucket is not over yet.

        `since_s`: when counting began. Rates divide by this and not by `span_s`.
        """
        buckets = min(len(self._counts), round(span_s / self._bucket_s))
        begin_s = (monotonic_s // self._bucket_s - buckets + 1) * self._bucket_s
        return monotonic_s - max(begin_s, since_s)

    def total(self, monotonic_s: float, span_s: float) -> int:
        """Return what was counted in the newest buckets that make up `span_s`."""
        newest = self._newest
        if newest is None:
            return 0
        bucket = int(monotonic_s // self._bucket_s)
        asked, of_newest, older = self._older.get(span_s, _NEVER_ASKED)
        if asked != bucket or of_newest != newest:
            # Only the newest bucket still grows: the others are added up once in its time.
            older = self._before_newest(bucket, span_s, newest)
            self._older[span_s] = (bucket, newest, older)
        return 0 if older is None else older + self._counts[newest % len(self._counts)]

    def _before_newest(self, bucket: int, span_s: float, newest: int) -> int | None:
        size = len(self._counts)
        oldest = max(bucket - min(size, round(span_s / self._bucket_s)) + 1, newest - size + 1)
        if oldest > newest:
            return None
        first, stop = oldest % size, newest % size
        if first <= stop:
            return sum(self._counts[first:stop])
        return sum(self._counts[first:]) + sum(self._counts[:stop])


_NEVER_ASKED: Final = (-1, -1, 0)

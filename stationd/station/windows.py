"""Counts over sliding windows of monotonic time, in bounded memory."""

from array import array
from typing import NamedTuple


class CountWindow:
    """Counts in a ring of buckets; a total covers the newest bucket and those before it.

    `bucket_s` times `buckets` is the longest span that can be asked for.
    """

    __slots__ = ("_bucket_s", "_counts", "_kept", "_newest")

    def __init__(self, bucket_s: float = 10.0, buckets: int = 61, *, large: bool = False) -> None:
        """`large`: a bucket may count beyond four thousand million."""
        self._bucket_s = bucket_s
        self._counts = array("Q" if large else "I", (0,)) * buckets
        self._newest: int | None = None
        # By span: only the newest bucket still grows, the others are added up once in its time.
        self._kept: dict[float, _Known] = {}

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
        bucket = int(monotonic_s // self._bucket_s)
        return monotonic_s - max(since_s, self._known(bucket, span_s).begin_s)

    def total(self, monotonic_s: float, span_s: float) -> int:
        """Return what was counted in the newest buckets that make up `span_s`."""
        known = self._known(int(monotonic_s // self._bucket_s), span_s)
        if known.older is None or self._newest is None:
            return 0
        return known.older + self._counts[self._newest % len(self._counts)]

    def over(self, monotonic_s: float, span_s: float, since_s: float) -> tuple[int, float]:
        """Return `total` and `covered_s` together."""
        known = self._known(int(monotonic_s // self._bucket_s), span_s)
        count = 0
        if known.older is not None and self._newest is not None:
            count = known.older + self._counts[self._newest % len(self._counts)]
        return count, monotonic_s - max(since_s, known.begin_s)

    def _known(self, bucket: int, span_s: float) -> "_Known":
        """Return what holds for as long as neither the time nor a count begins a new bucket."""
        known = self._kept.get(span_s)
        if known is None or known.bucket != bucket or known.newest != self._newest:
            known = self._kept[span_s] = self._added_up(bucket, span_s)
        return known

    def _added_up(self, bucket: int, span_s: float) -> "_Known":
        size, newest = len(self._counts), self._newest
        first_bucket = bucket - min(size, round(span_s / self._bucket_s)) + 1
        begin_s = first_bucket * self._bucket_s
        if newest is None:
            return _Known(bucket, newest, None, begin_s)
        oldest = max(first_bucket, newest - size + 1)
        if oldest > newest:
            return _Known(bucket, newest, None, begin_s)
        first, stop = oldest % size, newest % size
        if first <= stop:
            older = sum(self._counts[first:stop])
        else:
            older = sum(self._counts[first:]) + sum(self._counts[:stop])
        return _Known(bucket, newest, older, begin_s)


class _Known(NamedTuple):
    """Of one span: asked in `bucket`, when counts had come to `newest`.

    `older`: what the buckets before the newest hold, None where the newest itself is too old.
    `begin_s`: where the oldest bucket begins.
    """

    bucket: int
    newest: int | None
    older: int | None
    begin_s: float

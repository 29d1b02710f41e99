"""Sliding counts against a plain list."""

from hypothesis import given
from hypothesis import strategies as st

from stationd.station.windows import CountWindow


@given(
    st.lists(st.tuples(st.floats(0, 50), st.integers(1, 5)), max_size=60),
    st.sampled_from([10, 60, 600]),
)
def test_a_total_is_what_fell_into_the_buckets_of_the_span(steps, span_s):
    window, events, now_s = CountWindow(), [], 0.0
    for step_s, count in steps:
        now_s += step_s
        window.add(now_s, count)
        events.append((int(now_s // 10), count))
    newest = int(now_s // 10)
    expected = sum(count for bucket, count in events if bucket > newest - round(span_s / 10))
    assert window.total(now_s, span_s) == expected


def test_a_window_is_empty_after_a_long_silence():
    window = CountWindow()
    window.add(5.0, 3)
    assert window.total(5.0, 60) == 3
    assert window.total(1e6, 600) == 0
    window.add(1e6)
    assert window.total(1e6, 600) == 1


def test_a_late_time_counts_as_now():
    window = CountWindow()
    window.add(100.0)
    window.add(50.0)
    assert window.total(100.0, 10) == 2

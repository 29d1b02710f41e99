"""Windows over running counts, against a plain list of what happened."""

from hypothesis import given
from hypothesis import strategies as st

from stationd.station.history import SAMPLES, STEP_S, CountHistory


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=1500),
    st.sampled_from([60.0, 300.0, 600.0]),
)
def test_a_window_is_what_happened_since_the_moment_it_says(happened, span_s):
    history, count, at_s = CountHistory(), 0, 0.0
    history.begin(0.0)
    moments = []
    for second, many in enumerate(happened):
        at_s = second + 0.5
        count += many
        moments += [at_s] * many
        if history.due(at_s + 0.25):
            history.sample(at_s + 0.25, [("x", count)])
    window = history.window("x", count, at_s + 0.3, span_s)
    since_s = at_s + 0.3 - window.covered_s
    assert window.counted == sum(moment > since_s for moment in moments)
    whole_s = min(span_s, at_s + 0.3)
    assert whole_s - STEP_S - 1.0 <= window.covered_s <= whole_s + 1.0


def test_nothing_is_known_before_it_begins():
    history = CountHistory()
    assert not history.due(100.0)
    assert history.window("x", 5, 100.0, 60.0) == (0, 0.0)


def test_a_count_that_came_later_was_zero_before():
    history = CountHistory()
    history.begin(0.0)
    history.sample(10.0, [("old", 3)])
    history.sample(20.0, [("old", 4), ("new", 7)])
    assert history.window("new", 9, 25.0, 600.0) == (9, 25.0)


def test_a_window_is_no_longer_than_what_is_kept():
    history = CountHistory()
    history.begin(0.0)
    for step in range(1, 3 * SAMPLES):
        history.sample(step * STEP_S, [("x", step)])
    count, covered_s = history.window("x", 3 * SAMPLES, 3 * SAMPLES * STEP_S, 600.0)
    assert (count, covered_s) == (60, 600.0)


def test_after_a_standstill_the_window_says_how_long_it_is():
    history = CountHistory()
    history.begin(0.0)
    history.sample(10.0, [("x", 10)])
    assert history.due(5000.0)
    history.sample(5000.0, [("x", 12)])
    assert history.window("x", 12, 5001.0, 60.0) == (12, 5001.0)
    assert not history.due(5000.5)

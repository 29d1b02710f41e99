"""Epochs are counted once, gaps are seen, and DF393 is not trusted alone."""

import numpy as np

from stationd.station.epochs import Cells, EpochTrack


def cells(n=1):
    none = np.zeros(n, np.intp)
    return Cells(none, none, np.zeros((4, n)), 0, n)


def see(track, epoch_s, at_s, *, more=False, daily=False):
    new = track.observe(epoch_s, daily=daily, monotonic_s=at_s, interval_s=1.0, more=more)
    track.gather(cells())
    return new


def test_an_epoch_of_several_messages_is_counted_once():
    track = EpochTrack()
    assert see(track, 10.0, 0.0, more=True)
    assert not see(track, 10.0, 0.1)
    assert track.epochs == 1
    assert len(list(track.newest(0.2))) == 2


def test_missing_epochs_are_counted_from_the_times_inside_the_messages():
    track = EpochTrack()
    see(track, 10.0, 0.0)
    see(track, 14.0, 0.1)  # arrived in a burst: only the epochs tell
    assert (track.epochs, track.missing) == (2, 3)
    assert track.last_gap.missing == 3


def test_the_week_and_day_ends_are_no_gap():
    week, day = EpochTrack(), EpochTrack()
    see(week, 604_799.0, 0.0)
    assert see(week, 0.0, 1.0)
    see(day, 86_399.0, 0.0, daily=True)
    assert see(day, 0.0, 1.0, daily=True)
    assert week.missing == day.missing == 0


def test_a_late_duplicate_is_no_new_epoch():
    track = EpochTrack()
    see(track, 10.0, 0.0)
    see(track, 11.0, 1.0)
    assert not see(track, 10.0, 1.1)
    assert (track.epochs, track.out_of_order) == (2, 1)


def test_a_receiver_that_sets_its_clock_back_does_not_fall_silent():
    track = EpochTrack()
    see(track, 500_000.0, 0.0)
    assert see(track, 400_000.0, 1.0)
    assert see(track, 400_001.0, 2.0)
    assert track.missing == 0


def test_an_unfinished_epoch_gives_way_to_the_last_whole_one_until_it_has_waited_long_enough():
    track = EpochTrack()
    see(track, 10.0, 0.0, more=True)
    see(track, 10.0, 0.0, more=False)
    see(track, 11.0, 1.0, more=True)
    assert len(list(track.newest(1.1))) == 2  # the whole epoch before
    assert len(list(track.newest(1.6))) == 1  # the last message never came

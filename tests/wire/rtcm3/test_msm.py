"""Unsound masks, lock times, GLONASS channels, modulo ranges and impossible times of MSM."""

import random

import numpy as np
import pytest
from authorities.msm_writer import framed, random_msm
from authorities.pyrtcm_msm import df407_s

from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.msm import decode_msm, plan_of
from stationd.wire.rtcm3.msm_batch import WORTHWHILE_MESSAGES, decode_msm_batch
from stationd.wire.rtcm3.msm_layout import KINDS

DF402_S = (0.0, *(0.032 * 2**i for i in range(15)))  # RTCM 10403.3 table 3.5-74


def msm7(satellites=(1, 5), signals=(2,), **content):
    rng = random.Random(3)
    return random_msm(rng, 1077, list(satellites), list(signals), fill=1.0, **content)


def both(frame):
    """Return what the single and the batch decoder make of a frame among others."""
    single = decode_msm(frame)
    batch = decode_msm_batch([msm7(), frame] * WORTHWHILE_MESSAGES)
    return single, batch[1]


def cut(frame, size_bytes):
    """Return a sound frame around the first bytes of a frame's payload."""
    return framed(frame[3 : 3 + size_bytes])


def test_lock_times_are_the_tables_of_the_standard():
    theirs = [df407_s(indicator) for indicator in range(1024)]
    ours = KINDS[7].lock_time_s.tolist()
    assert [None if np.isnan(value) else value for value in ours] == theirs
    assert KINDS[4].lock_time_s.tolist() == pytest.approx(DF402_S, abs=1e-12)


def test_masks_for_more_than_64_cells_are_refused_by_both_decoders():
    frame = random_msm(random.Random(1), 1077, list(range(1, 34)), [2, 3], fill=0.1)
    with pytest.raises(DecodeError, match="1077: its masks need 66 cells"):
        decode_msm(frame)
    results = decode_msm_batch([msm7(), frame] * WORTHWHILE_MESSAGES)
    assert [isinstance(r, DecodeError) for r in results] == [False, True] * WORTHWHILE_MESSAGES


def test_all_64_cells_are_read():
    frame = random_msm(random.Random(1), 1077, list(range(1, 65)), [2], fill=1.0)
    for message in both(frame):
        satellites = message.observations().satellite
        assert satellites == tuple(f"G{n:02d}" for n in range(1, 65))


@pytest.mark.parametrize("number", [1071, 1074, 1077, 1087])
def test_a_message_cut_short_is_refused_at_every_length_by_both_decoders(number):
    frame = random_msm(random.Random(2), number, [1, 2, 9], [2, 8], fill=1.0)
    whole_bytes = len(frame) - 6
    cuts = [cut(frame, size_bytes) for size_bytes in range(2, whole_bytes)]
    for damaged in cuts:
        with pytest.raises(DecodeError, match="need"):
            decode_msm(damaged)
    results = decode_msm_batch([*cuts, *[frame] * WORTHWHILE_MESSAGES])
    assert [isinstance(r, DecodeError) for r in results] == [True] * len(cuts) + [
        False
    ] * WORTHWHILE_MESSAGES
    decode_msm(framed(frame[3:-3] + b"\0"))  # more bytes than needed do no harm


def test_a_message_without_satellites_has_no_cells():
    frame = random_msm(random.Random(2), 1077, [], [])
    for message in both(frame):
        assert len(message.observations()) == 0


def test_a_message_with_satellites_but_no_cells_has_none():
    frame = random_msm(random.Random(2), 1077, [3, 4], [2], fill=0.0)
    for message in both(frame):
        assert len(message.observations()) == 0


def test_where_nothing_has_a_value_every_number_is_nan():
    for message in both(msm7(void=1.0)):
        columns = message.observations()
        assert len(columns) == 2
        assert np.isnan(message.columns.values[:, message.start : message.stop]).all()
        assert np.isnan(columns.pseudorange_m).all()


def test_an_unknown_glonass_channel_is_nan_and_no_number():
    frame = random_msm(random.Random(2), 1087, [1], [2], fill=1.0, void=1.0)  # void: channel 15
    for message in both(frame):
        assert np.isnan(message.observations().glonass_channel).all()


def test_ranges_of_compact_kinds_say_that_they_are_modulo_a_light_millisecond():
    rng = random.Random(2)
    compact = decode_msm(random_msm(rng, 1073, [1], [2], fill=1.0, void=0.0))
    whole = decode_msm(random_msm(rng, 1074, [1], [2], fill=1.0, void=0.0))
    assert compact.range_modulo_m == pytest.approx(299_792.458)
    assert whole.range_modulo_m is None


def test_a_wrongly_wrapped_beidou_time_is_impossible_and_a_leap_second_of_glonass_is_not():
    def timed(number, epoch):
        bits = f"{number:012b}{0:012b}{epoch:030b}" + "0" * 19 + "0" * 96
        bits += "0" * (-len(bits) % 8)
        return decode_msm(framed(int(bits, 2).to_bytes(len(bits) // 8, "big")))

    assert not timed(1127, 2**30 - 14_000).epoch_is_possible
    assert not timed(1127, 604_800_000).epoch_is_possible
    assert timed(1127, 604_799_999).epoch_is_possible
    assert timed(1087, 6 << 27 | 86_400_999).epoch_is_possible
    assert not timed(1087, 6 << 27 | 86_401_000).epoch_is_possible
    assert timed(1087, 7 << 27 | 1_000).epoch_is_possible  # the day is unknown


def test_plans_are_remembered_for_a_bounded_number_of_masks():
    for mask in range(1, 4000):
        plan_of(7, mask << 40, 1 << 30, 0)
    assert plan_of.cache_info().currsize <= 2048

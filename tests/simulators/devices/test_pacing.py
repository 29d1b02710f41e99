"""Pacing: bytes leave when they are due, by a clock that is an argument."""

import pytest

from stationd_simulators.devices.pacing import Pacer, play

BEGIN_GPST_S = 1_400_000_000.0


def pacer(clock, speed=1.0, begin_gpst_s=BEGIN_GPST_S):
    return Pacer(begin_gpst_s, speed, now=clock.now, sleep=clock.sleep)


async def test_in_real_time_each_piece_leaves_when_it_is_due(clock, kept, pieces):
    await play(pieces(b"a", b"b", b"c", step_s=0.5), pacer(clock), kept)
    assert kept.pieces == [(1000.0, b"a"), (1000.5, b"b"), (1001.0, b"c")]


async def test_at_speed_sixty_a_minute_takes_a_second(clock, kept, pieces):
    await play(pieces(b"a", b"b", b"c", step_s=60.0), pacer(clock, 60.0), kept)
    assert [at_s for at_s, _ in kept.pieces] == [1000.0, 1001.0, 1002.0]


async def test_as_fast_as_possible_waits_for_room_and_for_nothing_else(clock, kept, pieces):
    await play(pieces(*[b"x"] * 5, step_s=3600.0), pacer(clock, None), kept)
    assert clock.now() == 1000.0
    assert (kept.rooms, kept.ends) == (5, 1)


async def test_in_real_time_nobody_is_waited_for(clock, kept, pieces):
    await play(pieces(b"a", b"b"), pacer(clock), kept)
    assert (kept.rooms, kept.ends) == (0, 1)


async def test_what_is_overdue_leaves_at_once_and_the_delay_is_told(clock, kept, pieces):
    pace = pacer(clock)
    await pace.until(BEGIN_GPST_S)
    clock.now_s += 10.0
    await play(pieces(b"a", b"b", b"c", step_s=6.0), pace, kept)
    assert [at_s for at_s, _ in kept.pieces] == [1010.0, 1010.0, 1012.0]
    assert pace.worst_delay_s == 10.0
    assert 0.0 in clock.slept_s  # the loop had its turn all the same


async def test_stations_that_share_a_pacer_keep_step(clock, kept, pieces):
    pace = pacer(clock)
    await play(pieces(b"a"), pace, kept)
    clock.now_s += 2.0
    later = pieces(b"b", b"c", b"d", b"e")
    await play(later[3:], pace, kept)
    assert kept.pieces == [(1000.0, b"a"), (1003.0, b"e")]


async def test_a_stream_may_begin_later_than_the_scenario(clock, kept, pieces):
    await play(pieces(b"a"), pacer(clock, begin_gpst_s=BEGIN_GPST_S - 30.0), kept)
    assert kept.pieces == [(1030.0, b"a")]


async def test_an_asynchronous_stream_is_played_alike(clock, kept, pieces):
    async def stream():
        for piece in pieces(b"a", b"b"):
            yield piece

    await play(stream(), pacer(clock), kept)
    assert kept.pieces == [(1000.0, b"a"), (1001.0, b"b")]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_never_arrives_is_refused(speed):
    with pytest.raises(ValueError, match="never arrives: write 1 for real time"):
        Pacer(BEGIN_GPST_S, speed)

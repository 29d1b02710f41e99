"""A recording without arrival times is stamped by its own epochs, and no byte is lost or moved."""

import pytest
from authorities.foreign import nmea
from hypothesis import given, settings
from hypothesis import strategies as st
from rtcm_writer import frame, msm7, station_epoch

from stationd.gnss.time import gpst_from_utc
from stationd.station.pacing import CONVINCED_AFTER, HELD_BYTES, Pacer

SUNDAY_UTC_S = 1_781_395_200.0  # 2026-06-14 00:00:00 UTC
WEEK_MS = 604_800_000


def paced(data, *, start_utc_s=SUNDAY_UTC_S, block_bytes=1 << 16):
    start = None if start_utc_s is None else gpst_from_utc(start_utc_s)
    blocks = (data[i : i + block_bytes] for i in range(0, len(data), block_bytes))
    return list(Pacer(start).chunks(blocks))


def epochs(seconds, first_ms=100_000_000):
    return [b"".join(station_epoch(7, (first_ms + 1000 * s) % WEEK_MS, seed=s)) for s in seconds]


def gps(tow_ms):
    return msm7(1077, 7, tow_ms, [1, 2], [2])


def times_of(chunks, pieces):
    """Return when each piece's last byte came, by the stamps."""
    data = b"".join(chunk.data for chunk in chunks)
    ends, stamps, position = [], [], 0
    for chunk in chunks:
        position += len(chunk.data)
        ends.append(position)
        stamps.append(chunk.at.monotonic_s)
    times, position = [], 0
    for piece in pieces:
        position = data.index(piece, position) + len(piece)
        times.append(next(s for e, s in zip(ends, stamps, strict=True) if e >= position))
    return times


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(epochs(range(6))),
            st.binary(max_size=100),
            st.just(nmea("GNGGA,034640.00,,,,,0,,,,,,,,")),
        ),
        max_size=8,
    ),
    st.integers(1, 4000),
)
def test_the_stamped_pieces_are_the_recording_and_their_times_never_go_back(parts, block_bytes):
    data = b"".join(parts)
    chunks = paced(data, block_bytes=block_bytes)
    assert b"".join(chunk.data for chunk in chunks) == data
    stamps = [chunk.at.monotonic_s for chunk in chunks]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("block_bytes", [100, 5000, 1 << 16])
def test_every_epoch_comes_at_its_own_second_whatever_the_blocks(block_bytes):
    pieces = epochs([0, 1, 2, 7, 8])
    chunks = paced(b"".join(pieces), block_bytes=block_bytes)
    assert times_of(chunks, pieces) == [0.0, 1.0, 2.0, 7.0, 8.0]


def test_the_wall_time_is_that_of_the_epochs_of_the_week_that_was_named():
    chunks = paced(b"".join(epochs([0, 1], first_ms=WEEK_MS - 1000)))
    # The last second of the GPS week that ends 18 s before the UTC day does.
    assert [chunk.at.utc_s for chunk in chunks][-1] == SUNDAY_UTC_S - 18
    assert [chunk.at.monotonic_s for chunk in chunks][-1] == 1.0


def test_without_a_date_there_is_no_wall_time_and_the_steps_are_right():
    chunks = paced(b"".join(epochs(range(3), first_ms=WEEK_MS - 2000)), start_utc_s=None)
    assert {chunk.at.utc_s for chunk in chunks} == {None}
    assert [chunk.at.monotonic_s for chunk in chunks][-1] == 2.0


def test_a_sentence_of_the_same_second_is_no_new_epoch_and_paces_alone():
    sentences = [nmea(f"GNGGA,00000{s}.00,,,,,0,,,,,,,,") for s in range(4)]
    assert times_of(paced(b"".join(sentences)), sentences) == [0.0, 1.0, 2.0, 3.0]


def test_beidou_sent_in_gps_time_does_not_hurry_the_recording():
    pieces = []
    for second in range(4):
        tow_ms = 100_000_000 + 1000 * second
        pieces.append(gps(tow_ms) + msm7(1127, 7, tow_ms, [5], [2]))
    assert times_of(paced(b"".join(pieces)), pieces) == [0.0, 1.0, 2.0, 3.0]


def test_an_impossible_time_is_not_followed():
    wrong = msm7(1127, 7, 2**30 - 14_000, [5], [2])
    pieces = [gps(1000), wrong, gps(2000), wrong, gps(3000)]
    assert times_of(paced(b"".join(pieces)), pieces) == [0.0, 0.0, 1.0, 1.0, 2.0]


def test_one_foreign_time_is_not_followed_and_one_that_lasts_is():
    once = [gps(0), gps(300_000_000), gps(1000), gps(2000)]
    assert times_of(paced(b"".join(once)), once) == [0.0, 0.0, 1.0, 2.0]
    lasting = [gps(0), *(gps(200_000_000 + 1000 * s) for s in range(CONVINCED_AFTER + 2))]
    assert times_of(paced(b"".join(lasting)), lasting)[-3:] == [200_009.0, 200_010.0, 200_011.0]


def test_a_clock_that_was_set_back_goes_on_from_where_it_is():
    pieces = [gps(300_000_000 + 1000 * s) for s in range(3)]
    pieces += [gps(299_000_000 + 1000 * s) for s in range(CONVINCED_AFTER + 2)]
    assert times_of(paced(b"".join(pieces)), pieces)[-3:] == [2.0, 3.0, 4.0]


def test_bytes_that_never_show_an_epoch_are_held_back_within_bounds():
    pacer = Pacer(None)
    largest = 0

    def blocks():
        nonlocal largest
        for _ in range(100):
            yield bytes(65_536)
            largest = max(largest, len(pacer._held))

    total = sum(len(chunk.data) for chunk in pacer.chunks(blocks()))
    assert total == 100 * 65_536
    assert largest <= HELD_BYTES


def test_a_frame_that_repeats_is_found_at_its_own_place():
    same = frame(b"\x3e\xd0\x00\x03" + bytes(15))
    data = same + gps(1000) + same + gps(2000) + same
    assert b"".join(chunk.data for chunk in paced(data)) == data

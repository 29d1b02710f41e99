"""Framing is independent of chunking, loses no good frame, and holds back little."""

import random
from binascii import crc_hqx

import pytest
from authorities.foreign import nmea, sbf, ubx
from authorities.independent_scan import frames_at_every_byte, one_after_another
from authorities.msm_writer import framed, random_msm
from hypothesis import example, given
from hypothesis import strategies as st

from stationd.wire.framing import (
    FOREIGN_LONGEST_BYTES,
    SENTENCE_LONGEST_BYTES,
    Frame,
    Framer,
    Sentence,
)

RANDOM = random.Random(20_26)
FRAMES = [
    framed(bytes.fromhex("3ed00003")),  # 1005's beginning
    framed(b""),
    framed(b"\x43"),
    framed(bytes(range(256)) * 3 + b"\xd3" * 255),  # the longest, 1023 bytes
    framed(b"\xd3\x00\x04" * 9),
    random_msm(RANDOM, 1077, [1, 7, 30], [2, 16]),
    random_msm(RANDOM, 1127, [5, 40], [2]),
]
SENTENCES = [
    nmea("GNGGA,120000.00,4717.11,N,00833.91,E,4,12,0.6,499.6,M,48.0,M,,"),
    nmea("GNRMC,,V,,,,,,,,,,N", end=b"\n"),
    nmea("PUBX,00"),
    b"!" + nmea("AIVDM,1,1,,A,,0")[1:],
]


def damaged(frame: bytes, place: int) -> bytes:
    index = place % len(frame)
    return frame[:index] + bytes([frame[index] ^ 0x10]) + frame[index + 1 :]


PIECES = st.one_of(
    st.sampled_from(FRAMES),
    st.sampled_from(SENTENCES),
    st.binary(max_size=60),
    st.binary(max_size=40).map(lambda payload: ubx((1, 7), payload)),
    st.binary(max_size=40).map(lambda payload: sbf(4007, payload)),
    st.builds(damaged, st.sampled_from([*FRAMES, *SENTENCES]), st.integers(0, 2000)),
    st.builds(lambda f, n: f[:n], st.sampled_from(FRAMES + SENTENCES), st.integers(0, 200)),
    st.sampled_from([b"\xd3", b"\xd3\x03", b"\xd3\x03\xff", b"$", b"$@", b"\xb5", b"\xb5\x62"]),
)
STREAMS = st.lists(PIECES, max_size=12).map(b"".join)


def counters(framer):
    return {
        name: getattr(framer, name) for name in Framer.__slots__ if not name.startswith("_")
    } | {"skipped": framer.skipped_bytes}


def whole(data):
    framer = Framer()
    return [*framer.feed(data), *framer.finish()], counters(framer)


def frames(items):
    return [item.data for item in items if isinstance(item, Frame)]


@given(STREAMS, st.lists(st.integers(1, 400), min_size=1, max_size=40))
@example(b"".join(FRAMES + SENTENCES), [1])
def test_the_result_does_not_depend_on_how_the_bytes_are_chunked(data, sizes):
    framer = Framer()
    items = []
    position = count = 0
    while position < len(data):
        size = sizes[count % len(sizes)]
        items += framer.feed(data[position : position + size])
        position, count = position + size, count + 1
    items += framer.finish()
    expected, expected_counters = whole(data)
    assert items == expected
    assert counters(framer) == expected_counters


@given(STREAMS)
def test_every_byte_is_accounted_for(data):
    _, counted = whole(data)
    assert counted["received_bytes"] == len(data)
    accounted = counted["frame_bytes"] + counted["sentence_bytes"] + counted["skipped"]
    assert accounted == len(data)
    assert 0 <= counted["foreign_bytes"] <= counted["skipped"]


@given(st.lists(st.one_of(st.sampled_from(FRAMES), st.binary(max_size=60)), max_size=12))
def test_the_frames_found_are_those_that_a_scan_of_every_byte_finds(pieces):
    data = b"".join(pieces).replace(b"\xb5", b"").replace(b"$", b"")  # nothing to step over
    found = one_after_another(frames_at_every_byte(data))
    items, counted = whole(data)
    assert frames(items) == [frame.data for frame in found]
    assert counted["frames"] == len(found)
    assert [item.number for item in items if isinstance(item, Frame)] == [
        frame.number if len(frame.data) > 7 else 0 for frame in found
    ]


@given(STREAMS)
def test_no_more_is_held_back_than_the_longest_thing_that_is_waited_for(data):
    framer = Framer()
    for place in range(0, len(data), 7):
        framer.feed(data[place : place + 7])
        assert len(framer._tail) <= FOREIGN_LONGEST_BYTES


@pytest.mark.parametrize(
    "head", [b"\xd3\x03\xff", b"$GNGGA,", b"\xb5\x62\x01\x07\xf8\x1f", b"$@aa12\x00\x20"]
)
def test_a_claim_that_is_never_fulfilled_holds_back_a_bounded_tail_and_no_frame_for_ever(head):
    framer = Framer()
    good = FRAMES[5]
    items = framer.feed(head)
    for _ in range(40):
        items += framer.feed(b"A" * 300)
        assert len(framer._tail) <= FOREIGN_LONGEST_BYTES + 300
    items += framer.feed(good) + framer.feed(bytes(FOREIGN_LONGEST_BYTES))
    assert frames(items) == [good]


def test_a_good_frame_inside_the_claimed_length_of_a_damaged_one_is_found():
    inner = FRAMES[5]
    outer = b"\xd3\x03\xff" + b"\x3e" * 40 + inner + b"\x55" * 1000
    items, counted = whole(outer)
    assert frames(items) == [inner]
    assert counted["crc_failures"] == 1
    assert frames_at_every_byte(outer)[0].data == inner


def test_a_damaged_length_field_costs_one_frame_and_not_the_next():
    first, second = FRAMES[5], FRAMES[6]
    longer = bytearray(first)
    longer[1] |= 0x02  # claims 512 bytes more than it has
    items, _ = whole(bytes(longer) + second + bytes(600))
    assert frames(items) == [second]


def test_a_d3_inside_a_sound_ubx_or_sbf_message_is_no_crc_failure():
    inside = b"\xd3\x00\x04" + bytes(20)
    for foreign in (ubx((2, 21), inside), sbf(4027, inside)):
        items, counted = whole(foreign + FRAMES[5])
        assert frames(items) == [FRAMES[5]]
        assert counted["crc_failures"] == 0
        assert (counted["foreign_messages"], counted["foreign_bytes"]) == (1, len(foreign))


def test_an_sbf_block_whose_length_is_no_multiple_of_four_is_none():
    body = (4007).to_bytes(2, "little") + (9 + len(FRAMES[5])).to_bytes(2, "little") + b"\0"
    block = b"$@" + crc_hqx(body + FRAMES[5], 0).to_bytes(2, "little") + body + FRAMES[5]
    assert (len(block)) % 4
    assert frames(whole(block)[0]) == [FRAMES[5]]


def test_a_frame_inside_a_damaged_ubx_message_is_found():
    foreign = bytearray(ubx((2, 21), FRAMES[5] + bytes(50)))
    foreign[-1] ^= 1
    items, counted = whole(bytes(foreign))
    assert frames(items) == [FRAMES[5]]
    assert counted["foreign_messages"] == 0


def test_a_sentence_with_a_wrong_checksum_is_counted_and_not_passed_on():
    items, counted = whole(nmea("GNGGA,120000.00", checksum="00") + SENTENCES[0])
    assert [item.data for item in items] == [SENTENCES[0].rstrip()]
    assert (counted["sentences"], counted["sentence_failures"]) == (1, 1)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_sentence_may_end_in_any_line_end(end):
    sentence = nmea("GNGGA,120000.00", end=end)
    items, counted = whole(sentence + FRAMES[5])
    assert items == [Sentence(sentence.rstrip()), Frame(1077, FRAMES[5])]
    assert counted["skipped"] == 0


def test_checksum_digits_in_lower_case_are_read():
    sentence = nmea("GNZDA,201530.00,04,07,2002,00,00")
    lower = sentence[:-4] + sentence[-4:].lower()
    assert [item.data for item in whole(lower)[0]] == [lower.rstrip()]


@pytest.mark.parametrize(("size", "found"), [(1023, 1), (1024, 0)])
def test_a_line_without_end_is_given_up_at_its_limit(size, found):
    body = "PXYZ," + "A" * (size - 9)
    sentence = nmea(body)
    assert len(sentence) - 2 == size <= SENTENCE_LONGEST_BYTES
    items, _ = whole(sentence + FRAMES[5])
    assert len(items) == found + 1


def test_chunk_lengths_of_http_left_in_the_stream_cost_no_frame_between_them():
    body = FRAMES[5] + FRAMES[6]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(f), f) for f in (FRAMES[5], FRAMES[6])) + b"0\r\n\r\n"
    assert frames(whole(chunked)[0]) == frames(whole(body)[0]) == [FRAMES[5], FRAMES[6]]


def test_every_recording_has_the_frames_that_a_scan_of_every_byte_finds(real_data):
    counts = {}
    for path in sorted((real_data / "rtcm").rglob("*")):
        if path.is_dir():
            continue
        data = path.read_bytes()
        found = frames_at_every_byte(data)
        items, _ = whole(data)
        assert frames(items) == [frame.data for frame in one_after_another(found)], path.name
        assert one_after_another(found) == found, path.name  # none inside another
        counts[path.name] = len(found)
    assert counts["GMSD7_20121014.rtcm3"] == 1143
    assert counts["ntrip_encode_chunked.bin"] <= counts["ntrip_encode_none.bin"]
    assert sum(counts.values()) > 8_000


def test_nmea_captures_of_22_receivers_have_the_sentences_with_a_right_checksum(real_data):
    total = 0
    for path in sorted((real_data / "nmea").glob("*.log")):
        data = path.read_bytes()
        right = []
        for line in data.replace(b"\r", b"\n").split(b"\n"):
            start = max(line.rfind(b"$"), line.rfind(b"!"))
            text = line[start:]
            if start < 0 or text[-3:-2] != b"*" or not text[1:4].isalnum():
                continue
            if nmea(text[1:-3].decode("ascii", "replace"), end=b"")[1:].lower() == text[1:].lower():
                right.append(text)
        sentences = [i.data for i in whole(data)[0] if isinstance(i, Sentence)]
        assert sentences == right, path.name
        total += len(right)
    assert total > 1_000

"""Heads of answers, in every form and however they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationd.wire.errors import DecodeError
from stationd.wire.ntrip.head import MOST_HEAD_BYTES, Head, HeadReader, LeadIn, printable


def fed(reader, data, cut):
    head = reader.feed(data[:cut]) if cut else None
    if head is not None:
        return head, reader.rest + data[cut:]
    return reader.feed(data[cut:]), reader.rest


@pytest.mark.parametrize("cut", range(60))
def test_a_head_is_read_wherever_it_is_cut(cut):
    data = b"HTTP/1.1 200 OK\r\nAbc:  x y \r\nABC: z\r\nodd line\r\n\r\n\r\n\xd3\x00"
    head, rest = fed(HeadReader(), data, cut)
    assert head == Head("HTTP", 200, "OK", (("abc", "x y"), ("abc", "z")))
    assert head.value("abc") == "x y, z"
    assert head.value("other") == ""
    assert rest == b"\r\n\xd3\x00"


@pytest.mark.parametrize("cut", range(10))
def test_a_version_1_head_is_its_first_line(cut):
    head, rest = fed(HeadReader(), b"ICY 200 OK\r\n\xd3\r\n", cut)
    assert head == Head("ICY", 200, "OK")
    assert rest == b"\xd3\r\n"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_head_or_not_yet_one_or_refused(noise):
    reader = HeadReader()
    try:
        head = reader.feed(noise)
    except DecodeError:
        return
    assert head is None or head.protocol in {"HTTP", "ICY", "SOURCETABLE", "ERROR"}


def test_a_head_may_be_just_as_long_as_the_limit_and_no_longer():
    def data(size):
        fixed = b"HTTP/1.1 200 OK\r\nA: \r\n\r\n"
        return fixed.replace(b"A: ", b"A: " + b"x" * (size - len(fixed)))

    assert HeadReader().feed(data(MOST_HEAD_BYTES) + b"\xd3" * 100_000).status == 200
    with pytest.raises(DecodeError, match="16384 bytes of header"):
        HeadReader().feed(data(MOST_HEAD_BYTES + 1))


def test_what_broke_off_is_told_as_far_as_it_came():
    reader = HeadReader()
    assert reader.so_far() is None
    assert reader.feed(b"HTTP/1.1 404 Not") is None
    assert reader.so_far() is None
    assert reader.feed(b" Found\r\nA: b\r\nC") is None
    assert reader.so_far() == Head("HTTP", 404, "Not Found", (("a", "b"),))


BODIES = st.sampled_from([b"\xd3\x00\x13abc", b"$GPGGA,1*00\r\n", b"\xb5\x62\x01", b"STR;A:b;\r\n"])
LEADS = st.sampled_from(
    [b"", b"\r\n", b"\n", b"Server: x\r\n\r\n", b"A: b\r\nC-D: e\r\n", b"Date: 1:2\n\n"]
)


@given(LEADS, BODIES, st.lists(st.integers(0, 40), max_size=8))
def test_what_stands_before_a_version_1_body_is_taken_away(lead, body, cuts):
    data = lead + body
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    lead_in = LeadIn()
    out = b"".join(lead_in.feed(data[a:b]) for a, b in pairwise(edges))
    assert out == body
    assert lead_in.passed
    assert lead_in.feed(b"\r\n") == b"\r\n"


def test_a_line_without_end_is_not_held_back_for_ever():
    lead_in = LeadIn()
    assert lead_in.feed(b"Server: " + b"x" * 100) == b""
    assert lead_in.feed(b"x" * 1000) == b"Server: " + b"x" * 1100


def test_what_a_peer_says_is_made_fit_for_a_log_line():
    assert printable(b"a\x1b[31m\r\nb" + bytes(3) + b" \xe9") == "a?[31m??b??? é"
    assert len(printable(b"x" * 1000)) == 80

"""Bodies against Python's own HTTP client and zlib, however they are cut into segments."""

import gzip
import http.client
import io
import re
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationd.wire.errors import DecodeError
from stationd.wire.ntrip.body import MOST_INFLATED_BYTES, Chunked, Inflated, decoder_of
from stationd.wire.ntrip.head import Head


def fed(decoder, data, cuts):
    """Return what comes out when `data` is cut at `cuts`."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return b"".join(decoder.feed(data[a:b]) for a, b in pairwise(edges) if a < b)


def as_python_reads(body):
    class Sock:
        def makefile(self, _):
            return io.BytesIO(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    response = http.client.HTTPResponse(Sock())
    response.begin()
    return response.read()


CUTS = st.lists(st.integers(0, 100_000), max_size=20)
EXTENSIONS = st.sampled_from([b"", b";a=1", b' ; x="y;z"', b";"])
SIZES = st.sampled_from([b"%x", b"%X", b"%04x"])


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=300), SIZES, EXTENSIONS)), CUTS)
def test_chunks_come_out_as_pythons_own_client_reads_them_however_they_are_cut(pieces, cuts):
    body = b"".join(size % len(p) + ext + b"\r\n" + p + b"\r\n" for p, size, ext in pieces)
    body += b"0\r\nTrailer: x\r\n\r\n"
    decoder = Chunked()
    assert fed(decoder, body, cuts) == as_python_reads(body) == b"".join(p for p, *_ in pieces)
    assert decoder.ended


@given(st.binary(max_size=400), CUTS)
def test_no_bytes_break_the_decoders_otherwise_than_by_saying_so(noise, cuts):
    for decoder in (Chunked(), Inflated()):
        try:
            out = fed(decoder, noise, cuts)
        except DecodeError:
            continue
        assert len(out) <= MOST_INFLATED_BYTES


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=5), CUTS)
def test_members_of_gzip_one_after_another_are_one_body(parts, cuts):
    body = b"".join(map(gzip.compress, parts))
    assert fed(Inflated(), body, cuts) == gzip.decompress(body) == b"".join(parts)


@pytest.mark.parametrize("wbits", [31, 15, -15], ids=["gzip", "zlib", "bare"])
@given(data=st.binary(min_size=1, max_size=500), cuts=CUTS)
def test_all_that_is_called_gzip_or_deflate_inflates(wbits, data, cuts):
    assert fed(Inflated(), zlib.compress(data, wbits=wbits), cuts) == data


def test_a_recorded_body_whose_chunks_are_each_a_gzip_member(real_data):
    body = (real_data / "rtcm" / "ntrip_encode_chunkedgzip.bin").read_bytes()
    head = Head("HTTP", 200, "OK", (("transfer-encoding", "chunked"), ("content-encoding", "gzip")))
    expected = b"".join(gzip.decompress(member) for _, _, member in _chunks(body))
    assert len(expected) > 60_000
    for cuts in ([], [1, 5, 100, 101, 102, 5000, 60_000]):
        assert fed(decoder_of(head), body, cuts) == expected


def _chunks(body):
    """Yield where each chunk begins and ends, and what is in it."""
    at = 0
    while match := re.compile(rb"([0-9A-Fa-f]+)\r\n").match(body, at):
        size = int(match[1], 16)
        if not size:
            return
        yield at, match.end() + size + 2, body[match.end() : match.end() + size]
        at = match.end() + size + 2


def test_what_a_bomb_unfolds_to_is_bounded_at_every_feed():
    bomb = gzip.compress(bytes(50_000_000))
    decoder = Inflated()
    with pytest.raises(DecodeError, match="inflates to more than"):
        decoder.feed(bomb)
    assert len(Inflated().feed(gzip.compress(bytes(MOST_INFLATED_BYTES)))) == MOST_INFLATED_BYTES


def test_a_bomb_of_bombs_is_refused_too():
    head = Head("HTTP", 200, "OK", (("content-encoding", "gzip, gzip"),))
    bomb = gzip.compress(gzip.compress(bytes(MOST_INFLATED_BYTES * 400)))
    with pytest.raises(DecodeError, match="inflates to more than"):
        decoder_of(head).feed(bomb)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ((), None),
        ((("transfer-encoding", "identity"),), None),
        ((("content-encoding", ""),), None),
        ((("transfer-encoding", "CHUNKED"),), Chunked),
        ((("content-encoding", "X-GZIP"),), Inflated),
    ],
)
def test_the_decoder_follows_the_headers(headers, kind):
    decoder = decoder_of(Head("HTTP", 200, "OK", headers))
    assert decoder is None if kind is None else type(decoder) is kind


@pytest.mark.parametrize(
    ("value", "sentence"), [("br", 'encoded as "br"'), ("gzip, " * 4 + "gzip", "5 times over")]
)
def test_encodings_that_nobody_asked_for_are_refused(value, sentence):
    with pytest.raises(DecodeError, match=sentence):
        decoder_of(Head("HTTP", 200, "OK", (("content-encoding", value),)))

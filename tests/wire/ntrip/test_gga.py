"""GGA sentences, read back by a reader that no one here wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynmeagps import NMEAReader

from stationd.wire.ntrip.gga import Position, gga, rounded


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(-500, 9000), st.integers(0, 4_000_000_000)
)
def test_a_reader_of_others_finds_position_and_time_in_it(latitude, longitude, height, utc_s):
    sentence = gga(Position(latitude, longitude, height), float(utc_s))
    assert sentence.endswith(b"\r\n")
    assert len(sentence) <= 82  # NMEA 0183, 5.3
    message = NMEAReader.parse(sentence, validate=1)
    assert message.lat == pytest.approx(latitude, abs=1e-6)
    assert message.lon == pytest.approx(longitude, abs=1e-6)
    assert message.alt == pytest.approx(height, abs=0.051)
    time = message.time
    assert time.hour * 3600 + time.minute * 60 + time.second == utc_s % 86_400
    assert message.quality == 1


def test_minutes_never_read_sixty():
    assert b",1200.0000,N,17900.0000,W," in gga(Position(11.999_999_999, -178.999_999_999), 0.0)


def test_a_rounded_position_keeps_a_hundredth_of_a_degree_and_no_height():
    assert rounded(Position(52.123_456, -13.987_6, 99.9)) == Position(52.12, -13.99, 0.0)

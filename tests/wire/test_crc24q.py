"""CRC-24Q: the catalogue's check value, and three ways of computing it that agree."""

import pytest
from authorities.independent_scan import bitwise_crc24q
from hypothesis import given
from hypothesis import strategies as st
from pyrtcm import calc_crc24q

from stationd.wire.crc24q import crc24q, table_crc24q

CHECK = 0xCDE703  # of b"123456789", CRC-24/LTE-A in the catalogue of parametrised CRCs


@pytest.mark.parametrize("calculate", [crc24q, table_crc24q, bitwise_crc24q])
def test_the_catalogues_check_value_comes_out(calculate):
    assert calculate(b"123456789") == CHECK


@given(st.binary(max_size=1100))
def test_the_fast_one_the_table_and_pyrtcms_agree(data):
    assert crc24q(data) == table_crc24q(data) == bitwise_crc24q(data) == calc_crc24q(data)


@given(st.binary(max_size=200))
def test_a_message_with_its_own_crc_comes_to_zero(data):
    assert crc24q(data + bitwise_crc24q(data).to_bytes(3, "big")) == 0


def test_the_table_is_there_when_the_fast_library_is_not():
    assert crc24q is not table_crc24q  # the environment of the tests has anycrc

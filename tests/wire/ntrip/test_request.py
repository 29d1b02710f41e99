"""What is asked for, written so that nothing in it can be taken for something else."""

import pytest

from stationd.wire.ntrip.request import request, target


@pytest.mark.parametrize(
    ("mountpoint", "wanted"),
    [
        ("", "/"),
        ("ABCD00DEU0", "/ABCD00DEU0"),
        ("VRS_3-2G.x", "/VRS_3-2G.x"),
        ("near/this", "/near/this"),
        ("ü 1\r\nX: y", "/%C3%BC%201%0D%0AX:%20y"),
    ],
)
def test_a_mountpoint_is_escaped_where_it_must_be(mountpoint, wanted):
    assert target(mountpoint) == wanted


def test_headers_that_are_none_are_left_out():
    text = request("1", "/", "h:1", {"A": None, "B": "x"}).decode()
    assert "\r\nB: x\r\n" in text
    assert "A:" not in text
    assert "Host" not in text
    assert text.endswith("\r\n\r\n")

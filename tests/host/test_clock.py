"""The kernel's word on its clock: read where the kernel puts it, unknown where it says nothing."""

import ctypes
import time

import pytest

from stationd.host.clock import (
    STATUS_OFFSET,
    TIMEX_BYTES,
    clock_synchronised,
    kernel_adjtimex,
)

OK, TIME_INS, TIME_ERROR = 0, 1, 5  # linux/timex.h
STA_PLL, STA_UNSYNC, STA_NANO = 0x0001, 0x0040, 0x2000


def saying(state, status):
    def adjtimex(buffer):
        assert buffer.raw == bytes(TIMEX_BYTES)  # modes = 0: the clock is only read
        ctypes.c_int.from_buffer(buffer, STATUS_OFFSET).value = status
        return state

    return adjtimex


@pytest.mark.parametrize(
    ("state", "status", "answer"),
    [
        (OK, STA_PLL | STA_NANO, True),
        (TIME_INS, STA_PLL, True),  # a leap second is announced
        (OK, STA_UNSYNC, False),
        (TIME_ERROR, STA_UNSYNC, False),
        (TIME_ERROR, STA_PLL, False),
        (-1, 0, None),  # forbidden by a sandbox
    ],
)
def test_each_word_of_the_kernel_has_its_answer(state, status, answer):
    assert clock_synchronised(saying(state, status)) is answer


def test_where_the_kernel_cannot_be_asked_nothing_is_known():
    assert clock_synchronised(None) is None


def test_the_layout_is_that_of_this_machine():
    adjtimex = kernel_adjtimex()
    if adjtimex is None:
        pytest.skip("not a 64-bit Linux")
    buffer = ctypes.create_string_buffer(b"\xaa" * TIMEX_BYTES, TIMEX_BYTES)
    ctypes.c_int.from_buffer(buffer, 0).value = 0
    assert adjtimex(buffer) in range(6)
    # The fields around the status are where they are expected: the kernel wrote all of them.
    clock_s = ctypes.c_long.from_buffer(buffer, 72).value
    assert clock_s == pytest.approx(time.time(), abs=5)
    tick_us = ctypes.c_long.from_buffer(buffer, 88).value
    assert 9000 <= tick_us <= 11_000
    assert 0 <= ctypes.c_int.from_buffer(buffer, STATUS_OFFSET).value < 0x10000
    assert clock_synchronised() in (True, False)

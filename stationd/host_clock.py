"""Whether the host's clock is known to be right: the kernel's own word (adjtimex).

Latency is an arrival time less an epoch: with a wrong clock it is a number about the clock.
"""

import ctypes
from typing import Final

_STA_UNSYNC: Final = 0x0040  # linux/timex.h
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 208  # struct timex of 64-bit Linux; 32-bit ones are smaller
_STATUS_OFFSET: Final = 40  # after modes (padded), offset, freq, maxerror, esterror as longs


def clock_synchronised() -> bool | None:
    """Return whether the kernel says that its clock is disciplined; None where it cannot say."""
    if ctypes.sizeof(ctypes.c_long) != 8:
        return None  # another layout: better unknown than misread
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        adjtimex = libc.adjtimex
    except (OSError, AttributeError):
        return None  # not Linux
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: only read
    state = adjtimex(buffer)
    if state < 0:
        return None
    status = ctypes.c_int.from_buffer(buffer, _STATUS_OFFSET).value
    return state != _TIME_ERROR and not status & _STA_UNSYNC

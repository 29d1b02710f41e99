"""Whether the host's clock is known to be right: the kernel's own word (adjtimex).

Latency is an arrival time less an epoch: with a wrong clock it is a number about the clock.

The kernel knows from whoever disciplines it: systemd-timesyncd, ntpd and ptp4l's phc2sys tell it;
chronyd only with `rtcsync`, which Debian's chrony.conf has. It forgets by itself once its estimate
of the error has grown to 16 s, some hours after the last correction. glibc asks by clock_adjtime,
which is also the call that sets the clock: a sandbox must allow it (see systemd/stationd.service).
"""

import ctypes
from collections.abc import Callable
from typing import Final

_STA_UNSYNC: Final = 0x0040  # linux/timex.h
_TIME_ERROR: Final = 5
# struct timex where a long has 8 bytes (x86-64, aarch64, riscv64): the same on all of them.
TIMEX_BYTES: Final = 208
STATUS_OFFSET: Final = 40  # after modes (padded), offset, freq, maxerror, esterror as longs
_LONG_BYTES: Final = 8

Buffer = ctypes.Array[ctypes.c_char]


def kernel_adjtimex() -> Callable[[Buffer], int] | None:
    """Return adjtimex(2) of the C library; None where there is none, or of another layout."""
    if ctypes.sizeof(ctypes.c_long) != _LONG_BYTES:
        return None  # better unknown than misread
    try:
        function = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None  # not Linux
    return lambda buffer: int(function(buffer))


KERNEL: Final = kernel_adjtimex()


def clock_synchronised(adjtimex: Callable[[Buffer], int] | None = KERNEL) -> bool | None:
    """Return whether the kernel says that its clock is disciplined; None where it cannot say."""
    if adjtimex is None:
        return None
    buffer = ctypes.create_string_buffer(TIMEX_BYTES)  # modes = 0: only read
    state = adjtimex(buffer)
    if state < 0:
        return None
    status = ctypes.c_int.from_buffer(buffer, STATUS_OFFSET).value
    return state != _TIME_ERROR and not status & _STA_UNSYNC

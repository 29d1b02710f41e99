"""Freed memory is kept where the allocator can be told so."""

import platform

from stationd.host.memory import keep_freed_memory


def test_glibc_can_be_told():
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")

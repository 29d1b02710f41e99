"""How the process keeps the memory that it has once had, and how often it is searched for waste.

glibc gives blocks of 128 KiB and more back to the kernel as they are freed and fetches them anew,
zeroed page by page, for the next batch of messages: half of the time of decoding, measured. It
raises that limit by itself after the first larger block, but never for a process whose arrays all
stay below; so it is told here. Other allocators are left alone.
"""

import ctypes
import gc
from typing import Final

# malloc.h
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3

KEPT_BLOCK_BYTES: Final = 4 * 2**20
KEPT_FREE_BYTES: Final = 8 * 2**20  # at the heap's end, before it is given back


def keep_freed_memory() -> bool:
    """Return whether the allocator could be told."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # not glibc
    told = (
        mallopt(_M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES),
        mallopt(_M_TRIM_THRESHOLD, KEPT_FREE_BYTES),
    )
    return all(told)


def settle_memory() -> None:
    """Tell allocator and collector that what is there now stays.

    The collector would walk over the state of all stations again and again: it is a fifth of a
    round's time with a thousand of them.
    """
    keep_freed_memory()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)

"""Reading a file descriptor that is no socket, without holding up the event loop.

The descriptor is left in the mode in which it was found: standard input is shared with whoever
started us, and making it non-blocking would surprise them. A read that follows the kernel's word
"readable" does not block.
"""

import asyncio
import os
from typing import Final

READ_BYTES: Final = 64 * 1024


async def readable(descriptor: int) -> None:
    """Wait until there is something to read, or the other end is gone.

    Raises `PermissionError` for what cannot be waited for (a plain file), because epoll does.
    """
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def is_ready() -> None:
        loop.remove_reader(descriptor)
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(descriptor, is_ready)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


async def read_some(descriptor: int) -> bytes:
    """Return what there is to read, at most 64 KiB; nothing at the end."""
    while True:
        await readable(descriptor)
        try:
            return os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            continue  # another reader was faster

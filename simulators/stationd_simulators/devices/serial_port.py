"""A receiver on a serial cable: a pty under a stable name, pulled out and put back at will.

The name is a link, as udev makes one for each adapter: the pty behind it is another one after each
`plug`. Like a real port it does not wait: what nobody reads is lost, and counted.
"""

import asyncio
import contextlib
import os
import select
import tty
from pathlib import Path
from typing import Final, Self

MOST_UNSENT_BYTES: Final = 64 * 1024
MOST_SAID_BYTES: Final = 4096
LOOK_AGAIN_S: Final = 0.01  # the kernel does not tell when a pty is opened


class SimulatedSerialPort:
    """An `Outlet`; its other end is opened as `link`. `with SimulatedSerialPort(link) as port:`."""

    def __init__(self, link: Path, most_unsent_bytes: int = MOST_UNSENT_BYTES) -> None:
        self.link = link
        self._most_unsent_bytes = most_unsent_bytes
        self._master: int | None = None
        self._unsent = bytearray()
        self._flushing: asyncio.AbstractEventLoop | None = None
        self.said = b""  # the latest that readers wrote to the receiver
        self.sent_bytes = 0
        self.lost_bytes = 0  # nobody had it open, or whoever had did not read

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    @property
    def is_plugged(self) -> bool:
        return self._master is not None

    @property
    def is_open(self) -> bool:
        """Whether somebody has it open."""
        if self._master is None:
            return False
        look = select.poll()
        look.register(self._master, 0)  # a hang-up is told without being asked for
        return not look.poll(0)

    def plug(self) -> None:
        """Make the port appear. Raises `FileExistsError` where its name is something else's."""
        if self._master is not None:
            return
        if self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(f"{self.link} is there and no link: give the port another name")
        master, slave = os.openpty()
        tty.setraw(slave)  # no echo, no line editing, until whoever opens it sets it up
        os.set_blocking(master, False)
        name = os.ttyname(slave)
        os.close(slave)
        new = self.link.with_name(f".{self.link.name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(name)
        new.replace(self.link)  # at no time is there a link that leads nowhere
        self._master = master

    def unplug(self) -> None:
        """Make it vanish under whoever has it open."""
        if self._master is None:
            return
        self._stop_flushing()
        self.lost_bytes += len(self._unsent)
        self._unsent.clear()
        self.link.unlink(missing_ok=True)
        os.close(self._master)
        self._master = None

    def deliver(self, data: bytes) -> None:
        """Send; what the reader has not taken yet waits within a bound."""
        if self._master is None or not self.is_open:
            self.lost_bytes += len(data) + len(self._unsent)
            self._unsent.clear()
            return
        self._hear(self._master)
        kept = data[: self._most_unsent_bytes - len(self._unsent)]
        self.lost_bytes += len(data) - len(kept)
        self._unsent += kept
        self._flush()

    async def room(self) -> None:
        """Wait until somebody has the port open and has been sent everything."""
        while self._unsent or not self.is_open:
            await asyncio.sleep(LOOK_AGAIN_S)
            self._flush()

    async def sent(self) -> None:
        """Wait until whoever has it open has been sent everything."""
        while self._unsent and self.is_open:
            await asyncio.sleep(LOOK_AGAIN_S)
            self._flush()

    def _flush(self) -> None:
        """Send what the kernel takes, and the rest when it takes more."""
        if self._master is None:
            return
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                sent = os.write(self._master, self._unsent)
                self.sent_bytes += sent
                del self._unsent[:sent]
        if self._unsent:
            self._flush_later()
        else:
            self._stop_flushing()

    def _flush_later(self) -> None:
        if self._flushing is None and self._master is not None:
            with contextlib.suppress(RuntimeError):  # without a loop the next `deliver` does it
                self._flushing = asyncio.get_running_loop()
                self._flushing.add_writer(self._master, self._flush)

    def _stop_flushing(self) -> None:
        if self._flushing is not None and self._master is not None:
            self._flushing.remove_writer(self._master)
        self._flushing = None

    def _hear(self, master: int) -> None:
        """Take what readers wrote, so that they never wait for us."""
        with contextlib.suppress(BlockingIOError, OSError):
            while said := os.read(master, MOST_SAID_BYTES):
                self.said = (self.said + said)[-MOST_SAID_BYTES:]

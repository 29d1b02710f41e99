"""A receiver on a serial cable: a pty under a stable name, pulled out and put back at will.

The name is a link, as udev makes one for each adapter: the pty behind it is another one after each
`plug`. Like a real port it does not wait: what nobody reads is lost, and counted. A second
simulator is refused the name while the first lives, also while it is unplugged: a lock beside it
says so, which goes with its process.
"""

import asyncio
import contextlib
import fcntl
import os
import select
import tty
from pathlib import Path
from typing import Final, Self

MOST_UNSENT_BYTES: Final = 64 * 1024
MOST_SAID_BYTES: Final = 4096
LOOK_AGAIN_S: Final = 0.01  # the kernel does not tell when a pty is opened
# Whoever opens a port throws away what waits in it, as pyserial does: until then it hears nothing.
SETTING_UP_S: Final = 0.1
_TERMINALS: Final = "/dev/pts/"


class SimulatedSerialPort:
    """An `Outlet`; its other end is opened as `link`. `with SimulatedSerialPort(link) as port:`."""

    def __init__(self, link: Path, most_unsent_bytes: int = MOST_UNSENT_BYTES) -> None:
        self.link = link
        self._most_unsent_bytes = most_unsent_bytes
        self._master: int | None = None
        self._unsent = bytearray()
        self._flushing: asyncio.AbstractEventLoop | None = None
        self._lock: int | None = None
        self._is_set_up = False  # by whoever has it open
        self.said = b""  # the latest that readers wrote to the receiver
        self.sent_bytes = 0
        self.lost_bytes = 0  # nobody had it open, or whoever had did not read

    def __enter__(self) -> Self:
        self._take_name()
        with contextlib.ExitStack() as undoing:
            undoing.callback(self._leave_name)
            self.plug()
            undoing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()
        self._leave_name()

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
        self._refuse_what_is_not_ours()
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

    def _refuse_what_is_not_ours(self) -> None:
        if self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(f"{self.link} is there and no link: give the port another name")
        # A terminal that a dead simulator left may be anyone's by now; the link was its.
        if self.link.exists() and not str(self.link.resolve()).startswith(_TERMINALS):
            raise FileExistsError(
                f"{self.link} leads to {self.link.resolve()}, which is no simulated port: give the "
                "port another name"
            )

    def _take_name(self) -> None:
        """Have the name for ourselves. Raises `FileExistsError` where a living simulator has it."""
        path = self._lock_path
        while self._lock is None:
            lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                raise FileExistsError(
                    f"{self.link} is the port of another simulator, which is running: give this "
                    "one another name"
                ) from None
            # Whoever had it may have removed the file between our opening and our locking it.
            if path.exists() and path.stat().st_ino == os.fstat(lock).st_ino:
                self._lock = lock
            else:
                os.close(lock)

    def _leave_name(self) -> None:
        if self._lock is not None:
            self._lock_path.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    @property
    def _lock_path(self) -> Path:
        return self.link.with_name(f".{self.link.name}.lock")

    def hang_up(self) -> None:
        """Be pulled out, as a line that is closed."""
        self.unplug()

    async def call_again(self) -> None:
        """Be put back."""
        self.plug()

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
        """Wait until somebody has the port open, has set it up and has been sent everything."""
        while self._unsent or not self.is_open:
            self._is_set_up = self._is_set_up and self.is_open
            await asyncio.sleep(LOOK_AGAIN_S)
            self._flush()
        if not self._is_set_up:
            self._is_set_up = True
            await asyncio.sleep(SETTING_UP_S)

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

"""Standard input: whatever another program pipes in."""

import asyncio
import errno
import os

from stationd.inputs import Chunk, LinkChange, LinkState
from stationd.sources.descriptor import READ_BYTES, read_some
from stationd.sources.source import Destination, SourceSettings, Surroundings
from stationd.supervise import UnavailableError


class Settings(SourceSettings):
    """Nothing to set."""

    @property
    def peer(self) -> str:
        return "stdin"


class StandardInputSource:
    """Reads standard input to its end."""

    def __init__(
        self, settings: Settings, surroundings: Surroundings, *, descriptor: int = 0
    ) -> None:
        self._settings = settings
        self._around = surroundings
        self._descriptor = descriptor

    async def run(self, destination: Destination) -> None:
        """Deliver until end of file. It cannot come again, so its end is no failure."""
        now = self._around.now
        destination.link(LinkChange(LinkState.CONNECTED, "reading standard input", now()))
        try:
            while data := await self._read():
                destination.receive(Chunk(data, now()))
        except OSError as error:
            reason = "is closed: start stationd with something piped in"
            if error.errno != errno.EBADF:
                reason = f"cannot be read: {error.strerror or error}"
            raise UnavailableError(f"standard input {reason}") from error
        destination.link(LinkChange(LinkState.ENDED, "standard input has ended", now()))

    async def _read(self) -> bytes:
        try:
            return await read_some(self._descriptor)
        except PermissionError:
            # A plain file, /dev/null: always readable, never waited for.
            return await asyncio.to_thread(os.read, self._descriptor, READ_BYTES)

"""A caster that says exactly the bytes it is told to: each connection follows the next script."""

import asyncio
import contextlib
import socket

HOLD = "hold"  # until the client lets go
CLOSE = "close"
RESET = "reset"


def says(*pieces, then=HOLD):
    """Return a script: answer a request with these bytes, and then hold, close or reset."""

    async def script(caster, reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then == HOLD:
            await caster.hears(reader)
        elif then == RESET:
            linger_for_nothing = b"\1\0\0\0\0\0\0\0"
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger_for_nothing
            )
            writer.transport.abort()

    return script


class ScriptedCaster:
    """Serves; the last script serves all further connections. `requests` is what was asked."""

    def __init__(self, *scripts, address="127.0.0.1", tls=None):
        self._scripts = list(scripts)
        self._address = address
        self._tls = tls
        self._changed = asyncio.Event()
        self._tasks = set()
        self.requests = []
        self.said_later = b""  # by clients, behind their requests
        self.open = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, self._address, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task
        await self._server.wait_closed()

    async def hears(self, reader):
        """Gather what the client says until it lets go."""
        while data := await reader.read(4096):
            self.said_later += data
            self._changed.set()

    async def until(self, holds):
        """Wait until `holds()`; it is looked at whenever a client did something."""
        async with asyncio.timeout(20):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self.open += 1
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request.decode("latin-1"))
            self._changed.set()
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            await script(self, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client let go: that is what some tests want
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()
            self._changed.set()


def chunks(*pieces, end=b"0\r\n\r\n"):
    """Return a body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end

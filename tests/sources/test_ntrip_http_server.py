"""NTRIP version 2 is HTTP: the client against a web server that no one here wrote (uvicorn, h11).

No caster of version 2 can be installed here. This server reads our request as strictly as RFC 9112
says, and cuts and compresses the body in its own way.
"""

import asyncio
import socket

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.sources.sourcetable import fetch_sourcetable
from stationd.supervise import RefusedError, UnavailableError
from stationd.wire.framing import Frame, Framer

TABLE = "STR;MOUNT;Zürich;RTCM 3.2;;2;GPS;N;CHE;47.40;8.50;1;0;g;none;N;N;9600;\r\n"


@pytest.fixture
def recording(real_data):
    return (real_data / "rtcm" / "testglo.rtcm3").read_bytes()


class Zipped(GZipMiddleware):
    """Compresses, whether or not the client said that it can read it."""

    async def __call__(self, scope, receive, send):
        asked = (b"accept-encoding", b"gzip")
        scope = {**scope, "headers": [*scope.get("headers", []), asked]}
        await super().__call__(scope, receive, send)


@pytest.fixture
async def serving(recording):
    """Return a function that starts the server, and the headers of the requests that it got."""
    running = []

    async def start(*middleware):
        asked = []

        async def mountpoint(request):
            asked.append(dict(request.headers))

            async def body():
                for at in range(0, len(recording), 777):
                    yield recording[at : at + 777]

            return StreamingResponse(body(), media_type="gnss/data")

        async def sourcetable(_):
            text = TABLE * 900 + "ENDSOURCETABLE\r\n"
            return PlainTextResponse(text.encode("latin-1"), media_type="gnss/sourcetable")

        routes = [Route("/MOUNT", mountpoint), Route("/", sourcetable)]
        app = Starlette(routes=routes, middleware=[Middleware(each) for each in middleware])
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        running.append((server, task, listener))
        return listener.getsockname()[1], asked

    yield start
    for server, task, listener in running:
        server.should_exit = True
        await task
        listener.close()


def frames(data):
    return [piece.data for piece in Framer().feed(data) if isinstance(piece, Frame)]


@pytest.mark.parametrize("middleware", [(), (Zipped,)], ids=["chunked", "gzip-chunked"])
async def test_the_frames_that_went_in_come_out(middleware, serving, recording, gathered):
    port, asked = await serving(*middleware)
    around = Surroundings("T", buffer=memoryview(bytearray(1000)))
    settings = Settings(host="127.0.0.1", port=port, mountpoint="MOUNT")
    with pytest.raises(UnavailableError, match="the caster ended the stream"):
        await NtripSource(settings, around).run(gathered)
    assert gathered.data == recording
    assert len(frames(gathered.data)) > 100
    assert asked[0]["ntrip-version"] == "Ntrip/2.0"
    # The sourcetable says that the mountpoint wants a position.
    assert asked[0]["ntrip-gga"].startswith("$GPGGA,")
    assert asked[0]["user-agent"].startswith("NTRIP stationd/")


async def test_an_unknown_mountpoint_is_refused(serving, gathered):
    port, _ = await serving()
    settings = Settings(host="127.0.0.1", port=port, mountpoint="NOPE", gga="never")
    with pytest.raises(RefusedError, match=r"no such mountpoint \(404"):
        await NtripSource(settings, Surroundings("T")).run(gathered)


async def test_nine_hundred_rows_of_its_sourcetable_are_read(serving):
    port, _ = await serving(Zipped)
    table = await fetch_sourcetable(f"127.0.0.1:{port}")
    assert len(table.streams) == 900
    assert table.streams[899].identifier == "Zürich"
    assert table.complete

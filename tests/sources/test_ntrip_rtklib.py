"""NTRIP client against a caster that no one here wrote: RTKLIB's str2str.

It speaks version 1 alone: a version 2 request gets `ICY 200 OK` without a blank line, an unknown
mountpoint a sourcetable, a wrong login `HTTP/1.0 401` without an end of header.
"""

import asyncio

import pytest

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.sources.sourcetable import fetch_sourcetable
from stationd.supervise import LoginRefusedError, RefusedError
from stationd.wire.framing import Frame, Framer

LOGIN = {"username": "user", "password": "pw"}


def frames(data):
    framer = Framer()
    return [piece.data for piece in framer.feed(data) if isinstance(piece, Frame)]


@pytest.fixture
async def caster(peer, fed, free_port, listening):
    """Return a function that starts str2str as caster of a recording."""
    running = []

    async def start(recording, is_heard):
        port = await fed(recording, is_heard)
        running.append(
            await asyncio.create_subprocess_exec(
                peer("str2str"), "-in", f"tcpcli://127.0.0.1:{port}",
                "-out", f"ntripc://user:pw@:{free_port}/MOUNT",
                stderr=asyncio.subprocess.DEVNULL,
            )
        )  # fmt: skip
        await listening(free_port)
        return free_port

    yield start
    for process in running:
        process.kill()  # on SIGTERM it sometimes hangs while it stops its streams
        await process.wait()


def source(port, **keys):
    keys = {"host": "127.0.0.1", "mountpoint": "MOUNT", **LOGIN} | keys
    return NtripSource(Settings(port=port, **keys), Surroundings("T"))


@pytest.mark.parametrize("version", ["1", "2", "auto"])
async def test_the_frames_that_went_in_come_out(version, caster, real_data, gathered, begin):
    recording = (real_data / "rtcm" / "testglo.rtcm3").read_bytes()
    expected = frames(recording)
    assert len(expected) > 100
    port = await caster(recording, lambda: gathered.data)
    begin(source(port, version=version), gathered)
    await gathered.until(lambda: gathered.data.endswith(recording[-1000:]))
    assert frames(gathered.data) == expected
    assert gathered.data.replace(b"prelude ", b"") == recording


async def test_a_wrong_password_is_a_refused_login(caster, gathered):
    port = await caster(b"", lambda: True)
    with pytest.raises(LoginRefusedError, match="the login is refused"):
        await source(port, password="wrong").run(gathered)


async def test_an_unknown_mountpoint_is_refused(caster, gathered):
    port = await caster(b"", lambda: True)
    with pytest.raises(RefusedError, match="no such mountpoint"):
        await source(port, mountpoint="NOPE").run(gathered)


async def test_its_sourcetable_is_read(caster):
    port = await caster(b"", lambda: True)
    table = await fetch_sourcetable(f"127.0.0.1:{port}")
    assert [row.mountpoint for row in table.streams] == ["MOUNT"]
    assert table.complete

"""What the tests of the NTRIP client share: a client, and what casters send to it."""

import asyncio

import pytest

from stationd.sources.ntrip import NtripSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import UnavailableError

FRAME = bytes.fromhex("d300133ed7d30202980edeef34b4bd62ac0941986f33360b98")  # a 1005
DATA = FRAME * 40
V2 = b"HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\n"
CHUNKED = V2 + b"Transfer-Encoding: chunked\r\n\r\n"
NO_MOUNTPOINT = (
    b"SOURCETABLE 200 OK\r\nContent-Type: text/plain\r\n\r\nSTR;X;\r\nENDSOURCETABLE\r\n"
)


def settings(port, **keys):
    keys = {"host": "127.0.0.1", "mountpoint": "ABCD", "gga": "never"} | keys
    return Settings(port=port, **keys)


def source(port, around=None, **keys):
    return NtripSource(settings(port, **keys), around or Surroundings("T"))


async def error_of(caster, gathered, **keys):
    with pytest.raises(UnavailableError) as raised:
        async with asyncio.timeout(20):
            await source(caster.port, **keys).run(gathered)
    return raised.value

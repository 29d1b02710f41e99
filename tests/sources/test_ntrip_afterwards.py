"""What is left of an NTRIP connection: no socket, task or timer, and no secret in any text."""

import asyncio
import logging
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError
from sources.ntrip_scene import CHUNKED, DATA, NO_MOUNTPOINT, error_of, settings, source
from sources.scripted_caster import CLOSE, RESET, ScriptedCaster, says

from stationd.sources.casters import CasterAddress, CasterMemory
from stationd.sources.ntrip import NtripSource
from stationd.sources.source import Surroundings
from stationd.supervise import (
    UnavailableError,
)

# Nothing stays behind


def left_over():
    """Return how many descriptors and tasks there are."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir()), len(asyncio.all_tasks())


@pytest.mark.parametrize(
    "script",
    [
        says(b"ICY 200 OK\r\n" + DATA, then=CLOSE),
        says(b"ICY 200 OK\r\n" + DATA, then=RESET),
        says(b"ICY 200 OK\r\n" + DATA),
        says(b"HTTP/1.1 200 OK\r\nServ", then=RESET),
        says(),
        says(NO_MOUNTPOINT),
        says(CHUNKED + b"zz\r\n"),
    ],
)
async def test_a_lost_connection_leaves_no_socket_no_task_and_no_timer(script, gathered):
    async with ScriptedCaster(script) as caster:
        before = left_over()
        for _ in range(3):
            with pytest.raises(UnavailableError):
                await source(
                    caster.port,
                    gga="always",
                    gga_latitude_deg=1.0,
                    gga_longitude_deg=2.0,
                    gga_interval_s=1000,
                    silent_after_s=0.1,
                    answer_within_s=0.1,
                ).run(gathered)
        await caster.until(lambda: caster.open == 0)
        async with asyncio.timeout(5):
            # The loop closes the server's own ends some turns later, and tells nobody.
            while left_over() != before:  # noqa: ASYNC110
                await asyncio.sleep(0)
        timers = [t for t in asyncio.get_running_loop()._scheduled if not t.cancelled()]
        assert not [t for t in timers if "_tell" in repr(t) or "Stream" in repr(t)]


async def test_a_cancelled_source_lets_go_at_once(gathered, begin):
    async with ScriptedCaster(says(b"ICY 200 OK\r\n" + DATA)) as caster:
        task = begin(source(caster.port), gathered)
        await gathered.until(lambda: gathered.data)
        task.cancel()
        await caster.until(lambda: caster.open == 0)


async def test_what_is_remembered_of_casters_is_bounded():
    memory = CasterMemory(most=3)
    first = memory.of(CasterAddress("a", 1))
    for host in "bcd":
        memory.of(CasterAddress("a", 1))
        memory.of(CasterAddress(host, 1))
    assert len(memory) == 3
    assert memory.of(CasterAddress("a", 1)) is first


# Secrets


async def test_no_error_and_no_repr_tells_the_login(gathered, caplog):
    caplog.set_level(logging.DEBUG)
    keys = {"username": "station-7", "password": "s3cr3t-w0rd"}
    told = b"HTTP/1.1 418 Authorization: Basic c3RhdGlvbi03OnMzY3IzdC13MHJk s3cr3t-w0rd\r\n\r\n"
    async with ScriptedCaster(says(told, then=CLOSE)) as caster:
        error = await error_of(caster, gathered, **keys)
        config = settings(caster.port, **keys)
    text = f"{error} {error!r} {config!r} {config.peer} {NtripSource(config, Surroundings('T'))!r}"
    text += caplog.text + "".join(traceback.format_exception(error))
    for secret in ("s3cr3t-w0rd", "c3RhdGlvbi03OnMzY3IzdC13MHJk"):
        assert secret not in text
    assert "…" in str(error)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"host": "http://caster"}, "write the name alone"),
        ({"host": "caster:2101"}, "the port in `port`"),
        ({"mountpoint": "/ABCD"}, "write it as the sourcetable does"),
        ({"mountpoint": "A B\r\nX: y"}, "write it as the sourcetable does"),
        ({"username": "me"}, "give both or neither"),
        ({"username": "a:b", "password": "x"}, "has no colon"),
        ({"username": "a\r\nb", "password": "x"}, "no control characters"),
        ({"gga_latitude_deg": 1.0}, "give both or neither"),
        ({"tls_server_name": "x"}, "mean nothing without tls = true"),
    ],
)
def test_settings_that_cannot_be_right_say_why(keys, sentence):
    with pytest.raises(ValidationError, match=sentence):
        settings(2101, **keys)


def test_the_usual_ports_are_2101_and_with_tls_443():
    assert settings(None).peer == "ntrip://127.0.0.1:2101"
    assert settings(None, tls=True).peer == "ntrip://127.0.0.1:443"

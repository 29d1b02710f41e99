"""`stationd sourcetable`: what it prints, how it ends, and that it tells no password."""

import asyncio
import json
import socket

import pytest
from sources.scripted_caster import ScriptedCaster, says
from typer.testing import CliRunner

from stationd.cli import app

ROWS = b"STR;A;Town;RTCM 3.2;;2;GPS;N;DEU;50.00;8.00;1;0;gen;none;B;N;9600;\r\nENDSOURCETABLE\r\n"
TABLE = b"HTTP/1.1 200 OK\r\nContent-Type: gnss/sourcetable\r\n\r\n" + ROWS
REFUSED = b"HTTP/1.1 401 Unauthorized\r\n\r\n"


async def ran(caster, *words, env=None):
    """Run the command, whose own event loop needs a thread of its own."""
    words = ("sourcetable", f"127.0.0.1:{caster.port}" if caster else "x://y", *words)
    return await asyncio.to_thread(CliRunner().invoke, app, words, env=env)


async def test_it_prints_the_mountpoints():
    async with ScriptedCaster(says(TABLE)) as caster:
        result = await ran(caster)
    assert result.exit_code == 0, result.output
    assert "RTCM 3.2" in result.output
    assert result.output.endswith("1 streams, 0 networks, 0 casters\n")


async def test_it_prints_json():
    async with ScriptedCaster(says(TABLE)) as caster:
        result = await ran(caster, "--json")
    assert json.loads(result.output)["streams"][0]["mountpoint"] == "A"


def test_a_caster_that_is_not_there_is_named_once():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        result = CliRunner().invoke(app, ["sourcetable", f"ntrip://{where}"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"stationd: {where} refuses connections")
    assert result.stderr.count(where) == 1


@pytest.mark.parametrize("way", ["env", "file"])
async def test_the_password_comes_from_the_environment_or_a_file(way, tmp_path):
    (tmp_path / "secret").write_text("p\u00e4ss word\nsecond line\n")
    words, env = ["--user", "me"], {}
    if way == "file":
        words += ["--password-file", str(tmp_path / "secret")]
    else:
        env = {"STATIOND_PASSWORD": "p\u00e4ss word"}
    async with ScriptedCaster(says(TABLE)) as caster:
        result = await ran(caster, *words, env=env)
        assert "Authorization: Basic bWU6cMOkc3Mgd29yZA==\r\n" in caster.requests[0]
    assert result.exit_code == 0


async def test_a_refused_login_is_one_clear_line():
    async with ScriptedCaster(says(REFUSED)) as caster:
        result = await ran(caster, "--user", "me", env={"STATIOND_PASSWORD": "s3cret"})
    assert result.exit_code == 1
    assert "the login is refused" in result.output
    assert "Traceback" not in result.output
    assert "s3cret" not in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "no address of a caster"),
        (("--user", "me"), "set STATIOND_PASSWORD"),
        (("--user", "me", "--password-file", "/no/such/file"), "No such file"),
    ],
)
async def test_a_wrong_use_says_what_to_do(words, sentence):
    result = await ran(None, *words, env={"STATIOND_PASSWORD": None})
    assert result.exit_code == 2
    assert sentence in result.output

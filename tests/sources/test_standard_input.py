"""Standard input as a pipe, a plain file, a terminal, a socket, and not there at all."""

import asyncio
import os
import socket
import subprocess
import sys
import tty

import pytest

from stationd.sources.source import Surroundings
from stationd.sources.standard_input import Settings, StandardInputSource
from stationd.supervise import UnavailableError

WHOLE = bytes(range(256)) * 2000


def source(descriptor):
    return StandardInputSource(Settings(), Surroundings("T"), descriptor=descriptor)


async def test_a_pipe_is_read_to_its_end(gathered, begin):
    read_end, write_end = os.pipe()
    try:
        task = begin(source(read_end), gathered)
        writing = asyncio.create_task(asyncio.to_thread(os.write, write_end, b"first"))
        await gathered.until(lambda: gathered.data == b"first")
        await writing
    finally:
        os.close(write_end)
    await task
    os.close(read_end)
    assert gathered.states == ["connected", "ended"]
    assert gathered.chunks[0].at.utc_s > 1.7e9


async def test_a_pipe_keeps_its_mode(gathered, begin):
    read_end, write_end = os.pipe()
    os.write(write_end, b"x")
    begin(source(read_end), gathered)
    await gathered.until(lambda: gathered.data)
    assert os.get_blocking(read_end)
    os.close(write_end)
    await gathered.until(lambda: gathered.states[-1] == "ended")
    os.close(read_end)


async def test_a_redirected_file_is_read_whole(gathered, tmp_path):
    path = tmp_path / "recording"
    path.write_bytes(WHOLE)
    with path.open("rb") as file:
        await source(file.fileno()).run(gathered)
    assert gathered.data == WHOLE
    assert len(gathered.chunks) > 1


async def test_nothing_at_all_ends_at_once(gathered):
    nothing = os.open(os.devnull, os.O_RDONLY)
    await source(nothing).run(gathered)
    os.close(nothing)
    assert gathered.states == ["connected", "ended"]


async def test_a_terminal_is_read_until_its_end_of_file(gathered, begin):
    master, slave = os.openpty()
    try:
        os.write(master, b"typed\n")
        task = begin(source(slave), gathered)
        await gathered.until(lambda: gathered.data == b"typed\n")
        os.write(master, b"\x04")  # Ctrl-D
        await task
        assert gathered.states == ["connected", "ended"]
    finally:
        os.close(master)
        os.close(slave)


async def test_binary_bytes_of_a_raw_terminal_arrive_unchanged(gathered, begin):
    master, slave = os.openpty()
    tty.setraw(slave)
    begin(source(slave), gathered)
    os.write(master, bytes(range(256)))
    await gathered.until(lambda: gathered.data == bytes(range(256)))
    os.close(master)
    os.close(slave)


async def test_a_socket_is_read(gathered, begin):
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(b"inetd")
        await source(ours.fileno()).run(gathered)
    assert gathered.data == b"inetd"


async def test_a_closed_standard_input_says_so(gathered):
    descriptor = os.dup(0)
    os.close(descriptor)
    with pytest.raises(UnavailableError, match="standard input is closed: start stationd with"):
        await source(descriptor).run(gathered)


async def test_the_loop_goes_on_while_a_pipe_says_nothing(gathered, begin):
    read_end, write_end = os.pipe()
    begin(source(read_end), gathered)
    await gathered.until(lambda: gathered.links)
    for _ in range(10):
        await asyncio.sleep(0)  # were the read to block, nothing below would ever run
    assert gathered.states == ["connected"]
    os.close(write_end)
    await gathered.until(lambda: gathered.states[-1] == "ended")
    os.close(read_end)


READER = """
import asyncio, sys
from stationd.sources.source import Surroundings
from stationd.sources.standard_input import Settings, StandardInputSource
class Out:
    def receive(self, chunk): sys.stdout.buffer.write(chunk.data)
    def link(self, change): print(change.state.value, file=sys.stderr)
asyncio.run(StandardInputSource(Settings(), Surroundings("T")).run(Out()))
"""


def test_a_process_reads_its_own_standard_input():
    run = subprocess.run(
        [sys.executable, "-c", READER], input=WHOLE, capture_output=True, check=True
    )
    assert run.stdout == WHOLE
    assert run.stderr.split() == [b"connected", b"ended"]

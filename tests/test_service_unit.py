"""The service unit: its exposure, its syntax, and that the daemon's own calls pass its filter."""

import ctypes.util
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import unit_sandbox

from stationd.cli import EXIT_CONFIG
from stationd.host.clock import clock_synchronised

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "systemd" / "stationd.service"
MOST_EXPOSURE = 2.0


@pytest.fixture
def analyze(peer):
    program = peer("systemd-analyze")

    def run(*arguments):
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
        )  # fmt: skip

    return run


@pytest.fixture
def sandboxed(analyze):
    """Return a function that runs Python code under a unit's filter and returns what it prints."""
    if ctypes.util.find_library("seccomp") is None and not any(
        Path("/usr/lib").glob("*/libseccomp.so.2")
    ):
        pytest.skip("libseccomp.so.2 is not installed")

    def run(code, unit=UNIT):
        done = subprocess.run(
            [sys.executable, unit_sandbox.__file__, str(unit), sys.executable, "-c", code],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_the_exposure_is_low(analyze):
    said = analyze("security", "--offline=yes", "--no-pager", str(UNIT))
    found = re.search(r"Overall exposure level for stationd\.service: ([\d.]+)", said.stdout)
    assert found, said.stderr
    assert float(found[1]) <= MOST_EXPOSURE


@pytest.mark.parametrize("name", ["stationd.service", "stationd@.service"])
def test_systemd_finds_nothing_wrong_with_it(analyze, tmp_path, name):
    # What verify wants to find is the program, which is installed elsewhere.
    (tmp_path / name).write_text(
        UNIT.read_text().replace("/opt/stationd/bin/stationd", "/bin/true")
    )
    asked = tmp_path / name.replace("@", "@north")
    done = analyze("verify", "--man=no", str(asked))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wrong_configuration_is_not_tried_again_and_all_else_is():
    settings = dict(unit_sandbox.settings_of(UNIT))
    assert settings["RestartPreventExitStatus"] == str(EXIT_CONFIG)
    assert settings["Restart"] == "always"
    assert settings["StartLimitIntervalSec"] == "0"
    assert settings["Type"] == "notify"


CLOCK = "from stationd.host.clock import clock_synchronised as c; print(c())"


def test_the_clock_can_be_asked_under_the_filter(sandboxed):
    assert clock_synchronised() is not None
    assert sandboxed(CLOCK) == str(clock_synchronised())


def test_without_its_exception_the_clock_could_not_be_asked(sandboxed, tmp_path):
    unit = tmp_path / "stationd.service"
    text = UNIT.read_text()
    assert "SystemCallFilter=adjtimex clock_adjtime\n" in text
    unit.write_text(text.replace("SystemCallFilter=adjtimex clock_adjtime\n", ""))
    assert sandboxed(CLOCK, unit) == "None"


def test_the_filter_bites(sandboxed):
    code = """
import mmap, os, socket
def refused(call, *arguments, **names):
    try: call(*arguments, **names)
    except PermissionError: return True
    return False
print(refused(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW),
      refused(os.chroot, "/"),
      refused(mmap.mmap, -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))
"""
    assert sandboxed(code) == "True True True"


def test_what_the_daemon_is_made_of_works_under_the_filter(sandboxed):
    code = """
import asyncio, os, pathlib, sqlite3, tempfile
import numpy
import stationd.cli, stationd.sinks, stationd.sources
from stationd.sources.connecting import connected_socket
from stationd.sources.serial_port import SerialSource, Settings
from stationd.sources.source import Surroundings
async def main():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "localhost", 0)
    port = server.sockets[0].getsockname()[1]
    connection, _ = await connected_socket("localhost", port, 5.0)
    connection.close()
    server.close()
    master, slave = os.openpty()
    settings = Settings(device=pathlib.Path(os.ttyname(slave)))
    (await SerialSource(settings, Surroundings("T"))._opened()).close()
    return (await asyncio.to_thread(numpy.linalg.solve, numpy.eye(300), numpy.ones(300))).sum()
with tempfile.TemporaryDirectory() as folder:
    database = sqlite3.connect(folder + "/x")
    database.execute("pragma journal_mode=wal")
    database.execute("create table t (x)")
    database.close()
print(asyncio.run(main()))
"""
    assert sandboxed(code) == "300.0"


CONFIGURATION = """
node = "here"
state_folder = "{folder}/state"
stations = ["station.toml"]
[sinks.page]
type = "prometheus"
port = {port}
[sinks.lines]
type = "jsonl"
path = "{folder}/facts.jsonl"
"""
STATION = """
id = "T"
[source]
type = "tcp-server"
port = {port}
"""


@pytest.fixture
def configuration(tmp_path):
    """Return a configuration with a station that nobody pushes to, and two sinks."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        ports = one.getsockname()[1], other.getsockname()[1]
    path = tmp_path / "stationd.toml"
    path.write_text(CONFIGURATION.format(folder=tmp_path, port=ports[0]))
    (tmp_path / "station.toml").write_text(STATION.format(port=ports[1]))
    return path


def test_the_daemon_under_the_filter_tells_the_manager_its_whole_life(
    analyze, sandboxed, configuration, tmp_path
):
    sandboxed("pass")  # skips where there is no sandbox to be had
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)

        def heard(word):
            while word not in (said := manager.recv(4096).decode().split("\n")):
                assert said == ["WATCHDOG=1"]

        daemon = subprocess.Popen(
            [sys.executable, unit_sandbox.__file__, str(UNIT),
             sys.executable, "-m", "stationd", "run", str(configuration)],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            cwd=ROOT, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            heard("READY=1")
            daemon.send_signal(signal.SIGHUP)
            heard("RELOADING=1")
            heard("READY=1")
            daemon.send_signal(signal.SIGTERM)
            heard("STOPPING=1")
            _, errors = daemon.communicate(timeout=30)
        finally:
            daemon.kill()
            daemon.wait()
    assert daemon.returncode == 0, errors
    assert b"Traceback" not in errors

"""The public pytest fixtures, used as a stranger's tests would: by name, without an event loop."""

import subprocess
import sys
import urllib.error
import urllib.request

import pytest
import serial

from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.mountpoint import Mountpoint

pytest_plugins = ["stationd_simulators.fixtures"]

DATA = bytes(range(256))


def asked(caster, mountpoint="ABCD"):
    headers = {"Ntrip-Version": "Ntrip/2.0", "User-Agent": "NTRIP urllib"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{caster.port}/{mountpoint}", headers=headers
    )
    return urllib.request.urlopen(request, timeout=20)


def test_a_client_that_blocks_hears_a_simulated_caster(simulated_caster):
    caster = simulated_caster(Caster([Mountpoint("ABCD")]))
    with asked(caster) as answer:
        caster.wait_for_listeners("ABCD")
        caster.deliver("ABCD", DATA)
        assert answer.read(256) == DATA
        assert [request.mountpoint for request in caster.requests] == ["ABCD"]


def test_it_misbehaves_when_it_is_told_to(simulated_caster):
    caster = simulated_caster(Caster([Mountpoint("ABCD")]))
    caster.misbehave("ABCD", Misbehaviour.BUSY)
    with pytest.raises(urllib.error.HTTPError, match="503") as raised:
        asked(caster)
    raised.value.close()


def test_two_casters_serve_at_once(simulated_caster):
    casters = [simulated_caster(Caster([Mountpoint(name)])) for name in "AB"]
    for caster, name in zip(casters, "AB", strict=True):
        with asked(caster, name):
            caster.wait_for_listeners(name)


def test_a_caster_that_nobody_asks_says_so_in_time(simulated_caster):
    caster = simulated_caster(Caster([Mountpoint("ABCD")]))
    with pytest.raises(TimeoutError):
        caster.wait_for_listeners("ABCD", within_s=0.01)


def test_a_port_that_is_taken_is_told_to_the_test(simulated_caster):
    first = simulated_caster(Caster([]))
    with pytest.raises(OSError, match="choose another port"):
        simulated_caster(Caster([], first.port))


def test_a_simulated_serial_port_is_read_unplugged_and_plugged_back(simulated_serial_port):
    port = simulated_serial_port
    for _ in range(2):
        with serial.Serial(str(port.link), timeout=20) as reader:
            port.deliver(DATA)
            assert reader.read(256) == DATA
        port.unplug()
        assert not port.link.exists()
        port.plug()


def test_a_project_of_strangers_uses_them_by_name(tmp_path):
    (tmp_path / "test_rover.py").write_text(
        'pytest_plugins = ["stationd_simulators.fixtures"]\n'
        "from stationd_simulators.devices.caster import Caster\n"
        "def test_rover(simulated_caster, simulated_serial_port):\n"
        "    assert simulated_caster(Caster([])).port\n"
        "    assert simulated_serial_port.is_plugged\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio", "-p", "no:xdist",
         "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr

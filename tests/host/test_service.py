"""What the service manager hears, on a real notification socket."""

import secrets
import socket
import time
from pathlib import Path

import pytest

from stationd.host.service import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """Return a socket as systemd opens one, and its name as systemd gives it to a service."""
    name = str(tmp_path / "notify")
    address = name
    if request.param == "abstract":
        name = f"@stationd-{secrets.token_hex(8)}"
        address = "\0" + name[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(5)
        yield listener, name


def heard(listener):
    return dict(line.split("=", 1) for line in listener.recv(4096).decode().split("\n"))


def test_ready_and_what_it_watches(manager):
    listener, name = manager
    ServiceManager(name).ready("watching 3 stations")
    assert heard(listener) == {"READY": "1", "STATUS": "watching 3 stations"}


def test_a_reload_says_when_it_began(manager):
    listener, name = manager
    before_us = time.monotonic_ns() // 1000
    ServiceManager(name).reloading()
    said = heard(listener)
    assert said["RELOADING"] == "1"
    assert before_us <= int(said["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000


def test_stopping_and_alive(manager):
    listener, name = manager
    service = ServiceManager(name)
    service.alive()
    service.stopping()
    assert heard(listener) == {"WATCHDOG": "1"}
    assert heard(listener) == {"STOPPING": "1"}


def test_a_status_of_several_lines_begins_no_other_field(manager):
    listener, name = manager
    ServiceManager(name).ready("one\nSTOPPING=1")
    assert heard(listener) == {"READY": "1", "STATUS": "one STOPPING=1"}


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_service_manager_nothing_is_said(address):
    ServiceManager(address).alive()


def test_a_manager_that_has_gone_is_no_trouble(tmp_path):
    ServiceManager(str(tmp_path / "gone")).alive()


def test_a_manager_that_does_not_listen_does_not_hold_us_up(manager):
    listener, name = manager
    queue = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text())
    service = ServiceManager(name)
    began_s = time.monotonic()
    for _ in range(queue + 3):
        service.alive()
    assert time.monotonic() - began_s < 5.0
    assert heard(listener) == {"WATCHDOG": "1"}


def test_the_environment_names_the_socket(manager, monkeypatch):
    listener, name = manager
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    ServiceManager.of_environment().alive()
    assert heard(listener) == {"WATCHDOG": "1"}

"""A watched station tells its line what became of its link."""

from watching.watched import Clock, station

from stationd.inputs import LinkChange, LinkState
from stationd.supervise import LoginRefusedError, RefusedError, SilentError, UnavailableError


def connected(one, clock):
    one.link(LinkChange(LinkState.CONNECTED, "connected to 127.0.0.1:1", clock()))


def test_a_link_that_was_there_is_lost_and_one_that_never_was_is_unavailable():
    clock = Clock()
    one = station("A", clock)
    one.unavailable(UnavailableError("nobody there"), 1.0)
    assert one.line.state.link_reason == "nobody there; next try in 1 s"
    assert not one.line.state.connected
    connected(one, clock)
    assert one.line.state.connected
    one.unavailable(SilentError("silent"), 2.0)
    assert not one.line.state.connected


def told(error, *, first_connected=False):
    """Return the link state that an error is told as."""
    clock = Clock()
    one = station("A", clock)
    if first_connected:
        connected(one, clock)
    one.unavailable(error, 3.0)
    links = one._around.links
    links.flush()
    return links._write.lines[-1]["link"]


def test_what_an_error_is_told_as():
    assert told(LoginRefusedError("no")) == LinkState.REFUSED
    assert told(RefusedError("no mountpoint")) == LinkState.REFUSED
    assert told(UnavailableError("gone")) == LinkState.UNAVAILABLE
    assert told(UnavailableError("gone"), first_connected=True) == LinkState.LOST


def test_restarts_are_counted_by_station():
    one = station("A", Clock())
    for _ in range(3):
        one.unavailable(UnavailableError("gone"), 1.0)
    assert one._around.restarts["station:A"] == 3


def test_new_settings_keep_what_is_known():
    clock = Clock()
    one = station("A", clock)
    connected(one, clock)
    one.configure(one.config.line)
    assert one.line.state.connected

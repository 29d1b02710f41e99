"""One line of log per change of a link, and one for many stations of one peer."""

import logging

from watching.watched import Written

from stationd.inputs import Instant, LinkChange, LinkState
from stationd.watching.link_log import LinkLog

AT = Instant(None, 0.0)
CASTER = "ntrip://192.0.2.1:2101"


def change(state, reason="it is so"):
    return LinkChange(state, reason, AT)


def test_a_change_is_one_line_with_the_station_first():
    written = Written()
    log = LinkLog(written)
    log.note("A", CASTER, change(LinkState.CONNECTED))
    log.flush()
    assert written.lines == [
        {"level": logging.INFO, "station": "A", "link": "connected", "peer": CASTER,
         "reason": "it is so"}
    ]  # fmt: skip
    assert list(written.lines[0])[1] == "station"


def test_trying_again_and_failing_again_is_no_change():
    written = Written()
    log = LinkLog(written)
    for wait_s in 1, 2, 4:
        log.note("A", CASTER, change(LinkState.UNAVAILABLE, f"refused; next try in {wait_s} s"))
        log.flush()
    assert len(written.lines) == 1
    log.note("A", CASTER, change(LinkState.UNAVAILABLE, "no such host; next try in 8 s"))
    log.flush()
    assert len(written.lines) == 2


def test_many_stations_of_one_caster_are_one_line():
    written = Written()
    log = LinkLog(written)
    for number in range(800):
        log.note(f"S{number}", CASTER, change(LinkState.LOST))
    log.note("X", "serial:/dev/ttyS0", change(LinkState.LOST))
    log.flush()
    assert [line.get("stations", line.get("station")) for line in written.lines] == [800, "X"]
    assert written.lines[0]["level"] == logging.WARNING


def test_a_link_that_came_back_within_a_moment_was_never_told_lost():
    written = Written()
    log = LinkLog(written)
    log.note("A", CASTER, change(LinkState.CONNECTED))
    log.flush()
    log.note("A", CASTER, change(LinkState.LOST))
    log.note("A", CASTER, change(LinkState.CONNECTED))
    log.flush()
    assert len(written.lines) == 1


def test_a_forgotten_station_leaves_nothing_behind():
    written = Written()
    log = LinkLog(written)
    log.note("A", CASTER, change(LinkState.CONNECTED))
    log.forget("A")
    log.flush()
    assert written.lines == []

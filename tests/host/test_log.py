"""The log is one line per change, for people, machines and journald."""

import json
import logging
import queue

from stationd.host import log


def written(style, *, error=None, **fields):
    record = logging.LogRecord("stationd", logging.WARNING, "", 0, "", None, None)
    record.created = 1_800_000_000.25
    record.fields = fields
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    return log.LineFormatter(style).format(record)


def test_people_read_key_and_value():
    line = written("text", station="GZ01", link="lost", reason='the "peer" closed', count=3)
    assert line == (
        '2027-01-15T08:00:00.250Z WARNING station=GZ01 link=lost reason="the \\"peer\\" closed" '
        "count=3"
    )


def test_machines_read_json():
    line = json.loads(written("json", station="GZ01", link="lost"))
    assert line == {
        "at": "2027-01-15T08:00:00.250Z", "level": "warning", "station": "GZ01", "link": "lost",
    }  # fmt: skip


def test_journald_reads_a_priority_on_every_line():
    text = written("journal", error=ValueError("two\nlines"), station="GZ01")
    assert all(line.startswith("<4>") for line in text.splitlines())
    assert "ValueError: two" in text


def test_a_line_feed_cannot_forge_a_line():
    assert "\n" not in written("text", reason="harmless\n2027 ERROR forged=1")


def test_a_full_queue_drops_and_counts():
    handler = log.BoundedQueueHandler(queue.Queue(1))
    handler.setFormatter(log.LineFormatter("text"))
    for _ in range(3):
        handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "told", None, None))
    assert handler.dropped == 2


def test_foreign_loggers_are_heard_from_warnings_up(capsys):
    with log.logging_to_stderr("json"):
        log.note(logging.INFO, station="A", link="connected")
        logging.getLogger("uvicorn").info("noise")
        logging.getLogger("mqtt").warning("trouble")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line.get("station", line.get("message")) for line in lines] == ["A", "trouble"]


def test_nothing_is_written_after_the_end(capsys):
    with log.logging_to_stderr("json"):
        pass
    log.note(logging.INFO, station="A")
    assert capsys.readouterr().err == ""

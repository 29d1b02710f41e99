"""The daemon's log: one line per change, as key=value for people and JSON for machines.

Lines are written by a thread behind a bounded queue, so that a slow terminal or a full disk never
holds up the loop. Under journald each line begins with its priority (`<4>`, sd-daemon(3)).
"""

import json
import logging
import logging.handlers
import os
import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal

LOGGER: Final = logging.getLogger("stationd")
QUEUED_LINES: Final = 10_000

Style = Literal["text", "json", "journal"]
_PRIORITIES: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}


def note(level: int, error: Exception | None = None, /, **fields: object) -> None:
    """Log one change: `note(WARNING, station="GZ01", link="lost", reason="…")`, station first.

    `error` adds its traceback.
    """
    LOGGER.log(level, "", extra={"fields": fields}, exc_info=error)


class LineFormatter(logging.Formatter):
    """A record as one line; a traceback follows it."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._form = style

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", None) or {
            "logger": record.name,
            "message": record.getMessage(),
        }
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        at = at.replace("+00:00", "Z")
        trace = self.formatException(record.exc_info) if record.exc_info else None
        if self._form == "json":
            whole = {"at": at, "level": record.levelname.lower(), **fields}
            return json.dumps(whole | ({"traceback": trace} if trace else {}), default=str)
        text = " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())
        if trace:
            text += "\n" + trace
        if self._form == "journal":
            priority = f"<{_PRIORITIES.get(record.levelno, 6)}>"
            return "\n".join(priority + line for line in text.splitlines())
        return f"{at} {record.levelname} {text}"


def _quoted(value: object) -> str:
    text = str(value)
    plain = text and not set(text) & set(' "=\n')
    return text if plain else json.dumps(text, ensure_ascii=False)


class BoundedQueueHandler(logging.handlers.QueueHandler):
    """Drops what a full queue cannot take, and counts it."""

    dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Format at once: what a field refers to may have changed when the thread comes to it."""
        line = self.format(record)
        return logging.makeLogRecord({"msg": line, "levelno": record.levelno})


def style_of_environment() -> Style:
    """Return how to write to standard error: to journald, to a person, or to a machine."""
    if os.environ.get("JOURNAL_STREAM"):
        return "journal"
    return "text" if sys.stderr.isatty() else "json"


@contextmanager
def logging_to_stderr(
    style: Style | None = None, level: int = logging.INFO
) -> Iterator[BoundedQueueHandler]:
    """Write the log to standard error until the block ends; foreign loggers from warnings up."""
    handler = BoundedQueueHandler(queue.Queue(QUEUED_LINES))
    handler.setFormatter(LineFormatter(style or style_of_environment()))
    writer = logging.StreamHandler(sys.stderr)
    listener = logging.handlers.QueueListener(handler.queue, writer)
    root = logging.getLogger()
    before = (root.level, LOGGER.level)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(level)
    listener.start()
    try:
        yield handler
    finally:
        listener.stop()
        root.removeHandler(handler)
        root.setLevel(before[0])
        LOGGER.setLevel(before[1])

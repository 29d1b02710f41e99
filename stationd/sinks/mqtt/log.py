"""How the MQTT sink logs: one record per change, its fields beside it as the daemon's log wants."""

import logging
from typing import Final

_LOGGER: Final = logging.getLogger(__name__)


def note(level: int, **fields: object) -> None:
    """Log one change as fields, `sink` first; also as text, for whoever listens without us."""
    text = " ".join(f"{key}={value}" for key, value in fields.items())
    _LOGGER.log(level, "%s", text, extra={"fields": fields})

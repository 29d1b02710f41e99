"""The table of sinks is whole: each is in it, each key explained, no secret shown."""

import importlib
import inspect
import pkgutil

import pytest

from stationd import sinks
from stationd.sinks import SINKS
from stationd.sinks.sink import Sink, SinkSettings

WHAT_A_SINK_DOES = ("run", "publish", "forget", "counters")


def sink_classes():
    """Return the classes of the folder that do what a sink does."""
    for found in pkgutil.walk_packages(sinks.__path__, "stationd.sinks."):
        module = importlib.import_module(found.name)
        for candidate in vars(module).values():
            if (
                inspect.isclass(candidate)
                and candidate is not Sink
                and candidate.__module__ == module.__name__
                and all(hasattr(candidate, what) for what in WHAT_A_SINK_DOES)
            ):
                yield candidate


def test_each_sink_is_one_line_of_the_table():
    assert {kind.make for kind in SINKS.values()} == set(sink_classes())


@pytest.mark.parametrize("kind", SINKS.values(), ids=SINKS)
def test_settings_are_frozen_and_each_key_says_what_it_is_for(kind):
    assert issubclass(kind.settings, SinkSettings)
    assert kind.settings.model_config["frozen"] is True
    assert kind.settings.model_config["extra"] == "forbid"
    unsaid = [name for name, field in kind.settings.model_fields.items() if not field.description]
    assert unsaid == []


@pytest.mark.parametrize("kind", SINKS.values(), ids=SINKS)
def test_what_sounds_secret_is_secret(kind):
    for name, field in kind.settings.model_fields.items():
        if any(word in name for word in ("password", "secret", "token", "passphrase")):
            assert "Secret" in str(field)

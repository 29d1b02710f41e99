"""The table of sources is whole: each module is in it, each key explained, no secret shown."""

import importlib
import inspect
import pkgutil

import pytest
from pydantic import SecretStr

from stationd import sources
from stationd.sources import SOURCES
from stationd.sources.source import SourceSettings

SECRET = "correct horse battery staple"
# What each kind cannot do without.
REQUIRED = {
    "ntrip": {"host": "caster.example", "mountpoint": "MOUNT", "username": "user"},
    "tcp": {"host": "receiver.example", "port": 5000},
    "tcp-server": {"port": 5000},
    "serial": {"device": "/dev/serial/by-id/x"},
    "file": {"path": "x.rtcm3"},
    "stdin": {},
}


def modules_with_settings():
    """Return the modules of the folder that define a source: settings, and a class with `run`."""
    for found in pkgutil.iter_modules(sources.__path__):
        module = importlib.import_module(f"stationd.sources.{found.name}")
        settings = getattr(module, "Settings", None)
        if inspect.isclass(settings) and settings.__module__ == module.__name__:
            assert issubclass(settings, SourceSettings)
            yield module


def secret_fields(settings):
    return [name for name, field in settings.model_fields.items() if "Secret" in str(field)]


def test_each_module_is_one_line_of_the_table_and_no_line_lacks_its_module():
    in_folder = {module.__name__ for module in modules_with_settings()}
    in_table = [kind.settings.__module__ for kind in SOURCES.values()]
    assert sorted(in_folder) == sorted(in_table)


@pytest.mark.parametrize("kind", SOURCES.values(), ids=SOURCES)
def test_settings_and_source_stand_in_one_file(kind):
    assert kind.make.__module__ == kind.settings.__module__
    assert inspect.iscoroutinefunction(kind.make.run)
    assert kind.meaning


@pytest.mark.parametrize("kind", SOURCES.values(), ids=SOURCES)
def test_each_key_says_what_it_is_for(kind):
    unsaid = [name for name, field in kind.settings.model_fields.items() if not field.description]
    assert unsaid == []


@pytest.mark.parametrize("kind", SOURCES.values(), ids=SOURCES)
def test_settings_are_frozen_and_refuse_unknown_keys(kind):
    assert kind.settings.model_config["frozen"] is True
    assert kind.settings.model_config["extra"] == "forbid"


@pytest.mark.parametrize("kind", SOURCES)
def test_no_secret_is_shown(kind):
    settings_class = SOURCES[kind].settings
    secrets = dict.fromkeys(secret_fields(settings_class), SecretStr(SECRET))
    settings = settings_class(**REQUIRED[kind], **secrets)
    for shown in (repr(settings), str(settings), settings.peer, settings.model_dump_json()):
        assert SECRET not in shown
    assert settings.peer  # each kind names its other end


def test_what_sounds_secret_is_secret():
    for kind in SOURCES.values():
        for name in kind.settings.model_fields:
            if any(word in name for word in ("password", "secret", "token", "passphrase")):
                assert name in secret_fields(kind.settings)
    assert secret_fields(SOURCES["ntrip"].settings) == ["password"]


def test_only_a_recording_is_not_live():
    assert [name for name, kind in SOURCES.items() if not kind.live] == ["file"]

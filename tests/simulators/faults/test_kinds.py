"""The table of faults: every kind takes hold somewhere, every function is in it."""

from dataclasses import fields

import pytest

from stationd_simulators.faults import FAULTS, messages, orbits, signals, truth, way
from stationd_simulators.faults.seam import Kind
from stationd_simulators.scenario_files import load, names

NO_HOOKS = ("parameters", "meaning", "link", "lasting", "ends")
HOOKS = [f.name for f in fields(Kind) if f.name not in NO_HOOKS]


KINDS_WITH_SCENARIO = {one.kind for file in names() for one in load(file).faults}


@pytest.mark.parametrize("name", FAULTS)
def test_every_kind_takes_hold_somewhere_and_has_a_scenario(name):
    kind = FAULTS[name]
    assert any(getattr(kind, hook) is not None for hook in HOOKS)
    assert kind.parameters() is not None
    assert name in KINDS_WITH_SCENARIO


def test_every_function_of_the_modules_of_faults_is_in_the_table():
    used = {getattr(kind, hook) for kind in FAULTS.values() for hook in HOOKS}
    for module in (messages, orbits, signals, truth, way):
        for function in vars(module).values():
            public = callable(function) and getattr(function, "__module__", "") == module.__name__
            if public and not isinstance(function, type) and function.__name__[0] != "_":
                assert function in used, f"{module.__name__}.{function.__name__}"

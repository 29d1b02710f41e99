"""The table of checks is whole: each module is in it, each limit has a meaning and a unit."""

import importlib
import pkgutil
from dataclasses import fields

import pytest

from stationd import checks
from stationd.checks import CHECKS
from stationd.checks.verdict import Settling

NAMES = [check.name for check in CHECKS]


def judging_modules():
    for found in pkgutil.iter_modules(checks.__path__):
        module = importlib.import_module(f"stationd.checks.{found.name}")
        judge = getattr(module, "judge", None)
        if judge is not None and judge.__module__ == module.__name__:
            yield module.__name__


def test_each_module_that_judges_is_one_line_of_the_table():
    assert sorted(judging_modules()) == sorted(check.judge.__module__ for check in CHECKS)


def test_each_name_is_that_of_its_module_and_stands_once():
    assert [check.judge.__module__ for check in CHECKS] == [f"stationd.checks.{n}" for n in NAMES]
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_limits_and_judge_stand_in_one_file(check):
    assert issubclass(check.limits, Settling)
    assert check.limits.__module__ == check.judge.__module__
    assert check.meaning


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_each_limit_says_what_it_is_for_and_has_a_default(check):
    unsaid = [field.name for field in fields(check.limits) if not field.metadata.get("help")]
    assert unsaid == []
    check.limits()

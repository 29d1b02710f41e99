"""A fingerprint names a set of limits: the same for equal sets, another for any other."""

from dataclasses import fields, replace

from stationd.checks import CHECKS
from stationd.checks.fingerprint import fingerprint

LIMITS = {check.name: check.limits() for check in CHECKS}


def test_equal_limits_have_one_fingerprint_whatever_their_order():
    again = {check.name: check.limits() for check in reversed(CHECKS)}
    assert fingerprint(LIMITS) == fingerprint(again)
    assert len(fingerprint(LIMITS)) == 12
    assert int(fingerprint(LIMITS), 16) >= 0


def test_every_single_limit_counts():
    names = {fingerprint(LIMITS)}
    count = 1
    for check, limits in LIMITS.items():
        for field in fields(limits):
            value = getattr(limits, field.name)
            match value:
                case dict():
                    other = {**value, "G": 99}
                case tuple():
                    other = (*value, "G")
                case _:
                    other = value + 1
            changed = {**LIMITS, check: replace(limits, **{field.name: other})}
            names.add(fingerprint(changed))
            count += 1
    assert len(names) == count

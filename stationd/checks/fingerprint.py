"""A short name for a set of limits, so that a verdict can say by which set it was given."""

import hashlib
import json
from collections.abc import Mapping

from stationd.checks.verdict import Settling

DIGEST_BYTES = 6  # of a thousand different sets no two share a name, but for one in 10^8


def fingerprint(limits: Mapping[str, Settling]) -> str:
    """Return 12 hexadecimal digits that are the same for equal limits, whatever their order."""
    shown = {check: limits[check].shown() for check in limits}
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()

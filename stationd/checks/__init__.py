"""Numbers to verdicts: the table of all checks.

A check is one file with `Limits` and `judge`, and one line here.
"""

from typing import Final

from stationd.checks import (
    arp,
    cn0,
    completeness,
    crc,
    descriptors,
    fix,
    latency,
    reconnects,
    satellites,
    schedule,
    silence,
)
from stationd.checks.verdict import Check

CHECKS: Final[tuple[Check, ...]] = (
    Check("silence", silence.Limits, silence.judge, "data arrives, and enough of it"),
    Check("latency", latency.Limits, latency.judge, "epochs arrive soon after they were observed"),
    Check("completeness", completeness.Limits, completeness.judge, "no epochs are missing", 5.0),
    Check("crc", crc.Limits, crc.judge, "frames pass their CRC", 5.0),
    Check(
        "schedule", schedule.Limits, schedule.judge, "expected messages arrive at their rate", 5.0
    ),
    Check("reconnects", reconnects.Limits, reconnects.judge, "the connection lasts", 5.0),
    Check("arp", arp.Limits, arp.judge, "the broadcast ARP is the registered one"),
    Check("descriptors", descriptors.Limits, descriptors.judge, "antenna, receiver as registered"),
    Check("satellites", satellites.Limits, satellites.judge, "enough satellites are observed"),
    Check("cn0", cn0.Limits, cn0.judge, "signals are strong enough"),
    Check("fix", fix.Limits, fix.judge, "the receiver's own fix is valid"),
)

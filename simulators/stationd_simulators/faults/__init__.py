"""What can go wrong, by name: the table of all faults."""

from collections.abc import Mapping
from typing import Final

from stationd_simulators.faults import messages, orbits, signals, truth, way
from stationd_simulators.faults.seam import Kind, Link

FAULTS: Final[Mapping[str, Kind]] = {
    # where the antenna truly is
    "displacement-step": Kind(
        truth.Displaced, "the antenna is moved, once", truth=truth.step, lasting=True
    ),
    "displacement-drift": Kind(
        truth.Drift, "the antenna creeps away", truth=truth.drift, lasting=True
    ),
    "tilt": Kind(truth.Tilt, "the pillar leans", truth=truth.tilt, lasting=True),
    # what the receiver measures
    "cn0-drop": Kind(
        signals.Strength, "interference on one band or all", observations=signals.cn0_drop
    ),
    "sector-lost": Kind(
        signals.Sector, "nothing is seen in one sector", observations=signals.sector_lost
    ),
    "slip-storm": Kind(
        signals.Slips, "phases slip", observations=signals.slip_storm, lasting=True
    ),
    "scintillation": Kind(
        signals.Scintillation,
        "strength and phase flicker after sunset",
        observations=signals.scintillation,
        lasting=True,
    ),
    "multipath-growth": Kind(
        signals.Multipath, "a new reflector", observations=signals.multipath_growth
    ),
    "clock-jump": Kind(
        signals.ClockJump,
        "the receiver's clock steps",
        observations=signals.clock_jump,
        lasting=True,
    ),
    "pull-off": Kind(
        signals.PullOff, "spoofing draws all ranges away", observations=signals.pull_off
    ),
    # what it says
    "stale-ephemeris": Kind(
        orbits.Stale, "no new ephemerides are sent", ephemerides=orbits.stale
    ),
    "altered-ephemeris": Kind(
        orbits.Altered, "ephemerides with other bits", frames=orbits.altered
    ),
    "wrong-station-id": Kind(
        messages.WrongId, "another station's id", frames=messages.wrong_station_id
    ),
    "missing-types": Kind(
        messages.Types, "message types are left out", frames=messages.missing_types
    ),
    "arp-offset": Kind(
        messages.Offset, "1005 and 1006 are off, by millimetres or metres",
        frames=messages.arp_offset,
    ),
    "arp-default": Kind(
        messages.Nothing, "1005 and 1006 with a receiver's defaults", frames=messages.arp_default
    ),
    "antenna-swap": Kind(messages.Swap, "another antenna", frames=messages.antenna_swap),
    "antenna-height": Kind(
        messages.Height, "another antenna height", frames=messages.antenna_height
    ),
    "beidou-unwrapped": Kind(
        messages.Nothing, "negative BeiDou times after a week began",
        frames=messages.beidou_unwrapped,
    ),
    # what becomes of the bytes
    "late": Kind(way.Delay, "bytes come late", timed=way.late),
    "burst": Kind(way.Nothing, "bytes are held back and come at once", timed=way.burst, ends=True),
    "trickle": Kind(way.Trickle, "few bytes get through", timed=way.trickle),
    "duplicated": Kind(way.Share, "epochs come twice", timed=way.duplicated),
    "out-of-order": Kind(way.Share, "epochs change places", timed=way.out_of_order),
    "bit-errors": Kind(way.BitErrors, "bits are flipped", timed=way.bit_errors),
    "truncated": Kind(way.Share, "frames are cut off", timed=way.truncated),
    "crc-storm": Kind(way.Share, "checksums are wrong", timed=way.crc_storm),
    # what becomes of the connection
    "drop-out": Kind(
        way.Nothing, "closed, and nobody is let in for a while",
        timed=way.lost, link=Link.CLOSED,
    ),
    "half-open": Kind(
        way.Nothing, "accepted, and never answered", timed=way.lost, link=Link.HALF_OPEN
    ),
    "silent": Kind(way.Nothing, "open, and nothing comes", timed=way.lost, link=Link.SILENT),
    "lying-sourcetable": Kind(
        way.Lie, "a sourcetable instead of the stream, or one that contradicts it",
        timed=way.lied, link=Link.LYING,
    ),
    "caster": Kind(
        way.Treatment, "the caster does something wrong, or rare",
        timed=way.treated, link=Link.MISBEHAVING,
    ),
    "power-cycle": Kind(
        signals.PowerCycle,
        "power goes and comes; every lock begins anew",
        observations=signals.locked_anew,
        timed=way.unpowered,
        link=Link.CLOSED,
        lasting=True,
    ),
}  # fmt: skip

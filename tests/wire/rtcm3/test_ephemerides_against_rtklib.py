"""Ephemerides equal what RTKLIB writes of the same recording as RINEX, to its print precision."""

import math
import re
import subprocess

import pytest

from stationd.gnss.ephemerides import GlonassEphemeris, KeplerEphemeris
from stationd.wire.framing import Framer
from stationd.wire.rtcm3.decoders import DECODERS

NUMBER = re.compile(r"[ -][.\d]\d*\.?\d*D[+-]\d\d")
EPHEMERIDES = (1019, 1020, 1042, 1044, 1045, 1046)

# RINEX 3.02, table A5: the order of a Kepler record's numbers, None for what is compared apart.
KEPLER = (
    "clock_bias_s", "clock_drift_ratio", "clock_drift_rate_per_s",
    "iode", "crs_m", "mean_motion_difference_rad_per_s", "mean_anomaly_rad",
    "cuc_rad", "eccentricity", "cus_rad", "sqrt_semi_major_axis_sqrt_m",
    "toe_s", "cic_rad", "right_ascension_rad", "cis_rad",
    "inclination_rad", "crc_m", "perigee_rad", "right_ascension_rate_rad_per_s",
    "inclination_rate_rad_per_s",
)  # fmt: skip


def records(peer, tmp_path, recording, start):
    """Yield a satellite and its numbers for each record that convbin writes."""
    nav = tmp_path / "out.nav"
    command = [peer("convbin"), "-r", "rtcm3", "-tr", *start.split(), "-v", "3.02"]
    # Its progress goes to the terminal; other outputs than the navigation file are not asked for.
    subprocess.run(
        [*command, "-n", str(nav), str(recording)], check=True, capture_output=True, timeout=60
    )
    body = nav.read_text().split("END OF HEADER", 1)[1].splitlines()[1:]
    starts = [place for place, line in enumerate(body) if line[0] != " "]
    for begin, end in zip(starts, [*starts[1:], len(body)], strict=True):
        lines = [body[begin][23:], *body[begin + 1 : end]]
        yield (
            body[begin][:3],
            [float(text.replace("D", "e")) for line in lines for text in NUMBER.findall(line)],
        )


def printed_alike(ours: float, printed: float) -> bool:
    """RTKLIB prints twelve digits: half of the last is up to 5e-12 of the number."""
    return math.isclose(ours, printed, rel_tol=5.01e-12, abs_tol=1e-30)


def matches(message, numbers) -> bool:
    match message:
        case GlonassEphemeris():
            ours = (
                -message.tau_s, message.gamma_ratio, None,
                message.x_m / 1e3, message.x_m_per_s / 1e3, message.x_m_per_s2 / 1e3, None,
                message.y_m / 1e3, message.y_m_per_s / 1e3, message.y_m_per_s2 / 1e3,
                message.channel,
                message.z_m / 1e3, message.z_m_per_s / 1e3, message.z_m_per_s2 / 1e3,
            )  # fmt: skip
        case KeplerEphemeris():
            ours = [getattr(message, name) for name in KEPLER]
    return all(
        value is None or printed_alike(value, other)
        for value, other in zip(ours, numbers, strict=False)
    )


@pytest.mark.parametrize(
    ("name", "start", "letters"),
    [
        ("GMSD7_20121014.rtcm3", "2012/10/14 0:00:00", "GR"),
        ("ntrip_encode_none.bin", "2024/8/18 21:14:00", "CEGR"),
    ],
)
def test_every_record_that_rtklib_writes_is_one_of_ours(
    real_data, peer, tmp_path, name, start, letters
):
    recording = real_data / "rtcm" / name
    ours: dict[str, list] = {}
    for frame in Framer().feed(recording.read_bytes()):
        if frame.number in EPHEMERIDES:
            message = DECODERS[frame.number](frame.data)
            ours.setdefault(message.satellite, []).append(message)
    seen = 0
    found = set()
    for satellite, numbers in records(peer, tmp_path, recording, start):
        assert any(matches(message, numbers) for message in ours[satellite]), satellite
        seen += 1
        found.add(satellite[0])
    assert seen >= 30
    assert "".join(sorted(found)) == letters

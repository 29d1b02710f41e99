"""Ranges, phases, Doppler and C/N0 are RTKLIB's too, to the last digit that RINEX prints."""

import math

import pytest
from authorities.convbin import convert

from stationd.gnss.signals import carrier_frequency_hz
from stationd.gnss.time import gpst_from_utc, gpst_of_epoch
from stationd.wire.framing import Frame, Framer
from stationd.wire.rtcm3.msm import decode_msm
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS

LIGHT_M_PER_S = 299_792_458.0
HALF_DIGIT = 0.000_501  # RINEX prints three decimals; RTKLIB rounds C/N0 to 0.001 first

# Recording -> about when (for convbin, and in UTC seconds), the constellations that RTKLIB keeps,
# and how many pseudoranges. RTKLIB drops what it has gathered whenever a message's time differs,
# and in the recording of 2012 BeiDou is sent in GPS time, which it reads 14 s later.
RECORDINGS = {
    "GMSD7_20121014.rtcm3": ("2012/10/14 00:00:00", 1_350_172_800, "C", 6_198),
    "ntrip_encode_none.bin": ("2023/06/14 00:00:00", 1_686_700_800, "GREC", 3_643),
    "asv_fw206mrtk.rtcm3": ("2022/06/14 00:00:00", 1_655_164_800, "GREC", 113_804),
    "pygpsdata-rtcm3.log": ("2022/06/14 00:00:00", 1_655_164_800, "GREC", 7_686),
}


def decoded(path, near_utc_s):
    """Yield ((second of the GPS week, satellite), RINEX code, value) of every MSM value."""
    framer = Framer()
    near_gpst_s = gpst_from_utc(near_utc_s)
    for item in framer.feed(path.read_bytes()):
        if not isinstance(item, Frame) or item.number not in MSM_NUMBERS:
            continue
        message = decode_msm(item.data)
        letter = message.constellation
        gpst_s = gpst_of_epoch(letter, message.epoch_s, message.glonass_day, near_gpst_s)
        of_week_s = round(gpst_s % 604_800, 3)
        o = message.observations()
        for i, (satellite, code) in enumerate(zip(o.satellite, o.code, strict=True)):
            if not code:
                continue
            channel = None if o.glonass_channel is None else o.glonass_channel[i]
            channel = None if channel is None or math.isnan(channel) else int(channel)
            frequency_hz = carrier_frequency_hz(letter, code, channel)
            per_m = math.nan if frequency_hz is None else frequency_hz / LIGHT_M_PER_S
            key = (of_week_s, satellite)
            yield key, "C" + code, o.pseudorange_m[i]
            yield key, "L" + code, o.phase_range_m[i] * per_m
            yield key, "D" + code, -o.phase_range_rate_m_per_s[i] * per_m
            yield key, "S" + code, o.cn0_dbhz[i]


@pytest.mark.parametrize("name", RECORDINGS)
def test_values_are_those_that_convbin_writes(real_data, peer, tmp_path, name):
    near, near_utc_s, letters, least = RECORDINGS[name]
    path = real_data / "rtcm" / name
    rinex = convert(peer("convbin"), path, tmp_path, near)
    compared = dict.fromkeys("CLDS", 0)
    seen = set()
    wrong = []
    for key, code, value in decoded(path, near_utc_s):
        theirs = rinex.observations.get(key, {}).get(code)
        if theirs is None or math.isnan(value):
            continue
        compared[code[0]] += 1
        seen.add(key[1][0])
        # RTKLIB keeps Doppler in single precision.
        allowed = HALF_DIGIT + (abs(value) * 2.0**-24 if code[0] == "D" else 0.0)
        if abs(value - theirs) > allowed:
            wrong.append((key, code, value, theirs))
    assert wrong == []
    assert seen == set(letters)
    assert compared["C"] == compared["L"] == compared["S"] >= least
    assert compared["D"]

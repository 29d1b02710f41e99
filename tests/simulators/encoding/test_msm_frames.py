"""MSM frames as pyrtcm reads them: every field of every cell, splitting, the last-message bit."""

import math
from dataclasses import replace

import numpy as np
import pytest
from pyrtcm import RTCMReader

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.encoding.msm import MsmOptions, encode_msm
from stationd_simulators.receiver.observations import EpochObservations

LIGHT_MS = 299_792.458
TRACKED = {
    "G": ("1C", "2W", "2L", "5Q"),
    "R": ("1C", "2C"),
    "E": ("1C", "5Q", "7Q", "6C"),
    "J": ("1C", "2L", "5Q"),
    "C": ("2I", "6I", "1P", "5P", "7I"),
}
FIRST = {"G": 1070, "R": 1080, "E": 1090, "J": 1110, "C": 1120}


def made(counts: dict[str, int], gpst_s: float = 2408 * 604_800.0 + 120.0) -> EpochObservations:
    """Return observations of so many satellites of each constellation, drawn at random."""
    draw = np.random.default_rng(5)
    pairs = [
        (f"{letter}{number:02d}", code)
        for letter, count in counts.items()
        for number in sorted(
            draw.choice(np.arange(1, 11 if letter == "J" else 25), count, replace=False).tolist()
        )
        for code in TRACKED[letter]
    ]
    names = sorted({name for name, _ in pairs})
    of = {name: (draw.uniform(2e7, 3.6e7), draw.uniform(-800, 800)) for name in names}
    count = len(pairs)
    range_m = np.array([of[name][0] for name, _ in pairs]) + draw.normal(0, 20, count)
    return EpochObservations(
        gpst_s=gpst_s,
        satellite=np.array([name for name, _ in pairs]),
        code=np.array([code for _, code in pairs]),
        pseudorange_m=range_m,
        phase_range_m=range_m + draw.uniform(-500, 500, count),
        range_rate_m_per_s=np.array([of[n][1] for n, _ in pairs]) + draw.normal(0, 0.3, count),
        cn0_dbhz=draw.uniform(20, 55, count),
        lock_time_s=10 ** draw.uniform(-3, 5, count),
        half_cycle=draw.random(count) < 0.3,
        glonass_channel=np.array([float(int(n[1:]) % 14 - 7) if n[0] == "R" else np.nan
                                  for n, _ in pairs]),
        elevation_rad=np.ones(count),
        azimuth_rad=np.ones(count),
        wavelength_m=np.full(count, 0.19),
    )  # fmt: skip


def cells(frames: list[bytes]) -> dict[tuple[str, str], dict[str, float]]:
    """Return what pyrtcm finds, in the units of the observations, by satellite and code."""
    letters = {number // 10: letter for letter, number in FIRST.items()}
    found = {}
    for frame in frames:
        message = RTCMReader.parse(frame)
        kind, letter = message.DF002 % 10, letters[message.DF002 // 10]
        fine = kind > 5
        for cell in range(1, message.NCell + 1):

            def field(name: str, message=message, cell=cell):
                return getattr(message, f"{name}_{cell:02d}")

            prn = field("CELLPRN")
            row = next(
                n for n in range(1, message.NSat + 1) if getattr(message, f"PRN_{n:02d}") == prn
            )
            rough_ms = getattr(message, f"DF397_{row:02d}") + getattr(message, f"DF398_{row:02d}")
            name = f"{letter}{int(prn) - (192 if letter == 'J' else 0):02d}"
            found[name, field("CELLSIG")] = {
                "pseudorange_m": LIGHT_MS * (rough_ms + field("DF405" if fine else "DF400")),
                "phase_range_m": LIGHT_MS * (rough_ms + field("DF406" if fine else "DF401")),
                "cn0_dbhz": field("DF408" if fine else "DF403"),
                "lock": field("DF407" if fine else "DF402"),
                "half_cycle": field("DF420"),
            }
            if kind in {5, 7}:
                rate = getattr(message, f"DF399_{row:02d}") + field("DF404")
                found[name, field("CELLSIG")]["range_rate_m_per_s"] = rate
                if letter == "R":
                    found[name, field("CELLSIG")]["channel"] = getattr(message, f"DF419_{row:02d}")
    return found


@pytest.mark.parametrize("kind", [4, 5, 6, 7])
def test_pyrtcm_reads_every_cell_as_it_was(kind):
    epoch = made({"G": 12, "R": 8, "E": 11, "J": 4, "C": 20})
    found = cells(encode_msm(kind, epoch))
    assert set(found) == set(zip(epoch.satellite.tolist(), epoch.code.tolist(), strict=True))
    coarse_m = LIGHT_MS * 2.0 ** (-25 if kind < 6 else -30)
    phase_m = LIGHT_MS * 2.0 ** (-30 if kind < 6 else -32)
    for row, key in enumerate(zip(epoch.satellite.tolist(), epoch.code.tolist(), strict=True)):
        cell = found[key]
        assert cell["pseudorange_m"] == pytest.approx(epoch.pseudorange_m[row], abs=coarse_m * 1.01)
        assert cell["phase_range_m"] == pytest.approx(epoch.phase_range_m[row], abs=phase_m * 1.1)
        assert cell["cn0_dbhz"] == pytest.approx(
            epoch.cn0_dbhz[row], abs=0.51 if kind < 6 else 0.04
        )
        assert cell["half_cycle"] == epoch.half_cycle[row]
        if kind in {5, 7}:
            rate = epoch.range_rate_m_per_s[row]
            assert cell["range_rate_m_per_s"] == pytest.approx(rate, abs=5.1e-5)
            if key[0][0] == "R":
                assert cell["channel"] == epoch.glonass_channel[row] + 7


def test_the_lock_time_indicator_is_the_largest_that_is_not_more_than_the_lock_time():
    epoch = made({"G": 12, "E": 12})
    coarse, fine = cells(encode_msm(4, epoch)), cells(encode_msm(7, epoch))
    for row, key in enumerate(zip(epoch.satellite.tolist(), epoch.code.tolist(), strict=True)):
        lock_ms = epoch.lock_time_s[row] * 1e3
        bins = [0, *(2 ** (i + 4) for i in range(1, 16)), math.inf]  # DF402
        assert bins[coarse[key]["lock"]] <= lock_ms < bins[coarse[key]["lock"] + 1]
        assert least_ms(fine[key]["lock"]) <= lock_ms < least_ms(fine[key]["lock"] + 1)


def least_ms(indicator: int) -> float:
    """DF407 as table 3.5-75 writes it: coefficients and offsets, line by line."""
    if indicator < 64:
        return indicator
    if indicator > 704:
        return math.inf
    offsets = (64, 256, 768, 2048, 5120, 12288, 28672, 65536, 147456, 327680, 720896, 1572864,
               3407872, 7340032, 15728640, 33554432, 71303168, 150994944, 318767104, 671088640,
               1409286144)  # fmt: skip
    block = min((indicator - 64) // 32, 20)
    return 2 ** (block + 1) * indicator - offsets[block]


def test_more_than_64_cells_are_split_and_only_the_last_frame_is_the_last():
    epoch = made({"G": 23, "C": 24})
    frames = encode_msm(7, epoch)
    messages = [RTCMReader.parse(frame) for frame in frames]
    assert [message.DF002 for message in messages] == [1077, 1077, 1127, 1127]
    assert all(message.NSat * message.NSig <= 64 for message in messages)
    assert [message.DF393 for message in messages] == [1, 1, 1, 0]
    assert [message.DF393 for message in map(RTCMReader.parse, encode_msm(7, epoch, True))] == [
        1
    ] * 4
    assert sum(message.NCell for message in messages) == len(epoch)


def test_what_a_receiver_has_not_got_is_marked_so():
    epoch = made({"G": 3})
    pseudorange_m, phase_m = epoch.pseudorange_m.copy(), epoch.phase_range_m.copy()
    rate, cn0 = epoch.range_rate_m_per_s.copy(), epoch.cn0_dbhz.copy()
    pseudorange_m[0] = phase_m[1] = rate[2] = cn0[3] = np.nan  # of the first satellite
    pseudorange_m[4:8] = phase_m[4:8] = np.nan  # the second one's ranges
    phase_m[8] = pseudorange_m[8] + 3000.0  # further apart than MSM can say
    epoch = replace(epoch, pseudorange_m=pseudorange_m, phase_range_m=phase_m,
                    range_rate_m_per_s=rate, cn0_dbhz=cn0)  # fmt: skip
    message = RTCMReader.parse(encode_msm(7, epoch)[0])
    # The lowest number of each field says "no value" (RTCM 10403.3, 3.5.16).
    assert message.DF405_01 == -(2.0**-10)
    assert message.DF406_02 == message.DF406_09 == -(2.0**-8)
    assert pytest.approx(-1.6384) == message.DF404_03
    assert message.DF408_04 == 0
    assert message.DF397_02 == 255
    assert message.DF397_01 != 255


def test_epochs_count_in_the_time_of_their_constellation():
    rollover = 2408 * 604_800.0  # 2026-03-01, 18 s before midnight UTC
    for gpst_s, gps_ms, beidou_ms, day, moscow_ms in (
        (rollover - 0.05, 604_799_950, 604_785_950, 0, 10_781_950),
        (rollover, 0, 604_786_000, 0, 10_782_000),
        (rollover + 14.0, 14_000, 0, 0, 10_796_000),
        (rollover + 75_618.0, 75_618_000, 75_604_000, 1, 0),
    ):
        frames = encode_msm(4, made({"G": 1, "R": 1, "E": 1, "C": 1}, gpst_s))
        gps, glonass, galileo, beidou = map(RTCMReader.parse, frames)
        assert (gps_ms, gps_ms, beidou_ms) == (gps.DF004, galileo.DF248, beidou.DF427)
        assert (day, moscow_ms) == (glonass.DF416, glonass.DF034)


def test_the_head_says_what_the_options_say():
    options = MsmOptions(4001, 3, 1, 2, 1, 5)
    message = RTCMReader.parse(encode_msm(7, made({"E": 2}), options=options)[0])
    assert message.DF003 == 4001
    assert (message.DF409, message.DF411, message.DF412) == (3, 1, 2)
    assert (message.DF417, message.DF418) == (1, 5)


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="MSM3 is not made here"):
        encode_msm(3, made({"G": 1}))


def test_in_a_leap_second_glonass_repeats_a_second_and_the_others_go_on():
    after_gpst_s = gpst_from_utc(1_483_228_800)  # 2017-01-01, a Sunday in Moscow
    glonass, gps, beidou = [], [], []
    for elapsed_s in (-2, -1, 0, 1):
        for frame in encode_msm(7, made({"G": 1, "R": 1, "C": 1}, after_gpst_s + elapsed_s)):
            message = RTCMReader.parse(frame)
            match message.DF002:
                case 1077:
                    gps.append(message.DF004)
                case 1087:
                    glonass.append((message.DF416, message.DF034))
                case 1127:
                    beidou.append(message.DF427)
    three = 3 * 3_600_000
    assert glonass == [(0, three - 1000), (0, three), (0, three), (0, three + 1000)]
    assert np.diff(gps).tolist() == np.diff(beidou).tolist() == [1000, 1000, 1000]

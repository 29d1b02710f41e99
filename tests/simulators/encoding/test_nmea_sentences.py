"""NMEA sentences as pynmeagps and gpsd read them."""

import json
import math
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from pynmeagps import NMEAReader

from stationd.gnss.time import gpst_from_utc
from stationd_simulators.encoding.nmea import Fix, InView, sentences

GPST_S = gpst_from_utc(1_772_366_399.25)  # 2026-03-01 11:59:59.25 UTC


def fix(in_view=None) -> Fix:
    draw = np.random.default_rng(3)
    names = [f"{letter}{n:02d}" for letter, n in (("G", 14), ("R", 6), ("E", 5), ("C", 9), ("J", 3))
             for n in range(1, n + 1)]  # fmt: skip
    seen = [
        InView(name, float(draw.uniform(0.1, 1.5)), float(draw.uniform(0, 6.28)), 40.0 + number / 8)
        for number, name in enumerate(names)
    ]
    return Fix(
        GPST_S, math.radians(23.123456789), math.radians(113.987654321), 35.1234, -5.0,
        (0.5, 0.6, 1.2), seen if in_view is None else in_view,
    )  # fmt: skip


def parsed(of: Fix) -> dict[str, list]:
    found: dict[str, list] = {}
    for line in sentences(of):
        assert len(line) <= 94  # 82 of the standard, and the digits that receivers add
        message = NMEAReader.parse(line)
        found.setdefault(message.msgID, []).append(message)
    return found


def test_pynmeagps_finds_the_fix_in_every_sentence():
    found = parsed(fix())
    (gga,), (rmc,), (gst,), (zda,) = (found[name] for name in ("GGA", "RMC", "GST", "ZDA"))
    for message in (gga, rmc):
        assert message.lat == pytest.approx(23.123456789, abs=2e-9)
        assert message.lon == pytest.approx(113.987654321, abs=2e-9)
        assert str(message.time) == "11:59:59.250000"
    assert gga.alt + gga.sep == pytest.approx(35.1234)
    assert (gga.quality, gga.numSV) == (1, 37)
    assert str(rmc.date) == "2026-03-01"
    assert (zda.day, zda.month, zda.year) == (1, 3, 2026)
    assert (gst.stdLat, gst.stdLong, gst.stdAlt) == (0.5, 0.6, 1.2)


def test_satellites_in_view_and_used_are_those_of_the_fix():
    found = parsed(fix())
    numbers = {}
    for message in found["GSV"]:
        for place in range(1, 5):
            number = getattr(message, f"svid_{place:02d}", None)
            if number:
                numbers[message.talker, int(number)] = getattr(message, f"cno_{place:02d}")
    assert len(numbers) == 37
    assert {number for talker, number in numbers if talker == "GL"} == set(range(65, 71))
    assert {number for talker, number in numbers if talker == "GQ"} == {193, 194, 195}
    used = [
        (message.systemId, getattr(message, f"svid_{place:02d}"))
        for message in found["GSA"]
        for place in range(1, 13)
        if getattr(message, f"svid_{place:02d}")
    ]
    assert len(used) == len(set(used)) == 37
    assert len([message for message in found["GSA"] if str(message.systemId) == "1"]) == 2  # 12 + 2


def test_without_four_satellites_there_is_no_fix_and_no_place():
    found = parsed(fix(fix().in_view[:3]))
    (gga,), (rmc,), (gsa,) = (found[name] for name in ("GGA", "RMC", "GSA"))
    assert (gga.quality, gga.numSV, gga.lat, gga.lon) == (0, 3, "", "")
    assert (rmc.status, rmc.lat, gsa.navMode) == ("V", "", 1)
    (gga,) = parsed(fix(fix().in_view[:4]))["GGA"]
    assert (gga.quality, gga.numSV) == (1, 4)


def test_gpsd_accepts_the_sentences(peer):
    read = subprocess.run(
        [peer("gpsdecode"), "-j"],
        input=b"".join(sentences(fix())),
        capture_output=True,
        check=True,
        timeout=30,
    )
    seen = {json.loads(line)["class"] for line in read.stdout.splitlines()}
    assert seen <= {"TPV", "SKY", "GST"}


def test_without_satellites_there_is_no_fix():
    found = parsed(fix(in_view=[]))
    assert found["GGA"][0].quality == 0
    assert found["RMC"][0].status == "V"
    assert "GSV" not in found


@pytest.mark.parametrize(
    ("elapsed_s", "clock", "date"),
    [
        (-1.25, b"235959.75", "2016-12-31"),
        (-1.0, b"235960.00", "2016-12-31"),
        (-0.05, b"235960.95", "2016-12-31"),
        (0.0, b"000000.00", "2017-01-01"),
    ],
)
def test_a_leap_second_is_second_sixty_of_its_day(elapsed_s, clock, date):
    after_gpst_s = gpst_from_utc(1_483_228_800)  # 2017-01-01
    year, month, day = date.split("-")
    for line in sentences(replace(fix(), gpst_s=after_gpst_s + elapsed_s)):
        fields = line.split(b"*")[0].split(b",")
        match fields[0][3:]:
            case b"GGA" | b"RMC" | b"GST" | b"ZDA":
                assert fields[1] == clock
        if fields[0][3:] == b"ZDA":
            assert fields[2:5] == [day.encode(), month.encode(), year.encode()]
        if fields[0][3:] == b"RMC":
            assert fields[9] == (day + month + year[2:]).encode()

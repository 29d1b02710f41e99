"""Every station, ephemeris and 1001-1012 value equals pyrtcm's, on vectors and real recordings."""

import math
import re
from pathlib import Path
from random import Random

import pytest
from wire.rtcm3.pyrtcm_fields import (
    EPHEMERIDES,
    SATELLITES,
    STATION,
    defined,
    parsed,
    string,
)
from wire.rtcm3.stated_vectors import FRAMES, number_of

from stationd.wire.errors import DecodeError
from stationd.wire.framing import Frame, Framer
from stationd.wire.rtcm3.decoders import DECODERS
from stationd.wire.rtcm3.legacy import decode_legacy

RECORDINGS = (
    "AgPartner_2.rtcm3", "GMSD7_20121014.rtcm3", "Gine-Albrk.rtcm3", "aamakinen.rtcm3",
    "asv_fw206mrtk.rtcm3", "asv_imu.rtcm3", "ntrip_chunked.bin", "ntrip_encode_chunked.bin",
    "ntrip_encode_chunkedgzip.bin", "ntrip_encode_none.bin", "pygpsdata-rtcm3.log",
    "pyrtcm_pygpsdata-1230.bin", "pyrtcm_pygpsdata-1240-1264.log", "pyrtcm_pygpsdata-BADHDR.log",
    "pyrtcm_pygpsdata-MIXED-RTCM3.log", "pyrtcm_pygpsdata-MIXED-RTCM3BADCRC.log",
    "pyrtcm_pygpsdata-MT1023.log", "pyrtcm_pygpsdata-NTRIP-1300-1302.log",
    "pyrtcm_pygpsdata-NTRIP-4076.log", "pyrtcm_pygpsdata-NTRIP-USCL00CHL0.log",
    "pyrtcm_pygpsdata-RTCM3.log", "pyrtcm_pygpsdata-RTCMMSM3.log", "testglo.rtcm3", "vectors",
)  # fmt: skip
LEGACY = frozenset((1001, 1002, 1003, 1004, 1009, 1010, 1011, 1012))
LIGHT_MILLISECOND_M = 299_792.458


def frames_of(path: Path) -> list[bytes]:
    framer = Framer()
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = [item for file in files for item in framer.feed(file.read_bytes())]
    found += framer.finish()
    return [item.data for item in found if isinstance(item, Frame) and item.number in DECODERS]


def same(ours, theirs) -> bool:
    """Compare as numbers: a float may differ by the rounding of two products."""
    return math.isclose(float(ours), float(theirs), rel_tol=1e-14, abs_tol=0.0)


def value_of(message, name: str):
    if name.endswith("]"):
        return getattr(message, name[:-3])[int(name[-2])]
    return getattr(message, name)


def compare_table(message, theirs, table) -> None:
    for name, (attribute, factor) in table.items():
        ours, expected = value_of(message, name), getattr(theirs, attribute) * factor
        assert same(ours, expected), f"{name} ({attribute}): {ours!r} against {expected!r}"


def compare_ephemeris(number, message, theirs) -> None:
    compare_table(message, theirs, EPHEMERIDES[number])
    letter, attribute = SATELLITES[number]
    satellite = getattr(theirs, attribute)
    if number == 1019 and 40 <= satellite <= 58:  # SBAS PRN 120 to 138
        letter, satellite = "S", satellite - 20
    assert message.satellite == f"{letter}{satellite:02d}"
    match number:
        case 1020:
            channel = theirs.DF040
            assert message.channel == (channel - 7 if channel <= 20 else None)
            assert message.almanac_healthy == (bool(theirs.DF104) if theirs.DF105 else None)
            tk = theirs.DF107
            assert message.tk_s == (tk >> 7) * 3600 + (tk >> 1 & 63) * 60 + (tk & 1) * 30
        case 1041:
            assert message.health == theirs.DF527 << 1 | theirs.DF528
        case 1045:
            assert message.health == theirs.DF314 << 1 | theirs.DF315
        case 1046:
            e5b, e1b = theirs.DF316 << 1 | theirs.DF317, theirs.DF287 << 1 | theirs.DF288
            assert message.health == e5b << 3 | e1b


def compare_station(number, message, theirs) -> None:
    compare_table(message, theirs, STATION.get(number, {}))
    match number:
        case 1007 | 1008 | 1033:
            assert message.station_id == theirs.DF003
            assert message.antenna == string(theirs, "DF030")
            assert message.antenna_setup_id == theirs.DF031
            assert message.antenna_serial == (string(theirs, "DF033") if number > 1007 else None)
            rest = ("DF228", "DF230", "DF232") if number == 1033 else ()
            expected = [string(theirs, name) for name in rest] or [None] * 3
            ours = [message.receiver, message.receiver_firmware, message.receiver_serial]
            assert ours == expected
        case 1013:
            assert len(message.announcements) == theirs.DF053
            for place, row in enumerate(message.announcements, 1):
                assert row.number == getattr(theirs, f"DF055_{place:02d}")
                assert row.synchronous == getattr(theirs, f"DF056_{place:02d}")
                assert same(row.interval_s, getattr(theirs, f"DF057_{place:02d}"))
        case 1029:
            assert message.text == theirs.DF140.encode("latin-1").decode()
        case 1230:
            names = zip(message.bias_m, ("DF423", "DF424", "DF425", "DF426"), strict=True)
            for code, name in names:
                expected = getattr(theirs, name, None)
                ours = message.bias_m[code]
                if expected == -(2**15) * 0.02:  # stands for no value
                    expected = None
                assert ours is None if expected is None else same(ours, expected), code


def compare_legacy(number, frame, theirs) -> None:
    """Compare what pyrtcm's fields amount to, satellite by satellite."""
    message = decode_legacy(frame)
    gps = number <= 1004
    assert message.station_id == theirs.DF003
    assert message.epoch_ms == (theirs.DF004 if gps else theirs.DF034)
    assert message.more_follows == theirs.DF005
    cells = {}
    for letter in message.columns:
        seen = message.observations(letter)
        for place, key in enumerate(zip(seen.satellite, seen.code, strict=True)):
            channel = None if seen.glonass_channel is None else seen.glonass_channel[place]
            cells[key] = (
                seen.pseudorange_m[place], seen.phase_range_m[place], seen.cn0_dbhz[place],
                seen.lock_time_s[place], channel,
            )  # fmt: skip
    expected = dict(expected_cells(theirs, number, gps=gps))
    assert cells.keys() == expected.keys()
    for key, ours in cells.items():
        for one, other in zip(ours, expected[key], strict=True):
            # Ranges are sums: a micrometre is four roundings at 40,000 km.
            assert one == other or math.isclose(one, other, abs_tol=1e-6) or (
                math.isnan(one) and math.isnan(other)
            ), (key, ours, expected[key])  # fmt: skip


def expected_cells(theirs, number, *, gps):
    """Yield (satellite, code) -> range, phase range, C/N0, lock time, channel, from pyrtcm."""
    shift = 0 if gps else 30  # GLONASS's fields come 30 numbers later, from DF038 on
    fields = vars(theirs)

    def get(gps_name, place, missing=None):
        glonass_name = {9: 38, 10: 39}.get(gps_name, gps_name + shift)
        return fields.get(f"DF{gps_name if gps else glonass_name:03d}_{place:02d}", missing)

    for place in range(1, (theirs.DF006 if gps else theirs.DF035) + 1):
        satellite = get(9, place)
        if satellite == 0:
            continue
        sbas = gps and 40 <= satellite <= 58
        name = f"S{satellite - 20}" if sbas else f"{'G' if gps else 'R'}{satellite:02d}"
        whole_m = get(14, place, 0) * LIGHT_MILLISECOND_M * (1 if gps else 2)
        origin_m, channel = get(11, place) + whole_m, None
        if not gps:
            sent = fields[f"DF040_{place:02d}"]
            channel = sent - 7.0 if sent <= 20 else math.nan
        range_m = math.nan if round(get(11, place) / 0.02) == 1 << 19 else origin_m
        phase_m = math.nan if get(12, place) == -(2**19) * 0.0005 else range_m + get(12, place)
        cn0 = get(15, place, 0) or math.nan
        code = "1C" if not get(10, place) else "" if sbas else "1P"
        yield (name, code), (range_m, phase_m, cn0, lock_s(get(13, place)), channel)
        if number in {1003, 1004, 1011, 1012} and not sbas:
            codes = ("2X", "2P", "2W", "2W") if gps else ("2C", "2P", "", "")
            cn0 = get(20, place, 0)
            nothing = not (get(17, place) or get(18, place) or get(19, place) or cn0)
            no_range = nothing or get(17, place) == -(2**13) * 0.02
            no_phase = nothing or get(18, place) == -(2**19) * 0.0005
            yield (
                (name, codes[get(16, place)]),
                (
                    math.nan if no_range else origin_m + get(17, place),
                    math.nan if no_phase else origin_m + get(18, place),
                    cn0 or math.nan,
                    lock_s(get(19, place)),
                    channel,
                ),
            )


def lock_s(indicator: int) -> float:
    """Table 3.4-2 of RTCM 10403.3, row by row."""
    rows = ((24, 1, 0), (48, 2, 24), (72, 4, 120), (96, 8, 408), (120, 16, 1176), (127, 32, 3096))
    for end, step, offset in rows:
        if indicator < end:
            return float(indicator * step - offset)
    return 937.0


def compare(frame: bytes) -> None:
    number, theirs = number_of(frame), parsed(frame)
    if number in LEGACY:
        compare_legacy(number, frame, theirs)
    elif number in EPHEMERIDES:
        compare_ephemeris(number, DECODERS[number](frame), theirs)
    else:
        compare_station(number, DECODERS[number](frame), theirs)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(number_of(frame)))
def test_a_stated_vector_decodes_to_pyrtcms_values(frame):
    compare(frame)


@pytest.mark.parametrize("number", sorted((EPHEMERIDES.keys() | STATION.keys() | LEGACY) - {1029}))
def test_random_content_decodes_to_pyrtcms_values(number):
    """Every bit of every field, NavIC's too, of which there is no recording."""
    random, compared = Random(number), 0
    for _ in range(300):
        message = bytearray(random.randbytes(800))
        message[0], message[1] = number >> 4, (number & 15) << 4 | message[1] & 15
        frame = b"\xd3" + len(message).to_bytes(2, "big") + bytes(message) + b"CRC"
        # Satellite 0, or a time outside its week, which pyrtcm does not judge.
        refused = re.compile("outside its|satellite 0")
        try:
            compare(frame)
        except DecodeError as error:
            if not refused.search(str(error)):
                raise
        else:
            compared += 1
    assert compared > 20


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_decodes_to_pyrtcms_values(real_data, name):
    for frame in frames_of(real_data / "rtcm" / name):
        compare(frame)


def test_no_recording_is_left_out_and_they_have_every_type_but_navics(real_data):
    folder = real_data / "rtcm"
    assert {path.name for path in folder.iterdir()} == set(RECORDINGS)
    seen = {number_of(frame) for name in RECORDINGS for frame in frames_of(folder / name)}
    assert seen == DECODERS.keys() - {1041}


@pytest.mark.parametrize("number", sorted(EPHEMERIDES))
def test_no_field_of_an_ephemeris_is_left_uncompared(number):
    by_hand = {
        1020: {"DF040", "DF104", "DF105", "DF107"},
        1041: {"DF526", "DF527", "DF528", "DF544", "DF545"},  # 526, 544, 545 are reserved
        1045: {"DF314", "DF315"},
        1046: {"DF316", "DF317", "DF287", "DF288"},
    }.get(number, set())
    compared = {attribute for attribute, _ in EPHEMERIDES[number].values()}
    assert compared | by_hand | {SATELLITES[number][1]} == defined(number)


@pytest.mark.parametrize("number", sorted(STATION))
def test_no_field_of_a_station_message_is_left_uncompared(number):
    by_hand = {
        1013: {"DF053"},
        1029: {"DF139"},
        1230: {"DF422_1", "DF422_2", "DF422_3", "DF422_4"},
    }.get(number, set())
    assert {attribute for attribute, _ in STATION[number].values()} | by_hand == defined(number)

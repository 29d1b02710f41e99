"""Every MSM value of every recording and vector is what pyrtcm reads, to the last bit."""

import random

import pytest
from authorities.comparison import ADDED_NAMES, assert_agrees, assert_all_agree
from authorities.msm_writer import random_msm
from authorities.pyrtcm_msm import expected_msm
from pyrtcm import rtcmtables

from stationd.gnss.signals import MSM_CODES
from stationd.wire.framing import Frame, Framer
from stationd.wire.rtcm3.msm import decode_msm
from stationd.wire.rtcm3.msm_batch import WORTHWHILE_MESSAGES, decode_msm_batch
from stationd.wire.rtcm3.msm_layout import LETTERS, MSM_NUMBERS

# Recording -> its MSM, so that one that silently lost its messages is noticed.
RECORDINGS = {
    "AgPartner_2.rtcm3": 175,
    "GMSD7_20121014.rtcm3": 1028,
    "aamakinen.rtcm3": 85,
    "asv_fw206mrtk.rtcm3": 4858,
    "asv_imu.rtcm3": 670,
    "ntrip_encode_chunked.bin": 131,
    "ntrip_encode_chunkedgzip.bin": 131,
    "ntrip_encode_none.bin": 131,
    "pygpsdata-rtcm3.log": 632,
    "pyrtcm_pygpsdata-MIXED-RTCM3.log": 4,
    "pyrtcm_pygpsdata-MIXED-RTCM3BADCRC.log": 4,
    "pyrtcm_pygpsdata-NTRIP-USCL00CHL0.log": 14,
    "pyrtcm_pygpsdata-RTCM3.log": 5,
    "pyrtcm_pygpsdata-RTCMMSM3.log": 3,
}

# One message of each layout as someone else's encoder wrote it (go-gnss/rtcm, Apache-2.0), so that
# the suite proves something without the recordings.
VECTORS = {
    1111: "d3002b457000698156a200207100000000000000200080007fcb63d31f597e81fd0e6270c96149129305"
    "548ab980dd5236",
    1112: "d30037458000698156a200207100000000000000200080007fcb63d31f597fbc9a0032d067ee81870905"
    "4dbc150f285580e14ec77fffffff80006e62b3",
    1113: "d30046459000698156a200207100000000000000200080007fcb63d31f597e81fd0e6270c96149129305"
    "548ab9ffbc9a0032d067ee818709054dbc150f285580e14ec77fffffff80003d8c88",
    1115: "d3006845b000698156a200007100000000000000200080007fc44436be680071ad6d83f27cec0de00460"
    "00079e0f4986ab11d9da73b5a79a0f440203b4094f3f8c281e17ef07930a1e246079d821e0247fffffff"
    "804d24f3e59cd67678eea0350c70d857c0a67c9138ef806c114e",
    1116: "d3006145c000698156a200207100000000000000200080007fc44436be4b63d31f597e8127e872189bb1"
    "92c6149161497a1552595729ffbc99800cb4867ee7861c23854dbc8543ca05580e853b1c489605816058"
    "16058160004b5244d73ae39994bb62003bc450",
    1107: "d3004145300033dac1923f800840400000000000200000007868e850008b3d0b9bfe7ff9ffe6f16a2c08"
    "eecd666ff7ad0f9f583ffc1366d5106d450110500406c76c0bde7bb20c",
    1081: "d30040439000a5143b6200203841700000000000208000007fffffdd633614897b62d6141da13db6583c"
    "b716a1bd671e4c7cf60fa72319da9bbed09b2158b986337100c907d4",
}

_TABLES = {
    "G": (rtcmtables.GPS_PRN_MAP, rtcmtables.GPS_SIG_MAP),
    "R": (rtcmtables.GLONASS_PRN_MAP, rtcmtables.GLONASS_SIG_MAP),
    "E": (rtcmtables.GALILEO_PRN_MAP, rtcmtables.GALILEO_SIG_MAP),
    "S": (rtcmtables.SBAS_PRN_MAP, rtcmtables.SBAS_SIG_MAP),
    "J": (rtcmtables.QZSS_PRN_MAP, rtcmtables.QZSS_SIG_MAP),
    "C": (rtcmtables.BEIDOU_PRN_MAP, rtcmtables.BEIDOU_SIG_MAP),
    "I": (rtcmtables.IRNSS_PRN_MAP, rtcmtables.IRNSS_SIG_MAP),
}


def msm_frames(data: bytes) -> list[bytes]:
    framer = Framer()
    items = [*framer.feed(data), *framer.finish()]
    return [i.data for i in items if isinstance(i, Frame) and i.number in MSM_NUMBERS]


def made_messages(seed: int, number: int, count: int = WORTHWHILE_MESSAGES) -> list[bytes]:
    """Return messages of one number, with satellites and signals that pyrtcm knows."""
    rng = random.Random(seed)
    prn, codes = _TABLES[LETTERS[number // 10]]
    known = [bit for bit, name in prn.items() if name.isdigit()]
    frames = []
    for _ in range(count):
        signals = sorted(rng.sample(sorted(codes), rng.randint(1, min(6, len(codes)))))
        most = min(len(known), 64 // len(signals))
        satellites = sorted(rng.sample(known, rng.randint(1, most)))
        frames.append(random_msm(rng, number, satellites, signals))
    return frames


def test_every_recording_with_msm_is_in_the_table(real_data):
    found = {
        path.name: len(msm_frames(path.read_bytes()))
        for path in (real_data / "rtcm").iterdir()
        if path.is_file()
    }
    assert {name: count for name, count in found.items() if count} == RECORDINGS


@pytest.mark.parametrize("name", RECORDINGS)
def test_both_decoders_read_every_value_of_a_recording_as_pyrtcm_does(real_data, name):
    frames = msm_frames((real_data / "rtcm" / name).read_bytes())
    expected = [expected_msm(frame) for frame in frames]
    compared = assert_all_agree([decode_msm(frame) for frame in frames], expected)
    assert compared > 8 * len(frames)
    assert assert_all_agree(decode_msm_batch(frames), expected) == compared


def test_both_decoders_read_every_vector_of_another_encoder_as_pyrtcm_does(real_data):
    folder = real_data / "rtcm" / "vectors"
    frames = [
        path.read_bytes()
        for path in sorted(folder.glob("1???_frame.bin"))
        if int(path.name[:4]) in MSM_NUMBERS
    ]
    assert len(frames) >= WORTHWHILE_MESSAGES  # so that the batch decoder does it by itself
    expected = [expected_msm(frame) for frame in frames]
    assert assert_all_agree([decode_msm(frame) for frame in frames], expected)
    assert assert_all_agree(decode_msm_batch(frames), expected)


@pytest.mark.parametrize("number", VECTORS)
def test_a_vector_of_each_layout_is_read_as_pyrtcm_does(number):
    frame = bytes.fromhex(VECTORS[number])
    expected = expected_msm(frame)
    assert expected.number == number
    assert_agrees(decode_msm(frame), expected)
    for message in decode_msm_batch([frame] * WORTHWHILE_MESSAGES):
        assert_agrees(message, expected)


@pytest.mark.parametrize("number", sorted(MSM_NUMBERS))
def test_any_masks_and_any_values_are_read_as_pyrtcm_does(number):
    frames = made_messages(number, number)
    expected = [expected_msm(frame) for frame in frames]
    assert any(value is None for m in expected for cell in m.cells for value in cell[2:4])
    assert assert_all_agree([decode_msm(frame) for frame in frames], expected)
    assert assert_all_agree(decode_msm_batch(frames), expected)


def test_a_batch_of_all_kinds_and_constellations_is_told_apart():
    frames = [frame for number in sorted(MSM_NUMBERS) for frame in made_messages(1, number, 3)]
    random.Random(1).shuffle(frames)
    expected = [expected_msm(frame) for frame in frames]
    assert assert_all_agree(decode_msm_batch(frames), expected)


@pytest.mark.parametrize("letter", MSM_CODES)
def test_signal_names_are_pyrtcms_and_what_amendments_added(letter):
    theirs = {bit: code for bit, (_, code) in _TABLES[letter][1].items()}
    assert MSM_CODES[letter] == theirs | ADDED_NAMES.get(letter, {})

"""Counts, epochs, ARP and dates are those of a scan of every byte, of pyrtcm and of RTKLIB."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from authorities.convbin import convert
from authorities.foreign import nmea
from authorities.independent_scan import frames_at_every_byte
from pyrtcm import RTCMMessage
from rtcm_writer import arp_1006, station_epoch
from typer.testing import CliRunner

from stationd.cli import app
from stationd.recordings.inspection import Inspection
from stationd.wire.rtcm3.epoch import LEGACY_LETTERS
from stationd.wire.rtcm3.msm_layout import LETTERS, MSM_NUMBERS

RECORDINGS = (
    "AgPartner_2.rtcm3", "GMSD7_20121014.rtcm3", "Gine-Albrk.rtcm3", "aamakinen.rtcm3",
    "asv_fw206mrtk.rtcm3", "asv_imu.rtcm3", "ntrip_chunked.bin", "ntrip_encode_chunked.bin",
    "ntrip_encode_chunkedgzip.bin", "ntrip_encode_none.bin", "pygpsdata-rtcm3.log",
    "testglo.rtcm3",
)  # fmt: skip
EPOCH_FIELDS = ("DF004", "DF034", "DF248", "DF428", "DF427", "DF546")
LEAP_S = {2009: 15, 2012: 16, 2022: 18, 2023: 18, 2024: 18, 2026: 18}
TOW_MS = 345_600_000  # a Thursday, 00:00:00 GPS time


def report_of(data, around_utc_s=None, block_bytes=1 << 20):
    inspection = Inspection(around_utc_s)
    for start in range(0, len(data), block_bytes):
        inspection.feed(data[start : start + block_bytes])
    inspection.finish()
    return inspection.report()


def made(seconds, *, beidou_late_ms=0, first_ms=TOW_MS):
    """Return an epoch a second of five constellations."""
    frames = []
    for second in seconds:
        tow_ms = (first_ms + 1000 * second) % 604_800_000
        epoch = station_epoch(7, tow_ms, seed=second)
        if beidou_late_ms:
            epoch[4] = station_epoch(7, tow_ms + beidou_late_ms, seed=second)[4]
        frames += epoch
    return b"".join(frames)


def run(*words, stdin=None):
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


@pytest.mark.parametrize("name", RECORDINGS)
def test_messages_epochs_and_arp_are_those_that_others_find(real_data, name):
    data = (real_data / "rtcm" / name).read_bytes()
    counts, epochs, arp, height_m = Counter(), defaultdict(set), None, None
    for frame in frames_at_every_byte(data):
        counts[str(frame.number)] += 1
        if frame.number in MSM_NUMBERS:
            head = int.from_bytes(frame.data[3:11], "big")
            letter = LETTERS[frame.number // 10]
            epochs[letter].add(head >> 10 & (2**27 - 1 if letter == "R" else 2**30 - 1))
        elif frame.number in LEGACY_LETTERS:
            message = RTCMMessage(payload=frame.data[3:-3])
            time = next(getattr(message, f) for f in EPOCH_FIELDS if hasattr(message, f))
            epochs[LEGACY_LETTERS[frame.number]].add(time)
        elif frame.number in {1005, 1006}:
            arp = RTCMMessage(payload=frame.data[3:-3])
            height_m = getattr(arp, "DF028", height_m)  # 1005 leaves what a 1006 has said
    report = report_of(data)
    assert report["messages"] == dict(sorted(counts.items()))
    assert report["frames"] == counts.total()
    assert report["epochs"] == {k: len(v) for k, v in sorted(epochs.items())}
    assert report["decode_errors"] == report["impossible_epochs"] == 0
    if arp is None:
        assert report["arp"] is None
    else:
        theirs = (arp.DF025, arp.DF026, arp.DF027)
        assert tuple(report["arp"][axis] for axis in ("x_m", "y_m", "z_m")) == pytest.approx(
            theirs, abs=1e-6
        )
        assert report["arp"]["height_m"] == pytest.approx(height_m, abs=1e-6)


# Recording -> about when it was made, which stationd has to find from its bytes.
DATED = {
    "testglo.rtcm3": "2009/12/18 12:00:00",
    "ntrip_encode_none.bin": "2024/08/18 12:00:00",
    "asv_imu.rtcm3": "2023/06/14 12:00:00",
    "pygpsdata-rtcm3.log": "2022/02/08 12:00:00",
}


@pytest.mark.parametrize("name", DATED)
def test_the_first_and_last_epoch_are_those_of_convbins_header(real_data, peer, tmp_path, name):
    path = real_data / "rtcm" / name
    rinex = convert(peer("convbin"), path, tmp_path, DATED[name])
    report = report_of(path.read_bytes())
    ahead = timedelta(seconds=LEAP_S[rinex.first_epoch[0]])
    for key, theirs in (("first_epoch", rinex.first_epoch), ("last_epoch", rinex.last_epoch)):
        *minute, milliseconds = theirs
        gps_time = datetime(*minute, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        ours = datetime.fromisoformat(report[key])
        assert abs(ours + ahead - gps_time) <= timedelta(milliseconds=1)


def test_beidou_in_gps_time_is_told_and_does_not_move_the_end(real_data, peer, tmp_path):
    path = real_data / "rtcm" / "GMSD7_20121014.rtcm3"
    report = report_of(path.read_bytes())
    assert report["beidou_ahead_s"] == 14.0
    assert report["first_epoch"] == "2012-10-13T23:59:28.000Z"  # 23:59:44 GPS time
    assert report["last_epoch"] == "2012-10-14T00:03:44.000Z"
    assert report["epochs"] == dict.fromkeys("CGJR", 257)
    # RTKLIB believes it: of this recording it keeps BeiDou alone, 14 s late.
    rinex = convert(peer("convbin"), path, tmp_path, "2012/10/14 00:00:00")
    assert rinex.first_epoch == (2012, 10, 13, 23, 59, 58_000)


def test_beidou_in_its_own_time_is_ahead_of_nothing(real_data):
    data = (real_data / "rtcm" / "ntrip_encode_none.bin").read_bytes()
    assert report_of(data)["beidou_ahead_s"] == 0.0
    assert report_of(made(range(5)))["beidou_ahead_s"] == 0.0
    assert report_of(made(range(5), beidou_late_ms=14_000))["beidou_ahead_s"] == 14.0


@pytest.mark.parametrize("name", ["GMSD7_20121014.rtcm3", "pygpsdata-rtcm3.log", "testglo.rtcm3"])
def test_the_report_does_not_depend_on_the_size_of_blocks(real_data, name):
    data = (real_data / "rtcm" / name).read_bytes()
    assert report_of(data, block_bytes=777) == report_of(data) == report_of(data, None, 65_536)


def test_http_chunk_lengths_left_in_the_stream_cost_no_message(real_data):
    plain, chunked = (
        report_of((real_data / "rtcm" / name).read_bytes())
        for name in ("ntrip_encode_none.bin", "ntrip_encode_chunked.bin")
    )
    for report in (plain, chunked):
        assert report["epochs"] == {"C": 32, "E": 33, "G": 33, "R": 33}  # it ends in an epoch
        assert all(track["missing_epochs"] == 0 for track in report["gaps"].values())
        assert report["crc_failures"] == 0
    assert chunked["skipped_bytes"] > plain["skipped_bytes"]


def test_an_epoch_of_many_messages_counts_once(real_data):
    report = report_of((real_data / "rtcm" / "asv_fw206mrtk.rtcm3").read_bytes())
    assert report["messages"]["1125"] > 2_000
    assert report["epochs"]["C"] == 700


def test_without_evidence_the_date_is_null_and_around_says_it(real_data):
    data = (real_data / "rtcm" / "asv_fw206mrtk.rtcm3").read_bytes()
    assert report_of(data)["first_epoch"] is None
    for day in (13, 14, 15, 16):  # recorded on a Tuesday, by its time of the week
        around = datetime(2023, 3, day, tzinfo=UTC).timestamp()
        assert report_of(data, around)["first_epoch"].startswith("2023-03-14T07:33:")


def test_gaps_are_counted_where_they_are():
    seconds = [s for s in range(60) if s not in {10, 11, 12, 40}]
    report = report_of(made(seconds))
    assert report["epochs"] == dict.fromkeys("CEGJR", 56)
    for track in report["gaps"].values():
        assert (track["gaps"], track["missing_epochs"], track["longest_gap_s"]) == (2, 4, 4.0)
    assert report["rates_per_s"]["1077"] == pytest.approx(56 / 60, abs=1e-4)


def test_a_week_rollover_is_no_gap_and_keeps_the_date():
    around = datetime(2026, 6, 14, tzinfo=UTC).timestamp()  # a Sunday
    report = report_of(made(range(40), first_ms=604_780_000), around)
    assert report["first_epoch"] == "2026-06-13T23:59:22.000Z"
    assert report["last_epoch"] == "2026-06-14T00:00:01.000Z"
    assert all(track["gaps"] == 0 for track in report["gaps"].values())


def test_a_recording_of_weeks_is_dated_by_one_date_at_its_begin():
    hours = b"".join(made([0], first_ms=(TOW_MS + 3_600_000 * h) % 604_800_000) for h in range(400))
    around = datetime(2026, 6, 18, tzinfo=UTC).timestamp()
    report = report_of(hours, around)
    first, last = (datetime.fromisoformat(report[k]) for k in ("first_epoch", "last_epoch"))
    assert first == datetime(2026, 6, 17, 23, 59, 42, tzinfo=UTC)
    assert last - first == timedelta(hours=399)


def test_a_repeated_or_late_epoch_is_no_new_one():
    data = made([0, 1, 2, 1, 2, 3, 3])
    assert report_of(data)["epochs"] == dict.fromkeys("CEGJR", 4)


def test_an_nmea_recording_is_counted_and_dated_by_its_sentences(real_data):
    data = (real_data / "nmea" / "ac12.log").read_bytes()
    report = report_of(data)
    assert report["frames"] == 0
    assert report["epochs"] == {}
    assert report["sentences"]["GPGGA"] == data.count(b"$GPGGA,")
    assert report["first_epoch"] == "2007-12-23T19:32:21.000Z"
    assert report["duration_s"] == 6.0


def test_an_empty_file_has_nothing_and_is_told(tmp_path):
    path = tmp_path / "empty.rtcm3"
    path.touch()
    ended = run("inspect", path, "--json")
    assert ended.exit_code == 1
    assert ended.stderr == f"stationd: {path}: no RTCM 3 frame and no NMEA sentence in 0 bytes\n"
    report = json.loads(ended.stdout)
    assert (report["frames"], report["epochs"], report["first_epoch"]) == (0, {}, None)


def test_a_folder_is_one_sentence_and_no_traceback(tmp_path):
    for command in ("inspect", "decode"):
        ended = run(command, tmp_path)
        assert ended.exit_code == 1
        assert ended.stderr == f"stationd: {tmp_path}: Is a directory\n"


def test_garbage_is_skipped_whole(tmp_path):
    path = tmp_path / "garbage.bin"
    path.write_bytes(bytes(range(256)) * 40)
    ended = run("inspect", path, "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["skipped_bytes"] == 10_240


def test_a_recording_cut_in_a_frame_loses_that_frame_only():
    data = made(range(3))
    whole, cut = report_of(data), report_of(data[:-5])
    assert cut["frames"] == whole["frames"] - 1
    assert cut["crc_failures"] == 0
    assert cut["skipped_bytes"] == len(data) - 5 - sum(map(len, _frames(data)[:-1]))


def _frames(data):
    return [frame.data for frame in frames_at_every_byte(data)]


def test_the_text_for_people_tells_what_matters(tmp_path):
    path = tmp_path / "made.rtcm3"
    sentence = nmea("GNZDA,000010.00,11,06,2026,00,00")
    path.write_bytes(made(range(20)) + arp_1006(7, 3_800_000.5, 600_000.0, 5_000_000.0) + sentence)
    text = run("inspect", path).stdout
    for expected in (
        "made.rtcm3: ", "frames    101, 0 CRC failures", "2026-06-10T23:59:42.000Z",
        "ARP       X 3800000.5000", "1077      20        1.000  GPS MSM7", "GNZDA      1",
        "G                  20       1 s       0        0", "G1C ",
    ):  # fmt: skip
        assert expected in text, text


def test_a_date_that_is_none_is_a_usage_error(tmp_path):
    path = tmp_path / "made.rtcm3"
    path.write_bytes(made(range(2)))
    ended = run("inspect", path, "--around", "yesterday")
    assert ended.exit_code == 2
    assert "write a date such as" in ended.stderr

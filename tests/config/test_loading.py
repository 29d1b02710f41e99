"""Sound configurations come to settings; every key, and where its value comes from."""

import time
from dataclasses import fields
from datetime import date

import pytest

from stationd.config import ConfigError, load, load_station
from stationd.config.limit_tables import DEFAULT_LIMITS
from stationd.config.station_tables import AntennaTable, ExpectTable, MarkTable, ReceiverTable
from stationd.station.registration import (
    AntennaRecord,
    Expectation,
    MarkRecord,
    ReceiverRecord,
    ReferenceCoordinate,
)

STATION = """
id = "AAAA"
name = "First"
confidential = false
[source]
type = "tcp"
host = "receiver.example"
port = 5001
[reference]
x_m = 6378137
y_m = 0.0
z_m = 0.0
frame = "ITRF2020"
epoch = 2020.5
[antenna]
descriptor = "TRM59800.00     SCIS"
serial = "1"
height_m = 0.05
setup_id = 3
[receiver]
descriptor = "SEPT POLARX5"
serial = "2"
firmware = "5.5.0"
[expect]
epoch_interval_s = 30
constellations = ["G", "C"]
messages = { 1006 = 10, 1077 = 0.5 }
station_id = 12
nmea = true
[limits.silence]
warning_s = 15
[mark]
mark = "M"
custodian = "C"
protection_class = "first"
inspection_interval_days = 365
last_inspection = 2026-03-31
"""
SHORT = """
id = "{}"
[source]
type = "tcp"
host = "receiver.example"
port = 5001
"""


def test_a_station_is_registered_as_its_file_says(write):
    registration = load(write({"stations/a.toml": STATION})).stations[0].line.registration
    assert (registration.id, registration.name, registration.confidential) == (
        "AAAA", "First", False,
    )  # fmt: skip
    assert registration.reference == ReferenceCoordinate(6378137.0, 0.0, 0.0, "ITRF2020", 2020.5)
    assert registration.antenna == AntennaRecord("TRM59800.00     SCIS", "1", 0.05, 3)
    assert registration.receiver == ReceiverRecord("SEPT POLARX5", "2", "5.5.0")
    assert registration.expect == Expectation(30.0, ("G", "C"), {1006: 10.0, 1077: 0.5}, 12, True)
    assert registration.mark == MarkRecord("M", "C", "first", 365, date(2026, 3, 31))


def test_a_short_station_has_every_default_and_is_confidential(write):
    station = load(write({"stations/a.toml": SHORT.format("A")})).stations[0]
    assert station.line.registration.confidential
    assert station.line.registration.expect == Expectation()
    assert station.line.registration.reference is None
    assert station.line.limits == DEFAULT_LIMITS


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (AntennaTable, AntennaRecord),
        (ReceiverTable, ReceiverRecord),
        (ExpectTable, Expectation),
        (MarkTable, MarkRecord),
    ],
)
def test_a_table_has_the_keys_and_the_defaults_of_its_record(table, record):
    assert list(table.model_fields) == [field.name for field in fields(record)]
    assert dict(table()) == {f.name: getattr(record(), f.name) for f in fields(record)}


def test_a_station_wins_over_the_defaults_key_by_key(write):
    main = """
        stations = "stations/*.toml"
        [defaults.expect]
        constellations = ["G", "R"]
        epoch_interval_s = 15
        [defaults.limits.silence]
        warning_s = 30
        critical_s = 60
        [defaults.limits.satellites]
        least = { G = 5, R = 5 }
    """
    first = (
        SHORT.format("A")
        + """
        [expect]
        epoch_interval_s = 1
        [limits.silence]
        warning_s = 15
        [limits.satellites]
        least = { R = 3 }
    """
    )
    files = {"main.toml": main, "stations/a.toml": first, "stations/b.toml": SHORT.format("B")}
    one, other = load(write(files)).stations
    assert one.line.registration.expect == Expectation(1.0, ("G", "R"))
    assert other.line.registration.expect == Expectation(15.0, ("G", "R"))
    silence, satellites = one.line.limits["silence"], one.line.limits["satellites"]
    assert (silence.warning_s, silence.critical_s) == (15, 60)
    assert (satellites.least["G"], satellites.least["R"], satellites.least["E"]) == (5, 3, 6)
    assert other.line.limits["silence"].warning_s == 30
    assert one.line.limits["crc"] == DEFAULT_LIMITS["crc"]


def test_a_station_takes_what_its_caster_says_and_wins_over_it(write):
    main = """
        stations = "stations/*.toml"
        [casters.big]
        host = "caster.example"
        port = 2102
        username = "us"
        password = { env = "SECRET" }
    """
    station = """
        id = "A"
        [source]
        type = "ntrip"
        caster = "big"
        mountpoint = "AAAA0"
        port = 2103
    """
    settings = load(write({"main.toml": main, "stations/a.toml": station}), {"SECRET": "geheim"})
    source = settings.stations[0].source
    assert (source.host, source.port, source.mountpoint) == ("caster.example", 2103, "AAAA0")
    assert source.password.get_secret_value() == "geheim"
    assert "geheim" not in repr(settings)


def test_relative_paths_begin_at_the_file_that_names_them(write, tmp_path):
    main = """
        stations = ["deep/er/*.toml", "other.toml"]
        state_folder = "kept"
        [casters.big]
        host = "caster.example"
        tls = true
        tls_ca = "ca.pem"
    """
    cable = """
        id = "A"
        [source]
        type = "serial"
        device = "../tty"
    """
    caster = """
        id = "B"
        [source]
        type = "ntrip"
        caster = "big"
        mountpoint = "B"
    """
    files = {"main.toml": main, "deep/er/a.toml": cable, "other.toml": caster, "ca.pem": "x"}
    settings = load(write(files))
    assert settings.state_folder == tmp_path / "kept"
    assert settings.stations[0].source.device.resolve() == tmp_path / "deep/tty"
    assert settings.stations[1].source.tls_ca == tmp_path / "ca.pem"


def test_stations_may_stand_in_the_main_file(write):
    main = """
        [[station]]
        id = "B"
        source = { type = "stdin" }
        [[station]]
        id = "A"
        [station.source]
        type = "tcp"
        host = "h"
        port = 1
        [station.expect]
        nmea = true
    """
    one, other = load(write({"main.toml": main})).stations
    assert (one.id, other.id) == ("A", "B")
    assert one.line.registration.expect.nmea


def test_degrees_come_to_the_geocentric_coordinates_of_a_published_example(write):
    # GeographicLib's CartConvert: 33.3 44.4 6000 -> 3816209.60 3737108.55 3485109.57
    station = (
        SHORT.format("A")
        + """
        [reference]
        latitude_deg = 33.3
        longitude_deg = 44.4
        height_m = 6000
        frame = "ITRF2020"
        epoch = 2020
    """
    )
    reference = load(write({"stations/a.toml": station})).stations[0].line.registration.reference
    xyz_m = (reference.x_m, reference.y_m, reference.z_m)
    assert xyz_m == pytest.approx((3816209.60, 3737108.55, 3485109.57), abs=0.006)


def test_a_station_file_alone_needs_no_source_and_no_secret(write, tmp_path):
    write({"a.toml": 'id = "A"', "b.toml": SHORT.format("B") + 'password = "x"'})
    assert load_station(tmp_path / "a.toml").registration.id == "A"
    assert load_station(tmp_path / "a.toml").limits == DEFAULT_LIMITS
    assert load_station(tmp_path / "b.toml").registration.id == "B"


def test_faults_of_a_station_file_alone_are_told(write, tmp_path):
    write({"a.toml": 'id = "A"\n[reference]\nx_m = 1'})
    with pytest.raises(ConfigError) as caught:
        load_station(tmp_path / "a.toml")
    assert 'a.toml:2: station "A": reference.frame is missing' in str(caught.value)


def test_the_service_manager_says_where_state_is_kept_unless_the_file_does(write, tmp_path):
    files = {"stations/a.toml": SHORT.format("A")}
    environ = {"STATE_DIRECTORY": "/var/lib/stationd:/var/lib/other"}
    assert str(load(write(files), environ).state_folder) == "/var/lib/stationd"
    assert load(write(files), {}).state_folder == tmp_path / "state"


def test_a_utf8_byte_order_mark_and_windows_line_ends_mean_nothing(write):
    text = b"\xef\xbb\xbf" + SHORT.format("A").replace("\n", "\r\n").encode()
    assert load(write({"stations/a.toml": text})).stations[0].id == "A"


def test_what_the_operator_should_know_is_told_as_a_warning(write, tmp_path):
    main = """
        stations = "stations/*.toml"
        [casters.idle]
        host = "caster.example"
    """
    open_station = STATION.replace("ITRF2020", "Guangzhou 2000")
    files = {
        "main.toml": main,
        "stations/a.toml": open_station,
        "stations/b.toml": SHORT.format("B"),
    }
    warnings = [str(warning).replace(f"{tmp_path}/", "") for warning in load(write(files)).warnings]
    assert warnings == [
        "main.toml:1: no [sinks.NAME]: no metric and no message leaves the daemon",
        'main.toml:2: caster "idle": no station uses it: it is not checked',
        (
            'stations/a.toml:3: station "AAAA": confidential = false: its coordinates may leave '
            "the daemon (Order 190, art. 25)"
        ),
        (
            'stations/a.toml:12: station "AAAA": reference.frame: "Guangzhou 2000" is no frame '
            "that is known here: it is taken as a name"
        ),
        (
            'stations/a.toml:24: station "AAAA": limits.silence.warning_s = 15: epochs come every '
            "30 s, so that every wait for one is a silence; write 60 or more"
        ),
        (
            'stations/a.toml:24: station "AAAA": source.silent_after_s = 20: epochs come every '
            "30 s, so that every wait for one is a silence; write 60 or more"
        ),
        (
            'stations/b.toml:1: station "B": no [reference]: whether the broadcast ARP is right '
            "is not checked"
        ),
    ]


def test_five_thousand_stations_load_in_a_few_seconds(write):
    files = {f"stations/{n}.toml": STATION.replace("AAAA", f"S{n}") for n in range(500)}
    main = write(files)
    before_s = time.process_time()
    assert len(load(main).stations) == 500
    # A tenth of them: 0.2 s here; the limit leaves room for a slow machine.
    assert time.process_time() - before_s < 2.0


def test_limits_of_silence_that_are_shorter_than_two_epochs_are_a_warning(write):
    rare = SHORT.format("A") + "[expect]\nepoch_interval_s = 30\n"
    told = [
        str(one) for one in load(write({"stations/a.toml": rare})).warnings if "epoch" in str(one)
    ]
    assert len(told) == 2
    assert all("epochs come every 30 s" in one and "write 60 or more" in one for one in told)
    assert {one.split(" = ")[0].rsplit(" ", 1)[-1] for one in told} == {
        "limits.silence.warning_s", "source.silent_after_s",
    }  # fmt: skip
    quiet = rare + "[limits.silence]\nwarning_s = 75\n"
    (left,) = [
        one for one in load(write({"stations/a.toml": quiet})).warnings if "epoch" in str(one)
    ]
    assert "silent_after_s = 20" in str(left)

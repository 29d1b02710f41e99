"""Every fault of a configuration: where it is, what was found and what to write instead."""

import pytest

from stationd.config import load

STATION = """
    id = "{}"
    [source]
    type = "tcp"
    host = "receiver.example"
    port = 5001
"""


def test_all_faults_of_all_files_are_told_at_once_in_order(faults):
    main = """
        node = "a/b"
        stations = "stations/*.toml"
        [casters.big]
        host = "caster.example"
        port = 70000
        [sinks.page]
        type = "prometeus"
        [sinks.broker]
        type = "mqtt"
        keepalive_s = "30"
    """
    first = """
        id = "AAAA"
        nmae = "First"
        [source]
        type = "ntrip"
        caster = "big"
        mountpont = "AAAA0"
    """
    second = """
        [source]
        type = "tpc"
        [expect]
        nmea = "yes"
    """
    files = {"main.toml": main, "stations/b.toml": second, "stations/a.toml": first}
    assert faults(files) == [
        (
            "main.toml:1: node: must be letters, digits, dots, dashes and underscores, 64 at "
            "most, and begin with a letter or digit: it stands in topics and file names"
        ),
        'main.toml:5: caster "big": port = 70000: must be at most 65535',
        'main.toml:7: sink "page": type = "prometeus": no such sink; did you mean "prometheus"?',
        (
            'main.toml:10: sink "broker": keepalive_s = "30": must be a whole number; leave the '
            "quotes away"
        ),
        'stations/a.toml:2: station "AAAA": nmae: no such key; did you mean "name"?',
        (
            'stations/a.toml:3: station "AAAA": source.mountpoint is missing: write mountpoint = '
            '"…" (Mountpoint, as in the sourcetable)'
        ),
        (
            'stations/a.toml:6: station "AAAA": source.mountpont: no such key; did you mean '
            '"mountpoint"?'
        ),
        (
            'stations/b.toml:1: id is missing: write id = "…" (Unique among all stations; in '
            "topics, metrics and logs)"
        ),
        'stations/b.toml:2: source.type = "tpc": no such source; did you mean "tcp"?',
        'stations/b.toml:4: expect.nmea = "yes": must be true or false; write true',
    ]


# What is wrong with a station whose own five lines are sound.
SINGLE = {
    "a key of another kind": (
        "baud = 9600",
        '6: station "AAAA": source.baud: not here; it belongs to type = "serial"',
    ),
    "a key of no kind": (
        "colour = 9600",
        '6: station "AAAA": source.colour: no such key; known: *',
    ),
    "a text for a number": (
        '[expect]\nepoch_interval_s = "1"',
        '7: station "AAAA": expect.epoch_interval_s = "1": must be a number; leave the quotes away',
    ),
    "a fraction for a whole number": (
        "[expect]\nstation_id = 1.5",
        '7: station "AAAA": expect.station_id = 1.5: must be a whole number',
    ),
    "a number out of range": (
        "[expect]\nstation_id = 4096",
        '7: station "AAAA": expect.station_id = 4096: must be at most 4095',
    ),
    "a number for a text": (
        "[receiver]\nserial = 123",
        ('7: station "AAAA": receiver.serial = 123: must be text in double quotes; '
        "put quotes around it"),
    ),
    "a value for a table": (
        "[expect]\nmessages = 3",
        '7: station "AAAA": expect.messages = 3: must be a table',
    ),
    "a number that is not one": (
        "[limits.silence]\nwarning_s = nan",
        "7: warning_s must be a finite number",
    ),
    "an unknown check": (
        "[limits.silense]\nwarning_s = 3",
        '6: station "AAAA": limits.silense: no such check; did you mean "silence"?',
    ),
    "an unknown limit": (
        "[limits.silence]\nwaring_s = 3",
        '7: station "AAAA": limits.silence.waring_s: no such key; did you mean "warning_s"?',
    ),
    "limits in the wrong order": (
        "[limits.silence]\nwarning_s = 30\ncritical_s = 20",
        ('8: station "AAAA": limits.silence.critical_s: critical_s is 20 and warning_s is 30; '
        "critical_s must be at least warning_s"),
    ),
    "a limit in the wrong order with a default": (
        "[limits.cn0]\nwarning_dbhz = 30",
        ('7: station "AAAA": limits.cn0.warning_dbhz: critical_dbhz is 36 and warning_dbhz is 30; '
        "critical_dbhz must be at most warning_dbhz"),
    ),
    "a share above one": (
        "[limits.crc]\nwarning_ratio = 99.9",
        '7: station "AAAA": limits.crc.warning_ratio = 99.9: must be at most 1',
    ),
    "a negative time": (
        "[limits.crc]\nclear_after_s = -1",
        '7: station "AAAA": limits.crc.clear_after_s = -1: must be at least 0',
    ),
    "an unknown constellation": (
        '[expect]\nconstellations = ["G", "X"]',
        '7: station "AAAA": expect.constellations: "X" is no constellation; known: "G" GPS, *',
    ),
    "a constellation by its name": (
        "[limits.satellites]\nleast = { BeiDou = 3 }",
        '7: station "AAAA": limits.satellites.least.BeiDou: "BeiDou": write "C"',
    ),
    "a constellation twice": (
        '[expect]\nconstellations = ["G", "G"]',
        '7: station "AAAA": expect.constellations: a letter stands there twice',
    ),
    "a message type that cannot be": (
        "[expect]\nmessages = { 5000 = 1 }",
        '7: station "AAAA": expect.messages.5000: this key must be at most 4095',
    ),
    "a message interval of nothing": (
        "[expect]\nmessages = { 1005 = 0 }",
        '7: station "AAAA": expect.messages.1005 = 0: must be above 0',
    ),
    "a date that is none": (
        '[mark]\nlast_inspection = "spring"',
        '7: station "AAAA": mark.last_inspection = "spring": must be a date such as 2026-03-31',
    ),
    "a station key below a table": (
        "confidential = true",
        ('6: station "AAAA": source.confidential: not here; it belongs to the station itself: '
        "write it above the first [table]"),
    ),
    "a source key in another table": (
        '[expect]\nhost = "x"',
        '7: station "AAAA": expect.host: not here; it belongs in [source]',
    ),
    "the beginning of a key": (
        "[expect]\nmess = 1",
        '7: station "AAAA": expect.mess: no such key; did you mean "messages"?',
    ),
    "a number for a check": (
        "[limits]\nsilence = 30",
        '7: station "AAAA": limits.silence must be a table: write [limits.silence]',
    ),
    "a caster for a source that has none": (
        'caster = "big"',
        '6: station "AAAA": source.caster: only type = "ntrip" has a caster',
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", SINGLE)
def test_a_fault_is_told_with_its_line_and_what_to_do(fault, station_faults):
    rest, expected = SINGLE[fault]
    lines = station_faults(rest)
    if expected.endswith("*"):
        assert [line[: len(expected) - 1] for line in lines] == [expected[:-1]]
    else:
        assert lines == [expected]


REFERENCE = '[reference]\nframe = "ITRF2020"\nepoch = 2020\n'
ECEF = "x_m = {}\ny_m = {}\nz_m = {}"
DEGREES = "latitude_deg = {}\nlongitude_deg = {}\nheight_m = {}"
BOTH = "give either x_m, y_m, z_m or latitude_deg, longitude_deg, height_m"
# Fictitious, on the ground: 23 N 113 E, 20 m.
X, Y, Z = -2295226.0, 5407179.0, 2476608.0
NOT_ON_EARTH = {
    "none": ("", f"6:reference: {BOTH}"),
    "one missing": ("x_m = 1.0\ny_m = 2.0", f"6:reference: z_m is missing: {BOTH}"),
    "both": (
        ECEF.format(X, Y, Z) + "\nheight_m = 3.0",
        f"12:reference.height_m: {BOTH}",
    ),
    "zero": (
        ECEF.format(0, 0, 0),
        "9:reference.x_m: the coordinates are zero: receivers say so before they are configured",
    ),
    "degrees": (
        ECEF.format(23.5, 113.25, 20.0),
        (
            "9:reference.x_m: the coordinates are not on the earth: are they degrees? Then write "
            "latitude_deg, longitude_deg, height_m"
        ),
    ),
    "kilometres": (
        ECEF.format(X / 1000, Y / 1000, Z / 1000),
        "9:reference.x_m: the coordinates are not on the earth: kilometres instead of metres?",
    ),
    "millimetres": (
        ECEF.format(X * 1000, Y * 1000, Z * 1000),
        "9:reference.x_m: the coordinates are not on the earth: millimetres instead of metres?",
    ),
    "far away": (
        ECEF.format(4 * X, 4 * Y, 4 * Z),
        "9:reference.x_m: the coordinates are not on the earth: ECEF metres are wanted",
    ),
    "axes in another order": (
        ECEF.format(Z, X, Y),
        (
            "9:reference.x_m: the coordinates lie far below or above the ground: are the axes in "
            "another order?"
        ),
    ),
    "a wrong digit": (
        ECEF.format(X, Y + 100_000, Z),
        "9:reference.x_m: the coordinates lie far below or above the ground: is a digit wrong?",
    ),
    "swapped degrees": (
        DEGREES.format(113.25, 23.5, 20.0),
        (
            "9:reference.latitude_deg: must be between -90 and 90 degrees: are latitude and "
            "longitude swapped?"
        ),
    ),
    "a longitude beyond the world": (
        DEGREES.format(23.5, 400.25, 20.0),
        "10:reference.longitude_deg: must be between -180 and 360 degrees",
    ),
    "a height in millimetres": (
        DEGREES.format(23.5, 113.25, 20125.0),
        "11:reference.height_m: must be between -500 and 9000 metres",
    ),
    "a text": (
        ECEF.format('"-2295226.1"', Y, Z),
        "9:reference.x_m: must be a number; leave the quotes away",
    ),
}


@pytest.mark.parametrize("fault", NOT_ON_EARTH)
def test_coordinates_that_are_not_on_the_earth_are_refused_and_not_said(fault, station_faults):
    rest, expected = NOT_ON_EARTH[fault]
    line, sentence = expected.split(":", 1)
    (told,) = station_faults(REFERENCE + rest)
    assert told == f'{line}: station "AAAA": {sentence}'
    for number in ("2295", "5407", "2476", "113.25", "23.5", "400.25", "20125"):
        assert number not in told


def test_sound_coordinates_are_accepted(write):
    for rest in (ECEF.format(X, Y, Z), DEGREES.format(-23.5, 313.25, 2000)):
        load(write({"stations/a.toml": STATION.format("AAAA").replace("    ", "")
                    + REFERENCE + rest}))  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("itrf2020", '"itrf2020": write "ITRF2020"'),
        ("ITRF-2014", '"ITRF-2014": write "ITRF2014"'),
        ("WGS84", '"WGS84" is a family of frames: say which, such as "ITRF2020"'),
        ("", "must be the name of a reference frame, 40 characters at most"),
    ],
)
def test_a_frame_must_be_named_exactly(frame, sentence, station_faults):
    rest = f'[reference]\nframe = "{frame}"\nepoch = 2020\n' + ECEF.format(X, Y, Z)
    assert station_faults(rest) == [f'7: station "AAAA": reference.frame: {sentence}']


FILES = {
    "empty": ("", "stations/a.toml: the file is empty"),
    "latin-1": (
        b'id = "A"\nname = "Z' + b'\xfcrich"\n',
        "stations/a.toml:2: the text is not UTF-8: save it as UTF-8",
    ),
    "utf-16": (
        'id = "A"'.encode("utf-16"),
        "stations/a.toml: the text is UTF-16: save it as UTF-8",
    ),
    "no quotes": (
        'id = "A"\nname = B\n',
        (
            "stations/a.toml:2: not TOML: Invalid value (column 8); text stands in double "
            "quotes, true and false in small letters"
        ),
    ),
    "a key twice": (
        'id = "A"\nid = "B"\n',
        (
            "stations/a.toml:2: not TOML: Cannot overwrite a value (column 9); the key stands "
            "there twice"
        ),
    ),
    "an open string": (
        'id = "A',
        "stations/a.toml:1: not TOML: Unterminated string (at the end)",
    ),
    "too deep": (
        "a = " + "[" * 5000,
        "stations/a.toml: not TOML: brackets are nested too deeply",
    ),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_is_no_toml_is_told_with_its_line(fault, faults):
    text, expected = FILES[fault]
    assert faults({"stations/a.toml": text}) == [expected]


def test_a_missing_main_file_and_a_folder_are_told(tmp_path):
    for path, sentence in (
        (tmp_path / "no.toml", "cannot be read: No such file or directory"),
        (tmp_path, "cannot be read: Is a directory"),
    ):
        with pytest.raises(Exception, match=sentence):
            load(path, {})


def test_a_pattern_that_matches_no_file_is_a_fault(faults, tmp_path):
    assert faults({}) == [
        f'main.toml:2: stations = "stations/*.toml": no such file in {tmp_path}'.replace(
            f"{tmp_path}/", ""
        )
    ]


def test_a_main_file_without_stations_is_a_fault(faults):
    main = '[sinks.page]\ntype = "prometheus"'
    assert faults({"main.toml": main}) == [
        'main.toml:1: no station: write stations = "stations/*.toml", or [[station]]'
    ]


def test_one_bracket_too_few_above_a_station_is_told(faults):
    lines = faults({"main.toml": '[station]\nid = "A"'})
    assert lines[0].startswith("main.toml:1: station: write [[station]], with two brackets")


def test_a_station_file_given_as_main_file_is_told_so(faults):
    assert faults({"main.toml": STATION.format("A")}) == [
        'main.toml:1: a station\'s file, not a main file: name it there, stations = ["…"]'
    ]


def test_two_stations_of_one_id_are_told_where_the_first_stands(faults):
    files = {"stations/a.toml": STATION.format("A"), "stations/b.toml": STATION.format("A")}
    assert faults(files) == [
        'stations/b.toml:1: station "A": id: station "A" (stations/a.toml:1) has it already'
    ]


def test_one_port_one_device_one_file_for_each(faults, tmp_path):
    main = """
        stations = "*/*.toml"
        [sinks.page]
        type = "prometheus"
        port = 5101
        [sinks.one]
        type = "jsonl"
        path = "out.jsonl"
        [sinks.two]
        type = "jsonl"
        path = "./out.jsonl"
    """
    cable = 'id = "{}"\n[source]\ntype = "serial"\ndevice = "{}"'
    server = 'id = "{}"\n[source]\ntype = "tcp-server"\naddress = "{}"\nport = 5101'
    (tmp_path / "by-id").symlink_to("/dev/null")
    lines = faults(
        {
            "main.toml": main,
            "s/a.toml": cable.format("A", "/dev/null"),
            "s/b.toml": cable.format("B", "../by-id"),
            "s/c.toml": server.format("C", "127.0.0.2"),
            "s/d.toml": server.format("D", "0.0.0.0"),
        }
    )
    assert lines == [
        'main.toml:4: sink "page": port: station "D" (s/d.toml:5) uses port 5101 already',
        'main.toml:10: sink "two": path: sink "one" (main.toml:7) uses out.jsonl already',
        's/b.toml:4: station "B": source.device: station "A" (s/a.toml:4) uses /dev/null already',
        's/d.toml:5: station "D": source.port: station "C" (s/c.toml:5) uses port 5101 already',
    ]


def test_files_that_must_be_there_are_looked_for(faults, tmp_path):
    caster = """
        id = "A"
        [source]
        type = "ntrip"
        host = "caster.example"
        mountpoint = "A"
        tls = true
        tls_ca = "none.pem"
    """
    recording = 'id = "B"\n[source]\ntype = "file"\npath = "none.rtcm3"'
    missing = "no such file or directory"
    assert faults({"stations/a.toml": caster, "stations/b.toml": recording}) == [
        f'stations/a.toml:7: station "A": source.tls_ca = "stations/none.pem": {missing}',
        f'stations/b.toml:4: station "B": source.path = "stations/none.rtcm3": {missing}',
    ]


def test_a_text_with_a_nul_is_refused_before_anything_is_asked_about_it(station_faults):
    assert station_faults('[mark]\nmark = "a\\u0000"') == ["7: mark holds a NUL character"]


def test_a_fault_of_a_caster_is_told_once_however_many_use_it(faults):
    main = """
        stations = "stations/*.toml"
        [casters.big]
        host = "caster.example"
        versoin = "2"
    """
    station = 'id = "{0}"\n[source]\ntype = "ntrip"\ncaster = "big"\nmountpoint = "{0}"'
    files = {f"stations/{name}.toml": station.format(name) for name in "ABC"}
    assert faults({"main.toml": main, **files}) == [
        'main.toml:4: caster "big": versoin: no such key; did you mean "version"?'
    ]


def test_a_caster_that_is_not_there_is_told_with_the_nearest_name(faults):
    main = 'stations = "stations/*.toml"\n[casters.big]\nhost = "caster.example"'
    station = 'id = "A"\n[source]\ntype = "ntrip"\ncaster = "bgi"\nmountpoint = "A"'
    assert faults({"main.toml": main, "stations/a.toml": station}) == [
        'stations/a.toml:4: station "A": source.caster = "bgi": no such caster; did you mean "big"?'
    ]


def test_a_rule_about_a_whole_table_is_told_beside_an_unknown_key(faults):
    main = """
        [[station]]
        id = "A"
        source = { type = "stdin" }
        [sinks.broker]
        type = "mqtt"
        tls_ca = "main.toml"
        prot = 1
    """
    assert faults({"main.toml": main}) == [
        'main.toml:4: sink "broker": tls_ca and tls_certificate have no effect without tls = true',
        'main.toml:7: sink "broker": prot: no such key; did you mean "port"?',
    ]


def test_a_sink_without_a_name_is_told_how_to_have_one(faults):
    main = """
        station = [{ id = "A", type = "tcp", source = { type = "stdin" } }]
        [sinks]
        type = "mqtt"
    """
    assert faults({"main.toml": main}) == [
        'main.toml:1: station "A": type: not here; it belongs in [source]',
        "main.toml:3: sinks.type: write [sinks.NAME], with a name of your own, above its settings",
    ]

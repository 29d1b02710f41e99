"""Rows of sourcetables, from a recorded one and from the oddest there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationd.wire.ntrip.sourcetable import StreamRow, sourcetable_of


@pytest.fixture
def recorded(real_data):
    answer = (real_data / "sourcetable" / "ntrip_sourcetable.log").read_bytes()
    return sourcetable_of(answer.replace(b"\r\n", b"\n").partition(b"\n\n")[2])


def test_a_recorded_sourcetable_is_read_whole(recorded):
    assert (len(recorded.casters), len(recorded.networks), len(recorded.streams)) == (15, 1, 4)
    assert recorded.odd_lines == 0
    assert recorded.complete
    assert [row.mountpoint for row in recorded.streams] == [
        "VRS_3_2G",
        "MAC_3_2G",
        "FKP_3_2G",
        "EPS",
    ]
    assert recorded.streams[0] == StreamRow(
        mountpoint="VRS_3_2G",
        identifier="SAPOS_VRS_3",
        format="RTCM3.1",
        format_details="1004(1), 1005/1006, 1007/1008, 1012(1), 1021, 1023, 1025, 1030, 1031, "
        "1032, 1033",
        carrier=2,
        nav_system="GPS+GLO",
        network="SAPOS-AdV",
        country="DEU",
        latitude_deg=52.48,
        longitude_deg=13.3,
        nmea=True,
        solution=1,
        generator="SAPOS",
        compression="none",
        authentication="B",
        fee=True,
        bitrate_bits_per_s=2000,
        misc="",
    )
    hamburg = recorded.casters[1]
    assert (hamburg.host, hamburg.port) == ("www.sapos.geonord.de", 2101)
    assert (hamburg.operator, hamburg.nmea, hamburg.country) == ("LVA-Hamburg", True, "DEU")
    assert (hamburg.latitude_deg, hamburg.longitude_deg) == (53.55, 10.0)
    assert (hamburg.fallback_host, hamburg.fallback_port) == ("www.sapos-ni-ntrip.de", 2101)
    network = recorded.networks[0]
    assert (network.identifier, network.authentication, network.fee) == ("SAPOS-AdV", "B", True)
    assert network.web_stream == "www.sapos-ntrip.de:2101"


def stream(line):
    table = sourcetable_of(line if isinstance(line, bytes) else line.encode())
    assert len(table.streams) == 1
    return table.streams[0]


def test_what_is_missing_is_none_and_not_zero():
    row = stream("STR;MOUNT;\r\nENDSOURCETABLE\r\n")  # as str2str writes it
    assert row.mountpoint == "MOUNT"
    assert (row.latitude_deg, row.nmea, row.carrier, row.bitrate_bits_per_s) == (None,) * 4
    assert row.authentication == ""


@pytest.mark.parametrize(
    ("longitude", "value"),
    [
        ("359.5", -0.5),
        ("-179", -179.0),
        ("13,5", 13.5),
        ("361", None),
        ("E13", None),
        ("nan", None),
    ],
)
def test_longitudes_in_every_way_they_are_written(longitude, value):
    assert stream(f"STR;M;;;;;;;;50;{longitude};1").longitude_deg == value


def test_a_latitude_beyond_the_pole_is_none():
    assert stream("STR;M;;;;;;;;95.0;10.0;").latitude_deg is None
    assert stream("STR;M;;;;;;;;-85.0;10.0;").latitude_deg == -85.0


def test_latin_1_and_utf_8_are_both_read():
    assert stream("STR;M;Zürich;;;;;".encode("latin-1")).identifier == "Zürich"
    assert stream("STR;M;Zürich;;;;;".encode()).identifier == "Zürich"


def test_semicolons_within_quotes_belong_to_the_field_and_a_lone_quote_is_a_character():
    assert stream('STR;M;"a;b";RTCM 3;').format == "RTCM 3"
    assert stream('STR;M;"a;b";RTCM 3;').identifier == "a;b"
    assert stream('STR;M;5" mast;RTCM 3;').format == "RTCM 3"


def test_more_fields_than_there_are_go_to_the_last():
    assert stream("STR;M;" + ";" * 15 + "9600;a;b;c").misc == "a;b;c"


def test_lines_that_are_no_rows_are_counted_and_hide_none():
    table = sourcetable_of(b"<html>\r\nSTR;\r\nXYZ;1\r\nSTR;A;\r\nSTR;B;\n\n")
    assert [row.mountpoint for row in table.streams] == ["A", "B"]
    assert table.odd_lines == 3
    assert not table.complete


def test_what_follows_the_end_is_not_read():
    table = sourcetable_of(b"STR;A;\r\nENDSOURCETABLE\r\nSTR;B;\r\n")
    assert [row.mountpoint for row in table.streams] == ["A"]


@given(st.binary(max_size=400))
def test_any_bytes_are_some_table(noise):
    table = sourcetable_of(b"STR;A;" + noise)
    assert len(table.streams) >= 1

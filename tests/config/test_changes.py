"""A reload touches what changed, and nothing else."""

import pytest

from stationd.config import Changes, changed, load

BEFORE = {
    "main.toml": """
        node = "edge"
        stations = "stations/*.toml"
        [casters.big]
        host = "caster.example"
        username = "us"
        password = { env = "PW" }
        [sinks.page]
        type = "prometheus"
        [sinks.lines]
        type = "jsonl"
    """,
    "stations/a.toml": 'id = "A"\nsource = { type = "tcp", host = "h", port = 1 }\n',
    "stations/b.toml": 'id = "B"\nsource = { type = "ntrip", caster = "big", mountpoint = "B" }\n',
}


@pytest.fixture
def change(write):
    """Return what changes when some files do: (file, before, after) of a text in them."""

    def change_of(*edits, secret="one"):
        old = load(write(BEFORE), {"PW": "one"})
        files = dict(BEFORE)
        for name, before, after in edits:
            assert before in files.get(name, "")
            files[name] = files.get(name, "").replace(before, after) if before else after
        return changed(old, load(write(files), {"PW": secret}))

    return change_of


def ids(stations):
    return [station.id for station in stations]


def test_the_same_files_change_nothing(change):
    assert change() == Changes()
    assert not change()


def test_comments_order_and_spelled_out_defaults_change_nothing(change):
    assert not change(
        ("stations/a.toml", 'id = "A"', '# new\nconfidential = true\nid = "A"'),
        ("stations/b.toml", 'mountpoint = "B" }', 'mountpoint = "B", silent_after_s = 20 }'),
        ("main.toml", 'type = "prometheus"', 'type = "prometheus"\nport = 9787'),
    )


def test_another_source_reconnects_that_station_only(change):
    changes = change(("stations/a.toml", "port = 1", "port = 2"))
    assert ids(changes.reconnected) == ["A"]
    assert changes == Changes(reconnected=changes.reconnected)


def test_other_limits_and_expectations_judge_anew_without_a_reconnect(change):
    changes = change(
        ("stations/a.toml", "port = 1 }", "port = 1 }\n[limits.crc]\nwarning_ratio = 0.995"),
        ("stations/b.toml", 'mountpoint = "B" }', 'mountpoint = "B" }\n[expect]\nnmea = true'),
    )
    assert ids(changes.rejudged) == ["A", "B"]
    assert changes == Changes(rejudged=changes.rejudged)


def test_a_station_with_another_source_and_other_limits_is_named_once(change):
    changes = change(
        ("stations/a.toml", "port = 1 }", "port = 2 }\n[limits.crc]\nwarning_ratio = 0.995")
    )
    assert (ids(changes.reconnected), ids(changes.rejudged)) == (["A"], [])


def test_another_password_of_a_caster_reconnects_its_stations(change):
    assert ids(change(secret="two").reconnected) == ["B"]


def test_defaults_judge_every_station_anew(change):
    edit = ("main.toml", "[sinks.page]", "[defaults.limits.fix]\nwarning_hdop = 2\n[sinks.page]")
    assert ids(change(edit).rejudged) == ["A", "B"]


def test_stations_come_and_go(change):
    changes = change(
        ("stations/b.toml", 'id = "B"', 'id = "C"'),
    )
    assert (ids(changes.added), changes.removed) == (["C"], ("B",))
    assert not changes.reconnected


def test_sinks_come_go_and_change(change):
    changes = change(
        ("main.toml", '[sinks.lines]\n        type = "jsonl"', '[sinks.broker]\ntype = "mqtt"'),
        ("main.toml", 'type = "prometheus"', 'type = "prometheus"\nport = 9000'),
    )
    assert (changes.sinks_added, changes.sinks_removed) == (("broker",), ("lines",))
    assert changes.sinks_changed == ("page",)
    assert not changes.needs_restart


def test_a_sink_of_another_kind_under_the_same_name_has_changed(change):
    edit = ("main.toml", 'type = "prometheus"', 'type = "mqtt"')
    assert change(edit).sinks_changed == ("page",)


def test_what_no_reload_can_change_is_said(change):
    changes = change(("main.toml", 'node = "edge"', 'node = "core"\nstate_folder = "s"'))
    assert changes.needs_restart[0] == (
        'node = "core" takes effect only when stationd is started anew'
    )
    assert len(changes.needs_restart) == 2

"""Secrets come by reference only, and no error, warning or repr ever says one."""

import pytest

from stationd.config import load
from stationd.config.credentials import Secrets

SECRET = "correct horse"
LINE = b"correct horse\n"
STATION = """
    id = "A"
    [source]
    type = "ntrip"
    host = "caster.example"
    mountpoint = "A"
    username = "us"
    password = {}
"""
PASSWORD = 'stations/a.toml:7: station "A": source.password: '
HOW = '{ file = "…" }, { credential = "…" } or { env = "…" }'


@pytest.fixture
def password_faults(faults):
    """Return what is wrong with a reference, given the environment."""

    def faults_of(reference, environ=None):
        lines = faults({"stations/a.toml": STATION.format(reference)}, environ)
        assert SECRET not in "\n".join(lines)
        assert all(line.startswith(PASSWORD) for line in lines)
        return [line.removeprefix(PASSWORD) for line in lines]

    return faults_of


@pytest.fixture
def secret_file(tmp_path):
    """Write the secret to a file with these permissions."""

    def write_secret(mode, data=LINE, name="stations/secret"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        file.chmod(mode)
        return file

    return write_secret


def password_of(settings):
    return settings.stations[0].source.password.get_secret_value()


def test_a_secret_comes_from_a_file_beside_the_one_that_names_it(write, secret_file):
    secret_file(0o600)
    settings = load(write({"stations/a.toml": STATION.format('{ file = "secret" }')}), {})
    assert password_of(settings) == SECRET
    assert SECRET not in f"{settings!r} {settings.stations[0].source}"
    assert not [warning for warning in settings.warnings if "secret" in warning.sentence]


def test_a_secret_comes_from_the_service_managers_credentials(write, secret_file, tmp_path):
    secret_file(0o440, name="credentials/caster")
    main = write({"stations/a.toml": STATION.format('{ credential = "caster" }')})
    settings = load(main, {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    assert password_of(settings) == SECRET
    assert not [warning for warning in settings.warnings if "group" in warning.sentence]


def test_a_secret_comes_from_the_environment(write):
    main = write({"stations/a.toml": STATION.format('{ env = "PW" }')})
    assert password_of(load(main, {"PW": SECRET})) == SECRET


def test_a_file_that_its_group_may_read_is_a_warning(write, secret_file):
    secret_file(0o640)
    settings = load(write({"stations/a.toml": STATION.format('{ file = "secret" }')}), {})
    warnings = [str(warning) for warning in settings.warnings if "group" in warning.sentence]
    assert len(warnings) == 1
    assert warnings[0].endswith("stations/secret may be read by its group")


def test_a_file_that_every_user_may_read_is_refused(password_faults, secret_file):
    secret_file(0o644)
    assert password_faults('{ file = "secret" }') == [
        "stations/secret is open to every user: run chmod 600 stations/secret"
    ]


def test_a_secret_in_the_file_itself_is_refused(password_faults):
    assert password_faults(f'"{SECRET}"') == [f"must not stand in the file itself: write {HOW}"]


@pytest.mark.parametrize(
    "reference",
    [
        "{}",
        "3",
        "true",
        f'["{SECRET}"]',
        "{ file = 3 }",
        f'{{ value = "{SECRET}" }}',
        f'{{ env = "PW", file = "{SECRET}" }}',
    ],
)
def test_what_is_no_reference_is_refused(reference, password_faults):
    assert password_faults(reference) == [f"must be one reference: write {HOW}"]


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ('{ env = "PW" }', "environment variable PW is not set, or empty"),
        ('{ file = "none" }', "stations/none cannot be read: No such file or directory"),
        ('{ file = "." }', "stations is not a file"),
        (
            '{ credential = "caster" }',
            (
                "credential 'caster': $CREDENTIALS_DIRECTORY is not set; the service manager sets "
                "it for a unit with LoadCredential=caster:…"
            ),
        ),
    ],
)
def test_a_reference_that_leads_nowhere_says_why(reference, sentence, password_faults):
    assert password_faults(reference, {"PW": ""}) == [sentence]


@pytest.mark.parametrize("name", ["../secret", "", ".."])
def test_a_credential_stays_in_its_folder(name, password_faults, tmp_path):
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert password_faults(f'{{ credential = "{name}" }}', environ) == [
        f"credential '{name}' must be a name without /"
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\n", "is empty"),
        (b"\xff" + SECRET.encode(), "is not UTF-8 text"),
        (b"x" * 70_000, "is larger than 64 KiB: is it a secret?"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused(data, sentence, password_faults, secret_file):
    secret_file(0o600, data)
    assert password_faults('{ file = "secret" }') == [f"stations/secret {sentence}"]


def test_passwords_by_name_are_references_each(faults, write):
    main = """
        [[station]]
        id = "A"
        source = {{ type = "stdin" }}
        [sinks.page]
        type = "prometheus"
        basic_auth_users = {{ anna = {{ env = "PW" }}, bert = {} }}
    """
    settings = load(write({"main.toml": main.format('{ env = "PW" }')}), {"PW": SECRET})
    users = settings.sinks["page"].settings.basic_auth_users
    assert {name: value.get_secret_value() for name, value in users.items()} == {
        "anna": SECRET,
        "bert": SECRET,
    }
    assert faults({"main.toml": main.format('"geheim"')}, {"PW": SECRET}) == [
        (
            f'main.toml:6: sink "page": basic_auth_users.bert: must not stand in the file itself: '
            f"write {HOW}"
        )
    ]


def test_a_secret_is_in_no_error_about_the_rest_of_its_table(faults):
    station = STATION.format('{ env = "PW" }') + "    port = 0\n    tls_server_name = 5\n"
    text = "\n".join(faults({"stations/a.toml": station}, {"PW": SECRET}))
    assert "source.port = 0" in text
    assert SECRET not in text


def test_what_a_person_types_into_the_wrong_place_is_not_said(station_faults):
    lines = station_faults('pasword = "geheim"\nusername = 17\n[reference]\nx = 2295226.1')
    assert len(lines) == 6
    assert not [line for line in lines if "geheim" in line or "17" in line or "2295226" in line]


def test_a_secret_that_many_share_is_read_once(tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    secrets = Secrets({})
    first = secrets.resolve({"file": "secret"}, tmp_path)
    file.unlink()
    assert secrets.resolve({"file": "secret"}, tmp_path) is first
    assert SECRET not in repr(first)

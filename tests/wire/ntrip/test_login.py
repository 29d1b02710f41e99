"""Logins against the vectors that the standards publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationd.wire.ntrip.login import Challenge, Login, basic, challenge_of, digest

# RFC 7616, 3.9.1
REALM = "http-auth@example.org"
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
CLIENT_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
MUFASA = Login("Mufasa", "Circle of Life")
OFFERED = (
    f'Digest realm="{REALM}", qop="auth, auth-int", algorithm={{}}, nonce="{NONCE}", '
    f'opaque="{OPAQUE}"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_vectors_of_rfc_7616(algorithm, response):
    challenge = challenge_of(OFFERED.format(algorithm))
    said = digest(MUFASA, challenge, "/dir/index.html", 1, CLIENT_NONCE)
    assert f'response="{response}"' in said
    for part in (
        'username="Mufasa"', f'realm="{REALM}"', 'uri="/dir/index.html"', f"algorithm={algorithm}",
        f'nonce="{NONCE}"', "nc=00000001", f'cnonce="{CLIENT_NONCE}"', "qop=auth",
        f'opaque="{OPAQUE}"',
    ):  # fmt: skip
        assert part in said


def test_the_vector_of_rfc_2617():
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    login = Login("Mufasa", "Circle Of Life")
    said = digest(login, challenge, "/dir/index.html", 1, "0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in said


def test_the_vector_of_rfc_2069_which_knows_no_qop():
    # As corrected in erratum 749 of RFC 2069.
    challenge = challenge_of(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )
    assert not challenge.with_qop
    said = digest(Login("Mufasa", "CircleOfLife"), challenge, "/dir/index.html", 1, "unused")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said
    assert "qop" not in said
    assert "cnonce" not in said


def test_the_vector_of_rfc_7617():
    assert basic(Login("Aladdin", "open sesame")) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic(Login("test", "123£")) == "Basic dGVzdDoxMjPCow=="


def test_the_stronger_of_two_challenges_is_taken():
    header = f'Basic realm="x, Digest", {OFFERED.format("MD5")}, {OFFERED.format("SHA-256")}'
    assert challenge_of(header).algorithm == "SHA-256"
    assert challenge_of(header).realm == REALM


@pytest.mark.parametrize(
    "header",
    [
        "",
        'Basic realm="x"',
        "Digest",
        'Digest realm="no nonce"',
        'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'Digest realm="r", nonce="n", qop="auth-int"',
        'Negotiate, NTLM nonce="n"',
    ],
)
def test_what_offers_no_digest_that_is_understood(header):
    assert challenge_of(header) is None


def test_fields_may_be_bare_quoted_escaped_and_in_capitals():
    challenge = challenge_of(r'DIGEST Realm="a \"b\", c=d" , NONCE=abc,STALE=TRUE,algorithm="md5"')
    assert challenge == Challenge('a "b", c=d', "abc", None, "md5", with_qop=False, stale=True)
    assert r'realm="a \"b\", c=d"' in digest(MUFASA, challenge, "/", 1, "c")


@given(st.text(max_size=3000))
def test_any_header_is_a_challenge_or_none(header):
    challenge_of("Digest " + header)


def test_a_login_does_not_show_itself():
    login = Login("me", "s3cret")
    assert "s3cret" not in repr(login)
    assert "me" not in repr(login)
    told = f"bad {basic(login)} s3cret"
    assert login.hidden_in(told) == "bad Basic … …"
    assert Login("me", "").hidden_in("abc") == "abc"

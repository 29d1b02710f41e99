"""Logins as a caster checks them, against the examples of RFC 7616 and RFC 7617."""

import pytest

from stationd_simulators.devices.accounts import MOST_NONCES, Accounts
from stationd_simulators.devices.ntrip_request import request_of

# RFC 7616, 3.9.1
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
REALM = "http-auth@example.org"
RESPONSES = {
    "MD5": "8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}


def request(algorithm="MD5", response=None, uri="/dir/index.html", count="00000001"):
    response = response or RESPONSES[algorithm]
    return request_of(
        f"GET /dir/index.html HTTP/1.1\r\nHost: www.example.org\r\n"
        f'Authorization: Digest username="Mufasa", realm="{REALM}", uri="{uri}",\t'
        f'algorithm={algorithm}, nonce="{NONCE}", nc={count}, '
        f'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
        f'response="{response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"\r\n\r\n'
        .encode()
    )  # fmt: skip


def accounts(algorithm="MD5", *, nonce=NONCE, **keys):
    made = Accounts({"Mufasa": "Circle of Life"}, algorithm=algorithm, nonce=lambda: nonce, **keys)
    made.challenge("D", REALM)
    return made


@pytest.mark.parametrize("algorithm", RESPONSES)
def test_the_responses_of_rfc_7616_are_right(algorithm):
    assert accounts(algorithm).verdict(request(algorithm), "D", REALM) == ("Mufasa", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"response": RESPONSES["MD5"].replace("8", "9")},
        {"uri": "/dir/other.html"},
        {"count": "00000002"},
        {"algorithm": "SHA-256"},
    ],
)
def test_what_differs_in_anything_is_refused(wrong):
    ours = accounts()
    assert ours.verdict(request(**wrong), "D", REALM) == (None, False)
    assert ours.refusals == 1


def test_a_replay_and_a_nonce_of_others_are_stale_and_not_let_in():
    ours = accounts()
    ours.verdict(request(), "D", REALM)
    assert ours.verdict(request(), "D", REALM) == (None, True)
    assert accounts(nonce="another").verdict(request(), "D", REALM) == (None, True)


def test_the_nonces_that_are_out_are_bounded():
    numbers = iter(range(MOST_NONCES + 1))
    ours = Accounts({}, nonce=lambda: str(next(numbers)))
    for _ in range(MOST_NONCES + 1):
        ours.challenge("D", REALM)
    assert len(ours._nonces) == MOST_NONCES


def test_the_response_of_rfc_2617_without_qop_is_right():
    # RFC 2069, 2.4, with the response as its erratum gives it.
    said = request_of(
        b"GET /dir/index.html HTTP/1.0\r\n"
        b'Authorization: Digest username="Mufasa", realm="testrealm@host.com", '
        b'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", '
        b'response="1949323746fe6a43ef61f9606e7febea"\r\n\r\n'
    )
    ours = Accounts({"Mufasa": "CircleOfLife"}, nonce=lambda: "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    ours.challenge("D", "testrealm@host.com")
    assert ours.verdict(said, "D", "testrealm@host.com").username == "Mufasa"


# RFC 7617, 2 and 2.1: "Aladdin:open sesame", and "test:123£" in UTF-8.
@pytest.mark.parametrize(
    ("said", "username"),
    [
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin"),
        ("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin"),
        ("Basic dGVzdDoxMjPCow==", "test"),
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZTE=", None),
        ("Basic ####", None),
        ("Basic /////w==", None),
        ("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", None),
        ("", None),
    ],
)
def test_basic_logins(said, username):
    ours = Accounts({"Aladdin": "open sesame", "test": "123£"})
    asked = request_of(f"GET /X HTTP/1.1\r\nAuthorization: {said}\r\n\r\n".encode())
    assert ours.verdict(asked, "B", REALM).username == username


def test_a_password_itself_does_not_open_what_wants_digest():
    asked = request_of(
        b"GET /X HTTP/1.1\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
    )
    assert Accounts({"Aladdin": "open sesame"}).verdict(asked, "D", REALM).username is None

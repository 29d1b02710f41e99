"""What an answer means for a client that asked for a mountpoint: its data, or which kind of no."""

from enum import Enum, auto
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from stationd.wire.ntrip.head import Head, printable

# Answers of casters that do not understand a version 2 request.
_FOREIGN_REQUEST: Final = frozenset({400, 405, 501, 505})
_LOGIN_HELP: Final = "check username and password, and what the account may use"
_COMPARE: Final = "compare with `stationd sourcetable`"
_LOGIN_WORDS: Final = ("password", "authori", "login", "user", "account")


class Kind(Enum):
    """Who has to do something about it."""

    LOGIN = auto()  # name, password or their rights: trying again soon does harm
    REFUSED = auto()  # mountpoint, address, version: the configuration
    BUSY = auto()  # it may work later
    BROKEN = auto()  # the caster itself


class Denial(NamedTuple):
    """`sentence` goes on after the caster's and the mountpoint's name."""

    kind: Kind
    sentence: str


def is_for_version_1(head: Head) -> bool:
    """Return whether a caster that answers a version 2 request so may want version 1."""
    return head.protocol == "SOURCETABLE" or (
        head.protocol == "HTTP" and head.status in _FOREIGN_REQUEST
    )


def denial_of_sourcetable(head: Head) -> Denial | None:
    """Return why the answer to a request for the sourcetable is none; None: it is one."""
    content = head.value("content-type").partition(";")[0].strip().lower()
    if head.protocol in {"ICY", "ERROR"} or content in {"gnss/data", "text/html"}:
        said = printable((content or head.reason).encode("latin-1"), 40)
        return Denial(Kind.REFUSED, f'the answer is no sourcetable ("{said}")')
    return None if 200 <= head.status < 300 else _denial_of_status(head)


def denial(head: Head) -> Denial | None:
    """Return why the answer to a request for a mountpoint brings no data; None: it does."""
    match head.protocol:
        case "SOURCETABLE":
            return _NO_MOUNTPOINT
        case "ERROR":
            lower = head.reason.lower()
            if any(word in lower for word in _LOGIN_WORDS):
                return Denial(Kind.LOGIN, f'the login is refused ("{head.reason}"): {_LOGIN_HELP}')
            return Denial(Kind.REFUSED, f'the caster says "{head.reason}"')
        case _ if 200 <= head.status < 300:
            return _denial_of_content(head)
        case _:
            return _denial_of_status(head)


_NO_MOUNTPOINT: Final = Denial(
    Kind.REFUSED,
    f"the caster has no such mountpoint (it answers with its sourcetable): {_COMPARE}",
)


def _denial_of_content(head: Head) -> Denial | None:
    content = head.value("content-type").partition(";")[0].strip().lower()
    if head.status != 200:
        return Denial(Kind.REFUSED, f"the caster answers {head.status}, without data")
    if content == "gnss/sourcetable":
        return _NO_MOUNTPOINT
    if content.startswith("text/"):
        said = printable(content.encode("latin-1"), 30)
        return Denial(Kind.REFUSED, f"the answer is {said} and no stream: is this an NTRIP caster?")
    if length := head.value("content-length"):
        said = printable(length.encode("latin-1"), 20)
        sentence = f"the answer is a document of {said} bytes and no stream: check the mountpoint"
        return Denial(Kind.REFUSED, sentence)
    return None


def _denial_of_status(head: Head) -> Denial:
    said = f'{head.status} "{head.reason}"' if head.reason else str(head.status)
    match head.status:
        case 401:
            return Denial(Kind.LOGIN, f"the login is refused ({said}): {_LOGIN_HELP}")
        case 403:
            return Denial(Kind.LOGIN, f"the account may not use it ({said}): ask the operator")
        case 404:
            sentence = f"the caster has no such mountpoint ({said}): {_COMPARE}"
            return Denial(Kind.REFUSED, sentence)
        case 409 | 429 | 503:
            return Denial(
                Kind.BUSY,
                f"the caster is busy ({said}): most allow one session for an account, and the "
                "last one may not have ended yet; use an account for each station",
            )
        case status if 300 <= status < 400:
            return Denial(
                Kind.REFUSED,
                f"the caster sends us elsewhere ({said}, to {_elsewhere(head)}); the login is not "
                "taken there unasked: set host and port to it if it is right",
            )
        case status if status >= 500:
            return Denial(Kind.BROKEN, f"the caster has an error of its own ({said})")
        case _:
            return Denial(Kind.REFUSED, f"the caster refuses ({said})")


def _elsewhere(head: Head) -> str:
    """Return where a redirect leads, without any name and password in it."""
    try:
        parts = urlsplit(head.value("location"))
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        place = "an address that is none"
    return printable(place.encode("latin-1", "replace"), 80)

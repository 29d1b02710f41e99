"""A question to a caster and its answer: in the version, and with the login, that it understands.

Each try is a connection of its own, because casters of version 1 close after every answer:

    version 2 --(no answer, or one that does not know version 2)--> version 1
    Basic ----(401 with a Digest challenge)--> Digest --(nonce too old)--> Digest once more

What a try taught is remembered for the caster, not for the station: the next one begins there.
"""

import asyncio
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from stationd.sources.casters import Caster, CasterAddress, CasterMemory
from stationd.sources.connecting import connected_socket, place
from stationd.sources.stream import Stream
from stationd.supervise import (
    LoginRefusedError,
    RefusedError,
    SilentError,
    UnavailableError,
)
from stationd.wire.errors import DecodeError
from stationd.wire.ntrip.denial import Denial, Kind, is_for_version_1
from stationd.wire.ntrip.head import Head, HeadReader
from stationd.wire.ntrip.login import Login, basic, challenge_of, digest
from stationd.wire.ntrip.request import Version, request

Take = Callable[[bytes], None]
# Looks at the head and returns who takes the body; raises what the answer amounts to where it
# brings none.
Begin = Callable[[Head, Stream], Take]

_MOST_DIGESTS: Final = 2  # in one question: with a first nonce, and once more if that was too old
_ERRORS: Final[Mapping[Kind, type[UnavailableError]]] = {
    Kind.LOGIN: LoginRefusedError,
    Kind.REFUSED: RefusedError,
    Kind.BUSY: RefusedError,
    Kind.BROKEN: UnavailableError,
}


def error_of(denial: Denial) -> UnavailableError:
    """Return the error that the supervisor understands."""
    return _ERRORS[denial.kind](denial.sentence)


def _no_headers(version: Version) -> Mapping[str, str | None]:
    del version
    return {}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom. `headers`: what the request carries besides, by version."""

    address: CasterAddress
    wanted: str  # of `wire.ntrip.request.target`
    login: Login | None = None
    version: Literal["auto", "1", "2"] = "auto"
    authentication: Literal["auto", "basic", "digest"] = "auto"
    headers: Callable[[Version], Mapping[str, str | None]] = field(default=_no_headers, repr=False)
    connect_within_s: float = 10.0
    answer_within_s: float = 10.0


async def ask(
    question: Question, begin: Begin, casters: CasterMemory, buffer: memoryview
) -> UnavailableError:
    """Ask until there is a body, and return why that ended.

    Raises `UnavailableError`, or the child of it that fits, where there is none.
    """
    asking = _Asking(question, begin, casters.of(question.address))
    while True:
        context = casters.tls(question.address.ca) if question.address.tls else None
        conversation = Conversation(asking.begin, buffer)
        error = await conversation.hold(question, asking.request(), context)
        if conversation.body_begun:
            return error
        if not asking.may_try_again(conversation):
            raise error


class Conversation:
    """One connection: a request, the head of the answer, then the body."""

    def __init__(self, begin: Begin, buffer: memoryview) -> None:
        self._begin = begin
        self._reader = HeadReader()
        self._buffer = buffer
        self._stream: Stream | None = None
        self.head: Head | None = None
        self.body_begun = False

    @property
    def answered(self) -> bool:
        """Whether a single byte came."""
        return self._reader.begun

    async def hold(
        self, question: Question, text: bytes, context: ssl.SSLContext | None
    ) -> UnavailableError:
        """Connect, ask, and return why it ended."""
        within_s = question.answer_within_s
        stream = self._stream = Stream(self._take, within_s, self._buffer)
        try:
            await _connect(question, stream, context)
            assert stream.transport is not None
            stream.transport.write(text)
            late = SilentError(f"accepted the connection and gave no answer within {within_s:g} s")
            stream.expect(within_s, late)
            error = await stream.over()
        finally:
            stream.close()
        return error if self.body_begun else self._without_body(error)

    def _take(self, data: bytes) -> None:
        assert self._stream is not None
        try:
            head = self._reader.feed(data)
        except DecodeError as error:
            raise RefusedError(f"the peer {error}") from error
        if head is None:
            return
        self.head = head
        take = self._stream.take = self._begin(head, self._stream)
        self.body_begun = True
        if self._reader.rest:
            take(self._reader.rest)

    def _without_body(self, error: UnavailableError) -> UnavailableError:
        """Return what an answer that broke off amounts to; `error` is how it broke off."""
        if self.head is not None or not self.answered or isinstance(error, RefusedError):
            return error
        assert self._stream is not None
        broken = type(error)(f"{error}, in the header of its answer")
        try:
            head = self._reader.so_far()
            if head is None or 200 <= head.status < 300:
                return broken
            self.head = head
            self._begin(head, self._stream)
        except DecodeError:
            return broken
        except UnavailableError as refusal:
            return refusal
        return broken


class _Asking:
    """What has been tried for one question, and what is left to try."""

    def __init__(self, question: Question, begin: Begin, caster: Caster) -> None:
        self._question = question
        self._begin = begin
        self._caster = caster
        settled = question.version if question.version != "auto" else caster.version
        self._version: Version = settled or "2"
        self._may_fall_back = settled is None
        self._digests_left = _MOST_DIGESTS
        self._challenge_is_new = False

    def request(self) -> bytes:
        question = self._question
        headers = {"Authorization": self._authorization(), **question.headers(self._version)}
        at = place(question.address.host, question.address.port)
        return request(self._version, question.wanted, at, headers)

    def begin(self, head: Head, stream: Stream) -> Take:
        """Learn from the head, then hand it on."""
        caster = self._caster
        if head.protocol in {"ICY", "SOURCETABLE"}:
            caster.version = "1"
        elif self._version == "2" and head.protocol == "HTTP" and not is_for_version_1(head):
            caster.version = "2"
        return self._begin(head, stream)

    def may_try_again(self, conversation: Conversation) -> bool:
        """Return whether something is left to try; the next `request` tries it."""
        head = conversation.head
        if self._may_fall_back and (is_for_version_1(head) if head else not conversation.answered):
            self._may_fall_back = False
            self._version = "1"
            return True
        if not conversation.answered:
            self._caster.version = None  # it may have been replaced by another
        return head is not None and head.status == 401 and self._may_prove_again(head)

    def _may_prove_again(self, head: Head) -> bool:
        offered = challenge_of(head.value("www-authenticate"))
        self._caster.challenge = offered
        if offered is None or self._question.login is None or not self._digests_left:
            return False
        if self._question.authentication == "basic":
            return False
        if self._challenge_is_new and not offered.stale:
            return False  # this very nonce was answered: the password is wrong
        self._challenge_is_new = True
        self._digests_left -= 1
        return True

    def _authorization(self) -> str | None:
        login, kind = self._question.login, self._question.authentication
        if login is None:
            return None
        challenge = self._caster.challenge
        if challenge is None or kind == "basic":
            return basic(login) if kind != "digest" else None
        count = self._caster.count_use(challenge.nonce)
        return digest(login, challenge, self._question.wanted, count, secrets.token_hex(16))


async def _connect(question: Question, stream: Stream, context: ssl.SSLContext | None) -> None:
    address, within_s = question.address, question.connect_within_s
    loop = asyncio.get_running_loop()
    connection, _ = await connected_socket(address.host, address.port, within_s)
    try:
        await loop.create_connection(
            lambda: stream,
            sock=connection,
            ssl=context,
            server_hostname=(address.server_name or address.host) if context else None,
            ssl_handshake_timeout=within_s if context else None,
        )
    except ssl.SSLCertVerificationError as error:
        raise UnavailableError(
            f"its certificate is not accepted ({error.verify_message}): "
            "tls_ca (--tls-ca) names the authority, tls_server_name the name in the certificate"
        ) from error
    except ssl.SSLError as error:
        raise UnavailableError(
            f"no TLS with it ({error.reason}): check that the port is one for TLS"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise UnavailableError(
            f"no TLS with it ({reason}): check that the port is one for TLS"
        ) from error

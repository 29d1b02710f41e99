"""Who may use a caster: Basic (RFC 7617) and Digest (RFC 7616), and one session for each account.

Written from the RFCs alone and shared with no client, so that neither hides the other's mistakes.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from stationd_simulators.devices.ntrip_request import Request

MOST_NONCES: Final = 1024
_FIELD: Final = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES: Final = {"MD5": "md5", "SHA-256": "sha256"}


class Verdict(NamedTuple):
    """`username`: who it is, None where nobody proved to be anyone. `stale`: only the nonce was."""

    username: str | None
    stale: bool = False


@dataclass(slots=True)
class _Use:
    """How often a nonce was used, and the client's own count at the latest (0: it has none)."""

    times: int = 0
    latest: int = 0


class Accounts:
    """Names and passwords, the nonces that are out, and who is using the caster."""

    def __init__(
        self,
        passwords: Mapping[str, str],
        *,
        algorithm: Literal["MD5", "SHA-256"] = "MD5",
        nonce_uses: int | None = None,
        one_session: bool = False,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        """`nonce_uses`: a nonce is too old after so many. `one_session`: an account at a time."""
        self._passwords = dict(passwords)
        self._algorithm = algorithm
        self._nonce_uses = nonce_uses
        self._one_session = one_session
        self._nonce = nonce
        self._nonces: OrderedDict[str, _Use] = OrderedDict()  # those longest out are forgotten
        self._sessions: Counter[str] = Counter()
        self.refusals = 0

    def challenge(self, kind: Literal["B", "D"], realm: str, *, stale: bool = False) -> str:
        """Return the value of `WWW-Authenticate`."""
        if kind == "B":
            return f'Basic realm="{realm}"'
        nonce = self._nonce()
        self._nonces[nonce] = _Use()
        if len(self._nonces) > MOST_NONCES:
            self._nonces.popitem(last=False)
        said = ", stale=true" if stale else ""
        return (
            f'Digest realm="{realm}", nonce="{nonce}", qop="auth", '
            f"algorithm={self._algorithm}{said}"
        )

    def verdict(self, request: Request, kind: Literal["N", "B", "D"], realm: str) -> Verdict:
        """Return who asks, by the scheme that is wanted and by no other."""
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        verdict = Verdict(None)
        match kind, scheme.lower():
            case "N", _:
                return Verdict("")
            case "B", "basic":
                verdict = self._by_basic(said)
            case "D", "digest":
                verdict = self._by_digest(_fields(said), request, realm)
            case _:
                pass
        self.refusals += verdict.username is None
        return verdict

    def enter(self, username: str) -> bool:
        """Begin a session; False where the account has its one already."""
        if username and self._one_session and self._sessions[username]:
            return False
        self._sessions[username] += 1
        return True

    def leave(self, username: str) -> None:
        self._sessions[username] -= 1

    def _by_basic(self, said: str) -> Verdict:
        try:
            pair = base64.b64decode(said, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return Verdict(None)
        username, _, password = pair.partition(":")
        known = self._passwords.get(username)
        is_right = known is not None and hmac.compare_digest(known.encode(), password.encode())
        return Verdict(username if is_right else None)

    def _by_digest(self, fields: Mapping[str, str], request: Request, realm: str) -> Verdict:
        password = self._passwords.get(fields.get("username", ""))
        wanted = {"realm": realm, "uri": request.target, "algorithm": self._algorithm}
        if password is None or any(
            fields.get(key, value) != value for key, value in wanted.items()
        ):
            return Verdict(None)
        expected = self._response(fields, request, password, realm)
        if not hmac.compare_digest(expected, fields.get("response", "").lower()):
            return Verdict(None)
        username = fields["username"]
        if not self._is_fresh(fields.get("nonce", ""), fields.get("nc", "")):
            return Verdict(None, stale=True)
        return Verdict(username)

    def _response(
        self, fields: Mapping[str, str], request: Request, password: str, realm: str
    ) -> str:
        """Return what RFC 7616, 3.4.1, says, with qop "auth" or, as before it, without."""
        nonce, qop = fields.get("nonce", ""), fields.get("qop", "")
        secret = self._hash(f"{fields['username']}:{realm}:{password}")
        what = self._hash(f"{request.method}:{request.target}")
        middle = f"{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}:{qop}"
        return self._hash(f"{secret}:{middle if qop else nonce}:{what}")

    def _is_fresh(self, nonce: str, count: str) -> bool:
        """Take a nonce's use; False for one of others, one that is used up, and a replay."""
        use = self._nonces.get(nonce)
        number = int(count, 16) if re.fullmatch(r"[0-9A-Fa-f]{8}", count) else 0
        if use is None or number < use.latest or (number and number == use.latest):
            return False
        if self._nonce_uses is not None and use.times >= self._nonce_uses:
            return False
        use.times += 1
        use.latest = number
        return True

    def _hash(self, text: str) -> str:
        return hashlib.new(
            _HASHES[self._algorithm], text.encode(), usedforsecurity=False
        ).hexdigest()


def _fields(said: str) -> dict[str, str]:
    return {
        key.lower(): bare or re.sub(r"\\(.)", r"\1", quoted)
        for key, quoted, bare in _FIELD.findall(said)
    }

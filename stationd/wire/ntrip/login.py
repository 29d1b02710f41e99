"""How a client proves who it is: Basic (RFC 7617) and Digest (RFC 7616), as header values."""

import base64
import hashlib
import re
from typing import Final, NamedTuple

MOST_CHALLENGE_CHARACTERS: Final = 2048  # real ones have 200; the pattern below is not for novels
_PIECE: Final = re.compile(
    r"""(?P<key>[A-Za-z][\w-]*)[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))
    |(?P<scheme>[A-Za-z][\w-]*)(?=[\s,]|$)""",
    re.VERBOSE,
)
# The stronger ones first; what a caster offers beside these is not understood.
_HASHES: Final = {"SHA-256": "sha256", "MD5": "md5"}


class Challenge(NamedTuple):
    """What a caster wants hashed. `with_qop`: RFC 2069 casters know no `qop=auth` yet."""

    realm: str
    nonce: str
    opaque: str | None = None
    algorithm: str = "MD5"
    with_qop: bool = True
    stale: bool = False  # the login was right and the nonce too old


class Login(NamedTuple):
    """A name and a password; neither is shown by `repr`."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Login(…)"

    def hidden_in(self, text: str) -> str:
        """Return `text`, which a peer may have made of what we sent, without the secrets."""
        for secret in (basic(self).partition(" ")[2], self.password):
            text = text.replace(secret, "…") if secret else text
        return text


def basic(login: Login) -> str:
    """Return the value of `Authorization` that tells the password."""
    pair = f"{login.username}:{login.password}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def challenge_of(header: str) -> Challenge | None:
    """Return the strongest Digest challenge in `WWW-Authenticate`, None where there is none."""
    found = [c for fields in _schemes(header) if (c := _challenge(fields)) is not None]
    order = list(_HASHES)
    return min(found, key=lambda c: order.index(_hash_name(c.algorithm)), default=None)


def digest(login: Login, challenge: Challenge, wanted: str, count: int, client_nonce: str) -> str:
    """Return the value of `Authorization` for `GET wanted`.

    `count`: how often this nonce has been used, this time included.
    """
    name, realm, nonce = login.username, challenge.realm, challenge.nonce
    secret = _hashed(challenge, f"{name}:{realm}:{login.password}")
    if challenge.algorithm.upper().endswith("-SESS"):
        secret = _hashed(challenge, f"{secret}:{nonce}:{client_nonce}")
    what = _hashed(challenge, f"GET:{wanted}")
    middle = f"{nonce}:{count:08x}:{client_nonce}:auth" if challenge.with_qop else nonce
    fields = {
        "username": _quoted(name),
        "realm": _quoted(realm),
        "nonce": _quoted(nonce),
        "uri": _quoted(wanted),
        "response": _quoted(_hashed(challenge, f"{secret}:{middle}:{what}")),
        "algorithm": challenge.algorithm,
    }
    if challenge.opaque is not None:
        fields["opaque"] = _quoted(challenge.opaque)
    if challenge.with_qop:
        fields |= {"qop": "auth", "nc": f"{count:08x}", "cnonce": _quoted(client_nonce)}
    # Header bytes are latin-1 on the way out: a name in UTF-8 keeps its bytes by this detour.
    text = "Digest " + ", ".join(f"{key}={value}" for key, value in fields.items())
    return text.encode().decode("latin-1")


def _schemes(header: str) -> list[dict[str, str]]:
    """Return the fields of each scheme offered, the scheme itself under ""."""
    schemes: list[dict[str, str]] = []
    for piece in _PIECE.finditer(header[:MOST_CHALLENGE_CHARACTERS]):
        if piece["scheme"]:
            schemes.append({"": piece["scheme"].lower()})
        elif schemes:
            value = piece["bare"] or re.sub(r"\\(.)", r"\1", piece["quoted"] or "")
            schemes[-1][piece["key"].lower()] = value
    return schemes


def _challenge(fields: dict[str, str]) -> Challenge | None:
    algorithm = fields.get("algorithm", "MD5")
    qops = [qop.strip().lower() for qop in fields.get("qop", "").split(",")]
    usable = "nonce" in fields and _hash_name(algorithm) in _HASHES
    if fields[""] != "digest" or not usable or not ({"", "auth"} & set(qops)):
        return None
    return Challenge(
        fields.get("realm", ""),
        fields["nonce"],
        fields.get("opaque"),
        algorithm,
        "auth" in qops,
        fields.get("stale", "").lower() == "true",
    )


def _hash_name(algorithm: str) -> str:
    return algorithm.upper().removesuffix("-SESS")


def _hashed(challenge: Challenge, text: str) -> str:
    kind = _HASHES[_hash_name(challenge.algorithm)]
    # The caster chooses; MD5 guards the password against reading along, no more is claimed.
    return hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

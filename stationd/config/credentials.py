"""Secrets by reference: from the service manager's credentials, a file or the environment.

    password = { credential = "caster" }       a file in $CREDENTIALS_DIRECTORY (LoadCredential=)
    password = { file = "secrets/caster" }     a file that not every user may read
    password = { env = "CASTER_PASSWORD" }     a variable of the daemon's environment

A secret never stands in the configuration itself, and nothing here says one.
"""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

MOST_BYTES: Final = 64 << 10
KINDS: Final = ("credential", "file", "env")
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
HOW: Final = '{ file = "…" }, { credential = "…" } or { env = "…" }'


class SecretError(ValueError):
    """A reference leads to no secret. Its text says why, and what to do, and no secret."""


class Secret(NamedTuple):
    """What a reference leads to. `warning`: what the operator should know, or ""."""

    value: str
    warning: str

    def __repr__(self) -> str:
        return "Secret(<withheld>)"


class Secrets:
    """Follows references, each once: a thousand stations share one caster's password."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: dict[tuple[str, str], Secret] = {}

    def resolve(self, reference: object, folder: Path) -> Secret:
        """Return the secret behind a reference; `folder` is where relative paths start from."""
        if isinstance(reference, str):
            raise SecretError(f"must not stand in the file itself: write {HOW}")
        match reference:
            case {"credential": str(name), **rest} if not rest:
                return self._once("file", str(self._credential(name)), name)
            case {"file": str(name), **rest} if not rest:
                return self._once("file", str(folder / name), "")
            case {"env": str(name), **rest} if not rest:
                return self._once("env", name, "")
            case _:
                raise SecretError(f"must be one reference: write {HOW}")

    def _credential(self, name: str) -> Path:
        folder = self._environ.get(CREDENTIALS_VARIABLE)
        if not folder:
            raise SecretError(
                f"credential {name!r}: ${CREDENTIALS_VARIABLE} is not set; the service manager "
                f"sets it for a unit with LoadCredential={name}:…"
            )
        if not name or "/" in name or name in {".", ".."}:
            raise SecretError(f"credential {name!r} must be a name without /")
        return Path(folder) / name

    def _once(self, kind: str, name: str, credential: str) -> Secret:
        known = self._known.get((kind, name))
        if known is None:
            known = self._variable(name) if kind == "env" else _file(Path(name), credential)
            self._known[kind, name] = known
        return known

    def _variable(self, name: str) -> Secret:
        value = self._environ.get(name, "")
        if not value:
            raise SecretError(f"environment variable {name} is not set, or empty")
        return Secret(value, "")


def _file(path: Path, credential: str) -> Secret:
    named = f"credential {credential!r}" if credential else str(path)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SecretError(f"{named} is not a file")
        if mode & stat.S_IRWXO:
            raise SecretError(f"{named} is open to every user: run chmod 600 {path}")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise SecretError(f"{named} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise SecretError(f"{named} is larger than {MOST_BYTES >> 10} KiB: is it a secret?")
    try:
        value = data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretError(f"{named} is not UTF-8 text") from None
    if not value:
        raise SecretError(f"{named} is empty")
    # The service manager's credentials folder keeps others out by itself.
    shared = mode & stat.S_IRWXG and not credential
    return Secret(value, f"{named} may be read by its group" if shared else "")

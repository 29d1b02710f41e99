"""What a client says to a caster: the request, in both versions of the protocol."""

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote

from stationd import __version__

Version = Literal["1", "2"]

# Casters tell NTRIP clients from browsers by how the name begins.
USER_AGENT: Final = f"NTRIP stationd/{__version__}"


def target(mountpoint: str) -> str:
    """Return what is asked for; an empty mountpoint asks for the sourcetable."""
    return "/" + quote(mountpoint, safe="/~!$&'()*+,;=:@")


def request(
    version: Version, wanted: str, at: str, headers: Mapping[str, str | None] | None = None
) -> bytes:
    """Return the request for `wanted` (of `target`); `at` is the caster's host:port.

    `headers`: what the occasion adds; those that are None are left out.
    """
    lines = [f"GET {wanted} HTTP/1.{'1' if version == '2' else '0'}"]
    if version == "2":
        lines += [f"Host: {at}", "Ntrip-Version: Ntrip/2.0"]
    lines += [f"User-Agent: {USER_AGENT}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items() if value is not None]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")

"""NTRIP client: a mountpoint of a caster."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from stationd.sources.source import Destination, LiveSettings, Surroundings


class Settings(LiveSettings):
    """A caster, a mountpoint of it, and who we are there."""

    host: str = Field(min_length=1, description="The caster's name or address")
    port: int | None = Field(
        None, ge=1, le=65_535, description="The caster's port; default 2101, with TLS 443"
    )
    mountpoint: str = Field(min_length=1, description="Mountpoint, as in the sourcetable")
    username: str | None = Field(None, description="Login, where the caster asks for one")
    password: SecretStr | None = Field(None, description="By reference only, never in the file")
    version: Literal["auto", "1", "2"] = Field(
        "auto", description="NTRIP version; auto tries 2 and falls back to 1"
    )
    tls: bool = Field(default=False, description="Encrypt, and check the caster's certificate")
    tls_ca: Path | None = Field(None, description="PEM file of the authority, default the system's")
    tls_server_name: str | None = Field(
        None, description="Name in the certificate, where it is not the host"
    )

    @property
    def peer(self) -> str:
        return f"ntrip://{self.host}:{self.port or (443 if self.tls else 2101)}"


class NtripSource:
    """Pulls one mountpoint."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Connect, log in, and deliver the body until it ends."""
        raise NotImplementedError

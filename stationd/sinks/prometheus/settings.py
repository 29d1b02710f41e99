"""How the Prometheus sink is configured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from stationd.sinks.sink import SinkSettings


class Settings(SinkSettings):
    """Where the page is served, and who may read it."""

    address: str = Field(
        "127.0.0.1", min_length=1, description='Address to listen on; "0.0.0.0" or "::" for all'
    )
    port: int = Field(9787, ge=0, le=65_535, description="Port to listen on; 0 for any free one")
    stale_after_s: float = Field(
        10.0, gt=0, description="A station without facts for so long is exported as unknown only"
    )
    tls_certificate: Path | None = Field(None, description="PEM file: serve over TLS")
    tls_key: Path | None = Field(None, description="PEM file of the certificate's key")
    basic_auth_users: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Who may read (name -> password); /-/healthy and /-/ready stay open",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: give both or neither")
        return self


@dataclass(frozen=True, slots=True)
class Patience:
    """What is borne of clients.

    `request_s`: from the connection to the last byte of the answer.  `idle_s`: until the next
    request on the same connection; longer than scrapers' usual interval of a minute.
    """

    connections: int = 32
    request_s: float = 30.0
    idle_s: int = 75

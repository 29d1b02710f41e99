"""How the MQTT sink is configured."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from stationd.sinks.sink import SinkSettings

_ONE_DAY_S = 86_400.0


class Settings(SinkSettings):
    """A broker, what is sent to it, and how much waits on disk while it is away."""

    host: str = Field("localhost", min_length=1, description="The broker's name or address")
    port: int | None = Field(
        None, ge=1, le=65_535, description="The broker's port; default 1883, with TLS 8883"
    )
    version: Literal["5", "3.1.1"] = Field("5", description="MQTT version")
    client_id: str | None = Field(
        None, description="Unique at the broker; default stationd-<node>-<sink>"
    )
    username: str | None = Field(None, description="Login, where the broker asks for one")
    password: SecretStr | None = Field(None, description="By reference only, never in the file")
    tls: bool = Field(default=False, description="Encrypt, and check the broker's certificate")
    tls_ca: Path | None = Field(None, description="PEM file of the authority, default the system's")
    tls_certificate: Path | None = Field(None, description="PEM file of our own certificate")
    tls_key: Path | None = Field(None, description="PEM file of our own key")
    prefix: str = Field(
        "stationd",
        pattern=r"^[^+#$/\x00][^+#\x00]*$",
        description="First level (or levels) of every topic",
    )
    keepalive_s: int = Field(30, ge=5, le=3600, description="A silent broker is noticed after this")
    timeout_s: float = Field(
        20.0, gt=0, description="A message unacknowledged for so long: reconnect"
    )
    state_interval_s: float = Field(
        60.0, gt=0, description="Each station's state is sent at least this often"
    )
    metrics_interval_s: float | None = Field(
        None, gt=0, description="Send measurements (QoS 0) this often; absent: never"
    )
    outbox_max_rows: int = Field(100_000, ge=1, description="Messages kept on disk at most")
    outbox_max_bytes: int = Field(
        64 * 2**20, ge=1024, description="Bytes of messages kept on disk at most"
    )
    outbox_max_age_s: float = Field(
        7 * _ONE_DAY_S, gt=0, description="Messages older than this are dropped"
    )
    memory_max_rows: int = Field(
        10_000, ge=1, description="Messages kept in memory at most while the disk refuses them"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: give both or neither")
        if not self.tls and (self.tls_ca or self.tls_certificate):
            raise ValueError("tls_ca and tls_certificate have no effect without tls = true")
        if self.password is not None and self.username is None:
            raise ValueError("password without username: MQTT brokers expect both")
        return self

"""NTRIP client: a mountpoint of a caster.

The conversation with the caster is in `conversation.py`; here is what a station wants of it: a body
delivered as it arrives, a position told where the mountpoint wants one, and limits of time.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from stationd.inputs import Chunk, LinkChange, LinkState
from stationd.sources.casters import CasterAddress, Offer
from stationd.sources.connecting import place
from stationd.sources.conversation import Question, Take, ask, error_of
from stationd.sources.source import Destination, LiveSettings, Surroundings
from stationd.sources.sourcetable import offers_of
from stationd.sources.stream import Stream
from stationd.supervise import RefusedError, SilentError, UnavailableError
from stationd.wire.errors import DecodeError
from stationd.wire.ntrip.body import Decoder, decoder_of
from stationd.wire.ntrip.denial import denial
from stationd.wire.ntrip.gga import Position, gga
from stationd.wire.ntrip.head import Head, LeadIn
from stationd.wire.ntrip.login import Login
from stationd.wire.ntrip.request import Version, target

DEFAULT_PORT = 2101
DEFAULT_TLS_PORT = 443
MOST_UNSENT_BYTES = 4096  # a caster that does not read is told no more positions


class Settings(LiveSettings):
    """A caster, a mountpoint of it, and who we are there."""

    host: str = Field(min_length=1, description="The caster's name or address")
    port: int | None = Field(
        None, ge=1, le=65_535, description="The caster's port; default 2101, with TLS 443"
    )
    mountpoint: str = Field(min_length=1, description="Mountpoint, as in the sourcetable")
    username: str | None = Field(
        None, repr=False, description="Login, where the caster asks for one"
    )
    password: SecretStr | None = Field(None, description="By reference only, never in the file")
    authentication: Literal["auto", "basic", "digest"] = Field(
        "auto",
        description="auto: Basic, and Digest where the caster asks for it; "
        "digest: never send the password itself",
    )
    version: Literal["auto", "1", "2"] = Field(
        "auto", description="NTRIP version; auto tries 2 and falls back to 1"
    )
    tls: bool = Field(default=False, description="Encrypt, and check the caster's certificate")
    tls_ca: Path | None = Field(None, description="PEM file of the authority, default the system's")
    tls_server_name: str | None = Field(
        None, description="Name in the certificate, where it is not the host"
    )
    gga: Literal["auto", "always", "never"] = Field(
        "auto", description="Tell the caster a position; auto: where its sourcetable says so"
    )
    gga_latitude_deg: float | None = Field(
        None,
        ge=-90,
        le=90,
        description="Position to tell; default the sourcetable's own, to 0.01 degrees",
    )
    gga_longitude_deg: float | None = Field(None, ge=-180, le=180, description="Position to tell")
    gga_height_m: float = Field(
        0.0, ge=-1_000, le=10_000, description="Position to tell, above sea level"
    )
    gga_interval_s: float = Field(10.0, gt=0, description="The position is told this often")
    connect_within_s: float = Field(
        10.0, gt=0, description="A connection takes so long at most, all addresses together"
    )
    answer_within_s: float = Field(10.0, gt=0, description="A caster that answers later is silent")
    first_data_within_s: float = Field(
        30.0, gt=0, description="A mountpoint that answers and sends nothing for so long is dead"
    )

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, host: str) -> str:
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        if any(c.isspace() or c in "/@[]" for c in bare) or bare.count(":") == 1:
            raise ValueError(f'"{host}" is no host: write the name alone, and the port in `port`')
        return bare

    @field_validator("mountpoint")
    @classmethod
    def _is_a_mountpoint(cls, mountpoint: str) -> str:
        if mountpoint.startswith("/") or any(c.isspace() or c in "?#" for c in mountpoint):
            raise ValueError(f'"{mountpoint}" is no mountpoint: write it as the sourcetable does')
        return mountpoint

    @field_validator("username")
    @classmethod
    def _is_a_username(cls, username: str | None) -> str | None:
        if username is not None and (":" in username or not username.isprintable()):
            raise ValueError("a username has no colon and no control characters")
        return username

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together: give both or neither")
        if (self.gga_latitude_deg is None) != (self.gga_longitude_deg is None):
            raise ValueError(
                "gga_latitude_deg and gga_longitude_deg go together: give both or neither"
            )
        if not self.tls and (self.tls_ca or self.tls_server_name):
            raise ValueError("tls_ca and tls_server_name mean nothing without tls = true")
        return self

    @property
    def peer(self) -> str:
        return f"ntrip://{place(self.address.host, self.address.port)}"

    @property
    def address(self) -> CasterAddress:
        """Where the caster is."""
        port = self.port or (DEFAULT_TLS_PORT if self.tls else DEFAULT_PORT)
        return CasterAddress(self.host, port, self.tls, self.tls_ca, self.tls_server_name)

    @property
    def gga_position(self) -> Position | None:
        """The position to tell, where one is configured."""
        if self.gga_latitude_deg is None or self.gga_longitude_deg is None:
            return None
        return Position(self.gga_latitude_deg, self.gga_longitude_deg, self.gga_height_m)


class NtripSource:
    """Pulls one mountpoint."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Connect, log in, and deliver the body until it ends."""
        settings, around = self._settings, self._around
        try:
            position = await self._position_to_tell()
            body = _Body(settings, around, destination, position)
            question = self._question(target(settings.mountpoint), position)
            try:
                raise await ask(question, body.begin, around.casters, around.buffer)
            finally:
                body.stop()
        except UnavailableError as error:
            sentence = f"{settings.peer}/{settings.mountpoint}: {error}"
            login = self._login
            # Not `from error`: what that says may hold what is hidden here.
            raise type(error)(login.hidden_in(sentence) if login else sentence) from None

    @property
    def _login(self) -> Login | None:
        settings = self._settings
        if settings.username is None or settings.password is None:
            return None
        return Login(settings.username, settings.password.get_secret_value())

    def _question(self, wanted: str, position: Position | None) -> Question:
        settings = self._settings

        def headers(version: Version) -> Mapping[str, str | None]:
            if version == "1" or position is None:
                return {}
            return {"Ntrip-GGA": _sentence(position, self._around).decode().strip()}

        return Question(
            settings.address,
            wanted,
            self._login,
            settings.version,
            settings.authentication,
            headers,
            settings.connect_within_s,
            settings.answer_within_s,
        )

    async def _position_to_tell(self) -> Position | None:
        """Return the position that the caster is to be told; None where it need not know one."""
        settings = self._settings
        if settings.gga == "never":
            return None
        configured = settings.gga_position
        if settings.gga == "always" and configured is not None:
            return configured
        offer = await self._offer()
        if settings.gga == "auto" and not offer.wants_position:
            return None
        position = configured or offer.position
        if position is None:
            raise RefusedError(
                "it wants a position, and the sourcetable has none for it: "
                "set gga_latitude_deg and gga_longitude_deg"
            )
        return position

    async def _offer(self) -> Offer:
        question, around = self._question(target(""), None), self._around
        offers = await offers_of(question, around.casters, around.buffer, around.now)
        return offers.rows.get(
            self._settings.mountpoint, Offer(wants_position=False, position=None)
        )


class _Body:
    """Brings a body to the station, as directly as its encoding allows."""

    def __init__(
        self,
        settings: Settings,
        around: Surroundings,
        destination: Destination,
        position: Position | None,
    ) -> None:
        self._settings = settings
        self._around = around
        self._destination = destination
        self._position = position
        self._decoder: Decoder | LeadIn | None = None
        self._stream: Stream | None = None
        self._flowing = False
        self._next_gga: asyncio.TimerHandle | None = None

    def begin(self, head: Head, stream: Stream) -> Take:
        """Take the head: `wire.ntrip.denial` says what it means."""
        if (no := denial(head)) is not None:
            raise error_of(no)
        try:
            self._decoder = LeadIn() if head.protocol == "ICY" else decoder_of(head)
        except DecodeError as error:
            raise RefusedError(f"the caster sends {error}, which nobody asked for") from error
        self._stream = stream
        limit_s = self._settings.first_data_within_s
        stream.expect(limit_s, SilentError(self._nothing_came(limit_s)))
        version = "1" if head.protocol == "ICY" else "2"
        reason = f"the caster sends the mountpoint (NTRIP version {version})"
        self._destination.link(LinkChange(LinkState.CONNECTED, reason, self._around.now()))
        if self._position is not None:
            self._tell(self._position)
        return self._first if self._decoder is None else self._decoded

    def stop(self) -> None:
        """Tell no more positions."""
        if self._next_gga is not None:
            self._next_gga.cancel()

    def _nothing_came(self, limit_s: float) -> str:
        asked = "" if self._position else ', or set gga = "always" if it wants a position'
        return f"it answers, and sends no data within {limit_s:g} s: is its station up?{asked}"

    def _first(self, data: bytes) -> None:
        """Take the first bytes of a plain body: from here on silence counts."""
        assert self._stream is not None
        self._stream.take = self._deliver
        self._stream.bear_silence(self._settings.silent_after_s)
        self._deliver(data)

    def _deliver(self, data: bytes) -> None:
        self._destination.receive(Chunk(data, self._around.now()))

    def _decoded(self, data: bytes) -> None:
        """Take bytes of a body that is wrapped; only what is in it counts as first data."""
        assert self._stream is not None
        assert self._decoder is not None
        try:
            content = self._decoder.feed(data)
        except DecodeError as error:
            raise UnavailableError(f"the body that it sends is unsound: {error}") from error
        if content and not self._flowing:
            self._flowing = True
            self._stream.bear_silence(self._settings.silent_after_s)
        if content:
            self._deliver(content)
        if isinstance(self._decoder, LeadIn):
            if self._decoder.passed:
                self._stream.take = self._deliver if self._flowing else self._first
        elif self._decoder.ended:
            raise UnavailableError("the caster ended the stream")

    def _tell(self, position: Position) -> None:
        assert self._stream is not None
        transport = self._stream.transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() <= MOST_UNSENT_BYTES:
            transport.write(_sentence(position, self._around))
        loop = asyncio.get_running_loop()
        self._next_gga = loop.call_later(self._settings.gga_interval_s, self._tell, position)


def _sentence(position: Position, around: Surroundings) -> bytes:
    utc_s = around.now().utc_s
    assert utc_s is not None  # the host's clock always says something
    return gga(position, utc_s)

"""One connection to a broker: made, used, watched and left; foreign errors become our sentences.

aiomqtt's client lives for one connection. Three things of it are mended here: it takes a publish
that the broker refused for one that succeeded; it waits for answers on a connection that is
already gone (`Link.watch` ends with an error on either); and it registers for writing by the number
of a socket that may be closed by then.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiomqtt
from aiomqtt.types import PahoSocket
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from stationd.sinks.mqtt.payloads import Document
from stationd.sinks.mqtt.settings import Settings
from stationd.supervise import LoginRefusedError, RefusedError, UnavailableError

# aiomqtt warns on every call beyond ten pending ones.
MOST_PENDING: Final = 10
_NO_DELAY: Final = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
# What its end means is said once, by us; paho and aiomqtt would log each step of it as well.
_QUIET: Final = logging.getLogger(f"{__name__}.paho")
_QUIET.setLevel(logging.CRITICAL)
_LEAVE_S: Final = 1.0  # for saying goodbye to a broker that may not listen any more
_TCP_CONNECT_S: Final = 5.0  # what paho gives itself, in a thread that nobody can stop
# MQTT 5.0, 2.4 Reason Code; paho translates the return codes of 3.1.1 into these.
_LOGIN_REFUSED: Final = {0x86, 0x87, 0x8C}
_HINTS: Final = {
    0x84: "it does not speak this version of MQTT, try the other one (version)",
    0x85: "it does not like the client id, set client_id",
    0x87: "let this user publish below {prefix}/v1",
    # Closed without a word, as Mosquitto does also to a client that another one replaces.
    0x80: "it was stopped, or another client uses the client id {client_id} (give each its own)",
    0x8E: "another client uses the client id {client_id}, give each its own",
}


class Link:
    """A live connection. `alive` until something was found wrong with it."""

    def __init__(self, client: "_Client", settings: Settings, client_id: str) -> None:
        self.alive = True
        self._client = client
        self._settings = settings
        self._client_id = client_id

    async def publish(self, topic: str, document: Document, *, qos: int, retain: bool) -> None:
        """Send a message and, with QoS 1, wait until the broker has it; `UnavailableError`."""
        properties = self._properties(document.id)
        await self._publish(topic, document.payload, qos=qos, retain=retain, properties=properties)

    async def clear(self, topic: str) -> None:
        """Take back what is retained under a topic."""
        await self._publish(topic, b"", qos=1, retain=True, properties=None)

    async def watch(self) -> None:
        """Wait for the end of the connection, or the first refusal, and raise what it was."""
        incoming = asyncio.ensure_future(anext(self._client.messages))
        try:
            # We subscribe to nothing: what may come is the end.
            await asyncio.wait(
                (incoming, self._client.refusal), return_when=asyncio.FIRST_COMPLETED
            )
            if self._client.refusal.done():
                code = self._client.refusal.result()
                raise RefusedError(self._sentence("refuses a message of ours", code))
            error = incoming.exception()
        finally:
            incoming.cancel()
        self.alive = False
        raise self._lost(error) from error

    async def _publish(
        self, topic: str, payload: bytes, *, qos: int, retain: bool, properties: Properties | None
    ) -> None:
        try:
            await self._client.publish(
                topic,
                payload,
                qos,
                retain,
                properties,
                timeout=self._settings.timeout_s,
            )
        except aiomqtt.MqttError as error:
            raise self._lost(error) from error

    def _properties(self, id_: str) -> Properties | None:
        # No expiry: a state that outlives its node is made unknown by the node's will, and an
        # event is news until it was read.
        return json_properties(PacketTypes.PUBLISH, id_) if self._settings.version == "5" else None

    def _lost(self, error: BaseException | None) -> UnavailableError:
        cause = error.__cause__ if error is not None and error.__cause__ else error
        code = cause.rc if isinstance(cause, aiomqtt.MqttCodeError) else None
        if isinstance(code, ReasonCode):
            return UnavailableError(self._sentence("ended the connection", code))
        what = "did not answer in time" if code is None else "is gone"
        return UnavailableError(f"the MQTT broker at {place(self._settings)} {what} ({cause})")

    def _sentence(self, what: str, code: ReasonCode) -> str:
        hint = _hint(code.value, self._settings, self._client_id)
        return f"the MQTT broker at {place(self._settings)} {what} ({code}): {hint}"


class _Client(aiomqtt.Client):
    """A client that tells a refused publish: `refusal` holds the broker's reason for the first.

    And one that waits for room to write on no socket but its own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: asyncio.Future[ReasonCode] = asyncio.get_running_loop().create_future()

    def _on_publish(
        self,
        client: PahoClient,
        userdata: Any,
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        # The call stays unanswered, so that nobody takes the message for delivered.
        if reason_code.is_failure:
            if not self.refusal.done():
                self.refusal.set_result(reason_code)
            return
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_socket_register_write(
        self,
        client: PahoClient,
        userdata: Any,  # noqa: ARG002 - paho's signature
        sock: PahoSocket,
    ) -> None:
        # May be called from the thread that connects.
        self._loop.call_soon_threadsafe(self._begin_writing, client, sock)

    def _begin_writing(self, client: PahoClient, sock: PahoSocket) -> None:
        # Closed meanwhile: the number of its descriptor may be somebody else's by now.
        if sock.fileno() >= 0 and client.want_write():
            self._loop.add_writer(sock.fileno(), client.loop_write)


def place(settings: Settings) -> str:
    """Return host and port, as sentences name the broker."""
    port = settings.port or (8883 if settings.tls else 1883)
    return f"{settings.host}:{port}"


def json_properties(packet: int, id_: str) -> Properties:
    """Return what MQTT 5 says beside a JSON document."""
    properties = Properties(packet)  # type: ignore[no-untyped-call] # paho types all but this
    properties.PayloadFormatIndicator = 1
    properties.ContentType = "application/json"
    properties.UserProperty = ("id", id_)
    return properties


@asynccontextmanager
async def connected(
    settings: Settings, client_id: str, will_topic: str, will: Document
) -> AsyncIterator[Link]:
    """Connect, and disconnect at the end; `UnavailableError` and its children."""
    context = await asyncio.to_thread(tls_context, settings) if settings.tls else None
    client = _Client(
        settings.host,
        settings.port or (8883 if settings.tls else 1883),
        username=settings.username,
        password=settings.password.get_secret_value() if settings.password else None,
        identifier=client_id,
        logger=_QUIET,
        protocol=_PROTOCOLS[settings.version],
        clean_session=None if settings.version == "5" else True,
        will=_will(settings, will_topic, will),
        timeout=settings.timeout_s,
        keepalive=settings.keepalive_s,
        max_concurrent_outgoing_calls=MOST_PENDING,
        tls_context=context,
        socket_options=(_NO_DELAY,),
    )
    try:
        await _enter(client)
    except aiomqtt.MqttError as error:
        await _leave(client)
        raise _no_entry(settings, client_id, error) from error
    link = Link(client, settings, client_id)
    try:
        yield link
    finally:
        await _leave(client)


_PROTOCOLS: Final = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}


def _will(settings: Settings, topic: str, document: Document) -> aiomqtt.Will:
    properties = None
    if settings.version == "5":
        properties = json_properties(PacketTypes.WILLMESSAGE, document.id)
    return aiomqtt.Will(topic, document.payload, qos=1, retain=True, properties=properties)


async def _enter(client: _Client) -> None:
    """Connect. A cancelled connection is taken down again, not left to the thread that makes it."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        client.timeout = _LEAVE_S
        await asyncio.wait((entering,), timeout=_TCP_CONNECT_S + _LEAVE_S)
        entering.cancel()
        await asyncio.wait((entering,))
        if not entering.cancelled():
            entering.exception()
        await _leave(client)
        raise


async def _leave(client: _Client) -> None:
    """Disconnect from whatever is still there."""
    client.timeout = _LEAVE_S
    with suppress(aiomqtt.MqttError):
        await client.__aexit__(None, None, None)


def _no_entry(settings: Settings, client_id: str, error: aiomqtt.MqttError) -> UnavailableError:
    where = place(settings)
    if not isinstance(error, aiomqtt.MqttCodeError):
        return UnavailableError(
            f"no MQTT broker answers at {where} ({error}): see that it runs there, and that host, "
            "port and tls are right"
        )
    code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc or 0
    if code in _LOGIN_REFUSED:
        return LoginRefusedError(
            f"the MQTT broker at {where} refuses the login ({error.rc}): correct username and "
            "password, or the broker's list of users"
        )
    hint = _hint(code, settings, client_id)
    return RefusedError(f"the MQTT broker at {where} refuses the connection ({error.rc}): {hint}")


def _hint(code: int, settings: Settings, client_id: str) -> str:
    hint = _HINTS.get(code, "its log says more")
    return hint.format(prefix=settings.prefix, client_id=client_id)


class _ClosedOnFailure(ssl.SSLSocket):
    """paho leaves a socket open whose handshake failed."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's signature
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Return how to encrypt; `UnavailableError` names the file that cannot be used."""
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca)
        context.sslsocket_class = _ClosedOnFailure
    except OSError as error:
        raise _unusable("tls_ca", settings.tls_ca, error) from error
    if settings.tls_certificate is not None:
        try:
            context.load_cert_chain(settings.tls_certificate, settings.tls_key)
        except OSError as error:
            raise _unusable(
                "tls_certificate or tls_key", settings.tls_certificate, error
            ) from error
    return context


def _unusable(key: str, path: Path | None, error: OSError) -> UnavailableError:
    # ssl's own errors are OSErrors too; their strerror says what is wrong with the content.
    return UnavailableError(
        f"cannot use {key} ({path}): {error.strerror or error}; give a PEM file that this user "
        "may read"
    )


def quiet_paho(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Take what the loop complains of, as an exception handler; drop one complaint, pass the rest.

    An abrupt disconnect leaves futures inside aiomqtt whose exception nobody asks for. The
    connection's end has been told by then, in a sentence, by `Link.watch`.
    """
    message, error = context.get("message", ""), context.get("exception")
    if message == "Future exception was never retrieved" and isinstance(error, aiomqtt.MqttError):
        return
    loop.default_exception_handler(context)
